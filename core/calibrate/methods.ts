// The table of the five calibration methods: from a value's statistics to the range [min, max] that its integers will cover.
import type { ActivationQuantization, CalibrationMethod, ValueStatistics } from '../ir/index.ts';
import { quantizationOf } from '../ops/index.ts';
import { entropyRange } from './entropy.ts';
import { rebin } from './histogram.ts';
import { mseRange } from './mse.ts';
import type { BinnedRange, Range, RangeScheme, SearchLoops } from './range.ts';

/** The clip range that `method` chooses for a value under `scheme`. */
export function rangeOf(statistics: ValueStatistics, method: CalibrationMethod, scheme: RangeScheme, loops: SearchLoops): Range {
  const { min, max } = statistics;
  if (min === max) return { min, max };
  switch (method.name) {
    case 'min_max': return { min, max };
    case 'moving_average': return { min: statistics.averageMin, max: statistics.averageMax };
    case 'percentile': return percentileRange(statistics, method.selectPercentile, method.numBins);
    case 'mse': return mseRange(widened(statistics, method.numBins), scheme, loops);
    case 'entropy': return entropyRange(widened(statistics, method.numBins), scheme);
  }
}

function widened(statistics: ValueStatistics, bins: number): BinnedRange {
  const min = Math.min(statistics.min, 0);
  const max = Math.max(statistics.max, 0);
  return { min, max, counts: rebin(statistics.histogram, min, max, bins) };
}

/** Keeps `percent` of the values, cutting the same share from either tail; linear within a bin. */
function percentileRange(statistics: ValueStatistics, percent: number, bins: number): Range {
  const { min, max } = statistics;
  const counts = rebin(statistics.histogram, min, max, bins);
  const total = counts.reduce((a, b) => a + b, 0);
  const tail = (1 - percent / 100) / 2;
  const width = (max - min) / bins;
  const quantile = (share: number): number => {
    const target = share * total;
    let sum = 0;
    for (let i = 0; i < bins; i++) {
      const count = counts[i] ?? 0;
      if (count > 0 && sum + count >= target) return min + width * (i + (target - sum) / count);
      sum += count;
    }
    return max;
  };
  return { min: Math.max(min, quantile(tail)), max: Math.min(max, quantile(1 - tail)) };
}

/** Scale and zero point for a value: the method's range, then numerics section 2. */
export function calibrate(statistics: ValueStatistics, method: CalibrationMethod, scheme: RangeScheme, loops: SearchLoops): ActivationQuantization {
  const { min, max } = rangeOf(statistics, method, scheme, loops);
  return quantizationOf(min, max, scheme.precision, scheme.asymmetric);
}
