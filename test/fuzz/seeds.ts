// The files that are mutated: small TFLite networks, float and quantized, that open and run as they are; one for each kind of operator, and two of several.
import { int32s, ramp } from '../numbers.ts';
import { tfliteFile, type ModelSpec, type OperatorSpec, type TensorSpec, type TfliteFile } from '../small-tflite.ts';
import { tensor, type Tensor } from '../../core/tensor/tensor.ts';

interface Row extends Omit<OperatorSpec, 'inputs' | 'outputs'> {
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** After the input, unless `order` says otherwise. */
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly order?: readonly string[];
}
const ROWS: readonly Row[] = [
  { op: 'CONV_2D', input: [1, 5, 5, 2], output: [1, 3, 3, 3], constants: { w: ramp(3, 3, 3, 2), b: ramp(3) }, optionsType: 1, options: [0, 2, 2, 1] },
  { op: 'DEPTHWISE_CONV_2D', input: [1, 5, 4, 2], output: [1, 3, 2, 2], constants: { w: ramp(1, 3, 3, 2), b: ramp(2) }, optionsType: 2, options: [1, 1, 1, 1, 3] },
  { op: 'TRANSPOSE_CONV', input: [1, 2, 2, 2], output: [1, 4, 4, 1], constants: { size: int32s(1, 4, 4, 1), w: ramp(1, 3, 3, 2) }, order: ['size', 'w', 'x'], optionsType: 49, options: [0, 2, 2] },
  { op: 'FULLY_CONNECTED', input: [1, 6], output: [1, 4], constants: { w: ramp(4, 6), b: ramp(4) }, optionsType: 8, options: [1, 0, 0] },
  { op: 'AVERAGE_POOL_2D', input: [1, 4, 5, 2], output: [1, 2, 2, 2], optionsType: 5, options: [1, 2, 2, 3, 2, 0] },
  { op: 'MAX_POOL_2D', input: [1, 4, 5, 2], output: [1, 2, 3, 2], optionsType: 5, options: [0, 2, 2, 3, 2, 0] },
  { op: 'ADD', input: [1, 3, 2], output: [1, 3, 2], order: ['x', 'x'], optionsType: 11, options: [1] },
  { op: 'MUL', input: [1, 3, 2], output: [1, 3, 2], constants: { c: ramp(2) }, optionsType: 21, options: [0] },
  { op: 'CONCATENATION', input: [1, 3, 2], output: [1, 3, 4], order: ['x', 'x'], optionsType: 10, options: [2, 0] },
  { op: 'MEAN', input: [1, 3, 4, 2], output: [1, 2], constants: { axes: int32s(1, 2) }, optionsType: 27, options: [0] },
  { op: 'RESHAPE', input: [1, 3, 4], output: [2, 6], constants: { shape: int32s(2, 6) }, optionsType: 17, options: [[2, 6]] },
  { op: 'SQUEEZE', input: [1, 3, 1, 4], output: [3, 4], optionsType: 43, options: [[0, 2]] },
  { op: 'EXPAND_DIMS', input: [2, 3], output: [2, 1, 3], constants: { axis: int32s(1) }, optionsType: 52, options: [] },
  { op: 'TRANSPOSE', input: [1, 2, 3, 2], output: [1, 3, 2, 2], constants: { perm: int32s(0, 2, 1, 3) }, optionsType: 26, options: [] },
  { op: 'PAD', input: [1, 2, 3, 1], output: [1, 4, 4, 1], constants: { pads: int32s([4, 2], 0, 0, 1, 1, 1, 0, 0, 0) }, optionsType: 22, options: [] },
  { op: 'MIRROR_PAD', input: [1, 3, 3, 1], output: [1, 5, 4, 1], constants: { pads: int32s([4, 2], 0, 0, 1, 1, 1, 0, 0, 0) }, optionsType: 76, options: [0] },
  { op: 'SLICE', input: [1, 4, 3], output: [1, 2, 3], constants: { begin: int32s(0, 1, 0), size: int32s(1, 2, -1) }, optionsType: 48, options: [] },
  { op: 'STRIDED_SLICE', input: [1, 6, 3], output: [3, 3], constants: { begin: int32s(0, 5, 0), end: int32s(1, -7, 3), strides: int32s(1, -2, 1) }, optionsType: 32, options: [0, 2, 0, 0, 1] },
  { op: 'SPLIT', input: [1, 4, 6], output: [1, 4, 2], constants: { axis: int32s([], 2) }, order: ['axis', 'x'], optionsType: 35, options: [3] },
  { op: 'GATHER', input: [1, 5, 2], output: [1, 4, 2], constants: { at: int32s(3, 0, 0, 4) }, optionsType: 23, options: [1] },
  { op: 'TILE', input: [1, 2, 2], output: [1, 6, 2], constants: { times: int32s(1, 3, 1) }, optionsType: 53, options: [] },
  { op: 'SPACE_TO_DEPTH', input: [1, 4, 2, 1], output: [1, 2, 1, 4], optionsType: 19, options: [2] },
  { op: 'DEPTH_TO_SPACE', input: [1, 2, 1, 4], output: [1, 4, 2, 1], optionsType: 94, options: [2] },
  { op: 'RESIZE_BILINEAR', input: [1, 2, 3, 1], output: [1, 4, 5, 1], constants: { size: int32s(4, 5) }, optionsType: 15, options: [undefined, undefined, 0, 1] },
  { op: 'RESIZE_NEAREST_NEIGHBOR', input: [1, 2, 4, 1], output: [1, 3, 7, 1], constants: { size: int32s(3, 7) }, optionsType: 74, options: [1, 0] },
  { op: 'SOFTMAX', input: [1, 5], output: [1, 5], optionsType: 9, options: [{ float: 1 }] },
  { op: 'LOGISTIC', input: [1, 5], output: [1, 5] },
  { op: 'LEAKY_RELU', input: [1, 5], output: [1, 5], optionsType: 75, options: [{ float: 0.25 }] },
  { op: 'PRELU', input: [1, 2, 2, 2], output: [1, 2, 2, 2], constants: { slopes: ramp(1, 1, 2) } },
];
const PER_CHANNEL = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'TRANSPOSE_CONV']);

/** A float constant as the int8 or int32 (a bias) that a quantized file holds. */
function stored(op: string, name: string, t: Tensor): TensorSpec {
  if (t.dtype !== 'float32') return { shape: t.shape, constant: t };
  const numbers = Array.from(t.data as Float32Array, (x) => Math.round(x * 64));
  if (name === 'b') return { shape: t.shape, constant: tensor('int32', t.shape, Int32Array.from(numbers)), scales: [2 ** -11] };
  const dimension = op === 'DEPTHWISE_CONV_2D' ? 3 : 0;
  const scales = new Array<number>(PER_CHANNEL.has(op) ? t.shape[dimension] ?? 1 : 1).fill(2 ** -6);
  return { shape: t.shape, constant: tensor('int8', t.shape, Int8Array.from(numbers)), scales, dimension };
}

function oneOperator({ input, output, constants = {}, order, ...operator }: Row, quantized: boolean): ModelSpec {
  const activation = (shape: readonly number[]): TensorSpec => ({ shape, ...(quantized ? { dtype: 'int8', scales: [2 ** -5], zeroPoints: [3] } : {}) });
  const outputs = operator.op === 'SPLIT' ? ['y', 'y1', 'y2'] : ['y'];
  return {
    tensors: {
      x: activation(input), ...Object.fromEntries(outputs.map((name) => [name, activation(output)])),
      ...Object.fromEntries(Object.entries(constants).map(([name, t]) => [name, quantized ? stored(operator.op, name, t) : { shape: t.shape, constant: t }])),
    },
    operators: [{ ...operator, inputs: order ?? ['x', ...Object.keys(constants)], outputs }], inputs: ['x'], outputs,
  };
}

/** convolution, depthwise convolution, sum, mean, dense layer and softmax, from float32 to float32 by way of int8, uint8 or int16. */
function network(dtype: 'int8' | 'uint8' | 'int16'): ModelSpec {
  const zeroPoint = dtype === 'uint8' ? 128 : 0;
  const activation = (...shape: number[]): TensorSpec => ({ shape, dtype, scales: [2 ** -5], zeroPoints: [zeroPoint] });
  const weights = (op: string, t: Tensor): TensorSpec => {
    const int8 = stored(op, 'w', t);
    if (dtype !== 'uint8' || !int8.constant) return int8;
    return { shape: t.shape, constant: tensor('uint8', t.shape, Uint8Array.from(int8.constant.data as Int8Array, (q) => q + 128)), scales: [2 ** -6], zeroPoints: [128] };
  };
  /** int64 beside int16. */
  const bias = (n: number): TensorSpec => {
    const narrow = stored('CONV_2D', 'b', ramp(n));
    return dtype === 'int16' && narrow.constant ? { ...narrow, constant: tensor('int64', [n], BigInt64Array.from(narrow.constant.data as Int32Array, BigInt)) } : narrow;
  };
  const share = { int8: { scales: [2 ** -8], zeroPoints: [-128] }, uint8: { scales: [2 ** -8], zeroPoints: [0] }, int16: { scales: [2 ** -15], zeroPoints: [0] } }[dtype];
  return {
    tensors: {
      x: { shape: [1, 6, 6, 2] }, xq: activation(1, 6, 6, 2), a: activation(1, 6, 6, 2), b: activation(1, 6, 6, 2), c: activation(1, 6, 6, 2), m: activation(1, 2), d: activation(1, 3),
      p: { shape: [1, 3], dtype, ...share }, y: { shape: [1, 3] },
      w1: weights('CONV_2D', ramp(2, 3, 3, 2)), b1: bias(2), w2: weights('DEPTHWISE_CONV_2D', ramp(1, 3, 3, 2)), b2: bias(2),
      w3: weights('FULLY_CONNECTED', ramp(3, 2)), b3: bias(3), axes: { shape: [2], constant: int32s(1, 2) },
    },
    operators: [
      { op: 'QUANTIZE', inputs: ['x'], outputs: ['xq'] },
      { op: 'CONV_2D', inputs: ['xq', 'w1', 'b1'], outputs: ['a'], optionsType: 1, options: [0, 1, 1, 1] },
      { op: 'DEPTHWISE_CONV_2D', inputs: ['a', 'w2', 'b2'], outputs: ['b'], optionsType: 2, options: [0, 1, 1, 1, 0] },
      { op: 'ADD', inputs: ['a', 'b'], outputs: ['c'], optionsType: 11, options: [0] },
      { op: 'MEAN', inputs: ['c', 'axes'], outputs: ['m'], optionsType: 27, options: [0] },
      { op: 'FULLY_CONNECTED', inputs: ['m', 'w3', 'b3'], outputs: ['d'], optionsType: 8, options: [0] },
      { op: 'SOFTMAX', inputs: ['d'], outputs: ['p'], optionsType: 9, options: [{ float: 1 }] },
      { op: 'DEQUANTIZE', inputs: ['p'], outputs: ['y'] },
    ],
    inputs: ['x'], outputs: ['y'],
  };
}

export const SEEDS: readonly (TfliteFile & { readonly name: string })[] = [
  ...(['int8', 'uint8', 'int16'] as const).map((dtype) => ({ name: `network of ${dtype}`, ...tfliteFile(network(dtype)) })),
  ...ROWS.flatMap((row) => [false, true].map((quantized) => ({ name: `${quantized ? 'int8' : 'float'} ${row.op}`, ...tfliteFile(oneOperator(row, quantized)) }))),
];
