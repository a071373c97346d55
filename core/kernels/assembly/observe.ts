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

/** Bins of a table; four more follow, for zeros: they are frequent, and one counter would make each wait for the one before. */
const BINS: i32 = 32768;

/** Adds 1 to bin floor(x * factor) - first of each value; all of them are known to lie in the table. */
export function tally(x: usize, count: i32, factor: f32, first: i32, table: usize): void {
  const f = f32x4.splat(factor), base = i32x4.splat(first), last = i32x4.splat(BINS - 1), zero = f32x4.splat(0), zeros = i32x4(BINS, BINS + 1, BINS + 2, BINS + 3);
  const end = x + (<usize>(count & ~3) << 2);
  while (x < end) {
    const v = v128.load(x);
    // NaN, which is refused in the end, must not leave the table either.
    const bin = i32x4.min_u(i32x4.sub(i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.mul(v, f))), base), last);
    const slots = i32x4.shl(v128.bitselect(zeros, bin, f32x4.eq(v, zero)), 2);
    bump(table + i32x4.extract_lane(slots, 0));
    bump(table + i32x4.extract_lane(slots, 1));
    bump(table + i32x4.extract_lane(slots, 2));
    bump(table + i32x4.extract_lane(slots, 3));
    x += 16;
  }
  for (let i = 0; i < (count & 3); i++) {
    const bin = <u32>(<i32>Mathf.floor(load<f32>(x) * factor) - first);
    bump(table + <usize>(min(bin, <u32>(BINS - 1)) << 2));
    x += 4;
  }
}
@inline function bump(at: usize): void { store<u32>(at, load<u32>(at) + 1); }
