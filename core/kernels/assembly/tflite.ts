// TensorFlow Lite's own elementwise arithmetic: what two operands become, and softmax.
import { largest, put, scaledTwice, share } from './lanes';

/** In the order of LAYOUTS.tflitePair. */
@unmanaged class Pair {
  a: u32; b: u32; y: u32;
  rows: i32; run: i32;
  /** Bytes from one row to the next; 0 repeats the row. */
  aStep: i32; bStep: i32; yStep: i32;
  form: i32;
  za: i32; zb: i32;
  /** SUM: for each operand 32-bit entries by stored int8 from -128 on, raised and scaled; 0 where operands are int16 and scaled one by one. */
  tableA: u32; tableB: u32; raise: i32; multiplierA: i32; shiftA: i32; multiplierB: i32; shiftB: i32;
  /** SUM: 1 or -1. */
  sign: i32;
  multiplier: i32; shift: i32; zeroPoint: i32; min: i32; max: i32;
}
/** PRODUCT: (a - za) * (b - zb). PRELU: a - za, times b - zb where it is negative, with factors `A` above and those of the output below. SHIFTS: both as stored, to
 * the right by `shiftA` and `shiftB` bits, then added. MAX, MIN: as stored. */
const SUM: i32 = 0, PRELU: i32 = 2, SHIFTS: i32 = 3, MAX: i32 = 4;

export function tflitePair(at: usize, part: i32, parts: i32): void {
  const c = changetype<Pair>(at);
  const blocks = (c.run + 7) >> 3;
  const begin = share(c.rows * blocks, part, parts), end = share(c.rows * blocks, part + 1, parts);
  let row = begin / blocks, block = begin - row * blocks;
  for (let unit = begin; unit < end; unit++) {
    const skip = <usize>block << 4, left = min(8, c.run - (block << 3));
    const a: usize = c.a + <usize>row * c.aStep + skip, b: usize = c.b + <usize>row * c.bStep + skip, y: usize = c.y + <usize>row * c.yStep + skip;
    if (c.form >= MAX) {
      const r = c.form === MAX ? i16x8.max_s(v128.load(a), v128.load(b)) : i16x8.min_s(v128.load(a), v128.load(b));
      put(y, r, left);
    } else for (let i: usize = 0, n = <usize>left << 1; i < n; i += 2) {
      store<i16>(y + i, <i16>min(max(one(c, load<i16>(a + i), load<i16>(b + i)) + c.zeroPoint, <i64>c.min), <i64>c.max));
    }
    if (++block === blocks) { block = 0; row++; }
  }
}
@inline function one(c: Pair, a: i32, b: i32): i64 {
  if (c.form === SUM) {
    if (c.tableA) {
      const sum = <i64>load<i32>(c.tableA + 512 + (<usize>a << 2)) + c.sign * <i64>load<i32>(c.tableB + 512 + (<usize>b << 2));
      return scaledTwice(sum, c.multiplier, c.shift);
    }
    const sum = scaledTwice(<i64>(a - c.za) << c.raise, c.multiplierA, c.shiftA) + c.sign * scaledTwice(<i64>(b - c.zb) << c.raise, c.multiplierB, c.shiftB);
    return scaledTwice(sum, c.multiplier, c.shift);
  }
  if (c.form === SHIFTS) return <i64>(nearest(a, c.shiftA) + c.sign * nearest(b, c.shiftB));
  const x = <i64>(a - c.za);
  return c.form === PRELU && x >= 0 ? scaledTwice(x, c.multiplierA, c.shiftA) : scaledTwice(x * (b - c.zb), c.multiplier, c.shift);
}

/** In the order of LAYOUTS.tfliteSoftmax. */
@unmanaged class Softmax {
  x: u32; y: u32;
  /** 32-bit entries: exp of the distance below the maximum as a fraction of 2^31, or -1 where it counts for nothing. */
  table: u32;
  rows: i32; length: i32;
  min: i32; max: i32;
}

/** The step from an exponential to its share of the sum. */
const SUM_BITS: i32 = 12;

export function tfliteSoftmax(at: usize, part: i32, parts: i32): void {
  const c = changetype<Softmax>(at);
  const bytes = <usize>c.length << 1;
  for (let row: usize = share(c.rows, part, parts), end: usize = share(c.rows, part + 1, parts); row < end; row++) {
    const x: usize = c.x + row * bytes, y: usize = c.y + row * bytes;
    const top = largest(x, bytes);
    let sum: u32 = 0;
    for (let i: usize = 0; i < bytes; i += 2) {
      const e = load<i32>(c.table + (<usize>(top - load<i16>(x + i)) << 2));
      if (e >= 0) sum += <u32>nearest(e, SUM_BITS);
    }
    const headroom = <i32>clz(sum);
    const s = <i64>reciprocal(<i32>((<i64>sum << headroom) - 0x80000000));
    for (let i: usize = 0; i < bytes; i += 2) {
      const e = load<i32>(c.table + (<usize>(top - load<i16>(x + i)) << 2));
      const q = e < 0 ? c.min : nearest(<i32>scaledTwice(s, e, 0), SUM_BITS - headroom + 23) + c.min;
      store<i16>(y + i, <i16>min(max(q, c.min), c.max));
    }
  }
}
/** round(x / 2^n), halves away from zero: `roundingShift` in core/ops/tflite/fixed-point.ts. */
@inline function nearest(x: i32, n: i32): i32 {
  const mask = n === 31 ? 0x7fffffff : (1 << n) - 1;
  return (x >> n) + i32((x & mask) > (mask >> 1) + i32(x < 0));
}
/** 1 / (1 + a) for a in [0, 1), both as fractions of 2^31, in three steps of Newton's. */
function reciprocal(a: i32): i32 {
  const half = (<i64>a + 0x80000000) >> 1;
  let x = 1515870810 + scaledTwice(half, -1010580540, 0);
  for (let i = 0; i < 3; i++) x += within32(scaledTwice(x, (<i64>1 << 29) - scaledTwice(half, x, 0), 0) << 2);
  return <i32>within32(x << 1);
}
@inline function within32(x: i64): i64 { return min(max(x, <i64>i32.MIN_VALUE), <i64>i32.MAX_VALUE); }

/** In the order of LAYOUTS.tfliteWideSoftmax. */
@unmanaged class WideSoftmax {
  x: u32; y: u32;
  /** 16-bit entries: exp of each distance below the maximum; 513 points of 1 / (1 + x). */
  powers: u32; reciprocals: u32;
  rows: i32; length: i32;
}

/** Softmax of int16, fractions of 15 bits. */
export function tfliteWideSoftmax(at: usize, part: i32, parts: i32): void {
  const c = changetype<WideSoftmax>(at);
  const bytes = <usize>c.length << 1;
  for (let row: usize = share(c.rows, part, parts), end: usize = share(c.rows, part + 1, parts); row < end; row++) {
    const x: usize = c.x + row * bytes, y: usize = c.y + row * bytes;
    const top = largest(x, bytes);
    let sum: u32 = 0;
    for (let i: usize = 0; i < bytes; i += 2) sum += load<i16>(c.powers + (<usize>(top - load<i16>(x + i)) << 1));
    const headroom = <i32>clz(sum), bits = 31 - headroom;
    const fraction = <i32>(((<i64>sum << (headroom - 1)) + (1 << 13)) >> 14) - (1 << 15) - (1 << 16);
    const s = onLine(c.reciprocals, min(max(fraction, -32768), 32767));
    for (let i: usize = 0; i < bytes; i += 2) {
      const e: i32 = load<i16>(c.powers + (<usize>(top - load<i16>(x + i)) << 1));
      store<i16>(y + i, <i16>min(max((e * s + (1 << (bits - 1))) >> bits, 0), 32767));
    }
  }
}
/** The value at q on the line between two of 513 points: `onLine` in core/ops/tflite/lookup.ts. */
@inline function onLine(points: usize, q: i32): i32 {
  const at = points + (<usize>(256 + (q >> 7)) << 1);
  const low: i32 = load<i16>(at), high: i32 = load<i16>(at, 2);
  return <i32><i16>(low + (((high - low) * (q & 0x7f) + 64) >> 7));
}
