// The loops of calibration over float32 values in WebAssembly, on a memory of their own: extremes, channel sums and histogram bins. Whoever makes the values
// may write them into that memory; there they are observed where they lie.
import { RequantError } from '../errors/index.ts';
import { compile, webAssembly, type Module, type OwnMemory } from './webassembly.ts';

/** Counts the values of one tensor, piece by piece. A piece holds whole rows of all channels. */
export interface KernelCounter {
  /** Forgets what was counted. */
  reset(): void;
  /** A sample begins: channel sums are 0. */
  begin(): void;
  /** Adds values [from, to) to the channel sums and gives their smallest and largest. NaN is passed by; it shows in the sums, as infinities do. */
  scan(values: Float32Array, from: number, to: number): { readonly min: number; readonly max: number };
  /** Counts values [from, to): bin floor(x / 2^exponent) - first, known to be in [0, 32768). */
  count(values: Float32Array, from: number, to: number, exponent: number, first: number): void;
  /** Sum of each channel over the sample, added up in order. Valid until the next call. */
  sums(): Float64Array;
  /** Adds what was counted, all of it in the first `bins`, to `counts` and begins anew. To be called before 2^32 values were counted. */
  drain(counts: Float64Array, bins: number): void;
}

/** A tensor to count. */
export interface Counted {
  readonly channels: number;
  /** Elements. */
  readonly length: number;
  /** Elements of its largest piece. */
  readonly piece: number;
}

export interface KernelCounting {
  /** One for each tensor. */
  readonly counters: readonly KernelCounter[];
  /** Room for each tensor in the counters' memory. Absent where all of them do not fit: pieces are copied there, as those of other arrays are. */
  readonly spaces: readonly Float32Array[] | undefined;
}

const BINS = 32768;
/** Counters for zeros behind the bins, see assembly/observe.ts. */
const ZEROS = 8;
/** Grids on which float32 arithmetic is exact: scaling does not round, and a bin's index fits 23 bits. Others are counted in doubles. */
const FINEST = -126;
const COARSEST = 0;
const LARGEST_INDEX = 2 ** 23;

const PAGE = 65536;
const MOST_PAGES = 65536;
const ALIGNMENT = 64;
/** Vectors may read this far beyond a block's end. */
const SLACK = 128;

/** See assembly/observe.ts. */
interface Exports {
  readonly scan: (x: number, count: number, channels: number, sums: number, extremes: number) => void;
  readonly tally: (x: number, count: number, factor: number, first: number, table: number) => void;
}

let compiled: Module | undefined;

/** Raises BUDGET_EXCEEDED where not even the tables of bins fit. */
export function createCounting(tensors: readonly Counted[]): KernelCounting {
  let end = 0;
  const block = (bytes: number): number => {
    const address = end;
    end += Math.ceil((bytes + SLACK) / ALIGNMENT) * ALIGNMENT;
    return address;
  };
  const copyAt = block(Math.max(0, ...tensors.map(({ piece }) => piece)) * 4);
  const extremesAt = block(8);
  const tables = tensors.map(({ channels }) => ({ sumsAt: block(channels * 8), tableAt: block((BINS + ZEROS) * 4) }));
  const small = end;
  const spacesAt = tensors.map(({ length }) => block(length * 4));
  // It is never enlarged: whoever writes into it holds views of it.
  const whole = memoryOf(end);
  const memory = whole ?? memoryOf(small);
  if (!memory) throw new RequantError('BUDGET_EXCEEDED', `counting needs ${Math.ceil(small / 2 ** 20)} MiB of memory, which there are not`);
  const { buffer } = memory;
  const { scan, tally } = new webAssembly.Instance((compiled ??= compile('observe.wasm')), { env: { memory } }).exports as Exports;
  const extremes = new Float32Array(buffer, extremesAt, 2);

  const counters = tensors.map(({ channels }, t): KernelCounter => {
    const { sumsAt, tableAt } = tables[t] ?? { sumsAt: 0, tableAt: 0 };
    const sums = new Float64Array(buffer, sumsAt, channels);
    const table = new Uint32Array(buffer, tableAt, BINS + ZEROS);
    /** Start of the piece that was copied last. */
    let copied = -1;
    /** Address of a piece. Within a sample, one that was copied is not copied again. */
    const place = (values: Float32Array, from: number, to: number): number => {
      if (values.buffer === buffer) return values.byteOffset + from * 4;
      if (copied !== from) new Float32Array(buffer, copyAt, to - from).set(values.subarray(from, to));
      copied = from;
      return copyAt;
    };
    /** Has the table held anything since it was last emptied? Memory that was never touched costs nothing. */
    let counted = false;
    /** Where zeros counted apart belong; they lie in bin -first. */
    let zeroBin = 0;
    return {
      reset: () => {
        if (counted) table.fill(0);
        counted = false;
      },
      begin: () => { sums.fill(0); copied = -1; },
      scan: (values, from, to) => {
        scan(place(values, from, to), to - from, channels, sumsAt, extremesAt);
        return { min: extremes[0] ?? NaN, max: extremes[1] ?? NaN };
      },
      count: (values, from, to, exponent, first) => {
        counted = true;
        const at = place(values, from, to);
        const length = to - from;
        zeroBin = -first;
        const factor = 2 ** -exponent;
        if (exponent >= FINEST && exponent <= COARSEST && Math.abs(first) + BINS < LARGEST_INDEX) { tally(at, length, factor, first, tableAt); return; }
        for (const x of new Float32Array(buffer, at, length)) {
          const bin = Math.floor(x * factor) - first;
          table[bin] = (table[bin] ?? 0) + 1;
        }
      },
      sums: () => sums,
      drain: (counts, bins) => {
        let zeros = 0;
        for (let i = 0; i < ZEROS; i++) zeros += table[BINS + i] ?? 0;
        for (let i = 0; i < bins; i++) counts[i] = (counts[i] ?? 0) + (table[i] ?? 0);
        if (zeros > 0) counts[zeroBin] = (counts[zeroBin] ?? 0) + zeros;
        table.fill(0, 0, bins);
        table.fill(0, BINS);
        counted = false;
      },
    };
  });
  return { counters, spaces: whole && tensors.map(({ length }, t) => new Float32Array(buffer, spacesAt[t] ?? 0, length)) };
}

function memoryOf(bytes: number): OwnMemory | undefined {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  if (pages > MOST_PAGES) return undefined;
  try { return new webAssembly.Memory({ initial: pages, maximum: pages }); }
  catch { return undefined; }
}
