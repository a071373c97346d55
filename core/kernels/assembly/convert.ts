// Between float32 and stored integers: docs/numerics.md section 1, in doubles as the reference has it.
import { lowWords, MAGIC, narrow, put, share, storePart, within } from './lanes';

/** In the order of LAYOUTS.quantize. */
@unmanaged class Quantize {
  scale: f64;
  x: u32; y: u32;
  count: i32; zeroPoint: i32; min: i32; max: i32;
  /** Set to 1 where an element is NaN or infinite. */
  bad: u32;
  /** Halves away from zero and the quotient in float32, as TensorFlow Lite has it. */
  away: i32;
}

export function quantize(at: usize, part: i32, parts: i32): void {
  const c = changetype<Quantize>(at);
  const scale = f64x2.splat(c.scale), zero = f64x2.splat(<f64>c.zeroPoint), magic = f64x2.splat(MAGIC);
  const low = f64x2.splat(<f64>c.min), high = f64x2.splat(<f64>c.max), l16 = i16x8.splat(<i16>c.min), h16 = i16x8.splat(<i16>c.max);
  const blocks = (c.count + 7) >> 3;
  let wrong = i32x4.splat(0);
  for (let block = share(blocks, part, parts), end = share(blocks, part + 1, parts); block < end; block++) {
    const from: usize = c.x + (<usize>block << 5), to: usize = c.y + (<usize>block << 4);
    const left = c.count - (block << 3);
    const a = v128.load(from), b = v128.load(from, 16);
    wrong = v128.or(wrong, noNumbers(a, b, from, left));
    let r0: v128, r1: v128;
    if (c.away) {
      const step = f32x4.splat(<f32>c.scale), p = f32x4.div(a, step), q = f32x4.div(b, step);
      r0 = lowWords(f64x2.add(away(p, zero, low, high), magic), f64x2.add(away(upper(p), zero, low, high), magic));
      r1 = lowWords(f64x2.add(away(q, zero, low, high), magic), f64x2.add(away(upper(q), zero, low, high), magic));
    } else {
      r0 = fourStored(a, scale, zero, low, high, magic);
      r1 = fourStored(b, scale, zero, low, high, magic);
    }
    put(to, narrow(r0, r1, l16, h16), left);
  }
  if (v128.any_true(wrong)) atomic.store<i32>(c.bad, 1);
}
@inline function upper(a: v128): v128 { return i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15); }
/** Not 0 where one of eight values is NaN or infinite; of fewer that are left, they are looked at one by one. */
@inline function noNumbers(a: v128, b: v128, from: usize, left: i32): v128 {
  let wrong = i32x4.splat(0);
  // x - x is 0 for numbers alone.
  if (left >= 8) wrong = v128.or(f32x4.ne(f32x4.sub(a, a), f32x4.splat(0)), f32x4.ne(f32x4.sub(b, b), f32x4.splat(0)));
  else for (let i = 0; i < left; i++) { const v = load<f32>(from + (<usize>i << 2)); if (v - v !== 0) wrong = i32x4.splat(-1); }
  return wrong;
}
@inline function fourStored(a: v128, scale: v128, zero: v128, low: v128, high: v128, magic: v128): v128 {
  return lowWords(f64x2.add(stored(a, scale, zero, low, high), magic), f64x2.add(stored(upper(a), scale, zero, low, high), magic));
}
/** Halves to even, as rint. */
@inline function stored(a: v128, scale: v128, zero: v128, low: v128, high: v128): v128 {
  return within(f64x2.add(f64x2.nearest(f64x2.div(f64x2.promote_low_f32x4(a), scale)), zero), low, high);
}
/** Halves away from zero; the quotient is an f32. */
@inline function away(quotient: v128, zero: v128, low: v128, high: v128): v128 {
  const steps = f64x2.promote_low_f32x4(quotient);
  const size = f64x2.floor(f64x2.add(f64x2.abs(steps), f64x2.splat(0.5)));
  return within(f64x2.add(v128.or(size, v128.and(steps, f64x2.splat(-0.0))), zero), low, high);
}

/** In the order of LAYOUTS.quantizeStored. */
@unmanaged class QuantizeStored {
  scale: f64;
  x: u32; y: u32;
  count: i32; zeroPoint: i32; min: i32; max: i32;
  /** Bytes of a stored integer: 1 or 2. */
  width: i32;
  /** Set to 1 where an element is NaN or infinite. */
  bad: u32;
}

/** The same to integers of the width in which they are stored. */
export function quantizeStored(at: usize, part: i32, parts: i32): void {
  const c = changetype<QuantizeStored>(at);
  const scale = f64x2.splat(c.scale), zero = f64x2.splat(<f64>c.zeroPoint), magic = f64x2.splat(MAGIC);
  const low = f64x2.splat(<f64>c.min), high = f64x2.splat(<f64>c.max), l16 = i16x8.splat(<i16>c.min), h16 = i16x8.splat(<i16>c.max);
  const blocks = (c.count + 7) >> 3, step = <usize>c.width << 3;
  let wrong = i32x4.splat(0);
  for (let block = share(blocks, part, parts), end = share(blocks, part + 1, parts); block < end; block++) {
    const from: usize = c.x + (<usize>block << 5), to: usize = c.y + <usize>block * step;
    const left = c.count - (block << 3);
    const a = v128.load(from), b = v128.load(from, 16);
    wrong = v128.or(wrong, noNumbers(a, b, from, left));
    const words = narrow(fourStored(a, scale, zero, low, high, magic), fourStored(b, scale, zero, low, high, magic), l16, h16);
    const value = c.width === 1 ? i8x16.narrow_i16x8_s(words, words) : words;
    if (left < 8) storePart(to, value, <usize>left * <usize>c.width);
    else if (c.width === 1) v128.store64_lane(to, value, 0);
    else v128.store(to, value);
  }
  if (v128.any_true(wrong)) atomic.store<i32>(c.bad, 1);
}

/** In the order of LAYOUTS.dequantize. */
@unmanaged class Dequantize {
  x: u32; y: u32;
  /** Doubles, one a channel of the last dimension. */
  scales: u32;
  channels: i32; count: i32; zeroPoint: i32;
  /** Bytes of a stored integer: 2 or 4. */
  width: i32;
}

export function dequantize(at: usize, part: i32, parts: i32): void {
  const c = changetype<Dequantize>(at);
  const begin = share(c.count, part, parts), end = share(c.count, part + 1, parts);
  let channel = begin % c.channels;
  for (let i: usize = begin; i < <usize>end; i++) {
    const q = c.width === 2 ? <i32>load<i16>(c.x + (i << 1)) : load<i32>(c.x + (i << 2));
    store<f32>(c.y + (i << 2), <f32>(load<f64>(c.scales + (<usize>channel << 3)) * <f64>(<i64>q - c.zeroPoint)));
    if (++channel === c.channels) channel = 0;
  }
}
