// Quantization of the weights of one output channel in plain loops, written for reading: what the kernels are held equal to.
import { clamp, rint, rintWithin32 } from '../core/ops/index.ts';

const WEIGHT_MAX = 127;

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
export function plainRounding(balanced: boolean, into: Int8Array, channel: ChannelWeights): void {
  const { weights, from, run, scale } = channel;
  const errors = new Float64Array(run);
  for (let k = 0; k < run; k++) {
    const real = (weights[from + k] ?? 0) / scale;
    const stored = clamp(rint(real), -WEIGHT_MAX, WEIGHT_MAX);
    into[from + k] = stored;
    errors[k] = stored - real;
  }
  if (balanced) balance(into, errors, channel);
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
  for (;;) {
    const best = bestMove(share, total, means);
    if (best < 0) return;
    total -= Math.sign(errors[best] ?? 0) * (means ? means[best] ?? 0 : 1);
    move(best);
    for (let k = best % inner; k < run; k += inner) share[k] = 0;
  }
}

/** Place of the largest share of the total's sign whose move, which takes a mean in size from the total, brings it nearer to zero; the first of equals, or -1. */
function bestMove(share: Float64Array, total: number, means: Float64Array | undefined): number {
  const distance = Math.abs(total);
  let best = -1;
  for (let k = 0, most = 0; k < share.length; k++) {
    const part = Math.sign(total) * (share[k] ?? 0);
    if (part > most && Math.abs(distance - Math.abs(means ? means[k] ?? 0 : 1)) < distance) { best = k; most = part; }
  }
  return best;
}

/** Squared errors at `scale` and at half of it, times `spread`, and the square of the errors' sum weighted by the means. */
export function plainErrors({ weights, from, run, scale, means }: ChannelWeights, spread: number): readonly [whole: number, half: number] {
  const at = (sw: number): number => {
    let squares = 0, mean = 0;
    for (let k = 0; k < run; k++) {
      const w = weights[from + k] ?? 0;
      const error = sw * rintWithin32(clamp(w / sw, -WEIGHT_MAX, WEIGHT_MAX)) - w;
      squares += error * error;
      mean += error * (means?.[k] ?? 0);
    }
    return squares * spread + mean * mean;
  };
  return [at(scale), at(scale / 2)];
}

/** Nagel et al. 2019, section 4.2: the sum of (stored * scale - weight) * mean. */
export function plainExpectedError({ weights, from, run, scale, means }: ChannelWeights, stored: Int8Array): number {
  let sum = 0;
  for (let k = 0; k < run; k++) sum += ((stored[from + k] ?? 0) * scale - (weights[from + k] ?? 0)) * (means ? means[k] ?? 0 : 1);
  return sum;
}
