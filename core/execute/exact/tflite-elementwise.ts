// TensorFlow Lite's elementwise operators on the kernels: what depends on one stored integer is a table, two operands have a kernel; its softmax, average pool and
// quantize.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { clamp, INTEGER_RANGE, powerBelow, RECIPROCAL, scaled, widePowerBelow } from '../../ops/index.ts';
import type { Quantization } from '../../ir/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { factor, INT32_LIMIT, outputBounds, reachAbout } from './bounds.ts';
import { lowerQuantizeBy } from './conversion.ts';
import { binary, lowerBinary } from './elementwise.ts';
import { STRANGE, UNPROVED, widthOf, type Lowered, type Lowering, type NodeShape, type NotLowered } from './lowering.ts';
import { lowerDividedPool } from './pooling.ts';

type Factor = v.InferOutput<typeof factor>;
const zero = v.pipe(v.number(), v.safeInteger(), v.minValue(-32768), v.maxValue(32767));

/** One answer for each stored integer. */
function tabulated(node: NodeShape, { multiplier, shift }: Factor, bounds: { readonly min: number; readonly max: number } | undefined): Lowered | NotLowered {
  const [input, output] = [node.inputs[0]?.quantization, node.output.quantization];
  const count = sizeOf(node.output.shape);
  if (!input || !output || !bounds || widthOf(input) !== 2 || widthOf(output) !== 2 || sizeOf(node.inputs[0]?.shape ?? []) !== count) return STRANGE;
  const [first, last] = INTEGER_RANGE[input.dtype];
  const table = Int16Array.from({ length: last - first + 1 }, (_, i) => clamp(scaled(first + i - input.zeroPoint, multiplier, shift) + output.zeroPoint, bounds.min, bounds.max));
  if (input.dtype === output.dtype && table.every((y, i) => y === first + i)) return { cost: 0, alias: true, instructions: () => [] };
  const address = node.pin(table);
  return { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('table', { x, y, table: address, count, first })] };
}
const storedAgain = v.looseObject(factor.entries);
const rangeOf = (q: Quantization | null) => { if (!q) return undefined; const [min, max] = INTEGER_RANGE[q.dtype]; return outputBounds(q, min, max); };
/** A reshape or a value stored anew. */
export const lowerTfliteReshape: Lowering = (node) => tabulated(node, v.parse(storedAgain, node.attrs), rangeOf(node.output.quantization));
export const lowerTfliteClamp: Lowering = (node) => {
  const q = node.output.quantization;
  return tabulated(node, v.parse(storedAgain, node.attrs), q ? outputBounds(q, node.attrs['min'], node.attrs['max']) : undefined);
};

const FORM = { sum: 0, product: 1, prelu: 2, shifts: 3, max: 4, min: 5 } as const;
const IDLE = { za: 0, zb: 0, tableA: 0, tableB: 0, raise: 0, multiplierA: 0, shiftA: 0, multiplierB: 0, shiftB: 0, sign: 1, multiplier: 0, shift: 0 };

/** Two operands; `plan` proves that nothing leaves 32 bits where TensorFlow Lite takes that for granted. */
const pairwise = (plan: (node: NodeShape, dtype: 'int8' | 'int16') => Partial<typeof IDLE> & { readonly form: number; readonly zeroPoint?: number } | NotLowered, bounded: boolean): Lowering => (node) => {
  const q = node.output.quantization;
  const pair = binary(node);
  const bounds = !q ? undefined : bounded ? outputBounds(q, node.attrs['min'], node.attrs['max']) : rangeOf(q);
  if (!q || q.dtype === 'int32' || !pair || !bounds) return STRANGE;
  const { dtype } = q;
  if (node.inputs.some(({ quantization }) => quantization?.dtype !== dtype) || Object.values(node.constants).some((t) => t.dtype !== dtype)) return STRANGE;
  const planned = plan(node, dtype);
  if ('reason' in planned) return planned;
  return lowerBinary(node, (rows) => instruction('tflitePair', { ...IDLE, zeroPoint: q.zeroPoint, ...planned, ...rows, ...bounds }), pair);
};

const HEADROOM = { int8: 20, int16: 15 };
const sumAttributes = v.looseObject({ a: factor, b: factor, y: factor, za: zero, zb: zero, headroom: v.number() });
const farthest = (dtype: 'int8' | 'int16', zeroPoint: number): number => reachAbout({ dtype, scale: 1, zeroPoint });
const bits = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(31));
const shiftedAttributes = v.looseObject({ shifts: v.tuple([bits, bits]) });
export const lowerTfliteSum = (sign: 1 | -1): Lowering => pairwise((node, dtype) => {
  if (node.attrs['shifts'] !== undefined) {
    const { shifts: [shiftA, shiftB] } = v.parse(shiftedAttributes, node.attrs);
    return { form: FORM.shifts, sign, shiftA, shiftB, zeroPoint: 0 };
  }
  const { a, b, y, za, zb, headroom } = v.parse(sumAttributes, node.attrs);
  if (headroom !== HEADROOM[dtype]) return STRANGE;
  const [low, high] = INTEGER_RANGE[dtype];
  const raised = (q: number, zeroPoint: number, by: Factor): number => scaled((q - zeroPoint) * 2 ** headroom, by.multiplier, by.shift);
  // A product with one factor goes one way: the ends are the farthest. To the left it is cut to 32 bits, so it must not be moved further.
  const reach = (zeroPoint: number, by: Factor): number => Math.max(Math.abs(raised(low, zeroPoint, by)), Math.abs(raised(high, zeroPoint, by)));
  const fits = (zeroPoint: number, by: Factor): boolean => farthest(dtype, zeroPoint) * 2 ** (headroom + Math.max(0, by.shift)) < 2 ** 31;
  if (!fits(za, a) || !fits(zb, b) || reach(za, a) + reach(zb, b) > INT32_LIMIT) return UNPROVED;
  if (dtype === 'int16') return { form: FORM.sum, sign, za, zb, raise: headroom, multiplierA: a.multiplier, shiftA: a.shift, multiplierB: b.multiplier, shiftB: b.shift, ...y };
  const table = (zeroPoint: number, by: Factor): number => node.pin(Int32Array.from({ length: 256 }, (_, i) => raised(low + i, zeroPoint, by)));
  return { form: FORM.sum, sign, tableA: table(za, a), tableB: table(zb, b), ...y };
}, true);

const productAttributes = v.looseObject({ ...factor.entries, za: zero, zb: zero });
export const lowerTfliteProduct: Lowering = pairwise((node, dtype) => {
  const { multiplier, shift, za, zb } = v.parse(productAttributes, node.attrs);
  return farthest(dtype, za) * farthest(dtype, zb) > INT32_LIMIT ? UNPROVED : { form: FORM.product, za, zb, multiplier, shift };
}, true);

const slopeAttributes = v.looseObject({ ...factor.entries, negative: factor, zeroSlope: zero });
export const lowerTflitePrelu: Lowering = pairwise((node, dtype) => {
  const { multiplier, shift, negative, zeroSlope: zb } = v.parse(slopeAttributes, node.attrs);
  const za = node.inputs[0]?.quantization?.zeroPoint ?? 0;
  if (!sameShape(node.inputs[0]?.shape ?? [], node.output.shape) || node.constants['a'] !== undefined) return STRANGE;
  return farthest(dtype, za) * farthest(dtype, zb) > INT32_LIMIT ? UNPROVED : { form: FORM.prelu, za, zb, multiplierA: multiplier, shiftA: shift, ...negative };
}, false);

/** Stored integers are compared as they are. */
const chosen = (form: number): Lowering => pairwise(() => ({ form }), false);
export const lowerTfliteMaximum = chosen(FORM.max);
export const lowerTfliteMinimum = chosen(FORM.min);

const softmaxAttributes = v.looseObject({ multiplier: v.pipe(v.number(), v.safeInteger()), shift: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(31)), farthest: v.pipe(v.number(), v.safeInteger()) });
/** A row's exponentials, each at most 2^19 as they are added up, stay within 32 bits. */
const LONGEST_ROW = 2 ** 13 - 1;
const wideAttributes = v.looseObject(factor.entries);
const lowerWideSoftmax: Lowering = (node) => {
  const attrs = v.parse(wideAttributes, node.attrs);
  const { shape } = node.output;
  const length = shape.at(-1) ?? 1;
  const powers = Int16Array.from({ length: 2 ** 16 }, (_, d) => widePowerBelow(attrs, -d));
  if (node.inputs[0]?.quantization?.dtype !== 'int16' || !sameShape(node.inputs[0].shape, shape) || length < 1) return STRANGE;
  // The largest of a row alone makes the sum positive; no sum passes 31 bits.
  if (length >= 2 ** 16 || (powers[0] ?? 0) < 2 || powers.some((e) => e < 0)) return UNPROVED;
  const [tables, points] = [node.pin(powers), node.pin(RECIPROCAL)];
  return { cost: sizeOf(shape) * 4, instructions: ({ inputs: [x = 0], output: y }) => [instruction('tfliteWideSoftmax', { x, y, powers: tables, reciprocals: points, rows: sizeOf(shape) / length, length })] };
};

export const lowerTfliteSoftmax: Lowering = (node) => {
  if (node.output.quantization?.dtype === 'int16') return lowerWideSoftmax(node);
  const attrs = v.parse(softmaxAttributes, node.attrs);
  const { shape } = node.output;
  const length = shape.at(-1) ?? 1;
  if (node.inputs[0]?.quantization?.dtype !== 'int8' || node.output.quantization?.dtype !== 'int8' || !sameShape(node.inputs[0].shape, shape) || length < 1) return STRANGE;
  if (length > LONGEST_ROW) return UNPROVED;
  const powers = Array.from({ length: 256 }, (_, d) => powerBelow(attrs, -d) ?? -1);
  if (!powers.every((e, d) => Number.isInteger(e) && (e === -1 ? d > 0 && -d < attrs.farthest : e >= 0) && e <= INT32_LIMIT)) return UNPROVED;
  const table = node.pin(Int32Array.from(powers));
  const [min, max] = INTEGER_RANGE.int8;
  return { cost: sizeOf(shape) * 4, instructions: ({ inputs: [x = 0], output: y }) => [instruction('tfliteSoftmax', { x, y, table, rows: sizeOf(shape) / length, length, min, max })] };
};

const poolAttributes = v.looseObject({ halves: v.picklist(['away', 'up']) });
export const lowerTfliteAveragePool: Lowering = (node) => lowerDividedPool(node, v.parse(poolAttributes, node.attrs).halves === 'up');
export const lowerTfliteQuantize: Lowering = lowerQuantizeBy(true);
