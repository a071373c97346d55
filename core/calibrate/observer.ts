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
  counter.reset();
  const drain = (): void => {
    if (pending > 0) counter.drain(histogram.counts, histogram.length);
    pending = 0;
  };
  return {
    observe: (values, sample) => {
      const refuse = (): never => { throw new RequantError('DATA_INVALID', 'it holds NaN or an infinity', { tensor: name, sample }); };
      const end = (from: number): number => Math.min(from + step, values.length);
      let low = Infinity;
      let high = -Infinity;
      /** Is the piece within the bins? */
      const scan = (from: number): boolean => {
        const { min, max } = counter.scan(values, from, end(from));
        // Of NaN alone nothing is smallest.
        if (!Number.isFinite(min) || !Number.isFinite(max)) refuse();
        low = Math.min(low, min);
        high = Math.max(high, max);
        return isCovered(histogram, min, max);
      };
      const count = (from: number): void => {
        counter.count(values, from, end(from), histogram.exponent, histogram.first);
        pending += end(from) - from;
        if (pending > MOST_PENDING) drain();
      };
      counter.begin();
      for (let from = 0; from < values.length; from += step) {
        if (scan(from)) { count(from); continue; }
        // Each widening moves all that was counted: one is made for all that is left, which is read twice for it.
        for (let next = from + step; next < values.length; next += step) scan(next);
        drain();
        cover(histogram, low, high);
        for (let next = from; next < values.length; next += step) count(next);
        break;
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
