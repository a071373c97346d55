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
  for (let k = from; k < from + run; k++) into[k] = clamp(rint((weights[k] ?? 0) / scale), -WEIGHT_MAX, WEIGHT_MAX);
  if (rounding === 'squant') balance(into, channel);
}

/**
 * Moves single weights to their other neighbour: first until the errors of each input channel's window sum to at most half a step, then,
 * at most one weight of each window more, while that brings the errors' sum over all input channels, weighted by the expected input, nearer to zero.
 */
function balance(into: Int8Array, { weights, from, run, inner, scale, means }: ChannelWeights): void {
  const errors = new Float64Array(run);
  for (let k = 0; k < run; k++) errors[k] = (into[from + k] ?? 0) - (weights[from + k] ?? 0) / scale;
  const moved = new Uint8Array(run);
  const canMove = (k: number): boolean => moved[k] === 0 && Math.abs((into[from + k] ?? 0) - Math.sign(errors[k] ?? 0)) <= WEIGHT_MAX;
  const move = (k: number): void => {
    const step = Math.sign(errors[k] ?? 0);
    into[from + k] = (into[from + k] ?? 0) - step;
    errors[k] = (errors[k] ?? 0) - step;
    moved[k] = 1;
  };

  for (let c = 0; c < inner; c++) {
    let sum = 0;
    for (let k = c; k < run; k += inner) sum += errors[k] ?? 0;
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

  /** What a weight adds to the total, 0 where it may not move; and what its move would take away. */
  const share = new Float64Array(run);
  const step = new Float64Array(run);
  let total = 0;
  for (let k = 0; k < run; k++) {
    const error = errors[k] ?? 0;
    const mean = means ? means[k] ?? 0 : 1;
    total += error * mean;
    if (canMove(k)) share[k] = error * mean;
    step[k] = Math.sign(error) * mean;
  }
  for (;;) {
    const sign = Math.sign(total);
    const distance = Math.abs(total);
    let best = -1;
    for (let k = 0, most = 0; k < run; k++) {
      const part = sign * (share[k] ?? 0);
      if (part > most && Math.abs(total - (step[k] ?? 0)) < distance) { best = k; most = part; }
    }
    if (best < 0) return;
    total -= step[best] ?? 0;
    move(best);
    for (let k = best % inner; k < run; k += inner) share[k] = 0;
  }
}
