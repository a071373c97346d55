// Weighted twins as float convolutions over whole numbers (core/ops/exact.ts). The plain case, int8 with a shift only, is one convolution,
// one floor and one clip: weights times 2^-n, bias plus half a step, times 2^-n. Where a bound fails, inputs are split in high and low bytes
// and weights in high and low nibbles, and the parts are added up in float64.
import { RequantError } from '../errors/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';
import { boundsOf, type Activation } from './activation.ts';
import { clamp, INTEGER_RANGE, rint } from './arithmetic.ts';
import { carrierOf, half, number, rounding, settle, span, widen } from './exact.ts';
import type { ExactWriter, FloatEmitter, Layout, TwinView } from './operator.ts';
import { quantizationOfInput } from './rescaling.ts';

export interface WeightedForm {
  readonly layout: Layout;
  /** Shape of one value an output channel, to broadcast over the output. */
  readonly perChannel: (channels: number) => readonly number[];
  /** The sums of x * w over float32 weights of the twin's own shape, plus a bias where one is given. */
  readonly sum: (to: FloatEmitter, x: string, weights: Tensor<'float32'>, bias?: Tensor<'float32'>) => string;
  /** The output channel of each weight; by default weights are [out, ...]. */
  readonly channelOf?: (i: number) => number;
}

interface Part {
  readonly factor: number;
  readonly low: number;
  readonly high: number;
}
/** Parts of an int16 input: x = 256 * floor(x / 256) + the low byte. */
const BYTE = 256;
/** Parts of weights: w = 16 * wh + wl with wl in [-8, 7]. */
const NIBBLE = 16;

/** Per output channel, the largest magnitude of any partial sum of w * x with x in [low, high], which contains 0. */
function partialSums(weights: ArrayLike<number>, channels: number, channelOf: (i: number) => number, { low, high }: Part): Float64Array {
  const up = new Float64Array(channels);
  const down = new Float64Array(channels);
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i] ?? 0;
    const o = channelOf(i);
    up[o] = (up[o] ?? 0) + Math.max(w * high, w * low);
    down[o] = (down[o] ?? 0) - Math.min(w * high, w * low);
  }
  return up.map((u, o) => Math.max(u, down[o] ?? 0));
}

export function exactWeighted(twin: TwinView, form: WeightedForm): ExactWriter | undefined {
  const weights = twin.constants['weights'];
  const bias = Float64Array.from((twin.constants['bias']?.data ?? []) as ArrayLike<number | bigint>, Number);
  const channels = bias.length;
  if (!(weights?.data instanceof Int8Array) || channels === 0) throw new RequantError('MODEL_INVALID', 'a weighted node lacks weights or bias', twin.where);
  const run = weights.data.length / channels;
  const channelOf = form.channelOf ?? ((i) => Math.floor(i / run));
  const q: ArrayLike<number> = weights.data;
  const input = quantizationOfInput(twin.inputs[0]?.quantization ?? null);
  const [low, high] = span(input);
  const each = (role: string, absent: number): Float64Array => {
    const data = twin.constants[role]?.data as ArrayLike<number | bigint> | undefined;
    return bias.map((_, o) => (data ? Number(data[data.length === 1 ? 0 : o] ?? absent) : absent));
  };
  const shifts = each('shift', 0);
  const multipliers = each('multiplier', 1);
  const steepest = Math.max(...shifts.map(Math.abs));
  const sums = partialSums(q, channels, channelOf, { factor: 1, low, high });
  const bound = Math.max(...sums.map((sum, o) => (sum + Math.abs(bias[o] ?? 0)) * (multipliers[o] ?? 1) + rounding(shifts[o] ?? 0)));
  const scaled = (o: number, x: number): number => x * 2 ** -(shifts[o] ?? 0);

  if (twin.attrs['mode'] === 'sima' && carrierOf(bound, steepest) === 'float32') {
    const zeroPoint = quantizationOfInput(twin.output.quantization).zeroPoint;
    const w = float32(weights.shape, Float32Array.from(q, (x, i) => scaled(channelOf(i), x)));
    const b = float32([channels], Float32Array.from(bias, (x, o) => scaled(o, x) + half(shifts[o] ?? 0)));
    return (to) => to.output(0, settle(to, form.sum(to, to.input(0, form.layout), w, b), 'float32', Number(twin.attrs['min']), Number(twin.attrs['max']), zeroPoint), form.layout);
  }
  if (carrierOf(bound) === undefined || steepest > 512) return undefined;

  const inputs: readonly Part[] = input.dtype === 'int8' ? [{ factor: 1, low, high }]
    : [{ factor: BYTE, low: Math.floor(low / BYTE), high: Math.floor(high / BYTE) }, { factor: 1, low: 0, high: BYTE - 1 }];
  const fits = inputs.every((part) => partialSums(q, channels, channelOf, part).every((sum) => carrierOf(sum) === 'float32'));
  const upper = Float32Array.from(q, (x) => Math.floor((x + NIBBLE / 2) / NIBBLE));
  const split = (factor: number, values: Float32Array) => ({ factor, w: float32(weights.shape, values) });
  const factors = fits ? [split(1, Float32Array.from(q))] : [split(NIBBLE, upper), split(1, Float32Array.from(q, (x, i) => x - NIBBLE * (upper[i] ?? 0)))];
  if (!inputs.every((part) => factors.every(({ w }) => partialSums(w.data, channels, channelOf, part).every((sum) => carrierOf(sum) === 'float32')))) return undefined;

  return (to) => {
    const x = to.input(0, form.layout);
    const upperByte = inputs.length > 1 ? to.node('Floor', [to.node('Mul', [x, number(to, 'float32', 1 / BYTE)])]) : '';
    const parts = inputs.length > 1 ? [upperByte, to.node('Sub', [x, to.node('Mul', [upperByte, number(to, 'float32', BYTE)])])] : [x];
    const terms = parts.flatMap((part, i) => factors.map(({ factor, w }) => {
      const sum = widen(to, form.sum(to, part, w), 'float64');
      const weight = (inputs[i]?.factor ?? 1) * factor;
      return weight === 1 ? sum : to.node('Mul', [sum, number(to, 'float64', weight)]);
    }));
    const perChannel = (values: ArrayLike<number>): string => number(to, 'float64', values, form.perChannel(channels));
    const acc = to.node('Add', [terms.reduce((a, b) => to.node('Add', [a, b])), perChannel(bias)]);
    to.output(0, finish(twin, to, acc, perChannel, multipliers.map((m, o) => scaled(o, m)), shifts.map(half)), form.layout);
  };
}

/** From finished sums in float64 to the output: rescaled and clamped, or as they are with a clamp in each channel's own units. */
function finish(twin: TwinView, to: FloatEmitter, acc: string, perChannel: (values: ArrayLike<number>) => string, steps: Float64Array, halves: Float64Array): string {
  if (twin.attrs['mode'] !== 'none') {
    const scaled = to.node('Add', [to.node('Mul', [acc, perChannel(steps)]), perChannel(halves)]);
    return settle(to, scaled, 'float64', Number(twin.attrs['min']), Number(twin.attrs['max']), quantizationOfInput(twin.output.quantization).zeroPoint);
  }
  const { min, max } = boundsOf(twin.attrs['activation'] as Activation);
  const scale = twin.output.quantization?.scale ?? 1;
  const [lowest, highest] = INTEGER_RANGE.int32;
  const bound = (real: number, open: number): Float64Array => steps.map((_, o) => (Number.isFinite(real) ? clamp(rint(real / (typeof scale === 'number' ? scale : scale[o] ?? 1)), lowest, highest) : open));
  return to.node('Min', [to.node('Max', [acc, perChannel(bound(min, lowest))]), perChannel(bound(max, highest))]);
}
