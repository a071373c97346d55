// What every kernel shares: pairs of 16-bit lanes, sums as doubles, the rounding that turns doubles into integers, partial stores.

/** 1.5 * 2^52: adding it leaves the nearest integer in the low bits. A zero point may be added to it beforehand. */
export const MAGIC: f64 = 6755399441055744.0;

/** Which of the threads this instance of the module serves. Its scratch and its area for partial vectors follow from that. */
export let thread: i32 = 0;
export function become(part: i32): void { thread = part; }

/** One 64-byte area for each thread, for a vector that is only partly stored. */
const PARTIAL: usize = 4096;

@inline export function dot(a: v128, b: v128): v128 { return i32x4.dot_i16x8_s(a, b); }
@inline export function add(a: v128, b: v128): v128 { return i32x4.add(a, b); }
/** Lanes a0 b0 a1 b1 a2 b2 a3 b3, and the upper halves likewise. */
@inline export function zipLow(a: v128, b: v128): v128 { return i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23); }
@inline export function zipHigh(a: v128, b: v128): v128 { return i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31); }

/** Two of four 32-bit integers as doubles. */
@inline export function doublesLow(a: v128): v128 { return f64x2.convert_low_i32x4_s(a); }
@inline export function doublesHigh(a: v128): v128 { return f64x2.convert_low_i32x4_s(i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)); }
/** The low 32 bits of four doubles to which MAGIC was added. */
@inline export function lowWords(a: v128, b: v128): v128 { return i8x16.shuffle(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27); }
@inline export function within(a: v128, low: v128, high: v128): v128 { return f64x2.pmax(f64x2.pmin(a, high), low); }
/** sum * scale + offset, clamped and then rounded: the integers are the low words. */
@inline export function rounded(sum: v128, scale: v128, offset: v128, lower: v128, upper: v128, magic: v128): v128 {
  return f64x2.add(within(f64x2.add(f64x2.mul(sum, scale), offset), lower, upper), magic);
}
/** The largest of the 16-bit numbers in `bytes` bytes. */
@inline export function largest(x: usize, bytes: usize): i32 {
  let top: i32 = -32768;
  for (const end = x + bytes; x < end; x += 2) top = max(top, <i32>load<i16>(x));
  return top;
}
/** Eight 32-bit integers as 16-bit lanes, clamped. Narrowing saturates, so nothing wraps. */
@inline export function narrow(a: v128, b: v128, low: v128, high: v128): v128 {
  return i16x8.max_s(i16x8.min_s(i16x8.narrow_i32x4_s(a, b), high), low);
}

/** Stores the first `bytes` of a vector. */
@inline export function storePart(to: usize, value: v128, bytes: usize): void {
  const area = PARTIAL + (<usize>thread << 6);
  v128.store(area, value);
  memory.copy(to, area, bytes);
}

/** Stores what is left of a vector of 16-bit lanes: all of it from 8 elements on. */
@inline export function put(to: usize, value: v128, left: i32): void {
  if (left >= 8) v128.store(to, value); else storePart(to, value, <usize>left << 1);
}

/** The doubles at two addresses. */
@inline export function both(a: usize, b: usize): v128 { return v128.load64_lane(b, v128.load64_zero(a), 1); }

/** Where share `part` of `parts` begins when `count` units are dealt out. */
@inline export function share(count: i32, part: i32, parts: i32): i32 { return <i32>(<i64>count * part / parts); }

/**
 * x * m * 2^(n - 31), rounded twice, halves away from zero but for the first of negative numbers, which go up: `scaled` in core/ops/tflite/fixed-point.ts. x fits
 * 32 bits, m in [0, 2^31), n in [-31, 31].
 */
@inline export function scaledTwice(x: i64, m: i64, n: i64): i64 {
  const p = (n > 0 ? <i64>(<i32>x << <i32>n) : x) * m;
  const negative = p >> 63;
  let size = ((p ^ negative) - negative + (<i64>1 << 30) + negative) >> 31;
  if (n < 0) size = (size + (<i64>1 << (-n - 1))) >> -n;
  return (size ^ negative) - negative;
}
