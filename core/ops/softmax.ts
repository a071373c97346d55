// softmax along one dimension, with integers only (docs/numerics.md, softmax).
// table[d] = rint(exp(-sx * d) * 2^30) for the distance d below the maximum along it; then one exact rational rounding.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { BITS, clamp, divideRounded, EXACT_LIMIT, INTEGER_RANGE, rescale, rint } from './arithmetic.ts';
import { integer, size } from './attributes.ts';
import { cast, number, settle } from './exact.ts';
import { define, sameAsFloat, type ExactWriter, type KernelCall, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

/** What the inputs are multiplied with first; 1 where absent. */
const beta = v.optional(v.pipe(v.number(), v.finite(), v.check((b) => b > 0, 'a factor above 0')));
const attributes = v.object({ axis: size, beta });
/** Shifts that real scales (at least 2^-120) come to stay well within these bounds. */
const planAttributes = v.object({ axis: size, beta, multiplier: size, shift: v.pipe(integer, v.minValue(-200), v.maxValue(200)) });
const ONE = 2 ** 30;

export const softmax = define<v.InferOutput<typeof attributes>>({
  name: 'softmax',
  className: 'Softmax',
  attributes,
  traits: [],
  shapes: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    if (node.attrs.axis >= shape.length) throw new RequantError('SHAPE_MISMATCH', `dimension ${node.attrs.axis} is outside ${showShape(shape)}`, node.where);
    return [shape];
  },
  parts: () => ['softmax'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { axis, beta = 1 } = node.attrs;
    const x = beta === 1 ? to.input(0) : to.node('Mul', [to.input(0), to.constant(float32([], [beta]))]);
    to.output(0, to.node('Softmax', [x], { axis: { int: axis } }));
  },
  quantize: (node) => {
    const sx: number = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
    const out = node.outputQuantization;
    const { axis, beta = 1 } = node.attrs;
    const table = Int32Array.from({ length: 2 ** BITS[out.dtype] }, (_, d) => rint(Math.exp(-sx * beta * d) * ONE));
    return {
      attrs: { axis, ...(beta === 1 ? {} : { beta }), ...rescale(1 / out.scale) },
      constants: { table: { dtype: 'int32', shape: [table.length], data: table } },
      output: out, activations: [0],
    };
  },
  run,
  exact,
  // ONNX Runtime makes QLinearSoftmax of it, which gave 0 for 0.79 in a real network.
  float: (twin) => ({ ...sameAsFloat(twin), misfused: true }),
  macs: (node) => 3 * sizeOf(node.inputs[0]?.shape ?? []),
});

/** y = clamp(round(table[d] * m / (sum * 2^n)) + zy), halves up, in exact integers. table * m < 2^45. */
function run(call: KernelCall): Tensor {
  const { axis, multiplier, shift } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const table = integers(call.constants['table']);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const length = call.outputShape[axis] ?? 1;
  const stride = sizeOf(call.outputShape.slice(axis + 1));
  const out = newIntegers(output.dtype, x.length);
  const up = shift < 0 ? 2 ** -shift : 1;
  const down = shift > 0 ? 2 ** shift : 1;
  for (let first = 0; first < x.length; first += length * stride) for (let row = first; row < first + stride; row++) {
    const end = row + length * stride;
    let top = -Infinity;
    for (let i = row; i < end; i += stride) top = Math.max(top, x[i] ?? 0);
    let sum = 0;
    for (let i = row; i < end; i += stride) sum += table[top - (x[i] ?? 0)] ?? 0;
    for (let i = row; i < end; i += stride) {
      out[i] = clamp(divideRounded((table[top - (x[i] ?? 0)] ?? 0) * multiplier * up, sum * down) + output.zeroPoint, min, max);
    }
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

/** The same in float64 where its sums are exact: rows added up, and the quotient corrected where it rounded across an integer. */
function exact(twin: TwinView): ExactWriter | undefined {
  const { axis, multiplier, shift } = v.parse(planAttributes, twin.attrs);
  const table = integers(twin.constants['table']);
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const { shape } = twin.output;
  const length = shape[axis] ?? 1;
  const [up, down] = [2 ** Math.max(-shift, 0), 2 ** Math.max(shift, 0)];
  if (ONE * (2 * multiplier * up + 2 * length * down) >= EXACT_LIMIT) return undefined;
  // The dimension goes last and back.
  const last = [...shape.keys()].filter((d) => d !== axis).concat(axis);
  const rows = last.map((d) => shape[d] ?? 1);
  return (to) => {
    const wide = (x: number): string => number(to, 'float64', x);
    const x = axis === shape.length - 1 ? to.input(0) : to.permuted(0, last);
    // ReduceMax changed its form between opsets; a window over the row has not.
    const shaped = (name: string, dims: readonly number[]): string => to.node('Reshape', [name, to.constant(tensor('int64', [dims.length], BigInt64Array.from(dims, BigInt)))]);
    const top = to.node('MaxPool', [shaped(x, [1, 1, sizeOf(shape) / length, length])], { kernel_shape: [1, length], strides: [1, 1] });
    const distance = to.node('Sub', [shaped(top, [...rows.slice(0, -1), 1]), x]);
    const e = to.node('Gather', [to.constant(tensor('float64', [table.length], Float64Array.from(table))), cast(to, distance, 'int32')]);
    const sum = to.node('ReduceSum', [e, to.constant(tensor('int64', [1], BigInt64Array.of(-1n)))], { keepdims: { int: 1 } });
    const twice = to.node('Mul', [sum, wide(2 * down)]);
    const dividend = to.node('Add', [to.node('Mul', [e, wide(2 * multiplier * up)]), to.node('Mul', [sum, wide(down)])]);
    const quotient = to.node('Floor', [to.node('Div', [dividend, twice])]);
    const rest = to.node('Sub', [dividend, to.node('Mul', [quotient, twice])]);
    const above = cast(to, to.node('GreaterOrEqual', [rest, twice]), 'float64');
    const below = cast(to, to.node('Less', [rest, wide(0)]), 'float64');
    const y = settle(to, to.node('Sub', [to.node('Add', [quotient, above]), below]), 'float64', min, max, zeroPoint);
    to.output(0, axis === shape.length - 1 ? y : to.node('Transpose', [y], { perm: shape.map((_, d) => last.indexOf(d)) }));
  };
}
