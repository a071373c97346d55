// TensorFlow Lite's fixed-point arithmetic (gemmlowp's), bit for bit: 31-bit multipliers, two roundings (docs/numerics.md, section 7).

/** round(a * b / 2^31), halves away from zero but for negative ones, which go up; |a|, |b| <= 2^31. Exact in doubles: the product is split at 16 bits. */
export function doublingHighMul(a: number, b: number): number {
  const negative = a < 0 !== b < 0;
  const [x, y] = [Math.abs(a), Math.abs(b)];
  const high = Math.floor(x / 65536);
  const [above, below] = [high * y, (x - high * 65536) * y];
  const whole = Math.floor(above / 32768);
  const nudge = negative ? 2 ** 30 - 1 : 2 ** 30;
  const magnitude = whole + Math.floor(((above - whole * 32768) * 65536 + below + nudge) / 2 ** 31);
  return negative ? -magnitude : Math.min(magnitude, 2 ** 31 - 1);
}

/** round(x / 2^n), halves away from zero; x of 32 bits, n in [0, 31]. */
export function roundingShift(x: number, n: number): number {
  const mask = n === 31 ? 0x7fffffff : (1 << n) - 1;
  return (x >> n) + ((x & mask) > (mask >> 1) + (x < 0 ? 1 : 0) ? 1 : 0);
}

/** x * multiplier * 2^(shift - 31), rounded twice. A positive shift goes left before the product, within 32 bits. */
export const scaled = (x: number, multiplier: number, shift: number): number =>
  (shift > 0 ? doublingHighMul(Math.imul(x, 1 << shift), multiplier) : roundingShift(doublingHighMul(x, multiplier), -shift));

/** x * multiplier * 2^(shift - 31), rounded once, halves up: what int8 fully connected layers do. */
export function scaledOnce(x: number, multiplier: number, shift: number): number {
  const bits = BigInt(31 - shift);
  return Number((BigInt(x) * BigInt(multiplier) + (1n << (bits - 1n))) >> bits);
}

/** A sum of 64 bits is less, in magnitude. */
export const WIDE = 2 ** 47;

/** The upper 16 bits of a 31-bit multiplier, rounded. */
export const reducedMultiplier = (multiplier: number): number => (multiplier < 0x7fff0000 ? (multiplier + 32768) >> 16 : 32767);

/** x * multiplier * 2^(shift - 31) of a sum within 2^47, rounded once, halves up, with the multiplier's upper 16 bits; shift <= 7. Cut to 32 bits. */
export function scaledReduced(x: number, multiplier: number, shift: number): number {
  const reduced = reducedMultiplier(multiplier);
  const bits = 15 - shift;
  if (Math.abs(x) < 2 ** 37) return Math.floor((x * reduced + 2 ** (bits - 1)) / 2 ** bits) | 0;
  return Number(BigInt.asIntN(32, (BigInt(x) * BigInt(reduced) + (1n << BigInt(bits - 1))) >> BigInt(bits)));
}

/** The same with all 31 bits of the multiplier: what int16 fully connected layers do. */
export function scaledWide(x: number, multiplier: number, shift: number): number {
  const bits = BigInt(31 - shift);
  return Number(BigInt.asIntN(32, (BigInt(x) * BigInt(multiplier) + (1n << (bits - 1n))) >> bits));
}

/** A real factor above 0 as multiplier in [2^30, 2^31) and shift; what is too small becomes 0. */
export function fixedPoint(real: number): { readonly multiplier: number; readonly shift: number } {
  if (!(real > 0)) return { multiplier: 0, shift: 0 };
  let shift = Math.floor(Math.log2(real)) + 1;
  if (real / 2 ** shift >= 1) shift++;
  else if (real / 2 ** shift < 0.5) shift--;
  let multiplier = Math.round((real / 2 ** shift) * 2 ** 31);
  if (multiplier === 2 ** 31) { multiplier /= 2; shift++; }
  return shift < -31 ? { multiplier: 0, shift: 0 } : { multiplier, shift };
}
