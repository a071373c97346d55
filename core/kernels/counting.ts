// The loops of calibration over float32 values on the kernels' memory: extremes, channel sums and histogram bins.
import { sharedKernels, type Kernels } from './kernels.ts';

/** Counts the values of one tensor, chunk by chunk. A chunk holds whole rows of all channels. */
export interface KernelCounter {
  /** A sample begins: channel sums are 0. */
  begin(): void;
  /** Smallest and largest of the chunk, which stays the current one. NaN is passed by; it shows in the sums, as infinities do. */
  scan(chunk: Float32Array): { readonly min: number; readonly max: number };
  /** Counts the current chunk: bin floor(x / 2^exponent) - first, known to be in [0, bins). */
  count(exponent: number, first: number): void;
  /** Sum of each channel over the sample, added up in order. Valid until the next call. */
  sums(): Float64Array;
  /** Adds what was counted to `counts` and begins anew. To be called before 2^32 values were counted. */
  drain(counts: Float64Array): void;
}
export interface KernelCounting {
  counter(channels: number): KernelCounter;
  /** Gives the memory back; the counters are of no use afterwards. */
  release(): void;
}

const BINS = 32768;
/** Counters for zeros behind the bins, see assembly/observe.ts. */
const ZEROS = 4;
/** Grids on which float32 arithmetic is exact: scaling does not round, and a bin's index fits 24 bits. Others are counted in doubles. */
const FINEST = -126;
const COARSEST = 0;
const LARGEST_INDEX = 2 ** 24;

/** `largestChunk`: elements of the largest chunk that will come. */
export function createCounting(largestChunk: number, kernels: Kernels = sharedKernels()): KernelCounting {
  const { heap, memory } = kernels;
  const blocks: number[] = [];
  const block = (bytes: number): number => {
    const address = heap.allocate(bytes);
    blocks.push(address);
    return address;
  };
  const chunkAt = block(largestChunk * 4);
  const current = new Float32Array(memory.buffer, chunkAt, largestChunk);
  const extremesAt = block(8);
  const extremes = new Float32Array(memory.buffer, extremesAt, 2);

  return {
    counter: (channels) => {
      const sumsAt = block(channels * 8);
      const sums = new Float64Array(memory.buffer, sumsAt, channels);
      const tableAt = block((BINS + ZEROS) * 4);
      const table = new Uint32Array(memory.buffer, tableAt, BINS + ZEROS).fill(0);
      let length = 0;
      /** Where zeros counted apart belong; they lie in bin -first. */
      let zeroBin = 0;
      return {
        begin: () => { sums.fill(0); },
        scan: (chunk) => {
          current.set(chunk);
          length = chunk.length;
          kernels.scan(chunkAt, length, channels, sumsAt, extremesAt);
          return { min: extremes[0] ?? NaN, max: extremes[1] ?? NaN };
        },
        count: (exponent, first) => {
          zeroBin = -first;
          const factor = 2 ** -exponent;
          if (exponent >= FINEST && exponent <= COARSEST && Math.abs(first) + BINS < LARGEST_INDEX) { kernels.tally(chunkAt, length, factor, first, tableAt); return; }
          for (let i = 0; i < length; i++) {
            const bin = Math.floor((current[i] ?? 0) * factor) - first;
            table[bin] = (table[bin] ?? 0) + 1;
          }
        },
        sums: () => sums,
        drain: (counts) => {
          let zeros = 0;
          for (let i = 0; i < ZEROS; i++) zeros += table[BINS + i] ?? 0;
          for (let i = 0; i < BINS; i++) counts[i] = (counts[i] ?? 0) + (table[i] ?? 0);
          if (zeros > 0) counts[zeroBin] = (counts[zeroBin] ?? 0) + zeros;
          table.fill(0);
        },
      };
    },
    release: () => { if (!kernels.closed) for (const address of blocks.splice(0)) heap.free(address); },
  };
}
