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
  /** Expected input of weight k, where statistics are at hand. */
  readonly meanOf?: (k: number) => number;
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
function balance(into: Int8Array, { weights, from, run, inner, scale, meanOf }: ChannelWeights): void {
  const errors = Float64Array.from({ length: run }, (_, k) => (into[from + k] ?? 0) - (weights[from + k] ?? 0) / scale);
  const moved = new Uint8Array(run);
  const error = (k: number): number => errors[k] ?? 0;
  const canMove = (k: number): boolean => moved[k] === 0 && Math.abs((into[from + k] ?? 0) - Math.sign(error(k))) <= WEIGHT_MAX;
  const move = (k: number): void => {
    const step = Math.sign(error(k));
    into[from + k] = (into[from + k] ?? 0) - step;
    errors[k] = error(k) - step;
    moved[k] = 1;
  };

  for (let c = 0; c < inner; c++) {
    let sum = 0;
    for (let k = c; k < run; k += inner) sum += error(k);
    while (Math.abs(sum) > 0.5) {
      const sign = Math.sign(sum);
      let worst = -1;
      for (let k = c; k < run; k += inner) if (sign * error(k) > (worst < 0 ? 0 : sign * error(worst)) && canMove(k)) worst = k;
      if (worst < 0) break;
      move(worst);
      sum -= sign;
    }
  }

  const mean = Float64Array.from({ length: run }, (_, k) => meanOf?.(k) ?? 1);
  const share = (k: number): number => error(k) * (mean[k] ?? 0);
  let total = 0;
  for (let k = 0; k < run; k++) total += share(k);
  const windowMoved = new Uint8Array(inner);
  for (;;) {
    const sign = Math.sign(total);
    let best = -1;
    for (let k = 0; k < run; k++) {
      if (sign * share(k) <= (best < 0 ? 0 : sign * share(best)) || windowMoved[k % inner] === 1 || !canMove(k)) continue;
      if (Math.abs(total - Math.sign(error(k)) * (mean[k] ?? 0)) < Math.abs(total)) best = k;
    }
    if (best < 0) return;
    total -= Math.sign(error(best)) * (mean[best] ?? 0);
    windowMoved[best % inner] = 1;
    move(best);
  }
}
