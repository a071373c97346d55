// How a weight becomes an integer: the nearest one, or, by default, one of the two nearest, so that sums of weights stay right.
// Neighbouring inputs of a convolution are much alike, so what the output sees of the rounding is the sum of its errors over a window.
// After SQuant (Guo et al., "SQuant: On-the-fly data-free quantization via diagonal Hessian decomposition", ICLR 2022), section 3.
import { clamp, rint } from './arithmetic.ts';

export type WeightRounding = 'squant' | 'nearest';

/** Weights are symmetric: -127 to 127. */
export const WEIGHT_MAX = 127;

/** The weights of one output channel: `run` of them from `from` on, [taps, inner] with the input channel last; scale is real per step. */
export interface ChannelWeights {
  readonly weights: Float32Array;
  readonly from: number;
  readonly run: number;
  /** Input channels within the run. */
  readonly inner: number;
  readonly scale: number;
  /** Expected input of each of the `run` weights, where statistics are at hand. */
  readonly means?: Float64Array;
}

/** Writes the stored weights of one output channel into `into`, at the places that they have in `weights`. */
export function roundWeights(rounding: WeightRounding, into: Int8Array, channel: ChannelWeights): void {
  const { weights, from, run, scale } = channel;
  const errors = new Float64Array(run);
  for (let k = 0; k < run; k++) {
    const real = (weights[from + k] ?? 0) / scale;
    const stored = clamp(rint(real), -WEIGHT_MAX, WEIGHT_MAX);
    into[from + k] = stored;
    errors[k] = stored - real;
  }
  if (rounding === 'squant') balance(into, errors, channel);
}

/**
 * Moves single weights to their other neighbour: first until the errors of each input channel's window sum to at most half a step, then,
 * at most one weight of each window more, while that brings the errors' sum over all input channels, weighted by the expected input, nearer to zero.
 */
function balance(into: Int8Array, errors: Float64Array, { from, run, inner, means }: ChannelWeights): void {
  const moved = new Uint8Array(run);
  const canMove = (k: number): boolean => moved[k] === 0 && Math.abs((into[from + k] ?? 0) - Math.sign(errors[k] ?? 0)) <= WEIGHT_MAX;
  const move = (k: number): void => {
    const step = Math.sign(errors[k] ?? 0);
    into[from + k] = (into[from + k] ?? 0) - step;
    errors[k] = (errors[k] ?? 0) - step;
    moved[k] = 1;
  };

  const sums = new Float64Array(inner);
  for (let k = 0, c = 0; k < run; k++) {
    sums[c] = (sums[c] ?? 0) + (errors[k] ?? 0);
    if (++c === inner) c = 0;
  }
  for (let c = 0; c < inner; c++) {
    let sum = sums[c] ?? 0;
    while (Math.abs(sum) > 0.5) {
      const sign = Math.sign(sum);
      let worst = -1;
      for (let k = c, most = 0; k < run; k += inner) {
        const error = sign * (errors[k] ?? 0);
        if (error > most && canMove(k)) { worst = k; most = error; }
      }
      if (worst < 0) break;
      move(worst);
      sum -= sign;
    }
  }

  /** What a weight adds to the total, 0 where it may not move. */
  const share = new Float64Array(run);
  let total = 0;
  for (let k = 0; k < run; k++) {
    const part = (errors[k] ?? 0) * (means ? means[k] ?? 0 : 1);
    total += part;
    if (canMove(k)) share[k] = part;
  }
  const search = createSearch(share, means);
  for (;;) {
    const best = search.best(total);
    if (best < 0) return;
    total -= Math.sign(errors[best] ?? 0) * (means ? means[best] ?? 0 : 1);
    move(best);
    for (let k = best % inner; k < run; k += inner) search.drop(k);
  }
}

/** Places in blocks, each of which knows its largest share: only a block whose largest has gone is looked through again. */
const BLOCK = 64;

interface Search {
  /** Place of the largest share of the total's sign whose move brings the total nearer to zero, the first of equals; -1 where there is none. */
  best(total: number): number;
  /** Takes a place out. */
  drop(k: number): void;
}

/**
 * A move takes a mean, in size, from the total. Places lie in blocks by the size of their means, so that a total that has become small leaves the last
 * blocks out as a whole.
 */
function createSearch(share: Float64Array, means: Float64Array | undefined): Search {
  const { order, blockOf } = orderOf(share.length, means);
  const blocks = Math.ceil(share.length / BLOCK);
  const end = (block: number): number => Math.min(share.length, (block + 1) * BLOCK);
  const sizeOf = (k: number): number => (means ? Math.abs(means[k] ?? 0) : 1);
  /** Of one block; for a total also of those alone whose move serves it. */
  const largest = (block: number, sign: number, total?: number): number => {
    let best = -1;
    for (let i = block * BLOCK, most = 0; i < end(block); i++) {
      const k = order[i] ?? 0;
      const part = sign * (share[k] ?? 0);
      if (part < most || part === 0 || (part === most && k > best)) continue;
      if (total === undefined || Math.abs(total - sizeOf(k)) < total) { best = k; most = part; }
    }
    return best;
  };
  /** By the total's sign: the largest share of each block and its place; Infinity where that is to be looked up. */
  const sides = new Map<number, { readonly parts: Float64Array; readonly places: Int32Array }>();
  return {
    best: (total) => {
      const sign = Math.sign(total);
      const distance = Math.abs(total);
      let side = sides.get(sign);
      if (!side) sides.set(sign, side = { parts: new Float64Array(blocks).fill(Infinity), places: new Int32Array(blocks) });
      const { parts, places } = side;
      let best = -1;
      for (let block = 0, most = 0; block < blocks; block++) {
        let part = parts[block] ?? 0;
        if (part < most || part === 0) continue;
        if (part === Infinity) {
          const k = largest(block, sign);
          places[block] = k;
          parts[block] = part = k < 0 ? 0 : sign * (share[k] ?? 0);
          if (part < most || part === 0) continue;
        }
        let k = places[block] ?? 0;
        if (Math.abs(distance - sizeOf(k)) >= distance) {
          const least = sizeOf(order[block * BLOCK] ?? 0);
          if (least >= distance && least - distance >= distance) break;
          k = largest(block, sign, distance);
          if (k < 0) continue;
          part = sign * (share[k] ?? 0);
        }
        if (part > most || (part === most && k < best)) { best = k; most = part; }
      }
      return best;
    },
    drop: (k) => {
      share[k] = 0;
      const block = blockOf[k] ?? 0;
      for (const { parts, places } of sides.values()) if (places[block] === k) parts[block] = Infinity;
    },
  };
}

interface Order {
  readonly order: Int32Array;
  readonly blockOf: Int32Array;
}
/** Output channels that read the same inputs share their means, and so the order. */
const orders = new WeakMap<Float64Array, Order>();

function orderOf(length: number, means: Float64Array | undefined): Order {
  const known = means && orders.get(means);
  if (known) return known;
  const order = Int32Array.from({ length }, (_, k) => k);
  if (means) order.sort((a, b) => Math.abs(means[a] ?? 0) - Math.abs(means[b] ?? 0));
  const blockOf = new Int32Array(length);
  order.forEach((k, i) => { blockOf[k] = Math.floor(i / BLOCK); });
  if (means) orders.set(means, { order, blockOf });
  return { order, blockOf };
}
