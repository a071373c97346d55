// Reductions of [outer, length, inner] over its middle: sums with requantization, the largest, the smallest, and where they lie. Columns are taken 8 at a time;
// rows that lie in one piece have a loop of their own.
import { add, dot, doublesHigh, doublesLow, lowWords, narrow, put, rounded, scaledTwice, share } from './lanes';

/** In the order of LAYOUTS.reduce. */
@unmanaged class Reduce {
  scale: f64; offset: f64; lower: f64; upper: f64; magic: f64;
  x: u32; y: u32;
  outer: i32; length: i32; inner: i32;
  form: i32;
  /** So many values add up within 32 bits; then they go to doubles. */
  piece: i32;
  /** TWICE: what the input's zero point adds to a sum. */
  zeros: i32; multiplier: i32; shift: i32; zeroPoint: i32;
  min: i32; max: i32;
}
/** ROUNDED: y = round(sum * scale + offset). TWICE: TensorFlow Lite's multiplier. MAX, MIN: the integers themselves. */
const TWICE: i32 = 1, MAX: i32 = 2, MIN: i32 = 3;

export function reduce(at: usize, part: i32, parts: i32): void {
  const c = changetype<Reduce>(at);
  if (c.inner === 1) return reduceRows(c, part, parts);
  const blocks = (c.inner + 7) >> 3, step = <usize>c.inner << 1;
  for (let unit = share(c.outer * blocks, part, parts), end = share(c.outer * blocks, part + 1, parts); unit < end; unit++) {
    const o = unit / blocks, block = unit - o * blocks;
    const from: usize = c.x + <usize>o * c.length * step + (<usize>block << 4);
    const r = c.form >= MAX ? extremes(c, from, step) : sums(c, from, step);
    const to: usize = c.y + <usize>o * step + (<usize>block << 4), left = c.inner - (block << 3);
    put(to, r, left);
  }
}

function extremes(c: Reduce, from: usize, step: usize): v128 {
  let r = v128.load(from);
  const end = from + <usize>c.length * step;
  if (c.form === MAX) for (; from < end; from += step) r = i16x8.max_s(r, v128.load(from));
  else for (; from < end; from += step) r = i16x8.min_s(r, v128.load(from));
  return r;
}

function sums(c: Reduce, from: usize, step: usize): v128 {
  let d0 = f64x2.splat(0), d1 = d0, d2 = d0, d3 = d0;
  for (let i = 0; i < c.length; i += c.piece) {
    let a0 = i32x4.splat(0), a1 = a0;
    for (const end = from + <usize>min(c.piece, c.length - i) * step; from < end; from += step) {
      const v = v128.load(from);
      a0 = add(a0, i32x4.extend_low_i16x8_s(v)); a1 = add(a1, i32x4.extend_high_i16x8_s(v));
    }
    d0 = f64x2.add(d0, doublesLow(a0)); d1 = f64x2.add(d1, doublesHigh(a0)); d2 = f64x2.add(d2, doublesLow(a1)); d3 = f64x2.add(d3, doublesHigh(a1));
  }
  if (c.form === TWICE) {
    return i16x8(
      <i16>twice(c, f64x2.extract_lane(d0, 0)), <i16>twice(c, f64x2.extract_lane(d0, 1)), <i16>twice(c, f64x2.extract_lane(d1, 0)), <i16>twice(c, f64x2.extract_lane(d1, 1)),
      <i16>twice(c, f64x2.extract_lane(d2, 0)), <i16>twice(c, f64x2.extract_lane(d2, 1)), <i16>twice(c, f64x2.extract_lane(d3, 0)), <i16>twice(c, f64x2.extract_lane(d3, 1)));
  }
  return narrow(lowWords(settled(c, d0), settled(c, d1)), lowWords(settled(c, d2), settled(c, d3)), i16x8.splat(<i16>c.min), i16x8.splat(<i16>c.max));
}
@inline function settled(c: Reduce, sum: v128): v128 {
  return rounded(sum, f64x2.splat(c.scale), f64x2.splat(c.offset), f64x2.splat(c.lower), f64x2.splat(c.upper), f64x2.splat(c.magic));
}
function twice(c: Reduce, sum: f64): i32 {
  return <i32>min(max(scaledTwice(<i64>sum - c.zeros, c.multiplier, c.shift) + c.zeroPoint, <i64>c.min), <i64>c.max);
}

function reduceRows(c: Reduce, part: i32, parts: i32): void {
  const bytes = <usize>c.length << 1;
  for (let row: usize = share(c.outer, part, parts), end: usize = share(c.outer, part + 1, parts); row < end; row++) {
    const x: usize = c.x + row * bytes;
    let r: i32;
    if (c.form >= MAX) {
      r = load<i16>(x);
      for (let i: usize = 2; i < bytes; i += 2) { const q: i32 = load<i16>(x + i); r = c.form === MAX ? max(r, q) : min(r, q); }
    } else {
      const sum = rowSum(x, c.length, c.piece);
      if (c.form === TWICE) r = twice(c, sum);
      else r = min(max(<i32>reinterpret<i64>(max(min(sum * c.scale + c.offset, c.upper), c.lower) + c.magic), c.min), c.max);
    }
    store<i16>(c.y + (row << 1), <i16>r);
  }
}

function rowSum(x: usize, length: i32, piece: i32): f64 {
  const ones = i16x8.splat(1), vectors = length >> 3;
  let sum: f64 = 0;
  // A lane takes two values of each vector.
  for (let i = 0; i < vectors; i += piece >> 1) {
    let a = i32x4.splat(0);
    for (const end = x + (<usize>min(piece >> 1, vectors - i) << 4); x < end; x += 16) a = add(a, dot(v128.load(x), ones));
    sum += <f64>i32x4.extract_lane(a, 0) + <f64>i32x4.extract_lane(a, 1) + <f64>i32x4.extract_lane(a, 2) + <f64>i32x4.extract_lane(a, 3);
  }
  for (let k = vectors << 3; k < length; k++) { sum += <f64>load<i16>(x); x += 2; }
  return sum;
}

/** In the order of LAYOUTS.argument. */
@unmanaged class Argument {
  x: u32; y: u32;
  outer: i32; length: i32; inner: i32;
  /** 1: the largest, -1: the smallest. */
  sign: i32;
  /** Of equal ones the last counts, not the first. */
  last: i32;
}

/** Positions as 32-bit integers. */
export function argument(at: usize, part: i32, parts: i32): void {
  const c = changetype<Argument>(at);
  const step = <usize>c.inner << 1;
  for (let unit = share(c.outer * c.inner, part, parts), end = share(c.outer * c.inner, part + 1, parts); unit < end; unit++) {
    const o = unit / c.inner;
    let from: usize = c.x + <usize>o * c.length * step + (<usize>(unit - o * c.inner) << 1);
    let best = 0, most = c.sign * load<i16>(from);
    for (let k = 1; k < c.length; k++) {
      from += step;
      const value = c.sign * load<i16>(from);
      if (value > most || (c.last !== 0 && value === most)) { best = k; most = value; }
    }
    store<i32>(c.y + (<usize>unit << 2), best);
  }
}
