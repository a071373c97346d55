// The loops over a tensor's values, piece by piece: here in plain JavaScript, written for reading. The engine passes in those of core/kernels,
// which give the same.
import { MAX_BINS } from './histogram.ts';

/** Counts the values of one tensor. A piece holds whole rows of all channels. */
export interface Counter {
  /** Forgets what was counted. */
  reset(): void;
  /** A sample begins: channel sums are 0. */
  begin(): void;
  /** Adds values [from, to) to the channel sums and gives their smallest and largest. NaN is passed by; it shows in the sums, as infinities do. */
  scan(values: Float32Array, from: number, to: number): { readonly min: number; readonly max: number };
  /** Counts values [from, to): bin floor(x / 2^exponent) - first, known to be in [0, MAX_BINS). */
  count(values: Float32Array, from: number, to: number, exponent: number, first: number): void;
  /** Sum of each channel over the sample, added up in order. Valid until the next call. */
  sums(): Float64Array;
  /** Adds what was counted, all of it in the first `bins`, to `counts` and begins anew. To be called before 2^32 values were counted. */
  drain(counts: Float64Array, bins: number): void;
}

/** Elements of a piece, so that it stays in a core's cache while it is looked at twice; never less than a row of all channels. */
const PIECE = 16384;
export const pieceOf = (channels: number): number => Math.max(1, Math.floor(PIECE / channels)) * channels;

export function plainCounter(channels: number): Counter {
  const sums = new Float64Array(channels);
  const table = new Float64Array(MAX_BINS);
  return {
    reset: () => { table.fill(0); },
    begin: () => { sums.fill(0); },
    scan: (values, from, to) => {
      let min = Infinity, max = -Infinity;
      for (let i = from, c = 0; i < to; i++) {
        const x = values[i] ?? 0;
        if (x < min) min = x;
        if (x > max) max = x;
        sums[c] = (sums[c] ?? 0) + x;
        if (++c === channels) c = 0;
      }
      // Adding 0 turns -0 into 0: which of the two zeros came first must not show.
      return { min: min + 0, max: max + 0 };
    },
    count: (values, from, to, exponent, first) => {
      const factor = 2 ** -exponent;
      for (const x of values.subarray(from, to)) {
        const bin = Math.floor(x * factor) - first;
        table[bin] = (table[bin] ?? 0) + 1;
      }
    },
    sums: () => sums,
    drain: (counts, bins) => {
      for (let i = 0; i < bins; i++) counts[i] = (counts[i] ?? 0) + (table[i] ?? 0);
      table.fill(0, 0, bins);
    },
  };
}
