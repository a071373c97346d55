// TensorFlow Lite's own arithmetic on the kernels: convolutions and fully connected layers with 31-bit multipliers, sums, and values stored anew.
import * as v from 'valibot';
import { FORM, instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE, scaled } from '../../ops/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { byChannel, channelSums, outputBounds } from './bounds.ts';
import { convolutionBy, fullyConnectedBy } from './convolution.ts';
import { STRANGE, UNPROVED, type Lowering, type Stored } from './lowering.ts';
import type { Prove } from './weighted.ts';

/** Farthest that a stored int8 lies from a zero point. */
const REACH = 255;
const INT8 = Array.from({ length: 256 }, (_, i) => i - 128);
const factor = v.object({ multiplier: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 31 - 1)), shift: v.pipe(v.number(), v.safeInteger(), v.minValue(-31), v.maxValue(31)) });

/** The int8 quantization of a value, or undefined where it is stored otherwise. */
const int8Of = (value: Stored | undefined) => (value?.quantization?.dtype === 'int8' ? value.quantization : undefined);

/** Sums are proved to stay within 32 bits, as TensorFlow Lite takes for granted. */
const proveTflite = (form: number): Prove => (node, weights, outputs, input, output) => {
  const bias = node.constants['bias']?.data;
  const multiplier = byChannel(node.constants['multiplier'], outputs, 0);
  const shift = byChannel(node.constants['shift'], outputs, 0);
  if (input.dtype !== 'int8' || output.dtype !== 'int8' || Math.abs(input.zeroPoint) > 128 || !(bias instanceof Int32Array) || bias.length !== outputs || !multiplier || !shift) return STRANGE;
  if (!multiplier.every((m) => m >= 0 && m < 2 ** 31) || !shift.every((n) => n >= -31 && n <= 30)) return STRANGE;
  const run = weights.length / outputs;
  const wide = new BigInt64Array(outputs * 3);
  for (let o = 0; o < outputs; o++) {
    const { sum, magnitude } = channelSums(weights, o, run);
    const own = bias[o] ?? 0;
    if (magnitude * REACH + Math.abs(own) >= 2 ** 31) return UNPROVED;
    // Activations travel as stored: the bias takes the zero point with it.
    wide.set([BigInt(own - input.zeroPoint * sum), BigInt(multiplier[o] ?? 0), BigInt(shift[o] ?? 0)], o * 3);
  }
  const unused = new Float64Array(outputs);
  return { form, flushPairs: 0, scale: unused, offset: unused, lower: unused, upper: unused, wide };
};

export const lowerTfliteConvolution = convolutionBy(proveTflite(FORM.twice));
const [roundedOnce, roundedTwice] = [fullyConnectedBy(proveTflite(FORM.once)), fullyConnectedBy(proveTflite(FORM.twice))];
export const lowerTfliteFullyConnected: Lowering = (node) => (node.attrs['roundings'] === 1 ? roundedOnce : roundedTwice)(node);

const zero = v.pipe(v.number(), v.safeInteger(), v.minValue(-128), v.maxValue(127));
const sumAttributes = v.looseObject({ a: factor, b: factor, y: factor, za: zero, zb: zero, headroom: v.number(), min: v.number(), max: v.number() });
export const lowerTfliteAdd: Lowering = (node) => {
  const { a, b, y, za, zb, headroom, min, max } = v.parse(sumAttributes, node.attrs);
  const [first, second, output] = [int8Of(node.inputs[0]), int8Of(node.inputs[1]), int8Of(node.output)];
  const bounds = output && outputBounds(output, min, max);
  const count = sizeOf(node.output.shape);
  if (!first || !second || !bounds || node.inputs.some((input) => sizeOf(input.shape) !== count)) return STRANGE;
  const table = (zeroPoint: number, by: { readonly multiplier: number; readonly shift: number }): readonly number[] => INT8.map((q) => scaled((q - zeroPoint) * 2 ** headroom, by.multiplier, by.shift));
  const [tableA, tableB] = [table(za, a), table(zb, b)];
  const reach = (entries: readonly number[]): number => entries.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (reach(tableA) + reach(tableB) >= 2 ** 31) return UNPROVED;
  const [addressA, addressB] = [node.pin(Int32Array.from(tableA)), node.pin(Int32Array.from(tableB))];
  return {
    cost: count * 4,
    instructions: ({ inputs: [x = 0, z = 0], output: to }) => [instruction('tfliteSum', {
      a: x, b: z, y: to, tableA: addressA, tableB: addressB, count, ...y, zeroPoint: output.zeroPoint, ...bounds,
    })],
  };
};

/** A reshape or a value stored anew: one of 256 answers. */
export const lowerTfliteReshape: Lowering = (node) => {
  const { multiplier, shift } = v.parse(v.looseObject(factor.entries), node.attrs);
  const [input, output] = [int8Of(node.inputs[0]), int8Of(node.output)];
  const count = sizeOf(node.output.shape);
  if (!input || !output || sizeOf(node.inputs[0]?.shape ?? []) !== count) return STRANGE;
  const [min, max] = INTEGER_RANGE.int8;
  const table = INT8.map((q) => Math.min(max, Math.max(min, scaled(q - input.zeroPoint, multiplier, shift) + output.zeroPoint)));
  if (table.every((y, i) => y === INT8[i])) return { cost: 0, alias: true, instructions: () => [] };
  const address = node.pin(Int16Array.from(table));
  return { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('table', { x, y, table: address, count, first: min })] };
};
