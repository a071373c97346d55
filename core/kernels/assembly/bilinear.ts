// Bilinear resizing: every output pixel of four, each row and column with two neighbours and what they weigh.
import { add, dot, doublesHigh, doublesLow, lowWords, narrow, put, rounded, share, zipHigh, zipLow } from './lanes';

/** In the order of LAYOUTS.bilinear. */
@unmanaged class Bilinear {
  scale: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  x: u32; y: u32;
  /** For each row and column of the output four 32-bit words: bytes from the image's, or the row's, beginning to both neighbours, and both weights. */
  down: u32; across: u32;
  batch: i32; imageBytes: i32; rows: i32; columns: i32; channels: i32;
  form: i32;
  /** WIDE: what is added to the sum times the multiplier, in two halves; then the shift. */
  constantLow: u32; constantHigh: i32; multiplier: i32; shift: i32; zeroPoint: i32;
  min: i32; max: i32;
}
/** ROUNDED: y = round(sum * scale + offset), weights in 2^14ths. WIDE: the same in 64-bit integers. SIGNED: TensorFlow Lite's int8, weights in 1024ths, halves away
 * from zero. UNSIGNED: its uint8, in float32. SIGNED_WIDE: its int16. */
const WIDE: i32 = 1, SIGNED: i32 = 2, UNSIGNED: i32 = 3, SIGNED_WIDE: i32 = 4;

export function bilinear(at: usize, part: i32, parts: i32): void {
  const c = changetype<Bilinear>(at);
  const pixels = c.batch * c.rows * c.columns, image = c.rows * c.columns;
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let pixel = share(pixels, part, parts), end = share(pixels, part + 1, parts); pixel < end; pixel++) {
    const b = pixel / image, rest = pixel - b * image, row = rest / c.columns;
    const r: usize = c.down + (<usize>row << 4), k: usize = c.across + (<usize>(rest - row * c.columns) << 4);
    const top: usize = c.x + <usize>b * c.imageBytes + load<u32>(r), bottom: usize = c.x + <usize>b * c.imageBytes + load<u32>(r, 4);
    const left = load<u32>(k), right = load<u32>(k, 4);
    let y: usize = c.y + (<usize>pixel * c.channels << 1);
    if (c.form === WIDE || c.form === SIGNED_WIDE) { wide(c, top, bottom, left, right, load<i32>(r, 8), load<i32>(r, 12), load<i32>(k, 8), load<i32>(k, 12), y); continue; }
    for (let channel = 0; channel < c.channels; channel += 8) {
      const skip = <usize>channel << 1;
      const x00 = v128.load(top + left + skip), x01 = v128.load(top + right + skip), x10 = v128.load(bottom + left + skip), x11 = v128.load(bottom + right + skip);
      let q: v128;
      if (c.form === UNSIGNED) q = unsigned(x00, x01, x10, x11, r, k);
      else {
        const w = i32x4.splat((load<i32>(k, 8) & 0xffff) | (load<i32>(k, 12) << 16));
        const a0 = dot(zipLow(x00, x01), w), a1 = dot(zipHigh(x00, x01), w), b0 = dot(zipLow(x10, x11), w), b1 = dot(zipHigh(x10, x11), w);
        q = c.form === SIGNED ? signed(a0, a1, b0, b1, r) : between(c, a0, a1, b0, b1, r);
      }
      q = i16x8.max_s(i16x8.min_s(q, high), low);
      put(y + skip, q, c.channels - channel);
    }
  }
}

@inline function between(c: Bilinear, a0: v128, a1: v128, b0: v128, b1: v128, r: usize): v128 {
  const p = f64x2.splat(<f64>load<i32>(r, 8)), q = f64x2.splat(<f64>load<i32>(r, 12));
  const r0 = lowWords(settle(c, doublesLow(a0), doublesLow(b0), p, q), settle(c, doublesHigh(a0), doublesHigh(b0), p, q));
  const r1 = lowWords(settle(c, doublesLow(a1), doublesLow(b1), p, q), settle(c, doublesHigh(a1), doublesHigh(b1), p, q));
  return i16x8.narrow_i32x4_s(r0, r1);
}
@inline function settle(c: Bilinear, a: v128, b: v128, p: v128, q: v128): v128 {
  const sum = f64x2.add(f64x2.mul(a, p), f64x2.mul(b, q));
  return rounded(sum, f64x2.splat(c.scale), f64x2.splat(c.offset), f64x2.splat(c.lower), f64x2.splat(c.upper), f64x2.splat(c.magic));
}

@inline function signed(a0: v128, a1: v128, b0: v128, b1: v128, r: usize): v128 {
  const p = i32x4.splat(load<i32>(r, 8)), q = i32x4.splat(load<i32>(r, 12));
  return i16x8.narrow_i32x4_s(away(add(i32x4.mul(a0, p), i32x4.mul(b0, q))), away(add(i32x4.mul(a1, p), i32x4.mul(b1, q))));
}
/** sum / 2^20, halves away from zero. */
@inline function away(sum: v128): v128 {
  const negative = i32x4.shr_s(sum, 31);
  const size = i32x4.sub(v128.xor(sum, negative), negative);
  return i32x4.sub(v128.xor(i32x4.shr_s(add(size, i32x4.splat(1 << 19)), 20), negative), negative);
}

function unsigned(x00: v128, x01: v128, x10: v128, x11: v128, r: usize, k: usize): v128 {
  const p0 = v128.load32_splat(r, 8), p1 = v128.load32_splat(r, 12), q0 = v128.load32_splat(k, 8), q1 = v128.load32_splat(k, 12);
  const r0 = half(i32x4.extend_low_i16x8_s(x00), i32x4.extend_low_i16x8_s(x01), i32x4.extend_low_i16x8_s(x10), i32x4.extend_low_i16x8_s(x11), p0, p1, q0, q1);
  const r1 = half(i32x4.extend_high_i16x8_s(x00), i32x4.extend_high_i16x8_s(x01), i32x4.extend_high_i16x8_s(x10), i32x4.extend_high_i16x8_s(x11), p0, p1, q0, q1);
  return i16x8.narrow_i32x4_s(r0, r1);
}
/** Four corners one after the other, as they are added up there; the sum and a half is cut. */
@inline function half(x00: v128, x01: v128, x10: v128, x11: v128, p0: v128, p1: v128, q0: v128, q1: v128): v128 {
  let sum = corner(x00, p0, q0);
  sum = f32x4.add(sum, corner(x10, p1, q0));
  sum = f32x4.add(sum, corner(x01, p0, q1));
  sum = f32x4.add(sum, corner(x11, p1, q1));
  return i32x4.sub(i32x4.trunc_sat_f32x4_s(f32x4.add(sum, f32x4.splat(0.5))), i32x4.splat(128));
}
@inline function corner(x: v128, p: v128, q: v128): v128 {
  return f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(add(x, i32x4.splat(128))), p), q);
}

function wide(c: Bilinear, top: usize, bottom: usize, left: usize, right: usize, p: i64, q: i64, u: i32, w: i32, y: usize): void {
  const constant = (<i64>c.constantHigh << 32) | <i64>c.constantLow;
  const m = <i64>c.multiplier, low = <i64>c.min, high = <i64>c.max, down = <i64>max(c.shift, 0), up = <i64>max(-c.shift, 0);
  for (let i: usize = 0, n = <usize>c.channels << 1; i < n; i += 2) {
    const above = load<i16>(top + left + i) * u + load<i16>(top + right + i) * w;
    const below = load<i16>(bottom + left + i) * u + load<i16>(bottom + right + i) * w;
    const sum = <i64>above * p + <i64>below * q;
    const r = c.form === WIDE ? ((sum * m + constant) << up >> down) + c.zeroPoint : sum < 0 ? -((-sum + (1 << 19)) >> 20) : (sum + (1 << 19)) >> 20;
    store<i16>(y + i, <i16>min(max(r, low), high));
  }
}
