// One observer per value, filled in one pass over the data: min, max, the histogram, channel sums.
import { RequantError } from '../errors/index.ts';
import type { Histogram } from '../ir/index.ts';
import { pieceOf, plainCounter, type Counter } from './counter.ts';
import { createExactSums, type SumParts } from './exact-sum.ts';
import { cover, emptyHistogram, frozen, isCovered } from './histogram.ts';

export interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** What was observed of a value over some of the samples. Parts merge exactly, whatever samples each has seen. Plain data. */
export interface ValuePart {
  readonly histogram: Histogram;
  /** The sum of each channel's values. */
  readonly sums: SumParts;
  /** Values of a channel that were added up. */
  readonly perChannel: number;
}

export interface Observer {
  /** Adds a sample and returns its extremes. Raises DATA_INVALID naming tensor and sample for NaN or an infinity. */
  observe(values: Float32Array, sample: number): Extremes;
  part(): ValuePart;
}

/** More counted values than this are drained: counters have 32 bits. */
const MOST_PENDING = 2 ** 31;

/** `channels` is the size of the last dimension. Memory does not grow with the number of samples. */
export function createObserver(name: string, channels: number, counter: Counter = plainCounter(channels)): Observer {
  const histogram = emptyHistogram();
  /** Exact, so that the order of samples does not show. */
  const totals = createExactSums(channels);
  const step = pieceOf(channels);
  let pending = 0;
  let perChannel = 0;
  const drain = (): void => {
    if (pending > 0) counter.drain(histogram.counts);
    pending = 0;
  };
  return {
    observe: (values, sample) => {
      const refuse = (): never => { throw new RequantError('DATA_INVALID', 'it holds NaN or an infinity', { tensor: name, sample }); };
      counter.begin();
      let low = Infinity;
      let high = -Infinity;
      for (let from = 0; from < values.length; from += step) {
        const to = Math.min(from + step, values.length);
        const ends = counter.scan(values, from, to);
        low = Math.min(low, ends.min);
        high = Math.max(high, ends.max);
        // Of NaN alone nothing is smallest.
        if (!Number.isFinite(ends.min) || !Number.isFinite(ends.max)) refuse();
        if (!isCovered(histogram, ends.min, ends.max)) { drain(); cover(histogram, ends.min, ends.max); }
        counter.count(histogram.exponent, histogram.first);
        pending += to - from;
        if (pending > MOST_PENDING) drain();
      }
      const sums = counter.sums();
      // 0 times what is not finite is NaN.
      let finite = 0;
      for (let c = 0; c < channels; c++) finite += (sums[c] ?? 0) * 0;
      if (finite !== 0) refuse();
      totals.add(sums);
      perChannel += values.length / channels;
      return { min: low, max: high };
    },
    part: () => {
      drain();
      return { histogram: frozen(histogram), sums: totals.parts(), perChannel };
    },
  };
}
