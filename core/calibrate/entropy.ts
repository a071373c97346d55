// The clip range that minimises the KL divergence between the values' distribution and what is left of it when it is clipped and
// merged into as many levels as the integers have (numerics 3, entropy; Migacz, "8-bit Inference with TensorRT", 2017).
import { BITS } from '../ops/index.ts';
import type { BinnedRange, Range, RangeScheme } from './range.ts';

const ROUNDS = 3;
/** Smoothing: a share this small stands in for an empty bin, so that the divergence stays finite. */
const FLOOR = 1e-4;

/**
 * KL(P || Q) for the bins [from, to): P is the distribution with the clipped tails added to the edge bins; Q spreads the counts
 * (tails left out) of each quantization level evenly over the level's non-empty bins.
 */
function divergence(counts: Float64Array, from: number, to: number, levels: number): number {
  const bins = to - from;
  const p = counts.slice(from, to);
  for (let i = 0; i < from; i++) p[0] = (p[0] ?? 0) + (counts[i] ?? 0);
  for (let i = to; i < counts.length; i++) p[bins - 1] = (p[bins - 1] ?? 0) + (counts[i] ?? 0);
  const q = new Float64Array(bins);
  const perLevel = bins / Math.min(levels, bins);
  for (let level = 0; level * perLevel < bins - 1e-9; level++) {
    const a = Math.floor(level * perLevel + 1e-9);
    const b = Math.min(bins, Math.floor((level + 1) * perLevel + 1e-9));
    let sum = 0;
    let filled = 0;
    for (let i = a; i < b; i++) {
      sum += counts[from + i] ?? 0;
      if ((p[i] ?? 0) > 0) filled++;
    }
    for (let i = a; i < b; i++) if ((p[i] ?? 0) > 0) q[i] = sum / filled;
  }
  let totalP = 0;
  let totalQ = 0;
  for (let i = 0; i < bins; i++) { totalP += p[i] ?? 0; totalQ += q[i] ?? 0; }
  if (totalQ === 0) return Infinity;
  let sum = 0;
  for (let i = 0; i < bins; i++) {
    const share = (p[i] ?? 0) / totalP;
    if (share > 0) sum += share * Math.log(share / Math.max((q[i] ?? 0) / totalQ, FLOOR / totalP));
  }
  return sum;
}

/** Each end is searched over the bins on its side of zero, in turn; a wider range wins a tie. 16 bits have more levels than bins: full range. */
export function entropyRange(binned: BinnedRange, scheme: RangeScheme): Range {
  const { min, max, counts } = binned;
  const bins = counts.length;
  const levels = 2 ** BITS[scheme.precision] - 1;
  const width = (max - min) / bins;
  const zero = Math.min(bins - 1, Math.max(0, Math.floor(-min / width)));
  let from = 0;
  let to = bins;
  let least = divergence(counts, from, to, levels);
  const consider = (a: number, b: number): void => {
    // Fewer bins than levels lose nothing to rounding but all beyond the edge: such ranges are no candidates.
    if (b - a < Math.min(levels, bins)) return;
    const d = divergence(counts, a, b, levels);
    if (d < least) { least = d; from = a; to = b; }
  };
  for (let round = 0; round < ROUNDS; round++) {
    const before = [from, to] as const;
    for (let b = bins; b > zero; b--) consider(before[0], b);
    const settled = to;
    for (let a = 0; a <= zero; a++) consider(a, settled);
    if (from === before[0] && to === before[1]) break;
  }
  return { min: min + from * width, max: min + to * width };
}
