// Observing float32 values while a network is calibrated: extremes and channel sums, then counts on a grid of bins. Called directly, on the
// caller's thread.

/** Adds the values of each channel to its sum in memory order, as the plain loop does. Leaves min and max at `extremes`; NaN passes by and shows in the sums. */
export function scan(x: usize, count: i32, channels: i32, sums: usize, extremes: usize): void {
  let low = f32x4.splat(Infinity), high = f32x4.splat(-Infinity);
  let l: f32 = Infinity, h: f32 = -Infinity;
  const row: usize = <usize>channels << 2;
  const whole: usize = <usize>(channels & ~3) << 2;
  let left = count / channels;
  while (left >= 4) {
    let sum = sums;
    for (let c: usize = 0; c < whole; c += 16) {
      const at = x + c;
      const a = v128.load(at), b = v128.load(at + row), d = v128.load(at + row * 2), e = v128.load(at + row * 3);
      low = f32x4.pmin(f32x4.pmin(f32x4.pmin(f32x4.pmin(low, a), b), d), e);
      high = f32x4.pmax(f32x4.pmax(f32x4.pmax(f32x4.pmax(high, a), b), d), e);
      v128.store(sum, lower(lower(lower(lower(v128.load(sum), a), b), d), e));
      v128.store(sum, upper(upper(upper(upper(v128.load(sum, 16), a), b), d), e), 16);
      sum += 32;
    }
    for (let c = whole; c < row; c += 4) {
      let s = load<f64>(sum);
      for (let r: usize = 0; r < 4; r++) {
        const v = load<f32>(x + row * r + c);
        if (v < l) l = v;
        if (v > h) h = v;
        s += v;
      }
      store<f64>(sum, s);
      sum += 8;
    }
    x += row << 2;
    left -= 4;
  }
  for (; left > 0; left--) {
    let sum = sums;
    for (let c: usize = 0; c < row; c += 4) {
      const v = load<f32>(x + c);
      if (v < l) l = v;
      if (v > h) h = v;
      store<f64>(sum, load<f64>(sum) + v);
      sum += 8;
    }
    x += row;
  }
  // Adding 0 turns -0 into 0: which of the two zeros came first must not show.
  store<f32>(extremes, min(l, lowest(low)) + 0);
  store<f32>(extremes, max(h, highest(high)) + 0, 4);
}
@inline function lower(sum: v128, v: v128): v128 { return f64x2.add(sum, f64x2.promote_low_f32x4(v)); }
@inline function upper(sum: v128, v: v128): v128 { return f64x2.add(sum, f64x2.promote_low_f32x4(i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15))); }
@inline function lowest(v: v128): f32 { return min(min(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), min(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3))); }
@inline function highest(v: v128): f32 { return max(max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)), max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3))); }

/** Bins of a table; eight more follow, for zeros: they are frequent, and one counter would make each wait for the one before. */
const BINS: i32 = 32768;
/** A float32 from here to twice as much is a whole number, and its low bits are that number. */
const WHOLE: f32 = 8388608;

/** Adds 1 to bin floor(x * factor) - first of each value; all of them are known to lie in the table, and |first| below 2^23, so that nothing is rounded. */
export function tally(x: usize, count: i32, factor: f32, first: i32, table: usize): void {
  const f = f32x4.splat(factor), base = f32x4.splat(WHOLE - <f32>first), at = i32x4.splat(<i32>table);
  const even = i32x4(BINS, BINS + 1, BINS + 2, BINS + 3), odd = i32x4(BINS + 4, BINS + 5, BINS + 6, BINS + 7);
  const end = x + (<usize>(count & ~15) << 2);
  while (x < end) {
    const a = slots(v128.load(x), f, base, even, at), b = slots(v128.load(x, 16), f, base, odd, at);
    const c = slots(v128.load(x, 32), f, base, even, at), d = slots(v128.load(x, 48), f, base, odd, at);
    bumpAll(a);
    bumpAll(b);
    bumpAll(c);
    bumpAll(d);
    x += 64;
  }
  for (let i = 0; i < (count & 15); i++) {
    const bin = <u32>(<i32>Mathf.floor(load<f32>(x) * factor) - first);
    bump(table + <usize>(min(bin, <u32>(BINS - 1)) << 2));
    x += 4;
  }
}
/** Addresses of the counters of four values. NaN, which is refused in the end, must not leave the table either. */
@inline function slots(v: v128, factor: v128, base: v128, zeros: v128, table: v128): v128 {
  const bin = v128.and(f32x4.add(f32x4.floor(f32x4.mul(v, factor)), base), i32x4.splat(BINS - 1));
  return i32x4.add(i32x4.shl(v128.bitselect(zeros, bin, f32x4.eq(v, f32x4.splat(0))), 2), table);
}
@inline function bumpAll(slots: v128): void {
  // Two at a time: taking single lanes out of a vector costs more.
  const low = i64x2.extract_lane(slots, 0), high = i64x2.extract_lane(slots, 1);
  bump(<usize>low);
  bump(<usize>(low >>> 32));
  bump(<usize>high);
  bump(<usize>(high >>> 32));
}
@inline function bump(at: usize): void { store<u32>(at, load<u32>(at) + 1); }
