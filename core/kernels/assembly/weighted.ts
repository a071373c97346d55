// What layers with weights share: their parameters, and the step from sums to outputs in its forms. Which form is exact for a layer is
// proved from its weights before it runs (core/execute/exact/weighted.ts).
import { add, doublesHigh, doublesLow, lowWords, MAGIC, narrow, put, scaledTwice, storePart, within } from './lanes';

/** In the order of LAYOUTS.convolution in ../instructions.ts. */
@unmanaged export class Convolution {
  /** MAGIC + zero point of the output. */
  magic: f64;
  x: u32; y: u32; weights: u32;
  /** Doubles (SINGLE: floats), 8 a tile: y = round(sum * scale + offset), clamped to [lower, upper] before that where the form asks for it. */
  scale: u32; offset: u32; lower: u32; upper: u32;
  /** 64-bit integers, 3 a channel, 8 channels a tile: bias, multiplier, shift. */
  wide: u32;
  batch: i32; inputH: i32; inputW: i32; channels: i32; outputH: i32; outputW: i32; outputs: i32;
  kernelH: i32; kernelW: i32; strideH: i32; strideW: i32; dilationH: i32; dilationW: i32; padTop: i32; padLeft: i32;
  groups: i32; groupChannels: i32; groupOutputs: i32; groupTiles: i32;
  /** Contiguous runs of the window, their length padded, and whether a run is a whole kernel row. */
  runs: i32; runLength: i32; merged: i32;
  /** Stored value outside the image; a row of it for depthwise. */
  fill: i32; fillRow: u32;
  form: i32; min: i32; max: i32;
  zeroPoint: i32;
  /** Pairs of k after which 32-bit sums are flushed to doubles; 0: never. */
  flushPairs: i32;
  /** Whether its pieces are ranges of pixels; else they are of channels, and `blockPixels` are all pixels. */
  byPixels: i32;
  single: i32; blockPixels: i32;
  /** 1 or 2. */
  weightBytes: i32;
  scratch: u32; scratchBytes: u32;
}

/** Forms. SHORT: the scaled sum is proved to fit 32 bits. CLAMPED: it is clamped as a double first. INT32: clamped, stored in 32 bits.
 * WIDE: 64-bit integers throughout. TWICE and ONCE: TensorFlow Lite's 31-bit multipliers, rounded so many times. SPLIT: its product of a sum of 48 bits
 * with 31 bits, made in two halves. SINGLE: as SHORT, and float32 is proved to hold all of it. */
const SHORT: i32 = 0, CLAMPED: i32 = 1, INT32: i32 = 2, TWICE: i32 = 4, ONCE: i32 = 5, SPLIT: i32 = 6;
export const SINGLE: i32 = 7;

/** 1.5 * 2^23 as float32, and its bits: adding it leaves the nearest integer in the bits above these. */
const MAGIC32: f32 = 12582912, MAGIC32_BITS: i32 = 0x4b400000;

/** Eight outputs from eight sums in the form SINGLE; `at` is the byte where their scales and offsets begin. */
@inline export function settled(c: Convolution, a: v128, b: v128, at: usize): v128 {
  const magic = f32x4.splat(MAGIC32 + <f32>c.zeroPoint), bits = i32x4.splat(MAGIC32_BITS);
  return narrow(
    i32x4.sub(f32x4.add(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a), v128.load(c.scale + at)), v128.load(c.offset + at)), magic), bits),
    i32x4.sub(f32x4.add(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(b), v128.load(c.scale + at, 16)), v128.load(c.offset + at, 16)), magic), bits),
    i16x8.splat(<i16>c.min), i16x8.splat(<i16>c.max));
}

/** Adds a tile's 32-bit sums to its doubles. */
export function flush(doubles: usize, sums: usize, count: i32): void {
  for (let i = 0; i < count << 1; i++) {
    const a = v128.load(sums);
    v128.store(doubles, f64x2.add(v128.load(doubles), doublesLow(a)));
    v128.store(doubles, f64x2.add(v128.load(doubles, 16), doublesHigh(a)), 16);
    sums += 16;
    doubles += 32;
  }
}

/** Outputs of `count` pixels for channel tile t. Sums are 8 a pixel, in doubles where `doubles` is given. */
export function finish(c: Convolution, t: i32, pixel: i32, count: i32, sums: usize, doubles: usize): void {
  const group = c.groups === 1 ? 0 : t / c.groupTiles;
  const channel = (t - group * c.groupTiles) << 3;
  const lanes = min(8, c.groupOutputs - channel);
  const size: usize = c.form === INT32 ? 4 : 2;
  const pixelBytes = <usize>c.outputs * size;
  let y = c.y + <usize>pixel * pixelBytes + <usize>(group * c.groupOutputs + channel) * size;
  if (c.form === SHORT && !doubles) return finishShort(c, t, count, sums, y, pixelBytes, lanes);
  if (c.form === SINGLE) {
    for (let i = 0; i < count; i++) {
      put(y, settled(c, v128.load(sums), v128.load(sums, 16), <usize>t << 5), lanes);
      sums += 32;
      y += pixelBytes;
    }
    return;
  }
  if (c.form > INT32) return finishWide(c, t, count, sums, doubles, y, pixelBytes, lanes);
  const at = <usize>t << 6;
  const magic = f64x2.splat(c.magic);
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let i = 0; i < count; i++) {
    let a0: v128, a1: v128, a2: v128, a3: v128;
    if (doubles) {
      a0 = v128.load(doubles); a1 = v128.load(doubles, 16); a2 = v128.load(doubles, 32); a3 = v128.load(doubles, 48);
      doubles += 64;
    } else {
      const s0 = v128.load(sums), s1 = v128.load(sums, 16);
      a0 = doublesLow(s0); a1 = doublesHigh(s0); a2 = doublesLow(s1); a3 = doublesHigh(s1);
      sums += 32;
    }
    const r0 = lowWords(rounded(c, a0, at, magic), rounded(c, a1, at + 16, magic));
    const r1 = lowWords(rounded(c, a2, at + 32, magic), rounded(c, a3, at + 48, magic));
    if (c.form === INT32) {
      if (lanes === 8) { v128.store(y, r0); v128.store(y, r1, 16); }
      else {
        storePart(y, r0, <usize>min(4, lanes) << 2);
        if (lanes > 4) storePart(y + 16, r1, <usize>(lanes - 4) << 2);
      }
    } else put(y, narrow(r0, r1, low, high), lanes);
    y += pixelBytes;
  }
}

@inline function rounded(c: Convolution, sum: v128, at: usize, magic: v128): v128 {
  const scaled = f64x2.add(f64x2.mul(sum, v128.load(c.scale + at)), v128.load(c.offset + at));
  return f64x2.add(within(scaled, v128.load(c.lower + at), v128.load(c.upper + at)), magic);
}

function finishShort(c: Convolution, t: i32, count: i32, sums: usize, y: usize, pixelBytes: usize, lanes: i32): void {
  const scale = c.scale + (<usize>t << 6), offset = c.offset + (<usize>t << 6);
  const s0 = v128.load(scale), s1 = v128.load(scale, 16), s2 = v128.load(scale, 32), s3 = v128.load(scale, 48);
  const o0 = v128.load(offset), o1 = v128.load(offset, 16), o2 = v128.load(offset, 32), o3 = v128.load(offset, 48);
  const magic = f64x2.splat(c.magic);
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let i = 0; i < count; i++) {
    const a = v128.load(sums), b = v128.load(sums, 16);
    const r0 = lowWords(
      f64x2.add(f64x2.add(f64x2.mul(doublesLow(a), s0), o0), magic),
      f64x2.add(f64x2.add(f64x2.mul(doublesHigh(a), s1), o1), magic));
    const r1 = lowWords(
      f64x2.add(f64x2.add(f64x2.mul(doublesLow(b), s2), o2), magic),
      f64x2.add(f64x2.add(f64x2.mul(doublesHigh(b), s3), o3), magic));
    put(y, narrow(r0, r1, low, high), lanes);
    sums += 32;
    y += pixelBytes;
  }
}

/** y = clamp(rshr((sum + bias) * multiplier, shift) + zero point) in 64-bit integers, lane by lane; or rounded as TensorFlow Lite does. */
function finishWide(c: Convolution, t: i32, count: i32, sums: usize, doubles: usize, y: usize, pixelBytes: usize, lanes: i32): void {
  const low = <i64>c.min, high = <i64>c.max;
  for (let i = 0; i < count; i++) {
    let at: usize = c.wide + <usize>t * 192;
    for (let lane: usize = 0; lane < <usize>lanes; lane++) {
      const s = doubles ? <i64>load<f64>(doubles + (lane << 3)) : <i64>load<i32>(sums + (lane << 2));
      const n = load<i64>(at, 16), sum = s + load<i64>(at), m = load<i64>(at, 8);
      let r: i64;
      if (c.form === TWICE) r = scaledTwice(sum, m, n);
      else if (c.form === ONCE) r = (sum * m + (<i64>1 << (30 - n))) >> (31 - n);
      else if (c.form === SPLIT) r = ((sum >> 16) * m + (((sum & 0xffff) * m + (<i64>1 << (n - 1))) >> 16)) >> (n - 16);
      else r = n > 0 ? (sum * m + (<i64>1 << (n - 1))) >> n : (sum * m) << -n;
      store<i16>(y + (lane << 1), <i16>min(max(r + c.zeroPoint, low), high));
      at += 24;
    }
    if (doubles) doubles += 64; else sums += 32;
    y += pixelBytes;
  }
}
