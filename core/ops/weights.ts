// How weights and bias become integers, and how an accumulator becomes an output: numerics sections 4 (sima, tflite,
// output_int32) and bias correction. Shared by convolution and fully connected layers; weights are [out, ...].
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { ActivationQuantization, Quantization } from '../ir/index.ts';
import { showShape, type Tensor } from '../tensor/tensor.ts';
import { integerBounds, boundsOf, type Activation } from './activation.ts';
import { clamp, EXACT_LIMIT, fixedPoint, floorLog2, INTEGER_RANGE, rint, rintWithin32, rshrWide } from './arithmetic.ts';
import type { FloatForm, IntegerPlan, NodeView, QuantizeView, TwinView } from './operator.ts';
import { newIntegers, type IntegerData } from './rescaling.ts';
import { roundWeights, WEIGHT_MAX } from './rounding.ts';

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

/** Scale of each output channel's weights, before any correction; one entry for per-tensor weights. */
function weightScales(weights: Float32Array, channels: number, bias: Float32Array | undefined, sx: number, sy: number, perChannel: boolean, limit: number): Float64Array {
  const run = weights.length / channels;
  const scales = new Float64Array(channels);
  for (let o = 0; o < channels; o++) {
    let largest = 0;
    for (let k = o * run; k < (o + 1) * run; k++) largest = Math.max(largest, Math.abs(weights[k] ?? 0));
    const natural = largest > 0 ? largest / WEIGHT_MAX : sy / (sx * 2 ** EMPTY_CHANNEL_BITS);
    // A bias far larger than its weights would not fit its integer: coarser weights make room for it.
    scales[o] = Math.max(natural, Math.abs(bias?.[o] ?? 0) / (sx * limit), 2 ** -100);
  }
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

const largest = (values: Float32Array | undefined): number => values?.reduce((a, b) => Math.max(a, Math.abs(b)), 0) ?? 0;

/**
 * What rounding and clipping at scale `sw` costs the output of channels [from, to), and what it costs at half that scale: the expected squared errors, up to
 * a common factor, for inputs of the means E[x] that spread about as far as they are large. Bias correction takes the errors' means away. Both come
 * from one quotient for each weight, since doubling it is exact.
 */
function outputErrors({ weights, means, spread, corrected, run }: WeightError, from: number, to: number, sw: number): readonly [whole: number, half: number] {
  const finer = sw / 2;
  let total = 0, totalFiner = 0;
  for (let o = from; o < to; o++) {
    const expected = corrected ? undefined : means?.(o);
    const start = o * run;
    let squares = 0, squaresFiner = 0, mean = 0, meanFiner = 0;
    for (let k = 0; k < run; k++) {
      const w = weights[start + k] ?? 0;
      const steps = w / sw, stepsFiner = steps * 2;
      const error = sw * rintWithin32(steps > WEIGHT_MAX ? WEIGHT_MAX : steps < -WEIGHT_MAX ? -WEIGHT_MAX : steps) - w;
      const errorFiner = finer * rintWithin32(stepsFiner > WEIGHT_MAX ? WEIGHT_MAX : stepsFiner < -WEIGHT_MAX ? -WEIGHT_MAX : stepsFiner) - w;
      squares += error * error;
      squaresFiner += errorFiner * errorFiner;
      if (expected) {
        const x = expected[k] ?? 0;
        mean += error * x;
        meanFiner += errorFiner * x;
      }
    }
    total += squares * spread + mean * mean;
    totalFiner += squaresFiner * spread + meanFiner * meanFiner;
  }
  return [total, totalFiner];
}

interface WeightError {
  readonly weights: Float32Array;
  /** Weights of one output channel. */
  readonly run: number;
  /** Expected inputs of the weights of channel o; absent without statistics. */
  readonly means: ((o: number) => Float64Array) | undefined;
  /** Mean of the squared expected inputs. */
  readonly spread: number;
  readonly corrected: boolean;
}

interface SimaInput extends WeightError {
  readonly channels: number;
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
function outputScales({ weights, sx, out }: SimaInput): readonly number[] {
  if (out.dtype !== 'int16') return [out.scale];
  const steps = Array.from({ length: OUTPUT_STEPS }, (_, step) => out.scale * 2 ** (step / OUTPUT_STEPS));
  const grid = (sx * largest(weights)) / WEIGHT_MAX;
  return grid > 0 ? [...steps, grid * 2 ** -floorLog2(grid / out.scale)] : steps;
}

/**
 * sima folds what a shift alone cannot express into the weights' scale: sw' = sy / (sx * 2^n). The shift that keeps every weight unclipped
 * has sw <= sw' < 2 sw; the next finer one clips the largest weights. Per channel the one with the smaller error at the output is taken; for
 * an int16 output so is the scale sy, see {@link outputScales}.
 */
function simaScales(input: SimaInput): SimaScales {
  const { bias, scales, sx, out, channels } = input;
  const perScale = channels / scales.length;
  const limit = BIAS_LIMIT[out.dtype];
  let best: SimaScales & { readonly error: number } | undefined;
  for (const sy of outputScales(input)) {
    const chosen = new Float64Array(scales.length);
    const shifts = new Int32Array(scales.length);
    let error = 0;
    for (let o = 0; o < scales.length; o++) {
      const whole = floorLog2(sy / (sx * (scales[o] ?? 1)));
      const at = (n: number): number => sy / (sx * 2 ** n);
      const [safe, half] = outputErrors(input, o * perScale, (o + 1) * perScale, at(whole));
      const fits = Math.abs(scales.length === 1 ? largest(bias) : bias?.[o] ?? 0) / (sx * at(whole + 1)) < limit;
      const finer = fits ? half : Infinity;
      shifts[o] = finer < safe ? whole + 1 : whole;
      chosen[o] = at(shifts[o] ?? 0);
      error += Math.min(finer, safe);
      // Errors only add up: this scale has lost.
      if (best && error >= best.error) break;
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
  const natural = weightScales(weights, channels, bias, sx, out.scale, settings.perChannelWeights, BIAS_LIMIT[input.dtype]);

  const mode = settings.outputInt32 ? 'none' : settings.requantization;
  const bySima = mode === 'sima' ? simaScales({
    weights, run, means, spread, corrected: settings.biasCorrection, bias, scales: natural, sx, out, channels,
  }) : undefined;
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

  const quantized = new Int8Array(weights.length);
  const biases = new Float64Array(channels);
  for (let o = 0; o < channels; o++) {
    const sw = scales[scales.length === 1 ? 0 : o] ?? 1;
    const expected = means?.(o);
    roundWeights(settings.weightRounding, quantized, {
      weights, from: o * run, run, inner: weightOperand.shape.at(-1) ?? 1, scale: sw,
      ...(expected ? { means: expected } : {}),
    });
    let real = bias?.[o] ?? 0;
    if (settings.biasCorrection && expected) real -= expectedError(weights, quantized, sw, o * run, expected);
    biases[o] = clamp(rint(real / (sx * sw)), -BIAS_LIMIT[input.dtype] * 2, BIAS_LIMIT[input.dtype] * 2 - 1);
  }
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
    ? { dtype: 'int32', scale: Array.from({ length: channels }, (_, o) => sx * (scales[scales.length === 1 ? 0 : o] ?? 1)), zeroPoint: 0 }
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

/** Nagel et al. 2019, section 4.2: sum over the weights of one output channel, which begin at `from`, of (W_q - W) * E[x]. */
function expectedError(weights: Float32Array, quantized: Int8Array, sw: number, from: number, expected: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < expected.length; k++) sum += ((quantized[from + k] ?? 0) * sw - (weights[from + k] ?? 0)) * (expected[k] ?? 0);
  return sum;
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
