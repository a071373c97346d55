// How weights and bias become integers, and how an accumulator becomes an output: numerics sections 4 (sima, tflite,
// output_int32) and bias correction. Shared by convolution and fully connected layers; weights are [out, ...].
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { ActivationQuantization, Quantization } from '../ir/index.ts';
import { showShape, type Tensor } from '../tensor/tensor.ts';
import { integerBounds, boundsOf, type Activation } from './activation.ts';
import { clamp, EXACT_LIMIT, fixedPoint, floorLog2, INTEGER_RANGE, rint, rshrWide } from './arithmetic.ts';
import type { FloatForm, IntegerPlan, NodeView, QuantizeView, TwinView, WeightLoops, WeightRows } from './operator.ts';
import { newIntegers, type IntegerData } from './rescaling.ts';

/** Weights are symmetric: -127 to 127. */
const WEIGHT_MAX = 127;
/** Bits that a bias may take, so that the accumulator cannot leave its width. */
const BIAS_LIMIT = { int8: 2 ** 30, int16: 2 ** 46 } as const;
/** Resolution given to the bias of a channel whose weights are all zero: this many bits below the output's scale. */
const EMPTY_CHANNEL_BITS = 15;

/** A bias is one number an output channel. Raises SHAPE_MISMATCH. */
export function checkBias(node: NodeView<unknown>, channels: number): void {
  const bias = node.inputs[2];
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    throw new RequantError('SHAPE_MISMATCH', `its bias ${showShape(bias.shape)} is not one number for each of ${channels} channels`, node.where);
  }
}

/** The largest weight of each output channel, in size. */
function reachesOf(weights: Float32Array, channels: number): Float64Array {
  const run = weights.length / channels;
  return Float64Array.from({ length: channels }, (_, o) => largest(weights.subarray(o * run, (o + 1) * run)));
}

/** Scale of each output channel's weights, before any correction; one entry for per-tensor weights. */
function weightScales(reaches: Float64Array, bias: Float32Array | undefined, sx: number, sy: number, perChannel: boolean, limit: number): Float64Array {
  const scales = reaches.map((reach, o) => {
    const natural = reach > 0 ? reach / WEIGHT_MAX : sy / (sx * 2 ** EMPTY_CHANNEL_BITS);
    // A bias far larger than its weights would not fit its integer: coarser weights make room for it.
    return Math.max(natural, Math.abs(bias?.[o] ?? 0) / (sx * limit), 2 ** -100);
  });
  return perChannel ? scales : new Float64Array(1).fill(scales.reduce((a, b) => Math.max(a, b), 0));
}

interface WeightedAttributes {
  readonly activation: Activation;
}

const floats = (t: Tensor | undefined, where: ErrorPlace): Float32Array | undefined => {
  if (!t) return undefined;
  if (t.data instanceof Float32Array) return t.data;
  throw new RequantError('DTYPE_MISMATCH', `weights are ${t.dtype}, not float32`, where);
};

/** In size. A loop: a callback for each of millions of weights would take longer than their rounding. */
function largest(values: Float32Array | undefined): number {
  if (!values) return 0;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0);
    if (size > most) most = size;
  }
  return most;
}

interface SimaInput {
  readonly rows: WeightRows;
  /** Mean of the squared expected inputs. */
  readonly spread: number;
  readonly reaches: Float64Array;
  readonly bias: Float32Array | undefined;
  readonly scales: Float64Array;
  readonly sx: number;
  readonly out: ActivationQuantization;
}
interface SimaScales {
  readonly scales: Float64Array;
  readonly shifts: Int32Array;
  readonly output: ActivationQuantization;
}

/** A 16-bit output has bits to spare and weights have not: its scale may grow up to twofold, in this many steps, where that serves the weights. */
const OUTPUT_STEPS = 16;

/**
 * The output scales that sima may choose from. Beside the steps stands the one at which weights on an int8 grid of their own, with one scale for
 * all (a dynamic-range TFLite model's), are met exactly: sx * max|w| / 127 * 2^n, in [sy, 2 sy).
 */
function outputScales({ reaches, sx, out }: SimaInput): readonly number[] {
  if (out.dtype !== 'int16') return [out.scale];
  const steps = Array.from({ length: OUTPUT_STEPS }, (_, step) => out.scale * 2 ** (step / OUTPUT_STEPS));
  const grid = (sx * reaches.reduce((a, b) => Math.max(a, b), 0)) / WEIGHT_MAX;
  return grid > 0 ? [...steps, grid * 2 ** -floorLog2(grid / out.scale)] : steps;
}

/**
 * sima folds what a shift alone cannot express into the weights' scale: sw' = sy / (sx * 2^n). The shift that keeps every weight unclipped
 * has sw <= sw' < 2 sw; the next finer one clips the largest weights. Per channel the one with the smaller error at the output is taken; for
 * an int16 output so is the scale sy, see {@link outputScales}.
 */
function simaScales(input: SimaInput, errorsOf: WeightLoops['errors']): SimaScales {
  const { rows, spread, reaches, bias, scales, sx, out } = input;
  const channels = reaches.length;
  const each = channels / scales.length;
  const limit = BIAS_LIMIT[out.dtype];
  const at = (sy: number, n: number): number => sy / (sx * 2 ** n);
  const candidates = outputScales(input).map((sy) => {
    const whole = Int32Array.from(scales, (scale) => floorLog2(sy / (sx * scale)));
    return { sy, whole, scales: Float64Array.from({ length: channels }, (_, o) => at(sy, whole[Math.floor(o / each)] ?? 0)) };
  });
  // For inputs of the means E[x] that spread about as far as they are large. Bias correction takes the errors' means away.
  const costs = errorsOf(rows, spread, candidates.map((candidate) => candidate.scales));
  let best: SimaScales & { readonly error: number } | undefined;
  for (const [i, { sy, whole }] of candidates.entries()) {
    const chosen = new Float64Array(scales.length);
    const shifts = new Int32Array(scales.length);
    let error = 0;
    for (let s = 0; s < scales.length; s++) {
      let [safe, half] = [0, 0];
      for (let o = s * each; o < (s + 1) * each; o++) { safe += costs[i]?.[o * 2] ?? 0; half += costs[i]?.[o * 2 + 1] ?? 0; }
      const n = whole[s] ?? 0;
      const fits = Math.abs(scales.length === 1 ? largest(bias) : bias?.[s] ?? 0) / (sx * at(sy, n + 1)) < limit;
      const finer = fits ? half : Infinity;
      shifts[s] = finer < safe ? n + 1 : n;
      chosen[s] = at(sy, shifts[s] ?? 0);
      error += Math.min(finer, safe);
    }
    if (!best || error < best.error) best = { scales: chosen, shifts, error, output: { ...out, scale: sy } };
  }
  return best ?? { scales, shifts: new Int32Array(scales.length), output: out };
}

/** The input channel that weight k of output channel o multiplies: as that of channel 0, plus what depends on o alone. */
export type ChannelOf = (o: number, k: number) => number;

/** The integer twin of a weighted operator; `attrs` are the operator's own attributes in the plan. */
export function quantizeWeighted<A extends WeightedAttributes>(node: QuantizeView<A>, attrs: Readonly<Record<string, unknown>>, channelOf: ChannelOf): IntegerPlan {
  const { settings, outputQuantization: out, inputMeans } = node;
  const [, weightOperand, biasOperand] = node.inputs;
  const weights = floats(weightOperand?.constant, node.where);
  const input = node.inputQuantization[0];
  if (!weights || !weightOperand || !input) throw new RequantError('INTERNAL', 'a weighted operator without constant weights was to be quantized', node.where);
  const bias = floats(biasOperand?.constant, node.where);
  const channels = weightOperand.shape[0] ?? 1;
  const run = weights.length / channels;
  const means = inputMeans && meansOf(inputMeans, run, channelOf);
  const spread = inputMeans ? Math.max(1e-30, inputMeans.reduce((sum, m) => sum + m * m, 0) / inputMeans.length) : 1;
  const sx = input.scale;
  const reaches = reachesOf(weights, channels);
  const natural = weightScales(reaches, bias, sx, out.scale, settings.perChannelWeights, BIAS_LIMIT[input.dtype]);

  const mode = settings.outputInt32 ? 'none' : settings.requantization;
  const bySima = mode === 'sima'
    ? simaScales({ rows: { weights, run, means: settings.biasCorrection ? undefined : means }, spread, reaches, bias, scales: natural, sx, out }, node.loops.errors)
    : undefined;
  const stored = bySima?.output ?? out;
  const scales = bySima?.scales ?? natural;
  const shifts = bySima?.shifts ?? new Int32Array(scales.length);
  const multipliers = new Int32Array(scales.length);
  if (mode === 'tflite') {
    scales.forEach((sw, o) => {
      const { multiplier, shift } = fixedPoint((sx * sw) / out.scale, 8);
      multipliers[o] = multiplier;
      shifts[o] = shift;
    });
  }

  const scaleOf = (o: number): number => scales[scales.length === 1 ? 0 : o] ?? 1;
  const { stored: quantized, errors } = node.loops.round(
    { weights, run, means }, weightOperand.shape.at(-1) ?? 1, Float64Array.from({ length: channels }, (_, o) => scaleOf(o)), settings.weightRounding === 'squant',
  );
  const biases = Float64Array.from({ length: channels }, (_, o) => {
    // Nagel et al. 2019, section 4.2: the expected error of the rounded weights.
    const real = (bias?.[o] ?? 0) - (settings.biasCorrection && means ? errors[o] ?? 0 : 0);
    return clamp(rint(real / (sx * scaleOf(o))), -BIAS_LIMIT[input.dtype] * 2, BIAS_LIMIT[input.dtype] * 2 - 1);
  });
  const wide = input.dtype === 'int16';
  const constants: Record<string, Tensor> = {
    weights: { dtype: 'int8', shape: weightOperand.shape, data: quantized },
    bias: wide
      ? { dtype: 'int64', shape: [channels], data: BigInt64Array.from(biases, BigInt) }
      : { dtype: 'int32', shape: [channels], data: Int32Array.from(biases) },
  };
  if (mode !== 'none') constants['shift'] = { dtype: 'int32', shape: [shifts.length], data: shifts };
  if (mode === 'tflite') constants['multiplier'] = { dtype: 'int32', shape: [multipliers.length], data: multipliers };

  const output: Quantization = mode === 'none'
    ? { dtype: 'int32', scale: Array.from({ length: channels }, (_, o) => sx * scaleOf(o)), zeroPoint: 0 }
    : stored;
  const [min, max] = mode === 'none' ? INTEGER_RANGE.int32 : integerBounds(node.attrs.activation, stored);
  return { attrs: { ...attrs, mode, min, max, activation: node.attrs.activation }, constants, output, activations: [0] };
}

/** Expected inputs of the weights of one output channel, in their order; channels that read the same inputs share them. */
function meansOf(means: Float64Array, run: number, channelOf: ChannelOf): (o: number) => Float64Array {
  let first = -1;
  let row = new Float64Array(0);
  return (o) => {
    if (channelOf(o, 0) !== first) {
      first = channelOf(o, 0);
      row = Float64Array.from({ length: run }, (_, k) => means[channelOf(o, k)] ?? 0);
    }
    return row;
  };
}

/** A weighted twin over dequantized numbers. The weights' scale is not stored; it follows from sx * sw / sy = m * 2^-n, or from the accumulator's own. */
export function floatWeighted(twin: TwinView): FloatForm {
  const { weights, bias } = twin.constants;
  const sx = twin.inputs[0]?.quantization?.scale;
  const sy = twin.output.quantization?.scale;
  if (!weights || !bias || typeof sx !== 'number' || sy === undefined) throw new RequantError('MODEL_INVALID', 'a weighted node lacks weights, bias or quantization', twin.where);
  const each = (role: string, o: number, absent: number): number => { const data = twin.constants[role]?.data; return data ? Number(data[data.length === 1 ? 0 : o] ?? absent) : absent; };
  const accumulator = Array.from({ length: bias.data.length }, (_, o) => (typeof sy === 'number' ? sy * each('multiplier', o, 1) * 2 ** -each('shift', o, 0) : sy[o] ?? 1));
  return { attrs: twin.attrs, inputs: [0, { stored: weights, scale: accumulator.map((s) => s / sx), zeroPoint: 0 }, { stored: bias, scale: accumulator, zeroPoint: 0 }] };
}

/** What the kernels read of a weighted plan, unpacked once a call. */
export interface WeightedKernel {
  readonly weights: Int8Array;
  /** Turns finished sums (bias included) into stored outputs. */
  readonly finish: (out: IntegerData, at: number, o: number, sum: number) => void;
  readonly bias: Float64Array;
  /** 'int32': sums fit 32 bits; 'double': they fit 53; 'wide': neither is proved and big integers are used. */
  readonly accumulator: 'int32' | 'double' | 'wide';
  readonly finishWide: (out: IntegerData, at: number, o: number, sum: bigint) => void;
  readonly newOutput: (length: number) => IntegerData;
  readonly dtype: 'int8' | 'int16' | 'int32';
}

interface WeightedCall {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants: Readonly<Record<string, Tensor>>;
  readonly inputQuantization: readonly (Quantization | null)[];
  readonly outputQuantization: Quantization | null;
}

export function weightedKernel(call: WeightedCall): WeightedKernel {
  const weights = call.constants['weights']?.data;
  const biasData = call.constants['bias']?.data;
  const input = call.inputQuantization[0];
  const output = call.outputQuantization;
  if (!(weights instanceof Int8Array) || !biasData || !input || !output) throw new RequantError('MODEL_INVALID', 'a weighted node lacks weights, bias or quantization');
  const bias = Float64Array.from(biasData as ArrayLike<number | bigint>, Number);
  const shifts = call.constants['shift']?.data ?? new Int32Array(1);
  const multipliers = call.constants['multiplier']?.data ?? new Int32Array(1).fill(1);
  const one = (data: ArrayLike<number | bigint>, o: number): number => Number(data[data.length === 1 ? 0 : o] ?? 0);
  const min = Number(call.attrs['min']);
  const max = Number(call.attrs['max']);
  const zy = output.zeroPoint;
  const raw = call.attrs['mode'] === 'none';
  // rshr by table: floor((a * m + half) * 2^-n), the product with a power of two being exact.
  const halves = Float64Array.from(bias, (_, o) => { const n = one(shifts, o); return n > 0 ? 2 ** (n - 1) : 0; });
  const powers = Float64Array.from(bias, (_, o) => 2 ** -one(shifts, o));
  const factors = Float64Array.from(bias, (_, o) => one(multipliers, o));
  const activation = boundsOf(call.attrs['activation'] as Activation);
  const scale = (o: number): number => (typeof output.scale === 'number' ? output.scale : output.scale[o] ?? 1);
  /** A fused clamp on a raw accumulator: the bounds in the channel's own units. */
  const rawBound = (real: number, o: number): number => (Number.isFinite(real) ? rint(real / scale(o)) : real);
  return {
    weights, bias,
    accumulator: accumulatorOf(weights, bias, input, raw ? 1 : 255),
    dtype: output.dtype,
    newOutput: (length) => newIntegers(output.dtype, length),
    finish: raw
      ? (out, at, o, sum) => { out[at] = clamp(clamp(sum, rawBound(activation.min, o), rawBound(activation.max, o)), min, max); }
      : (out, at, o, sum) => { out[at] = clamp(Math.floor((sum * (factors[o] ?? 1) + (halves[o] ?? 0)) * (powers[o] ?? 1)) + zy, min, max); },
    finishWide: (out, at, o, sum) => {
      const y = raw ? sum : rshrWide(sum * BigInt(one(multipliers, o)), one(shifts, o)) + BigInt(zy);
      const bounded = y < BigInt(min) ? min : y > BigInt(max) ? max : Number(y);
      out[at] = raw ? clamp(bounded, rawBound(activation.min, o), rawBound(activation.max, o)) : bounded;
    },
  };
}

/** Proves how wide the sums can get: per channel, max|x - zx| * sum|w| + |bias|, times the multiplier where there is one. */
function accumulatorOf(weights: Int8Array, bias: Float64Array, input: Quantization, factor: number): WeightedKernel['accumulator'] {
  const [qmin, qmax] = INTEGER_RANGE[input.dtype];
  const reach = Math.max(Math.abs(qmin - input.zeroPoint), Math.abs(qmax - input.zeroPoint));
  const run = weights.length / bias.length;
  let bound = 0;
  for (let o = 0; o < bias.length; o++) {
    let sum = 0;
    for (let k = o * run; k < (o + 1) * run; k++) sum += Math.abs(weights[k] ?? 0);
    bound = Math.max(bound, sum * reach + Math.abs(bias[o] ?? 0));
  }
  if (bound < 2 ** 31) return 'int32';
  // The rounding constant of the shift adds at most as much as the sum itself, or the shift empties the result.
  return bound * factor * 4 < EXACT_LIMIT ? 'double' : 'wide';
}
