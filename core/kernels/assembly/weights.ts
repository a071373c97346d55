// Quantization of weights: what a scale costs the output, and rounding whose errors balance. Each sum is added up in the order of its weights, as a plain
// loop would; lanes are output channels.
import { both, share, thread } from './lanes';

const LIMIT: f64 = 127;

/** In the order of LAYOUTS.weightErrors. */
@unmanaged class Errors {
  spread: f64;
  /** float32 [channels, run]. */
  weights: u32;
  channels: i32; run: i32;
  /** The address of each channel's means, run doubles; 0: no means. */
  means: u32;
  /** Doubles [candidates, channels]: scales at which no weight is clipped. */
  scales: u32; candidates: i32;
  /** Doubles [candidates, channels, 2]: the cost at the scale, and at half of it, where the largest weights are clipped. */
  y: u32;
}

export function weightErrors(at: usize, part: i32, parts: i32): void {
  const c = changetype<Errors>(at);
  const pairs = (c.channels + 1) >> 1;
  const row = <usize>c.run << 2;
  for (let pair = share(pairs, part, parts), last = share(pairs, part + 1, parts); pair < last; pair++) {
    const o = pair << 1, p = min(o + 1, c.channels - 1);
    const a = <usize>c.weights + <usize>o * row, b = <usize>c.weights + <usize>p * row;
    for (let candidate = 0; candidate < c.candidates; candidate++) {
      const from = <usize>candidate * <usize>c.channels;
      const scales = c.scales + (from << 3);
      const sw = both(scales + (<usize>o << 3), scales + (<usize>p << 3));
      if (c.means) costs(a, b, a + row, sw, load<u32>(c.means + (<usize>o << 2)), load<u32>(c.means + (<usize>p << 2)), c.spread);
      else plainCosts(a, b, a + row, sw, c.spread);
      const to = c.y + ((from + <usize>o) << 4);
      v128.store(to, i8x16.shuffle(whole, half, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
      if (p !== o) v128.store(to, i8x16.shuffle(whole, half, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 16);
    }
  }
}

let whole: v128 = f64x2.splat(0), half: v128 = f64x2.splat(0);

@inline function promoted(a: usize, b: usize): v128 { return f64x2.promote_low_f32x4(v128.load32_lane(b, v128.load32_zero(a), 1)); }
/** One quotient serves both scales, since doubling it is exact. */
@inline function errorAt(w: v128, steps: v128, sw: v128): v128 { return f64x2.sub(f64x2.mul(sw, f64x2.nearest(steps)), w); }
@inline function clipped(steps: v128): v128 { return f64x2.pmax(f64x2.splat(-LIMIT), f64x2.pmin(f64x2.splat(LIMIT), steps)); }

function plainCosts(a: usize, b: usize, end: usize, sw: v128, spread: f64): void {
  const finer = f64x2.mul(sw, f64x2.splat(0.5));
  let squares = f64x2.splat(0), squaresFiner = f64x2.splat(0);
  while (a < end) {
    const w = promoted(a, b), steps = f64x2.div(w, sw);
    const e = errorAt(w, steps, sw), f = errorAt(w, clipped(f64x2.add(steps, steps)), finer);
    squares = f64x2.add(squares, f64x2.mul(e, e));
    squaresFiner = f64x2.add(squaresFiner, f64x2.mul(f, f));
    a += 4;
    b += 4;
  }
  whole = f64x2.mul(squares, f64x2.splat(spread));
  half = f64x2.mul(squaresFiner, f64x2.splat(spread));
}

function costs(a: usize, b: usize, end: usize, sw: v128, meansA: usize, meansB: usize, spread: f64): void {
  const finer = f64x2.mul(sw, f64x2.splat(0.5));
  let squares = f64x2.splat(0), squaresFiner = f64x2.splat(0), mean = f64x2.splat(0), meanFiner = f64x2.splat(0);
  while (a < end) {
    const w = promoted(a, b), steps = f64x2.div(w, sw);
    const e = errorAt(w, steps, sw), f = errorAt(w, clipped(f64x2.add(steps, steps)), finer);
    const x = both(meansA, meansB);
    squares = f64x2.add(squares, f64x2.mul(e, e));
    squaresFiner = f64x2.add(squaresFiner, f64x2.mul(f, f));
    mean = f64x2.add(mean, f64x2.mul(e, x));
    meanFiner = f64x2.add(meanFiner, f64x2.mul(f, x));
    a += 4;
    b += 4;
    meansA += 8;
    meansB += 8;
  }
  whole = f64x2.add(f64x2.mul(squares, f64x2.splat(spread)), f64x2.mul(mean, mean));
  half = f64x2.add(f64x2.mul(squaresFiner, f64x2.splat(spread)), f64x2.mul(meanFiner, meanFiner));
}

/** In the order of LAYOUTS.roundWeights. */
@unmanaged class Round {
  /** float32 [channels, run]; doubles [channels]; int8 [channels, run]. */
  weights: u32; scales: u32; y: u32;
  channels: i32; run: i32;
  /** Input channels within a run, the last dimension of it. */
  inner: i32;
  /** Move weights to their other neighbour so that sums of errors stay small? */
  balanced: i32;
  /** The address of each channel's {@link Means}. */
  means: u32;
  /** Doubles [channels]: sum of (stored * scale - weight) * mean. */
  errors: u32;
  scratch: u32; scratchBytes: u32;
}

/** Expected inputs of a run of weights, and its places by the means' size, in blocks. The last block is filled up with size 0. */
@unmanaged class Means {
  /** Doubles [run]. */
  means: u32;
  /** Weight of each place, and place of each weight: int32. */
  order: u32; places: u32;
  /** Doubles: size of the mean at each place, and the least size from the beginning of each block on. */
  sizes: u32; least: u32;
}

const BLOCK_BITS: i32 = 6;
const BLOCK: usize = 64;

// One thread's scratch.
let errors: usize = 0, sums: usize = 0, shares: usize = 0, tops: usize = 0, topPlaces: usize = 0, moved: usize = 0;
let blocks: i32 = 0;

export function roundWeights(at: usize, part: i32, parts: i32): void {
  const c = changetype<Round>(at);
  blocks = (c.run + <i32>BLOCK - 1) >> BLOCK_BITS;
  errors = c.scratch + <usize>thread * c.scratchBytes;
  sums = errors + (<usize>c.run << 3);
  shares = sums + (<usize>c.inner << 3);
  tops = shares + (<usize>blocks << 9);
  topPlaces = tops + (<usize>blocks << 4);
  moved = topPlaces + (<usize>blocks << 3);
  for (let o: usize = share(c.channels, part, parts), last = <usize>share(c.channels, part + 1, parts); o < last; o++) {
    const weights = c.weights + o * <usize>c.run * 4, y = c.y + o * <usize>c.run, scale = load<f64>(c.scales + (o << 3));
    const means = changetype<Means>(<usize>load<u32>(c.means + (o << 2)));
    nearest(weights, y, c.run, scale);
    if (c.balanced) {
      memory.fill(moved, 0, c.run);
      settleWindows(y, c.run, c.inner);
      settleTotal(y, c.run, c.inner, means);
    }
    let sum: f64 = 0;
    for (let k: usize = 0; k < <usize>c.run; k++) sum += (<f64>load<i8>(y + k) * scale - <f64>load<f32>(weights + (k << 2))) * load<f64>(means.means + (k << 3));
    store<f64>(c.errors + (o << 3), sum);
  }
}

/** The nearest stored weights, halves to even, and how far each is above the real one in steps. */
function nearest(weights: usize, y: usize, run: i32, scale: f64): void {
  const sw = f64x2.splat(scale);
  let k = 0;
  for (; k <= run - 4; k += 4) {
    const w = v128.load(weights + (<usize>k << 2));
    const a = f64x2.div(f64x2.promote_low_f32x4(w), sw), b = f64x2.div(f64x2.promote_low_f32x4(i8x16.shuffle(w, w, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)), sw);
    const p = clipped(f64x2.nearest(a)), q = clipped(f64x2.nearest(b));
    v128.store(errors + (<usize>k << 3), f64x2.sub(p, a));
    v128.store(errors + (<usize>k << 3), f64x2.sub(q, b), 16);
    const words = i8x16.shuffle(i32x4.trunc_sat_f64x2_s_zero(p), i32x4.trunc_sat_f64x2_s_zero(q), 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
    const short = i16x8.narrow_i32x4_s(words, words);
    v128.store32_lane(y + k, i8x16.narrow_i16x8_s(short, short), 0);
  }
  for (; k < run; k++) {
    const real = <f64>load<f32>(weights + (<usize>k << 2)) / scale;
    const stored = max(-LIMIT, min(LIMIT, f64.nearest(real)));
    store<f64>(errors + (<usize>k << 3), stored - real);
    store<i8>(y + k, <i8><i32>stored);
  }
}
@inline function signOf(x: f64): i32 { return <i32>(x > 0) - <i32>(x < 0); }
@inline function errorOf(k: usize): f64 { return load<f64>(errors + (k << 3)); }
/** Its other neighbour is still a weight, and it has not been moved. */
@inline function canMove(y: usize, k: usize, step: i32): bool { return !load<u8>(moved + k) && abs(<i32>load<i8>(y + k) - step) <= <i32>LIMIT; }

/** Until the errors of each input channel's window sum to at most half a step, the weight that is furthest off moves. */
function settleWindows(y: usize, run: i32, inner: i32): void {
  const row = <usize>inner << 3, end = errors + (<usize>run << 3);
  memory.copy(sums, errors, row);
  // Sums begin at 0: a first -0 becomes 0.
  for (let c: usize = 0; c < row; c += 8) store<f64>(sums + c, load<f64>(sums + c) + 0);
  for (let from = errors + row; from < end; from += row) {
    let c: usize = 0;
    for (; c + 16 <= row; c += 16) v128.store(sums + c, f64x2.add(v128.load(sums + c), v128.load(from + c)));
    if (c < row) store<f64>(sums + c, load<f64>(sums + c) + load<f64>(from + c));
  }
  for (let c: usize = 0; c < <usize>inner; c++) {
    let sum = load<f64>(sums + (c << 3));
    while (abs(sum) > 0.5) {
      const sign: f64 = sum > 0 ? 1 : -1;
      let worst: usize = -1;
      let most: f64 = 0;
      for (let k = c; k < <usize>run; k += inner) {
        const error = sign * errorOf(k);
        if (error > most && canMove(y, k, <i32>sign)) { worst = k; most = error; }
      }
      if (worst === <usize>-1) break;
      store<i8>(y + worst, <i8>(<i32>load<i8>(y + worst) - <i32>sign));
      store<f64>(errors + (worst << 3), errorOf(worst) - sign);
      store<u8>(moved + worst, 1);
      sum -= sign;
    }
  }
}

/** At most one weight of each window moves while that brings the sum of all errors, weighted by the means, nearer to zero: the largest share first. */
function settleTotal(y: usize, run: i32, inner: i32, m: Means): void {
  memory.fill(shares, 0, <usize>blocks << 9);
  let total: f64 = 0;
  for (let k: usize = 0; k < <usize>run; k++) {
    const e = errorOf(k), part = e * load<f64>(m.means + (k << 3));
    total += part;
    if (canMove(y, k, signOf(e))) store<f64>(shares + (<usize>load<i32>(m.places + (k << 2)) << 3), part);
  }
  for (let i = 0; i < blocks * 2; i++) store<f64>(tops + (<usize>i << 3), Infinity);
  while (true) {
    const best = bestOf(m, total);
    if (best < 0) return;
    const step = signOf(errorOf(best));
    total -= <f64>step * load<f64>(m.means + (<usize>best << 3));
    store<i8>(y + best, <i8>(<i32>load<i8>(y + best) - step));
    for (let k = best % inner; k < run; k += inner) {
      const place = load<i32>(m.places + (<usize>k << 2));
      store<f64>(shares + (<usize>place << 3), 0);
      for (let side = 0; side < 2; side++) {
        const block = <usize>(side * blocks + (place >> BLOCK_BITS));
        if (load<i32>(topPlaces + (block << 2)) === k) store<f64>(tops + (block << 3), Infinity);
      }
    }
  }
}

/** Weight of the largest share of the total's sign whose move brings the total nearer to zero, the first of equals; -1 where there is none. */
function bestOf(m: Means, total: f64): i32 {
  if (!(total !== 0)) return -1;
  const sign: f64 = total > 0 ? 1 : -1, distance = abs(total);
  const side = total > 0 ? 0 : blocks;
  let best = -1;
  let most: f64 = 0;
  for (let block = 0; block < blocks; block++) {
    const at = <usize>(side + block);
    let part = load<f64>(tops + (at << 3));
    if (part < most || part === 0) continue;
    if (part === Infinity) {
      largest(m, block, sign, 0);
      part = found;
      store<f64>(tops + (at << 3), part);
      store<i32>(topPlaces + (at << 2), foundAt);
      if (part < most || part === 0) continue;
    }
    let k = load<i32>(topPlaces + (at << 2));
    if (abs(distance - abs(load<f64>(m.means + (<usize>k << 3)))) >= distance) {
      const least = load<f64>(m.least + (<usize>block << 3));
      if (least >= distance && least - distance >= distance) break;
      largest(m, block, sign, distance);
      if (foundAt < 0) continue;
      k = foundAt;
      part = found;
    }
    if (part > most || (part === most && k < best)) { best = k; most = part; }
  }
  return best;
}

let found: f64 = 0, foundAt: i32 = -1;

/** The largest share of a block and its weight; with a distance, of those alone whose move lessens it. */
function largest(m: Means, block: i32, sign: f64, distance: f64): void {
  const from = shares + (<usize>block << 9), sizes = m.sizes + (<usize>block << 9);
  const s = f64x2.splat(sign), d = f64x2.splat(distance);
  let top = f64x2.splat(0);
  if (distance === 0) for (let i: usize = 0; i < BLOCK << 3; i += 16) top = f64x2.pmax(top, f64x2.mul(v128.load(from + i), s));
  else for (let i: usize = 0; i < BLOCK << 3; i += 16) {
    const serves = f64x2.lt(f64x2.abs(f64x2.sub(d, v128.load(sizes + i))), d);
    top = f64x2.pmax(top, v128.and(serves, f64x2.mul(v128.load(from + i), s)));
  }
  found = max(f64x2.extract_lane(top, 0), f64x2.extract_lane(top, 1));
  foundAt = -1;
  if (found === 0) return;
  for (let i: usize = 0; i < BLOCK; i++) {
    if (load<f64>(from + (i << 3)) * sign !== found) continue;
    if (distance !== 0 && !(abs(distance - load<f64>(sizes + (i << 3))) < distance)) continue;
    const k = load<i32>(m.order + ((<usize>block << BLOCK_BITS) + i << 2));
    if (foundAt < 0 || k < foundAt) foundAt = k;
  }
}
