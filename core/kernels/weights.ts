// The loops that quantize weights, on the kernels' memory and threads: what candidate scales cost, and rounding. The same numbers for any number of threads.
import { instruction } from './instructions.ts';
import { pass, type Passed, type Passing } from './passing.ts';

/** Weights of output channels, one run after another: [channels, run]; the expected inputs of one channel, an array that channels with the same inputs share. */
interface WeightRows {
  readonly weights: Float32Array;
  readonly run: number;
  readonly means: ((channel: number) => Float64Array) | undefined;
}

/** Weights that lie in the kernels' memory at once take no more bytes than this, if two channels do not. */
const CHUNK_BYTES = 2 ** 25;
/** Nanoseconds of one weight, about: rounding; and the cost of one candidate scale. */
const ROUNDING_NS = 8, CANDIDATE_NS = 1.5;

/** WeightLoops in core/ops/operator.ts says what they give. */
export const weightLoops = { errors: weightErrors, round: roundRows };

function weightErrors(rows: WeightRows, spread: number, candidates: readonly Float64Array[]): readonly Float64Array[] {
  const errors = candidates.map((scales) => new Float64Array(scales.length * 2));
  inChunks(rows, CANDIDATE_NS * candidates.length, ({ from, channels, weights, pin, room }) => {
    const scales = new Float64Array(candidates.length * channels);
    candidates.forEach((each, i) => { scales.set(each.subarray(from, from + channels), i * channels); });
    const y = room(scales.length * 16);
    let means = 0;
    if (rows.means) {
      const { distinct, of } = distinctMeans(rows.means, from, channels, rows.run);
      const address = pin(distinct);
      means = pin(of.map((row) => address + row * rows.run * 8));
    }
    const parameters = { spread, weights, channels, run: rows.run, means, scales: pin(scales), candidates: candidates.length, y };
    return {
      instruction: (pieces) => instruction('weightErrors', parameters, pieces),
      result: (bytes) => { errors.forEach((to, i) => { to.set(new Float64Array(bytes, y + i * channels * 16, channels * 2), from * 2); }); },
    };
  });
  return errors;
}

function roundRows(rows: WeightRows, inner: number, scales: Float64Array, balanced: boolean): { readonly stored: Int8Array<ArrayBuffer>; readonly errors: Float64Array } {
  const stored = new Int8Array(rows.weights.length);
  const errors = new Float64Array(scales.length);
  const blocks = Math.ceil(rows.run / BLOCK);
  const scratchBytes = (rows.run + inner + blocks * BLOCK + blocks * 3) * 8 + Math.ceil(rows.run / 64) * 64;
  const ones = new Float64Array(rows.run).fill(1);
  inChunks(rows, ROUNDING_NS, ({ from, channels, weights, pin, room, threads }) => {
    const { distinct, of } = distinctMeans(rows.means ?? (() => ones), from, channels, rows.run);
    const { order, places, sizes, least } = placesOf(distinct, rows.run);
    const parts = ([[distinct, rows.run * 8], [order, blocks * BLOCK * 4], [places, rows.run * 4], [sizes, blocks * BLOCK * 8], [least, blocks * 8]] as const)
      .map(([data, bytes]) => ({ address: pin(data), bytes }));
    const table = pin(Uint32Array.from({ length: (distinct.length / rows.run) * parts.length }, (_, i) => {
      const { address, bytes } = parts[i % parts.length] ?? { address: 0, bytes: 0 };
      return address + Math.floor(i / parts.length) * bytes;
    }));
    const [y, sums] = [room(channels * rows.run), room(channels * 8)];
    const parameters = {
      weights, scales: pin(scales.subarray(from, from + channels)), y, channels, run: rows.run, inner, balanced: Number(balanced),
      means: pin(of.map((row) => table + row * parts.length * 4)), errors: sums, scratch: room(scratchBytes * threads), scratchBytes,
    };
    return {
      instruction: (pieces) => instruction('roundWeights', parameters, pieces),
      result: (bytes) => {
        stored.set(new Int8Array(bytes, y, channels * rows.run), from * rows.run);
        errors.set(new Float64Array(bytes, sums, channels), from);
      },
    };
  });
  return { stored, errors };
}

/** The means that channels [from, from + channels) read, each once, and which of them each channel reads. */
function distinctMeans(means: (channel: number) => Float64Array, from: number, channels: number, run: number): { readonly distinct: Float64Array; readonly of: Uint32Array } {
  const found: Float64Array[] = [];
  const of = Uint32Array.from({ length: channels }, (_, o) => {
    const row = means(from + o);
    if (row !== found.at(-1)) found.push(row);
    return found.length - 1;
  });
  const distinct = new Float64Array(found.length * run);
  found.forEach((row, i) => { distinct.set(row, i * run); });
  return { distinct, of };
}

interface Chunk extends Passing {
  readonly from: number;
  readonly channels: number;
  /** Address of its weights. */
  readonly weights: number;
}

/** `cost`: nanoseconds a weight. */
function inChunks({ weights, run }: WeightRows, cost: number, work: (chunk: Chunk) => Passed<void>): void {
  if (run === 0) return;
  const all = weights.length / run;
  const most = Math.max(2, Math.floor(CHUNK_BYTES / (run * 4)));
  for (let from = 0; from < all; from += most) {
    const channels = Math.min(most, all - from);
    pass(channels * run * cost, Math.ceil(channels / 2), (passing) => work({ ...passing, from, channels, weights: passing.pin(weights.subarray(from * run, (from + channels) * run)) }));
  }
}

/** Places in a block, see assembly/weights.ts. */
const BLOCK = 64;
/** So many weights a run have room beside 31 bits of a mean in a double. */
const MOST_ORDERED = 2 ** 22;

/** Of one or more runs, one after another. */
interface Places {
  readonly order: Int32Array;
  readonly places: Int32Array;
  readonly sizes: Float64Array;
  readonly least: Float64Array;
}

/**
 * Weights in blocks by the size of their means, so that one who looks for small means can leave the last blocks out. What is found does not depend on the order:
 * means are sorted as float32, and very long runs not at all.
 */
function placesOf(means: Float64Array, run: number): Places {
  const rows = means.length / run;
  const blocks = Math.ceil(run / BLOCK);
  const order = new Int32Array(rows * blocks * BLOCK);
  const places = new Int32Array(means.length);
  const sizes = new Float64Array(rows * blocks * BLOCK);
  const least = new Float64Array(rows * blocks);
  const bits = new Uint32Array(Float32Array.from(means, Math.abs).buffer);
  const keys = new Float64Array(run);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * run, row * blocks * BLOCK];
    for (let k = 0; k < run; k++) keys[k] = run < MOST_ORDERED ? (bits[from + k] ?? 0) * MOST_ORDERED + k : k;
    if (run > BLOCK && run < MOST_ORDERED) keys.sort();
    for (let i = 0; i < run; i++) {
      const key = keys[i] ?? 0, k = run < MOST_ORDERED ? key % MOST_ORDERED : key;
      order[to + i] = k;
      places[from + k] = i;
      sizes[to + i] = Math.abs(means[from + k] ?? 0);
    }
    for (let block = blocks - 1, smallest = Infinity; block >= 0; block--) {
      for (let i = block * BLOCK; i < Math.min(run, (block + 1) * BLOCK); i++) smallest = Math.min(smallest, sizes[to + i] ?? 0);
      least[row * blocks + block] = smallest;
    }
  }
  return { order, places, sizes, least };
}
