// Max and average pooling over windows of [batch, H, W, C]; dilated for max alone. Padding is left out of the window; blocks of 8 channels are dealt out.
import { add, doublesHigh, doublesLow, lowWords, MAGIC, narrow, put, rounded, share } from './lanes';

/** In the order of LAYOUTS.maxPool, averagePool and tfliteAveragePool. */
@unmanaged class Pool {
  lower: f64; upper: f64; magic: f64;
  x: u32; y: u32;
  batch: i32; inputH: i32; inputW: i32; channels: i32; outputH: i32; outputW: i32;
  kernelH: i32; kernelW: i32; strideH: i32; strideW: i32; dilationH: i32; dilationW: i32; padTop: i32; padLeft: i32;
  /** Average: doubles, [scale, offset] for each number of values that a window may hold. */
  steps: u32;
  /** Average: count the padding too. TensorFlow Lite's: halves go up, not away from zero. */
  whole: i32;
  min: i32; max: i32;
}

/** The window of one output pixel, padding cut off. */
let top: i32 = 0, bottom: i32 = 0, left: i32 = 0, right: i32 = 0, image: i32 = 0;
@inline function window(c: Pool, pixel: i32): void {
  const size = c.outputH * c.outputW;
  image = pixel / size;
  const rest = pixel - image * size;
  const oy = rest / c.outputW, ox = rest - oy * c.outputW;
  const y = oy * c.strideH - c.padTop, x = ox * c.strideW - c.padLeft;
  top = y < 0 ? y + (c.dilationH - 1 - y) / c.dilationH * c.dilationH : y;
  left = x < 0 ? x + (c.dilationW - 1 - x) / c.dilationW * c.dilationW : x;
  bottom = min(y + c.kernelH * c.dilationH, c.inputH);
  right = min(x + c.kernelW * c.dilationW, c.inputW);
}

export function maxPool(at: usize, part: i32, parts: i32): void {
  const c = changetype<Pool>(at);
  const blocks = (c.channels + 7) >> 3, pixelBytes = <usize>c.channels << 1;
  const units = c.batch * c.outputH * c.outputW * blocks;
  for (let unit = share(units, part, parts), end = share(units, part + 1, parts); unit < end; unit++) {
    const pixel = unit / blocks, block = unit - pixel * blocks;
    window(c, pixel);
    let m = i16x8.splat(<i16>c.min);
    for (let y = top; y < bottom; y += c.dilationH) {
      let from: usize = c.x + <usize>((image * c.inputH + y) * c.inputW + left) * pixelBytes + (<usize>block << 4);
      for (let x = left; x < right; x += c.dilationW) { m = i16x8.max_s(m, v128.load(from)); from += pixelBytes * c.dilationW; }
    }
    put(c.y + <usize>pixel * pixelBytes + (<usize>block << 4), m, c.channels - (block << 3));
  }
}

/** Sums of 8 channels over the window. */
let sumLow = i32x4.splat(0), sumHigh = i32x4.splat(0);
@inline function add8(c: Pool, x: usize): void {
  const pixelBytes = <usize>c.channels << 1;
  let a0 = i32x4.splat(0), a1 = a0;
  for (let y = top; y < bottom; y++) {
    let from: usize = x + <usize>((image * c.inputH + y) * c.inputW + left) * pixelBytes;
    for (let x = left; x < right; x++) {
      const v = v128.load(from);
      a0 = add(a0, i32x4.extend_low_i16x8_s(v)); a1 = add(a1, i32x4.extend_high_i16x8_s(v));
      from += pixelBytes;
    }
  }
  sumLow = a0;
  sumHigh = a1;
}

export function averagePool(at: usize, part: i32, parts: i32): void {
  const c = changetype<Pool>(at);
  const blocks = (c.channels + 7) >> 3, pixelBytes = <usize>c.channels << 1;
  const units = c.batch * c.outputH * c.outputW * blocks;
  const lower = f64x2.splat(c.lower), upper = f64x2.splat(c.upper), magic = f64x2.splat(c.magic), low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let unit = share(units, part, parts), end = share(units, part + 1, parts); unit < end; unit++) {
    const pixel = unit / blocks, block = unit - pixel * blocks;
    window(c, pixel);
    add8(c, c.x + (<usize>block << 4));
    // The offset takes the zero point of each value in the window with it.
    const step: usize = c.steps + (<usize>((bottom - top) * (right - left) - 1) << 4);
    const scale = v128.load64_splat(step), offset = v128.load64_splat(step, 8);
    const r0 = lowWords(rounded(doublesLow(sumLow), scale, offset, lower, upper, magic), rounded(doublesHigh(sumLow), scale, offset, lower, upper, magic));
    const r1 = lowWords(rounded(doublesLow(sumHigh), scale, offset, lower, upper, magic), rounded(doublesHigh(sumHigh), scale, offset, lower, upper, magic));
    put(c.y + <usize>pixel * pixelBytes + (<usize>block << 4), narrow(r0, r1, low, high), c.channels - (block << 3));
  }
}

/** The stored integers' own sum, divided: no scale changes. */
export function tfliteAveragePool(at: usize, part: i32, parts: i32): void {
  const c = changetype<Pool>(at);
  const blocks = (c.channels + 7) >> 3, pixelBytes = <usize>c.channels << 1;
  const units = c.batch * c.outputH * c.outputW * blocks;
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let unit = share(units, part, parts), end = share(units, part + 1, parts); unit < end; unit++) {
    const pixel = unit / blocks, block = unit - pixel * blocks;
    window(c, pixel);
    add8(c, c.x + (<usize>block << 4));
    const count = (bottom - top) * (right - left);
    const r0 = lowWords(divided(c, doublesLow(sumLow), count), divided(c, doublesHigh(sumLow), count));
    const r1 = lowWords(divided(c, doublesLow(sumHigh), count), divided(c, doublesHigh(sumHigh), count));
    put(c.y + <usize>pixel * pixelBytes + (<usize>block << 4), narrow(r0, r1, low, high), c.channels - (block << 3));
  }
}
@inline function divided(c: Pool, sum: v128, count: i32): v128 {
  const half = f64x2.splat(<f64>(count >> 1)), n = f64x2.splat(<f64>count), magic = f64x2.splat(MAGIC);
  if (c.whole) return f64x2.add(f64x2.floor(f64x2.div(f64x2.add(sum, half), n)), magic);
  const sign = v128.and(sum, f64x2.splat(-0.0));
  return f64x2.add(v128.or(f64x2.floor(f64x2.div(f64x2.add(f64x2.abs(sum), half), n)), sign), magic);
}
