// Elementwise integers: y = round(a * ka + b * kb + offset), products of two activations, tables. Rows of `run` elements, so that an operand
// may repeat along the last dimensions; blocks of 8 elements are dealt out to the threads.
import { add, dot, doublesHigh, doublesLow, lowWords, narrow, put, share, within, zipHigh, zipLow } from './lanes';

/** In the order of LAYOUTS.affine. */
@unmanaged class Affine {
  ka: f64; kb: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  a: u32; b: u32; y: u32;
  rows: i32; run: i32;
  /** Bytes from one row to the next; 0 repeats the row. */
  aStep: i32; bStep: i32; yStep: i32;
  min: i32; max: i32;
}

/** In doubles: exact for every multiplier and shift that the operators have. */
export function affine(at: usize, part: i32, parts: i32): void {
  const c = changetype<Affine>(at);
  const ka = f64x2.splat(c.ka), kb = f64x2.splat(c.kb), offset = f64x2.splat(c.offset), magic = f64x2.splat(c.magic);
  const lower = f64x2.splat(c.lower), upper = f64x2.splat(c.upper), low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  const blocks = (c.run + 7) >> 3;
  const begin = share(c.rows * blocks, part, parts), end = share(c.rows * blocks, part + 1, parts);
  let row = begin / blocks, block = begin - row * blocks;
  for (let unit = begin; unit < end; unit++) {
    const skip = <usize>block << 4;
    const a = v128.load(c.a + <usize>row * c.aStep + skip), b = v128.load(c.b + <usize>row * c.bStep + skip);
    const a0 = i32x4.extend_low_i16x8_s(a), a1 = i32x4.extend_high_i16x8_s(a), b0 = i32x4.extend_low_i16x8_s(b), b1 = i32x4.extend_high_i16x8_s(b);
    const r0 = lowWords(
      blend(doublesLow(a0), doublesLow(b0), ka, kb, offset, lower, upper, magic),
      blend(doublesHigh(a0), doublesHigh(b0), ka, kb, offset, lower, upper, magic));
    const r1 = lowWords(
      blend(doublesLow(a1), doublesLow(b1), ka, kb, offset, lower, upper, magic),
      blend(doublesHigh(a1), doublesHigh(b1), ka, kb, offset, lower, upper, magic));
    put(c.y + <usize>row * c.yStep + skip, narrow(r0, r1, low, high), c.run - (block << 3));
    if (++block === blocks) { block = 0; row++; }
  }
}
@inline function blend(a: v128, b: v128, ka: v128, kb: v128, offset: v128, lower: v128, upper: v128, magic: v128): v128 {
  return f64x2.add(within(f64x2.add(f64x2.add(f64x2.mul(a, ka), f64x2.mul(b, kb)), offset), lower, upper), magic);
}

/** In the order of LAYOUTS.blend. */
@unmanaged class Blend {
  a: u32; b: u32; y: u32;
  rows: i32; run: i32; aStep: i32; bStep: i32; yStep: i32;
  ma: i32; mb: i32;
  /** Half a step, zero points and all; the sum is proved to stay below 2^31. */
  round: i32; shift: i32;
  min: i32; max: i32;
}

/** {@link affine} in 32-bit integers, where their width is proved: 8-bit operands. */
export function blend32(at: usize, part: i32, parts: i32): void {
  const c = changetype<Blend>(at);
  const m = i32x4.splat((c.ma & 0xffff) | (c.mb << 16)), round = i32x4.splat(c.round), shift = c.shift;
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  const blocks = (c.run + 7) >> 3;
  const begin = share(c.rows * blocks, part, parts), end = share(c.rows * blocks, part + 1, parts);
  let row = begin / blocks, block = begin - row * blocks;
  for (let unit = begin; unit < end; unit++) {
    const skip = <usize>block << 4;
    const a = v128.load(c.a + <usize>row * c.aStep + skip), b = v128.load(c.b + <usize>row * c.bStep + skip);
    const r0 = i32x4.shr_s(add(dot(zipLow(a, b), m), round), shift), r1 = i32x4.shr_s(add(dot(zipHigh(a, b), m), round), shift);
    put(c.y + <usize>row * c.yStep + skip, narrow(r0, r1, low, high), c.run - (block << 3));
    if (++block === blocks) { block = 0; row++; }
  }
}

/** In the order of LAYOUTS.product. */
@unmanaged class Product {
  scale: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  a: u32; b: u32; y: u32;
  rows: i32; run: i32; aStep: i32; bStep: i32; yStep: i32;
  za: i32; zb: i32; min: i32; max: i32;
}

/** y = round((a - za) * (b - zb) * scale): the product has at most 32 bits and the multiplier 15, so doubles are exact. */
export function product(at: usize, part: i32, parts: i32): void {
  const c = changetype<Product>(at);
  const scale = f64x2.splat(c.scale), offset = f64x2.splat(c.offset), magic = f64x2.splat(c.magic), za = i32x4.splat(c.za), zb = i32x4.splat(c.zb);
  const lower = f64x2.splat(c.lower), upper = f64x2.splat(c.upper), low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  const blocks = (c.run + 7) >> 3;
  const begin = share(c.rows * blocks, part, parts), end = share(c.rows * blocks, part + 1, parts);
  let row = begin / blocks, block = begin - row * blocks;
  for (let unit = begin; unit < end; unit++) {
    const skip = <usize>block << 4;
    const a = v128.load(c.a + <usize>row * c.aStep + skip), b = v128.load(c.b + <usize>row * c.bStep + skip);
    const a0 = i32x4.sub(i32x4.extend_low_i16x8_s(a), za), a1 = i32x4.sub(i32x4.extend_high_i16x8_s(a), za);
    const b0 = i32x4.sub(i32x4.extend_low_i16x8_s(b), zb), b1 = i32x4.sub(i32x4.extend_high_i16x8_s(b), zb);
    const r0 = lowWords(
      scaled(doublesLow(a0), doublesLow(b0), scale, offset, lower, upper, magic),
      scaled(doublesHigh(a0), doublesHigh(b0), scale, offset, lower, upper, magic));
    const r1 = lowWords(
      scaled(doublesLow(a1), doublesLow(b1), scale, offset, lower, upper, magic),
      scaled(doublesHigh(a1), doublesHigh(b1), scale, offset, lower, upper, magic));
    put(c.y + <usize>row * c.yStep + skip, narrow(r0, r1, low, high), c.run - (block << 3));
    if (++block === blocks) { block = 0; row++; }
  }
}
@inline function scaled(a: v128, b: v128, scale: v128, offset: v128, lower: v128, upper: v128, magic: v128): v128 {
  return f64x2.add(within(f64x2.add(f64x2.mul(f64x2.mul(a, b), scale), offset), lower, upper), magic);
}

/** In the order of LAYOUTS.table. */
@unmanaged class Table {
  x: u32; y: u32; table: u32;
  count: i32;
  /** Stored integer of the table's first entry. */
  first: i32;
}

export function table(at: usize, part: i32, parts: i32): void {
  const c = changetype<Table>(at);
  const origin: usize = c.table - (<usize>c.first << 1);
  for (let i: usize = share(c.count, part, parts), end: usize = share(c.count, part + 1, parts); i < end; i++) {
    store<i16>(c.y + (i << 1), load<i16>(origin + (<usize>load<i16>(c.x + (i << 1)) << 1)));
  }
}

/** In the order of LAYOUTS.slope. */
@unmanaged class Slope {
  scale: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  x: u32; y: u32;
  /** Doubles for each element of a row, padded to 8: factor and half a step below zero. */
  scales: u32; offsets: u32;
  rows: i32; run: i32;
  zero: i32; min: i32; max: i32;
}

/** y = round((x - zero) * scale + offset), with factors of its own for each element of a row where x - zero is negative. */
export function slope(at: usize, part: i32, parts: i32): void {
  const c = changetype<Slope>(at);
  const zero = i32x4.splat(c.zero), low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  const blocks = (c.run + 7) >> 3;
  const begin = share(c.rows * blocks, part, parts), end = share(c.rows * blocks, part + 1, parts);
  let row = begin / blocks, block = begin - row * blocks;
  for (let unit = begin; unit < end; unit++) {
    const skip = (<usize>row * c.run << 1) + (<usize>block << 4), k = <usize>block << 6;
    const v = v128.load(c.x + skip), a = i32x4.sub(i32x4.extend_low_i16x8_s(v), zero), b = i32x4.sub(i32x4.extend_high_i16x8_s(v), zero);
    const r0 = lowWords(sloped(c, doublesLow(a), k), sloped(c, doublesHigh(a), k + 16));
    const r1 = lowWords(sloped(c, doublesLow(b), k + 32), sloped(c, doublesHigh(b), k + 48));
    put(c.y + skip, narrow(r0, r1, low, high), c.run - (block << 3));
    if (++block === blocks) { block = 0; row++; }
  }
}
@inline function sloped(c: Slope, d: v128, k: usize): v128 {
  const below = f64x2.lt(d, f64x2.splat(0));
  const scale = v128.bitselect(v128.load(c.scales + k), f64x2.splat(c.scale), below), offset = v128.bitselect(v128.load(c.offsets + k), f64x2.splat(c.offset), below);
  return f64x2.add(within(f64x2.add(f64x2.mul(d, scale), offset), f64x2.splat(c.lower), f64x2.splat(c.upper)), f64x2.splat(c.magic));
}
