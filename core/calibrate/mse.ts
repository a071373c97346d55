// The clip range that minimises the mean squared error between values and their quantized images (numerics 3, MSE).
import { quantizationOf } from '../ops/index.ts';
import { expressible, type BinnedRange, type Range, type RangeScheme } from './range.ts';

/** Candidate shrinkings of each end of the range, per round. */
const STEPS = 128;
const ROUNDS = 2;

/** Antiderivative of (t - rint(t))^2: each whole step holds 1/12. */
function roundingPower(t: number): number {
  const whole = Math.round(t);
  const rest = t - whole;
  return whole / 12 + rest ** 3 / 3;
}
/** Integral of (x - bound)^2 over [a, b]. */
const clippingPower = (a: number, b: number, bound: number): number => ((b - bound) ** 3 - (a - bound) ** 3) / 3;

/** Sum of squared errors, each bin's values taken as spread evenly over the bin. Integrated exactly, rounding and clipping apart. */
function squaredError({ min, max, counts }: BinnedRange, candidate: Range, scheme: RangeScheme): number {
  const q = quantizationOf(candidate.min, candidate.max, scheme.precision, scheme.asymmetric);
  const { scale } = q;
  const reach = expressible(q);
  const width = (max - min) / counts.length;
  let error = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    const a = min + i * width;
    const b = a + width;
    let bin = 0;
    const inA = Math.max(a, reach.min);
    const inB = Math.min(b, reach.max);
    if (inB > inA) bin += scale ** 3 * (roundingPower(inB / scale) - roundingPower(inA / scale));
    if (a < reach.min) bin += clippingPower(a, Math.min(b, reach.min), reach.min);
    if (b > reach.max) bin += clippingPower(Math.max(a, reach.max), b, reach.max);
    error += (count * bin) / width;
  }
  return error;
}

/** Both ends are shrunk together first, then each on its own; a wider range wins a tie. */
export function mseRange(binned: BinnedRange, scheme: RangeScheme): Range {
  let best: Range = { min: binned.min, max: binned.max };
  let least = squaredError(binned, best, scheme);
  const consider = (candidate: Range): void => {
    if (candidate.min === candidate.max) return;
    const error = squaredError(binned, candidate, scheme);
    if (error < least) { least = error; best = candidate; }
  };
  const shares = Array.from({ length: STEPS - 1 }, (_, i) => 1 - (i + 1) / STEPS);
  for (const share of shares) consider({ min: binned.min * share, max: binned.max * share });
  if (!scheme.asymmetric) return best;
  for (let round = 0; round < ROUNDS; round++) {
    const before = best;
    if (binned.max > 0) for (const share of [1, ...shares]) consider({ min: before.min, max: binned.max * share });
    const settled = best;
    if (binned.min < 0) for (const share of [1, ...shares]) consider({ min: binned.min * share, max: settled.max });
    if (best.min === before.min && best.max === before.max) break;
  }
  return best;
}
