// The clip range that minimises the mean squared error between values and their quantized images (numerics 3, MSE).
import { quantizationOf } from '../ops/index.ts';
import { expressible, type BinnedRange, type Range, type RangeScheme, type SearchLoops } from './range.ts';

/** Candidate shrinkings of each end of the range, per round. */
const STEPS = 128;
const ROUNDS = 2;

/**
 * Sums of squared errors of candidates, each bin's values taken as spread evenly over the bin, integrated exactly. With G the antiderivative of the
 * squared error and d the density of each bin, the sum of d (G(right) - G(left)) over the bins is regrouped by edges: each counts with the drop of
 * the density there. So a candidate costs one G for each edge where the density changes. In steps of the scale, 12 G(t) = level + 4 rest^3: each whole step holds
 * 1/12, and within one it is rest^3 / 3; beyond the ends of what is expressible the nearest level stays the last one, and rest grows.
 */
function squaredErrorsOf({ min, max, counts }: BinnedRange, scheme: RangeScheme, loops: SearchLoops): (candidates: readonly Range[]) => readonly number[] {
  const width = (max - min) / counts.length;
  const edges = new Float64Array(counts.length + 1);
  const drops = new Float64Array(counts.length + 1);
  let used = 0;
  for (let i = 0; i <= counts.length; i++) {
    const drop = (i === 0 ? 0 : counts[i - 1] ?? 0) - (counts[i] ?? 0);
    if (drop === 0) continue;
    edges[used] = min + i * width;
    drops[used++] = drop;
  }
  return (candidates) => {
    const quantized = candidates.map((candidate) => quantizationOf(candidate.min, candidate.max, scheme.precision, scheme.asymmetric));
    const sums = loops.squaredErrors(edges.subarray(0, used), drops.subarray(0, used), Float64Array.from(quantized.flatMap((q) => {
      const reach = expressible(q);
      return [1 / q.scale, Math.round(reach.min / q.scale), Math.round(reach.max / q.scale)];
    })));
    return quantized.map((q, i) => ((sums[i] ?? 0) * q.scale ** 3) / (12 * width));
  };
}

const SHARES: readonly number[] = Array.from({ length: STEPS }, (_, step) => 1 - step / STEPS);

/** Both ends are shrunk together first, then each on its own; a wider range wins a tie. */
export function mseRange(binned: BinnedRange, scheme: RangeScheme, loops: SearchLoops): Range {
  const squaredErrors = squaredErrorsOf(binned, scheme, loops);
  let best: Range = { min: binned.min, max: binned.max };
  let least = Infinity;
  const consider = (ranges: readonly Range[]): void => {
    const candidates = ranges.filter(({ min, max }) => min !== max);
    squaredErrors(candidates).forEach((error, i) => { if (error < least) { least = error; best = candidates[i] ?? best; } });
  };
  consider(SHARES.map((share) => ({ min: binned.min * share, max: binned.max * share })));
  // With one end at zero, that was the search for the other end already.
  if (!scheme.asymmetric || binned.min === 0 || binned.max === 0) return best;
  for (let round = 0; round < ROUNDS; round++) {
    const { min } = best;
    consider(SHARES.map((share) => ({ min, max: binned.max * share })));
    const { max } = best;
    consider(SHARES.map((share) => ({ min: binned.min * share, max })));
    // The next round would judge the same candidates again.
    if (best.min === min) break;
  }
  return best;
}
