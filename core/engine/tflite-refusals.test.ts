// What flavour tflite has no form for is refused by the file's own name for it, when it is converted; what contradicts the file's options, when it is opened.
import { expect, it } from 'vitest';
import { RequantError } from '../errors/index.ts';
import { int32s } from '../../test/numbers.ts';
import { tfliteFile, type OperatorSpec, type TensorSpec } from '../../test/small-tflite.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { loadModel, tfliteSource, type LoadedNet } from './pipeline.ts';

const stored = (shape: readonly number[], dtype: 'int8' | 'int16' = 'int8', scale = 2 ** -5): TensorSpec => ({ shape, dtype, scales: [scale], zeroPoints: [0] });

interface Case extends Omit<OperatorSpec, 'inputs' | 'outputs'> {
  readonly inputs?: readonly string[];
  readonly x?: TensorSpec;
  readonly y?: TensorSpec;
  readonly constants?: Readonly<Record<string, TensorSpec>>;
}
function open({ op, inputs = ['x'], x = stored([1, 2, 4]), y = x, constants = {}, ...options }: Case): Promise<LoadedNet> {
  return loadModel(tfliteSource(tfliteFile({ tensors: { x, y, ...constants }, operators: [{ op, inputs, outputs: ['y'], ...options }], inputs: ['x'], outputs: ['y'] }).bytes));
}
const constant = (t: Tensor, scales?: readonly number[]): TensorSpec => ({ shape: t.shape, constant: t, ...(scales ? { scales } : {}) });

it.each(['SQRT', 'RSQRT', 'NEG', 'ELU', 'SQUARE', 'SIN', 'CEIL', 'SIGN'])('%s of int8', async (op) => {
  const net = await open({ op });
  expect(() => net.convertToSimaQuantization({ flavor: 'tflite' })).toThrow(expect.objectContaining({ code: 'OPERATOR_UNSUPPORTED', message: expect.stringContaining(op) as string }));
  await net.release();
});

it.each(['SQUARED_DIFFERENCE', 'DIV', 'POW'])('%s of two of int8', async (op) => {
  const net = await open({ op, inputs: ['x', 'x'] });
  expect(() => net.convertToSimaQuantization({ flavor: 'tflite' })).toThrow(expect.objectContaining({ code: 'OPERATOR_UNSUPPORTED', message: expect.stringContaining(op) as string }));
  await net.release();
});

it.each<Case>([
  { op: 'RESHAPE', y: stored([2, 4], 'int8', 2 ** -4), constants: { to: constant(int32s(2, 4)) }, inputs: ['x', 'to'] },
  { op: 'TRANSPOSE', y: stored([2, 1, 4], 'int16', 2 ** -4), x: stored([1, 2, 4], 'int16'), constants: { perm: constant(int32s(1, 0, 2)) }, inputs: ['x', 'perm'] },
  { op: 'PAD', y: stored([1, 3, 4], 'int8', 2 ** -4), constants: { pads: constant(int32s([3, 2], 0, 0, 1, 0, 0, 0)) }, inputs: ['x', 'pads'] },
  { op: 'MAX_POOL_2D', x: stored([1, 2, 2, 1]), y: stored([1, 1, 1, 1], 'int8', 2 ** -4), optionsType: 5, options: [1, 1, 1, 2, 2, 0] },
  { op: 'CONCATENATION', y: stored([1, 2, 8], 'int16', 2 ** -4), x: stored([1, 2, 4], 'int16'), inputs: ['x', 'x'], optionsType: 10, options: [2, 0] },
  { op: 'MAXIMUM', y: stored([1, 2, 4], 'int8', 2 ** -4), inputs: ['x', 'x'] },
  { op: 'REDUCE_MAX', y: stored([1, 2], 'int8', 2 ** -4), constants: { axes: constant(int32s(2)) }, inputs: ['x', 'axes'], optionsType: 27, options: [0] },
])('$op that would have to store its numbers anew', async (made) => {
  const net = await open(made);
  expect(() => net.convertToSimaQuantization({ flavor: 'tflite' })).toThrow(expect.objectContaining({ code: 'OPERATOR_UNSUPPORTED', message: expect.stringContaining(made.op) as string }));
  await net.release();
});

it('a bias of int32 beside int16 that the options do not speak of, and one of int64 that they call int32', async () => {
  const weights = constant(tensor('int8', [1, 1, 1, 4], Int8Array.of(1, 2, 3, 4)), [0.5]);
  const convolution = (bias: Tensor, said: number): Promise<LoadedNet> => open({
    op: 'CONV_2D', x: stored([1, 1, 2, 4], 'int16'), y: stored([1, 1, 2, 1], 'int16'), inputs: ['x', 'w', 'b'], constants: { w: weights, b: constant(bias, [2 ** -6]) }, optionsType: 1, options: [1, 1, 1, 0, 1, 1, said],
  });
  const [narrow, wide] = [tensor('int32', [1], Int32Array.of(7)), tensor('int64', [1], BigInt64Array.of(7n))];
  await expect(convolution(narrow, 0)).rejects.toThrow(/CONV_2D: its options say that a bias is int64, but it has one of int32/);
  await expect(convolution(wide, 2)).rejects.toThrow(/CONV_2D: its options say that a bias is int32, but it has one of int64/);
  for (const [bias, said] of [[narrow, 2], [wide, 0]] as const) {
    const net = await convolution(bias, said);
    expect(net.convertToSimaQuantization({ flavor: 'tflite' }).graph.constants.get('y/bias')?.dtype).toBe(bias.dtype);
    await net.release();
  }
});

it('a sum by shifts whose operands are both stored more finely than their sum', async () => {
  const net = await open({ op: 'ADD', x: stored([4], 'int16', 2 ** -9), y: stored([4], 'int16', 2 ** -7), inputs: ['x', 'x'], optionsType: 11, options: [0, 1] });
  expect(() => net.convertToSimaQuantization({ flavor: 'tflite' })).toThrow(/ADD by shifts of 2 and 2 bits/);
  await net.release();
  const general = await open({ op: 'ADD', x: stored([4], 'int16', 2 ** -9), y: stored([4], 'int16', 2 ** -7), inputs: ['x', 'x'], optionsType: 11, options: [0, 0] });
  expect(general.convertToSimaQuantization({ flavor: 'tflite' })).toBeDefined();
  await general.release();
});

it('a softmax whose beta is not above 0', async () => {
  await expect(open({ op: 'SOFTMAX', optionsType: 9, options: [{ float: -1 }] })).rejects.toBeInstanceOf(RequantError);
});

it('what could be opened but not run is refused when it is opened: inputs without numbers, an input twice, an image that is constant, a number to be cut', async () => {
  const float = (...shape: number[]): TensorSpec => ({ shape });
  await expect(open({ op: 'RELU', x: float(1, 0, 2) })).rejects.toThrow(/the input holds no numbers/);
  const twice = { tensors: { x: float(2), y: float(2) }, operators: [{ op: 'RELU', inputs: ['x'], outputs: ['y'] }], inputs: ['x', 'x'], outputs: ['y'] };
  await expect(loadModel(tfliteSource(tfliteFile(twice).bytes))).rejects.toThrow(/it is an input twice/);
  await expect(open({ op: 'MAX_POOL_2D', x: float(4), optionsType: 5, options: [0, 1, 1, 1, 1, 0] })).rejects.toThrow(/MAX_POOL_2D: 1 dimensions are no images/);
  await expect(open({ op: 'PAD', x: float(), inputs: ['x', 'pads'], constants: { pads: constant(int32s([0, 2])) } })).rejects.toThrow(/PAD: its input has no dimension/);
});

it('a name with a NUL in it is read without', async () => {
  const bytes = tfliteFile({ tensors: { 'a\0b': { shape: [2] }, y: { shape: [2] } }, operators: [{ op: 'RELU', inputs: ['a\0b'], outputs: ['y'] }], inputs: ['a\0b'], outputs: ['y'] }).bytes;
  const net = await loadModel(tfliteSource(bytes));
  expect((await net.execute({ ab: { dtype: 'float32', shape: [2], data: Float32Array.of(-1, 1) } }))['y']?.data).toEqual(Float32Array.of(0, 1));
  await net.release();
});
