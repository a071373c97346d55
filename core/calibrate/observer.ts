// One observer per value, filled in one pass over the data: min, max, their moving averages, the histogram, channel means.
import { RequantError } from '../errors/index.ts';
import type { ValueStatistics } from '../ir/index.ts';
import { createExactSum } from './exact-sum.ts';
import { addValues, emptyHistogram, frozen } from './histogram.ts';

/** Coefficient of the moving averages (numerics 3). */
export const AVERAGE_COEFFICIENT = 0.01;

export interface Observer {
  /** Adds one sample. Raises DATA_INVALID naming tensor and sample for NaN or an infinity. */
  observe(values: Float32Array): void;
  result(): ValueStatistics;
}

/** `channels` is the size of the last dimension. Memory does not grow with the number of samples. */
export function createObserver(name: string, channels: number): Observer {
  const histogram = emptyHistogram();
  /** Of one sample, and of all: the latter exact, so that the order of samples does not show. */
  const sums = new Float64Array(channels);
  const totals = Array.from({ length: channels }, createExactSum);
  let samples = 0;
  let perChannel = 0;
  let min = Infinity;
  let max = -Infinity;
  let averageMin = 0;
  let averageMax = 0;
  return {
    observe: (values) => {
      sums.fill(0);
      let low = Infinity;
      let high = -Infinity;
      for (let i = 0, c = 0; i < values.length; i++) {
        const x = values[i] ?? 0;
        if (x < low) low = x;
        if (x > high) high = x;
        // NaN compares false both ways; the sum catches it, and infinities, below.
        sums[c] = (sums[c] ?? 0) + x;
        if (++c === channels) c = 0;
      }
      if (!sums.every(Number.isFinite)) {
        throw new RequantError('DATA_INVALID', 'it holds NaN or an infinity', { tensor: name, sample: samples });
      }
      if (samples === 0) { averageMin = low; averageMax = high; }
      else {
        averageMin += AVERAGE_COEFFICIENT * (low - averageMin);
        averageMax += AVERAGE_COEFFICIENT * (high - averageMax);
      }
      totals.forEach((total, c) => total.add(sums[c] ?? 0));
      samples++;
      perChannel += values.length / channels;
      min = Math.min(min, low);
      max = Math.max(max, high);
      addValues(histogram, values, low, high);
    },
    result: () => ({ name, samples, min, max, averageMin, averageMax, histogram: frozen(histogram), channelMeans: Float64Array.from(totals, (total) => total.value() / perChannel) }),
  };
}
