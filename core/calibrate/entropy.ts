// The clip range that minimises the KL divergence between the values' distribution and what is left of it when it is clipped and
// merged into as many levels as the integers have (numerics 3, entropy; Migacz, "8-bit Inference with TensorRT", 2017).
import { BITS } from '../ops/index.ts';
import type { BinnedRange, Range, RangeScheme } from './range.ts';

const ROUNDS = 3;
/** Smoothing: a share this small stands in for an empty bin, so that the divergence stays finite. */
const FLOOR = 1e-4;
/** Keeps rounding from moving the edge of a level. */
const SLACK = 1e-9;

const xLogX = (x: number): number => (x > 0 ? x * Math.log(x) : 0);

/** sums[i] is the sum of the first i terms. */
function runningSums(length: number, term: (i: number) => number): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = (sums[i] ?? 0) + term(i);
  return sums;
}

/**
 * KL(P || Q) for the bins [from, to): P is the distribution with the clipped tails added to the edge bins; Q spreads the counts
 * (tails left out) of each quantization level evenly over the level's non-empty bins. There are more bins than levels. The sum of p log p
 * and those of a level come from running sums; what a level inside the range adds depends only on its first bin and its number of bins, and
 * is computed once.
 */
function divergenceOf(counts: Float64Array, levels: number): (from: number, to: number) => number {
  const size = counts.length;
  const before = runningSums(size, (i) => counts[i] ?? 0);
  const filledBefore = runningSums(size, (i) => ((counts[i] ?? 0) > 0 ? 1 : 0));
  const selfBefore = runningSums(size, (i) => xLogX(counts[i] ?? 0));
  const total = before[size] ?? 0;
  const between = (sums: Float64Array, a: number, b: number): number => (sums[b] ?? 0) - (sums[a] ?? 0);

  /**
   * By number of bins, then by first bin: sum of p log q over a level without tails. No floor is needed: at most 16384 bins put at most 65
   * into a level, so q >= 1 / 65.
   */
  const inside: (Float64Array | undefined)[] = [];
  const insideOf = (length: number): Float64Array => {
    const known = inside[length];
    if (known) return known;
    const terms = new Float64Array(size - length + 1);
    for (let a = 0; a < terms.length; a++) {
      const sum = between(before, a, a + length);
      if (sum > 0) terms[a] = sum * Math.log(sum / between(filledBefore, a, a + length));
    }
    return (inside[length] = terms);
  };
  /** The same for the level of `length` bins at an edge: clipped values lie in its bin at `end`, which may be empty otherwise. */
  const atEdge = (a: number, length: number, end: number, tail: number, smallest: number): number => {
    const sum = between(before, a, a + length);
    if (sum + tail === 0) return 0;
    const filled = between(filledBefore, a, a + length) + (tail > 0 && counts[end] === 0 ? 1 : 0);
    return (sum + tail) * Math.log(Math.max(sum / filled, smallest));
  };

  return (from, to) => {
    const kept = between(before, from, to);
    if (kept === 0) return Infinity;
    const left = before[from] ?? 0;
    const right = total - (before[to] ?? 0);
    const smallest = (FLOOR * kept) / total;
    const perLevel = (to - from) / levels;
    const short = Math.floor(perLevel + SLACK);
    const shorter = insideOf(short);
    const longer = insideOf(short + 1);
    let a = from + short;
    let merged = atEdge(from, short, from, left, smallest);
    for (let level = 2; level < levels; level++) {
      const b = from + Math.floor(level * perLevel + SLACK);
      merged += (b - a === short ? shorter : longer)[a] ?? 0;
      a = b;
    }
    merged += atEdge(a, to - a, to - 1, right, smallest);
    const self = xLogX((counts[from] ?? 0) + left) + between(selfBefore, from + 1, to - 1) + xLogX((counts[to - 1] ?? 0) + right);
    return (self - merged) / total + Math.log(kept / total);
  };
}

/** Each end is searched over the bins on its side of zero, in turn; a wider range wins a tie. 16 bits have more levels than bins: full range. */
export function entropyRange(binned: BinnedRange, scheme: RangeScheme): Range {
  const { min, max, counts } = binned;
  const bins = counts.length;
  const levels = 2 ** BITS[scheme.precision] - 1;
  const width = (max - min) / bins;
  const zero = Math.min(bins - 1, Math.max(0, Math.floor(-min / width)));
  // Fewer bins than levels lose nothing to rounding but all beyond the edge: such ranges are no candidates.
  if (bins <= levels) return { min, max };
  const divergence = divergenceOf(counts, levels);
  let from = 0;
  let to = bins;
  let least = divergence(from, to);
  const consider = (a: number, b: number): void => {
    const d = divergence(a, b);
    if (d < least) { least = d; from = a; to = b; }
  };
  for (let round = 0; round < ROUNDS; round++) {
    const start = from;
    for (let b = bins; b - start >= levels && b > zero; b--) consider(start, b);
    const end = to;
    for (let a = 0; end - a >= levels && a <= zero; a++) consider(a, end);
    // The next round would judge the same candidates again.
    if (from === start) break;
  }
  return { min: min + from * width, max: min + to * width };
}
