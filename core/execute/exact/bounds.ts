// What the kernels' rounding needs to be exact, and the numbers that it runs on: docs/numerics.md, rshr.
import * as v from 'valibot';
import type { Quantization } from '../../ir/index.ts';
import { MAGIC } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';

/** A double holds every integer below this. */
const EXACT = 2 ** 53;
/** What 32 bits hold. */
export const INT32_LIMIT = 2 ** 31 - 1;
/** What sums in 64 bits stay below, with room to round. */
export const INT64_LIMIT = 2 ** 62;
/** Farthest that a stored int8 lies from a zero point. */
export const INT8_REACH = 255;
/** Powers of two in a rounding stay far from where doubles end. */
const MOST_SHIFT = 200;

export const isShift = (n: number): boolean => Number.isInteger(n) && Math.abs(n) <= MOST_SHIFT;

/**
 * rshr(a, n) = the integer nearest to a * 2^-n + 2^-(n+1) for n > 0: half a unit of a more, so that ties go up and no new tie arises. That is a
 * sum of two exact doubles while 2 |a| + 1 < 2^53; adding MAGIC then rounds it to an integer.
 */
export const roundsExactly = (bound: number): boolean => 2 * bound + 1 < EXACT;
/** The same in float32, where a result must also lie far below the 1.5 * 2^23 that rounds it, and powers of two stay far from subnormal numbers. */
export const roundsInFloat32 = (bound: number, outputs: number, shifts: Float64Array): boolean =>
  2 * bound + 1 < 2 ** 24 && outputs < 2 ** 21 && shifts.every((n) => Math.abs(n) <= 96);
export const halfStep = (n: number): number => (n > 0 ? 2 ** -(n + 1) : 0);

/** Largest magnitude of a stored activation; `zeroPoint` counts, since padding holds it. */
export function reachOf(q: Quantization): number {
  const [low, high] = INTEGER_RANGE[q.dtype];
  return Math.max(-low, high, Math.abs(q.zeroPoint));
}

/** Farthest that a stored activation lies from its zero point. */
export const reachAbout = (q: Quantization): number => reachOf(q) + Math.abs(q.zeroPoint);

/** Bounds of an output in stored integers, when they are what a kernel can clamp to. */
export function outputBounds(q: Quantization, min: unknown, max: unknown): { readonly min: number; readonly max: number } | undefined {
  const [low, high] = INTEGER_RANGE[q.dtype];
  if (typeof min !== 'number' || typeof max !== 'number' || !Number.isInteger(min) || !Number.isInteger(max) || !Number.isInteger(q.zeroPoint)) return undefined;
  return min >= low && max <= high && min <= max && Math.abs(q.zeroPoint) <= 32768 ? { min, max } : undefined;
}

/** What an elementwise rounding clamps to, as doubles before the zero point is added: just outside [min, max], so that clamping never decides. */
export const rounding = (zeroPoint: number, { min, max }: { readonly min: number; readonly max: number }) => ({
  magic: MAGIC + zeroPoint, lower: min - zeroPoint - 1, upper: max - zeroPoint + 1,
});

/** TensorFlow Lite's fixed-point factor: multiplier * 2^(shift - 31). */
export const factor = v.object({ multiplier: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(INT32_LIMIT)), shift: v.pipe(v.number(), v.safeInteger(), v.minValue(-31), v.maxValue(30)) });

/** A constant's numbers by channel; one entry serves all. Undefined where a count does not fit. */
export function byChannel(t: Tensor | undefined, channels: number, otherwise: number): Float64Array | undefined {
  if (!t) return new Float64Array(channels).fill(otherwise);
  const data = t.data as ArrayLike<number | bigint>;
  if (data.length !== 1 && data.length !== channels) return undefined;
  return Float64Array.from({ length: channels }, (_, o) => Number(data[data.length === 1 ? 0 : o] ?? 0));
}

/** Sum of one output channel's weights and of their absolute values: what bounds its accumulator. */
export function channelSums(weights: ArrayLike<number>, channel: number, run: number): { readonly sum: number; readonly magnitude: number } {
  let sum = 0, magnitude = 0;
  for (let k = channel * run; k < (channel + 1) * run; k++) {
    const w = weights[k] as number;
    sum += w;
    magnitude += Math.abs(w);
  }
  return { sum, magnitude };
}
