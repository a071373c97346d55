// Layer normalization and local response normalization on the kernels.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE, placeOf } from '../../ops/index.ts';
import { sameShape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { INT8_REACH, isShift } from './bounds.ts';
import { eights, STRANGE, UNPROVED, type Lowering } from './lowering.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const int32Of = (t: Tensor | undefined, length: number): Int32Array | undefined => (t?.data instanceof Int32Array && t.data.length >= length ? t.data : undefined);

const layerAttributes = v.looseObject({ axis: size, epsilon: v.pipe(v.number(), v.integer(), v.minValue(0)), unitBits: v.pipe(v.number(), v.safeInteger(), v.minValue(-100), v.maxValue(100)) });
/** N^2 times the variance of 8-bit integers is at most this times N^2. */
const LARGEST_VARIANCE = 127.5 ** 2;
/** 32-bit lanes hold the sums of so many squares. */
const LONGEST = 2 ** 16;

export const lowerLayerNorm: Lowering = (node) => {
  const { axis, epsilon, unitBits } = v.parse(layerAttributes, node.attrs);
  const { shape } = node.output;
  const output = node.output.quantization;
  const length = sizeOf(shape.slice(axis));
  const [multipliers, shifts] = [int32Of(node.constants['multiplier'], length), int32Of(node.constants['shift'], length)];
  const bias = node.constants['bias']?.data;
  if (node.inputs[0]?.quantization?.dtype !== 'int8' || !sameShape(node.inputs[0].shape, shape) || !output || output.dtype === 'int32' || axis >= shape.length || length < 1
    || !multipliers || !shifts || !(bias instanceof BigInt64Array) || bias.length < length || !shifts.every(isShift)) return STRANGE;
  if (length > LONGEST || length ** 2 * LARGEST_VARIANCE * 2 ** 16 + epsilon >= 2 ** 63) return UNPROVED;
  const list = (make: (k: number) => number): number => node.pin(eights(length, make));
  const [min, max] = INTEGER_RANGE[output.dtype];
  const parameters = {
    epsilon, rows: sizeOf(shape) / length, length, unitBits, zeroPoint: output.zeroPoint, min, max,
    factors: list((k) => multipliers[k] ?? 0), terms: list((k) => Number(bias[k] ?? 0n)),
    halves: list((k) => { const n = shifts[k] ?? 0; return n > 0 ? 2 ** (n - 1) : 0; }), units: list((k) => 2 ** -(shifts[k] ?? 0)),
  };
  return { cost: 5 * sizeOf(shape), instructions: ({ inputs: [x = 0], output: y }) => [instruction('layerNorm', { ...parameters, x, y })] };
};

const responseAttributes = v.looseObject({ size: v.pipe(size, v.minValue(1)) });
const LARGEST_SUM = 2 ** 30;
/** Products stay below 2^40, so that further to the right nothing is left, and so far to the left 64 bits hold them. */
const SHIFTS = { least: -15, most: 62 };

export const lowerResponseNorm: Lowering = (node) => {
  const { size: neighbours } = v.parse(responseAttributes, node.attrs);
  const { shape } = node.output;
  const [input, output] = [node.inputs[0]?.quantization, node.output.quantization];
  const channels = shape.at(-1) ?? 1;
  const largest = Math.min(neighbours, channels) * INT8_REACH ** 2;
  if (input?.dtype !== 'int8' || !output || output.dtype === 'int32' || !sameShape(node.inputs[0]?.shape ?? [], shape) || sizeOf(shape) === 0 || neighbours % 2 === 0 || neighbours > 2 ** 20) return STRANGE;
  if (largest >= LARGEST_SUM) return UNPROVED;
  const { entry: last, octave } = placeOf(largest);
  const [factors, rises, shifts] = ['factor', 'rise', 'shift'].map((role) => int32Of(node.constants[role], last + 1));
  if (!factors || !rises || !shifts || !shifts.every((n) => n >= SHIFTS.least && isShift(n))) return STRANGE;
  if (rises.some((rise) => Math.abs(rise) * 2 ** octave >= 2 ** 52)) return UNPROVED;
  const [min, max] = INTEGER_RANGE[output.dtype];
  const parameters = {
    factors: node.pin(factors), rises: node.pin(rises), shifts: node.pin(shifts.map((n) => Math.min(n, SHIFTS.most))), pixels: sizeOf(shape) / channels, channels, aside: (neighbours - 1) / 2,
    zero: input.zeroPoint, zeroPoint: output.zeroPoint, min, max,
  };
  return { cost: sizeOf(shape) * 8, instructions: ({ inputs: [x = 0], output: y }) => [instruction('responseNorm', { ...parameters, x, y })] };
};
