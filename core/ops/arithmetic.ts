// The integer arithmetic that every operator shares: rounding, shifts, multipliers, and the step from a range to (scale,
// zeroPoint). docs/numerics.md sections 1, 2, 4 and 5. Numbers are doubles holding integers; each caller proves |n| < 2^53.
import type { ActivationQuantization, IntegerDType, Precision } from '../ir/index.ts';

/** Smallest and largest stored integer of a type. */
export const INTEGER_RANGE: Readonly<Record<IntegerDType, readonly [number, number]>> = {
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
};
export const BITS: Readonly<Record<Precision, number>> = { int8: 8, int16: 16 };
/** Integers up to here are exact in a double. */
export const EXACT_LIMIT = 2 ** 53;

export const clamp = (x: number, min: number, max: number): number => (x < min ? min : x > max ? max : x);

const WHOLE = 1.5 * 2 ** 52;

/** Nearest integer, halves to even. */
export function rint(x: number): number {
  // Doubles from 2^52 on are whole: there the sum itself rounds, halves to even.
  if (x < 2 ** 51 && x > -(2 ** 51)) return x + WHOLE - WHOLE;
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The same for what is then clamped to at most 32 bits: numbers far beyond those keep only their sign and about their size. */
export const rintWithin32 = (x: number): number => x + WHOLE - WHOLE;

/** Rounding shift right: floor((a + 2^(n-1)) / 2^n) for n > 0, a for n = 0, a * 2^-n for n < 0. Exact while |a| + 2^(n-1) < 2^53. */
export function rshr(a: number, n: number): number {
  if (n > 0) return Math.floor((a + 2 ** (n - 1)) / 2 ** n);
  return n === 0 ? a : a * 2 ** -n;
}

/** {@link rshr} on arbitrarily large integers, for accumulators whose bound passes 2^53. */
export function rshrWide(a: bigint, n: number): bigint {
  if (n > 0) return (a + (1n << BigInt(n - 1))) >> BigInt(n);
  return n === 0 ? a : a << BigInt(-n);
}

/** floor((2a + b) / 2b), the quotient rounded with halves up, for whole a and whole b > 0. */
export function divideRounded(a: number, b: number): number {
  const [top, bottom] = [2 * a + b, 2 * b];
  if (Math.abs(top) >= EXACT_LIMIT || bottom >= EXACT_LIMIT) return divideWide(2n * BigInt(a) + BigInt(b), 2n * BigInt(b));
  // The double quotient may have been rounded across an integer.
  const q = Math.floor(top / bottom);
  const rest = top - q * bottom;
  return rest < 0 ? q - 1 : rest >= bottom ? q + 1 : q;
}
const divideWide = (a: bigint, b: bigint): number => { const q = a / b; return Number(q * b > a ? q - 1n : q); };

const bits = new DataView(new ArrayBuffer(8));
/** floor(log2(x)), exactly, for x > 0. Read from the exponent field, since Math.log2 may round up to a power of two. */
export function floorLog2(x: number): number {
  bits.setFloat64(0, x);
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff;
  return exponent === 0 ? floorLog2(x * 2 ** 54) - 54 : exponent - 1023;
}

/** value ~ multiplier * 2^-shift. */
export interface FixedPoint {
  readonly multiplier: number;
  readonly shift: number;
}

/** The fixed-point number nearest to `value` > 0 whose multiplier has `bits` bits: in [2^(bits-1), 2^bits). */
export function fixedPoint(value: number, bitCount: number): FixedPoint {
  const top = bitCount - 1;
  const shift = top - floorLog2(value);
  const multiplier = rint(value * 2 ** shift);
  return multiplier === 2 ** bitCount ? { multiplier: 2 ** top, shift: shift - 1 } : { multiplier, shift };
}

/** Multipliers of operators without weights have 15 bits: in [2^14, 2^15). */
export const RESCALE_BITS = 15;
export const rescale = (value: number): FixedPoint => fixedPoint(value, RESCALE_BITS);

/** Section 2: from an observed range to scale and zero point. */
export function quantizationOf(min: number, max: number, precision: Precision, asymmetric: boolean): ActivationQuantization {
  if (min === max) return { dtype: precision, scale: 1, zeroPoint: 0 };
  const lo = Math.min(min, 0);
  const hi = Math.max(max, 0);
  const [qmin, qmax] = INTEGER_RANGE[precision];
  if (!asymmetric) return { dtype: precision, scale: normal(Math.max(-lo, hi) / (2 ** (BITS[precision] - 1) - 1)), zeroPoint: 0 };
  const scale = normal((hi - lo) / (2 ** BITS[precision] - 1));
  return { dtype: precision, scale, zeroPoint: clamp(rint(qmin - lo / scale), qmin, qmax) };
}

/** Keeps scales out of the subnormal numbers, where products and quotients of scales would vanish. */
const normal = (scale: number): number => Math.max(scale, 2 ** -120);

/** Section 1: a real number as the stored integer. */
export const quantizeValue = (real: number, q: ActivationQuantization): number => {
  const [qmin, qmax] = INTEGER_RANGE[q.dtype];
  return clamp(rint(real / q.scale) + q.zeroPoint, qmin, qmax);
};
