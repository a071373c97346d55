// What conv2d and conv_transpose2d share: one window of stored inputs for each output pixel and group, then one exact dot product with
// the weights of every output channel of the group. Weights are [O, kh, kw, I / groups] in both.
import type { Tensor } from '../tensor/tensor.ts';
import type { KernelCall, NodeView } from './operator.ts';
import { integerTensor, type IntegerData } from './rescaling.ts';
import { weightedKernel, type ChannelOf, type WeightedKernel } from './weights.ts';

export interface Sweep {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly outputs: number;
  readonly groups: number;
  /** Numbers in a window: kh * kw * I / groups. */
  readonly window: number;
}
/** Fills `into` with x - zx for one output pixel; what lies outside the image is 0. */
export type Gather = (into: Int32Array, batch: number, row: number, column: number, group: number) => void;

export function convolve(call: KernelCall, sweep: Sweep, gather: Gather): Tensor {
  const kernel = weightedKernel(call);
  const { batch, rows, columns, outputs, groups } = sweep;
  const out = kernel.newOutput(batch * rows * columns * outputs);
  const perGroup = outputs / groups;
  const window = new Int32Array(sweep.window);
  let at = 0;
  for (let b = 0; b < batch; b++) for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    for (let group = 0; group < groups; group++) {
      gather(window, b, row, column, group);
      for (let o = group * perGroup; o < (group + 1) * perGroup; o++, at++) writeProduct(kernel, out, at, o, window);
    }
  }
  return integerTensor(kernel.dtype, call.outputShape, out);
}

/** The input channel that a weight of a grouped convolution multiplies. */
export function groupedChannel({ attrs, inputs }: NodeView<{ readonly groups: number }>): ChannelOf {
  const [outputs = 1, , , groupChannels = 1] = inputs[1]?.shape ?? [];
  return (o, k) => Math.floor(o / (outputs / attrs.groups)) * groupChannels + (k % groupChannels);
}

/** out[at]: the window times the weights of channel o, plus its bias, finished; summed as widely as is proved to be enough. */
export function writeProduct(kernel: WeightedKernel, out: IntegerData, at: number, o: number, window: Int32Array): void {
  const from = o * window.length;
  const bias = kernel.bias[o] ?? 0;
  if (kernel.accumulator === 'int32') kernel.finish(out, at, o, dot32(window, kernel.weights, from) + bias);
  else if (kernel.accumulator === 'double') kernel.finish(out, at, o, dot53(window, kernel.weights, from) + bias);
  else kernel.finishWide(out, at, o, dotWide(window, kernel.weights, from) + BigInt(bias));
}

// The inner loops: k stays inside both arrays by construction, and a check at every step would cost half the speed.
/** Sums that are proved to stay below 2^31. */
function dot32(x: Int32Array, w: Int8Array, from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum = (sum + Math.imul(x[k] as number, w[from + k] as number)) | 0;
  return sum;
}
/** Sums that are proved to stay below 2^53. */
function dot53(x: Int32Array, w: Int8Array, from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] as number) * (w[from + k] as number);
  return sum;
}
function dotWide(x: Int32Array, w: Int8Array, from: number): bigint {
  let sum = 0n;
  for (let k = 0; k < x.length; k++) sum += BigInt((x[k] ?? 0) * (w[from + k] ?? 0));
  return sum;
}
