// The clip range that minimises the mean squared error between values and their quantized images (numerics 3, MSE).
import { quantizationOf } from '../ops/index.ts';
import { expressible, type BinnedRange, type Range, type RangeScheme } from './range.ts';

/** Candidate shrinkings of each end of the range, per round. */
const STEPS = 128;
const ROUNDS = 2;

/**
 * Sum of squared errors of a candidate, each bin's values taken as spread evenly over the bin, integrated exactly. With G the antiderivative of the
 * squared error and d the density of each bin, the sum of d (G(right) - G(left)) over the bins is regrouped by edges: each counts with the drop of
 * the density there. So a candidate costs one G for each edge where the density changes.
 */
function squaredErrorOf({ min, max, counts }: BinnedRange, scheme: RangeScheme): (candidate: Range) => number {
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
  return (candidate) => {
    const q = quantizationOf(candidate.min, candidate.max, scheme.precision, scheme.asymmetric);
    const reach = expressible(q);
    const low = Math.round(reach.min / q.scale);
    const high = Math.round(reach.max / q.scale);
    const inverse = 1 / q.scale;
    let error = 0;
    for (let e = 0; e < used; e++) {
      // In steps of the scale. Beyond the ends of what is expressible the nearest level stays the last one, and rest grows.
      const t = (edges[e] ?? 0) * inverse;
      const nearest = Math.floor(t + 0.5);
      const level = nearest < low ? low : nearest > high ? high : nearest;
      const rest = t - level;
      // 12 G: each whole step holds 1/12, and within one it is rest^3 / 3.
      error += (drops[e] ?? 0) * (level + 4 * rest * rest * rest);
    }
    return (error * q.scale ** 3) / (12 * width);
  };
}

/** Both ends are shrunk together first, then each on its own; a wider range wins a tie. */
export function mseRange(binned: BinnedRange, scheme: RangeScheme): Range {
  const squaredError = squaredErrorOf(binned, scheme);
  let best: Range = { min: binned.min, max: binned.max };
  let least = squaredError(best);
  const consider = (min: number, max: number): void => {
    if (min === max) return;
    const error = squaredError({ min, max });
    if (error < least) { least = error; best = { min, max }; }
  };
  for (let step = 1; step < STEPS; step++) consider(binned.min * (1 - step / STEPS), binned.max * (1 - step / STEPS));
  // With one end at zero, that was the search for the other end already.
  if (!scheme.asymmetric || binned.min === 0 || binned.max === 0) return best;
  for (let round = 0; round < ROUNDS; round++) {
    const { min } = best;
    for (let step = 0; step < STEPS; step++) consider(min, binned.max * (1 - step / STEPS));
    const { max } = best;
    for (let step = 0; step < STEPS; step++) consider(binned.min * (1 - step / STEPS), max);
    // The next round would judge the same candidates again.
    if (best.min === min) break;
  }
  return best;
}
