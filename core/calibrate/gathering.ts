// Puts the statistics of a value together from its extremes, sample by sample, and the parts that one or several threads observed.
import type { ValueStatistics } from '../ir/index.ts';
import { createExactSums } from './exact-sum.ts';
import { merged } from './histogram.ts';
import type { ValuePart } from './observer.ts';

/** Coefficient of the moving averages (numerics 3). */
export const AVERAGE_COEFFICIENT = 0.01;

export interface Gathering {
  /** Takes the extremes of the next sample. Moving averages depend on the order of samples, so they are followed here and not where samples are observed. */
  follow(min: number, max: number): void;
  /** The same for any split of the samples into parts. */
  result(parts: readonly ValuePart[]): ValueStatistics;
}

export function createGathering(name: string, channels: number): Gathering {
  let samples = 0;
  let min = Infinity;
  let max = -Infinity;
  let averageMin = 0;
  let averageMax = 0;
  return {
    follow: (low, high) => {
      if (samples === 0) { averageMin = low; averageMax = high; }
      else {
        averageMin += AVERAGE_COEFFICIENT * (low - averageMin);
        averageMax += AVERAGE_COEFFICIENT * (high - averageMax);
      }
      samples++;
      min = Math.min(min, low);
      max = Math.max(max, high);
    },
    result: (parts) => {
      const totals = createExactSums(channels);
      let perChannel = 0;
      for (const part of parts) {
        totals.merge(part.sums);
        perChannel += part.perChannel;
      }
      return { name, samples, min, max, averageMin, averageMax, histogram: merged(parts.map((part) => part.histogram)), channelMeans: totals.values().map((total) => total / perChannel) };
    },
  };
}
