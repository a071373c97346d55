// One observer per value, filled in one pass over the data: min, max, their moving averages, the histogram, channel means.
import { RequantError } from '../errors/index.ts';
import type { ValueStatistics } from '../ir/index.ts';
import { chunkOf, plainCounter, type Counter } from './counter.ts';
import { createExactSum } from './exact-sum.ts';
import { cover, emptyHistogram, frozen, isCovered } from './histogram.ts';

/** Coefficient of the moving averages (numerics 3). */
export const AVERAGE_COEFFICIENT = 0.01;

export interface Observer {
  /** Adds one sample. Raises DATA_INVALID naming tensor and sample for NaN or an infinity. */
  observe(values: Float32Array): void;
  result(): ValueStatistics;
}

/** More counted values than this are drained: counters have 32 bits. */
const MOST_PENDING = 2 ** 31;

/** `channels` is the size of the last dimension. Memory does not grow with the number of samples. */
export function createObserver(name: string, channels: number, counter: Counter = plainCounter(channels)): Observer {
  const histogram = emptyHistogram();
  /** Exact, so that the order of samples does not show. */
  const totals = Array.from({ length: channels }, createExactSum);
  const step = chunkOf(channels);
  let pending = 0;
  let samples = 0;
  let perChannel = 0;
  let min = Infinity;
  let max = -Infinity;
  let averageMin = 0;
  let averageMax = 0;
  const drain = (): void => {
    if (pending > 0) counter.drain(histogram.counts);
    pending = 0;
  };
  const refuse = (): never => { throw new RequantError('DATA_INVALID', 'it holds NaN or an infinity', { tensor: name, sample: samples }); };
  return {
    observe: (values) => {
      counter.begin();
      let low = Infinity;
      let high = -Infinity;
      for (let from = 0; from < values.length; from += step) {
        const chunk = values.subarray(from, from + step);
        const ends = counter.scan(chunk);
        low = Math.min(low, ends.min);
        high = Math.max(high, ends.max);
        // Of NaN alone nothing is smallest.
        if (!Number.isFinite(ends.min) || !Number.isFinite(ends.max)) refuse();
        if (!isCovered(histogram, ends.min, ends.max)) { drain(); cover(histogram, ends.min, ends.max); }
        counter.count(histogram.exponent, histogram.first);
        pending += chunk.length;
        if (pending > MOST_PENDING) drain();
      }
      const sums = counter.sums();
      if (!sums.every(Number.isFinite)) refuse();
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
    },
    result: () => {
      drain();
      return { name, samples, min, max, averageMin, averageMax, histogram: frozen(histogram), channelMeans: Float64Array.from(totals, (total) => total.value() / perChannel) };
    },
  };
}
