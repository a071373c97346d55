// Layer normalization and local response normalization, in the same doubles as core/ops/layer-norm.ts and core/ops/lrn.ts, or in integers that hold more.
import { add, dot, doublesHigh, doublesLow, lowWords, MAGIC, narrow, put, share, within } from './lanes';

/** In the order of LAYOUTS.layerNorm. */
@unmanaged class LayerNorm {
  /** Whole, below 2^63. */
  epsilon: f64;
  x: u32; y: u32;
  /** Doubles for each element of a row, padded to 8: factor, term, half a step, 2^-shift. */
  factors: u32; terms: u32; halves: u32; units: u32;
  rows: i32; length: i32;
  unitBits: i32;
  zeroPoint: i32; min: i32; max: i32;
}

export function layerNorm(at: usize, part: i32, parts: i32): void {
  const c = changetype<LayerNorm>(at);
  const bytes = <usize>c.length << 1;
  const low = i16x8.splat(<i16>c.min), high = i16x8.splat(<i16>c.max);
  for (let row: usize = share(c.rows, part, parts), end: usize = share(c.rows, part + 1, parts); row < end; row++) {
    const x: usize = c.x + row * bytes, y: usize = c.y + row * bytes;
    measure(x, c.length);
    invert(<u64>(<i64>c.length * squares - sum * sum), c);
    const n = f64x2.splat(<f64>c.length), s = f64x2.splat(<f64>sum), m = f64x2.splat(multiplier);
    const h = f64x2.splat(rootShift > 0 ? power(rootShift - 1) : 0), u = f64x2.splat(power(-rootShift));
    for (let k = 0; k < c.length; k += 8) {
      const v = v128.load(x + (<usize>k << 1)), a = i32x4.extend_low_i16x8_s(v), b = i32x4.extend_high_i16x8_s(v);
      const to = <usize>k << 3;
      const r0 = lowWords(element(c, doublesLow(a), to, n, s, m, h, u), element(c, doublesHigh(a), to + 16, n, s, m, h, u));
      const r1 = lowWords(element(c, doublesLow(b), to + 32, n, s, m, h, u), element(c, doublesHigh(b), to + 48, n, s, m, h, u));
      const r = narrow(r0, r1, low, high), left = c.length - k;
      put(y + (<usize>k << 1), r, left);
    }
  }
}
@inline function element(c: LayerNorm, q: v128, at: usize, n: v128, s: v128, m: v128, h: v128, u: v128): v128 {
  const unit = f64x2.floor(f64x2.mul(f64x2.add(f64x2.mul(f64x2.sub(f64x2.mul(q, n), s), m), h), u));
  const term = f64x2.add(f64x2.add(f64x2.mul(unit, v128.load(c.factors + at)), v128.load(c.terms + at)), v128.load(c.halves + at));
  const y = f64x2.add(f64x2.floor(f64x2.mul(term, v128.load(c.units + at))), f64x2.splat(<f64>c.zeroPoint));
  return f64x2.add(within(y, f64x2.splat(<f64>c.min), f64x2.splat(<f64>c.max)), f64x2.splat(MAGIC));
}

/** 2^n of a normal double. */
@inline function power(n: i32): f64 { return reinterpret<f64>(<i64>(1023 + n) << 52); }

// What `measure` and `invert` found out; every thread has its own instance of the module.
let sum: i64 = 0, squares: i64 = 0, multiplier: f64 = 0, rootShift: i32 = 0;

/** Rows are so short that 32-bit lanes hold both sums of 8-bit integers. */
function measure(x: usize, length: i32): void {
  const ones = i16x8.splat(1), vectors = length >> 3;
  let a = i32x4.splat(0), b = a;
  for (const end = x + (<usize>vectors << 4); x < end; x += 16) { const v = v128.load(x); a = add(a, dot(v, ones)); b = add(b, dot(v, v)); }
  sum = <i64>i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1) + i32x4.extract_lane(a, 2) + i32x4.extract_lane(a, 3);
  squares = <i64>i32x4.extract_lane(b, 0) + i32x4.extract_lane(b, 1) + i32x4.extract_lane(b, 2) + i32x4.extract_lane(b, 3);
  for (let k = vectors << 3; k < length; k++) { const q = <i64>load<i16>(x); sum += q; squares += q * q; x += 2; }
}

/** The multiplier and shift of 2^u / sqrt(t + epsilon * 2^-16); `t` * 2^16 + epsilon is proved to stay below 2^63. */
function invert(t: u64, c: LayerNorm): void {
  const variance = (t << 16) + <u64>c.epsilon;
  multiplier = 0;
  rootShift = 0;
  if (variance === 0) return;
  const exponent = 2 * c.unitBits + 16, bits = 64 - <i32>clz(variance);
  const over = bits - exponent;
  for (rootShift = (over >> 1) + (over & 1) + 24; ; rootShift--) {
    const square = quotient(exponent + 2 * rootShift, variance, bits);
    if (square < <u64>1 << 48) { multiplier = floor(sqrt(<f64>square)); return; }
  }
}

/** floor(2^exponent / d), bit by bit; it has at most 50. `bits`: those of d. */
function quotient(exponent: i32, d: u64, bits: i32): u64 {
  if (exponent < bits - 1) return 0;
  let rest = <u64>1 << (bits - 1), q: u64 = 0;
  if (rest >= d) { rest -= d; q = 1; }
  for (let i = bits - 1; i < exponent; i++) {
    rest <<= 1;
    q <<= 1;
    if (rest >= d) { rest -= d; q |= 1; }
  }
  return q;
}

/** In the order of LAYOUTS.responseNorm. */
@unmanaged class ResponseNorm {
  x: u32; y: u32;
  /** 32 bits an entry. */
  factors: u32; rises: u32; shifts: u32;
  pixels: i32; channels: i32;
  /** Neighbours on either side. */
  aside: i32;
  zero: i32; zeroPoint: i32; min: i32; max: i32;
}

/** Pieces of an octave, as bits: core/ops/lrn.ts. */
const PIECE_BITS: i32 = 6;

export function responseNorm(at: usize, part: i32, parts: i32): void {
  const c = changetype<ResponseNorm>(at);
  const bytes = <usize>c.channels << 1;
  for (let pixel: usize = share(c.pixels, part, parts), end: usize = share(c.pixels, part + 1, parts); pixel < end; pixel++) {
    const x: usize = c.x + pixel * bytes, y: usize = c.y + pixel * bytes;
    let total = 0;
    for (let k = 0, n = min(c.aside, c.channels); k < n; k++) total += square(c, x, k);
    for (let k = 0; k < c.channels; k++) {
      if (k + c.aside < c.channels) total += square(c, x, k + c.aside);
      if (k > c.aside) total -= square(c, x, k - c.aside - 1);
      const octave = total < 1 << (PIECE_BITS + 1) ? 0 : 31 - PIECE_BITS - clz(total);
      const entry = <usize>((octave << PIECE_BITS) + (total >> octave)) << 2;
      const rise = <i64>load<i32>(c.rises + entry) * (total & ((1 << octave) - 1));
      const factor = <i64>load<i32>(c.factors + entry) + (octave > 0 ? (rise + (<i64>1 << (octave - 1))) >> octave : 0);
      const n = <i64>load<i32>(c.shifts + entry), a = (<i64>load<i16>(x + (<usize>k << 1)) - c.zero) * factor;
      const q = n > 0 ? (a + (<i64>1 << (n - 1))) >> n : a << -n;
      store<i16>(y + (<usize>k << 1), <i16>min(max(q + c.zeroPoint, <i64>c.min), <i64>c.max));
    }
  }
}
@inline function square(c: ResponseNorm, x: usize, k: i32): i32 { const d = <i32>load<i16>(x + (<usize>k << 1)) - c.zero; return d * d; }
