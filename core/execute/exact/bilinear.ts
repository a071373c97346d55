// Bilinear resizing on the kernels, our own and TensorFlow Lite's: neighbours and weights of every row and column are worked out beforehand.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE, neighbours, placesOf, resizeRule, WEIGHT_ONE, wholePart } from '../../ops/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { halfStep, INT32_LIMIT, INT64_LIMIT, isShift, reachAbout, rounding, roundsExactly } from './bounds.ts';
import { STRANGE, UNPROVED, widthOf, type Lowered, type Lowering, type NodeShape, type NotLowered } from './lowering.ts';

const FORM = { rounded: 0, wide: 1, signed: 2, unsigned: 3, signedWide: 4 } as const;
const LARGEST_WEIGHT = 2 ** 15 - 1;

interface Place {
  readonly low: number;
  readonly high: number;
  readonly weights: readonly [low: number, high: number];
}
type Finish = Readonly<Record<'scale' | 'offset' | 'form' | 'constantLow' | 'constantHigh' | 'multiplier' | 'shift', number>>;
const PLAIN: Finish = { scale: 0, offset: 0, form: FORM.rounded, constantLow: 0, constantHigh: 0, multiplier: 0, shift: 0 };

/** Four words a place: bytes to both neighbours, and their weights as whole or as real numbers. */
function table(places: readonly Place[], bytes: number, real: boolean): Uint8Array {
  const words = new DataView(new ArrayBuffer(places.length * 16));
  places.forEach(({ low, high, weights }, i) => {
    words.setUint32(i * 16, low * bytes, true);
    words.setUint32(i * 16 + 4, high * bytes, true);
    weights.forEach((w, k) => { if (real) words.setFloat32(i * 16 + 8 + k * 4, w, true); else words.setInt32(i * 16 + 8 + k * 4, w, true); });
  });
  return new Uint8Array(words.buffer);
}

function resized(node: NodeShape, down: readonly Place[], across: readonly Place[], finish: Finish): Lowered | NotLowered {
  const { shape = [], quantization: input = null } = node.inputs[0] ?? {};
  const output = node.output.quantization;
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  const inside = (places: readonly Place[], length: number): boolean => places.length > 0 && places.every(({ low, high }) => low >= 0 && high >= 0 && low < length && high < length);
  if (!input || !output || widthOf(input) !== 2 || widthOf(output) !== 2 || shape.length !== 4 || sizeOf(shape) === 0 || !inside(down, height) || !inside(across, width)
    || !sameShape(node.output.shape, [batch, down.length, across.length, channels])) return STRANGE;
  const [min, max] = INTEGER_RANGE[output.dtype];
  const bounds = { min, max };
  const real = finish.form === FORM.unsigned;
  const parameters = {
    ...finish, ...rounding(output.zeroPoint, bounds), ...bounds, zeroPoint: output.zeroPoint,
    down: node.pin(table(down, width * channels * 2, real)), across: node.pin(table(across, channels * 2, real)),
    batch, imageBytes: height * width * channels * 2, rows: down.length, columns: across.length, channels,
  };
  return { cost: 4 * sizeOf(node.output.shape), instructions: ({ inputs: [x = 0], output: y }) => [instruction('bilinear', { ...parameters, x, y })] };
}

const position = v.pipe(v.number(), v.finite(), v.minValue(0));
const attributes = v.looseObject({ rows: v.array(position), columns: v.array(position), multiplier: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(INT32_LIMIT)), shift: v.number() });

/** y = clamp(rshr(sum wr * wc * (x - zx) * m, n) + zy), the two weights of a row or column adding up to 2^14. */
export const lowerResizeBilinear: Lowering = (node) => {
  const { rows, columns, multiplier, shift } = v.parse(attributes, node.attrs);
  const input = node.inputs[0]?.quantization;
  const [, height = 0, width = 0] = node.inputs[0]?.shape ?? [];
  if (!input || !isShift(shift)) return STRANGE;
  const places = (list: readonly number[], length: number): readonly Place[] => neighbours(list, length).map(({ low, high, part }) => ({ low, high, weights: [WEIGHT_ONE - wholePart(part), wholePart(part)] }));
  const zeros = input.zeroPoint * WEIGHT_ONE ** 2;
  const bound = reachAbout(input) * WEIGHT_ONE ** 2 * multiplier;
  const [down, across] = [places(rows, height), places(columns, width)];
  if (roundsExactly(bound)) {
    const scale = multiplier * 2 ** -shift;
    return resized(node, down, across, { ...PLAIN, scale, offset: -zeros * scale + halfStep(shift) });
  }
  if (shift > 61 || (shift > 0 ? bound + 2 ** (shift - 1) : bound * 2 ** -shift) >= INT64_LIMIT) return UNPROVED;
  const constant = BigInt(-zeros) * BigInt(multiplier) + (shift > 0 ? 1n << BigInt(shift - 1) : 0n);
  return resized(node, down, across, { ...PLAIN, form: FORM.wide, multiplier, shift, constantLow: Number(BigInt.asUintN(32, constant)), constantHigh: Number(constant >> 32n) });
};

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 20));
const tfliteAttributes = v.looseObject({ rows: size, columns: size, rule: resizeRule, unsigned: v.boolean() });
export const lowerTfliteResizeBilinear: Lowering = (node) => {
  const { rows, columns, rule, unsigned } = v.parse(tfliteAttributes, node.attrs);
  const [, height = 0, width = 0] = node.inputs[0]?.shape ?? [];
  const dtype = node.output.quantization?.dtype;
  if (!dtype || dtype === 'int32' || node.inputs[0]?.quantization?.dtype !== dtype || (unsigned && dtype !== 'int8') || height < 1 || width < 1) return STRANGE;
  const [down, across] = [placesOf(unsigned, height, rows, rule), placesOf(unsigned, width, columns, rule)];
  if (unsigned) return resized(node, down, across, { ...PLAIN, form: FORM.unsigned });
  const [p, q] = [down, across].map((places) => places.reduce((most, { weights: [a, b] }) => Math.max(most, Math.abs(a) + Math.abs(b)), 0)) as [number, number];
  if (Math.max(p, q) > LARGEST_WEIGHT) return UNPROVED;
  if (dtype === 'int16') return resized(node, down, across, { ...PLAIN, form: FORM.signedWide });
  if (128 * p * q + 2 ** 19 > INT32_LIMIT) return UNPROVED;
  return resized(node, down, across, { ...PLAIN, form: FORM.signed });
};
