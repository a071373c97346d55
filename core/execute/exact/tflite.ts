// TensorFlow Lite's layers with weights on the kernels: 31-bit multipliers rounded once or twice, or sums of 64 bits where the bias has as many.
import { FORM } from '../../kernels/index.ts';
import { INTEGER_RANGE, reducedMultiplier } from '../../ops/index.ts';
import { byChannel, channelSums, reachOf } from './bounds.ts';
import { convolutionBy, fullyConnectedBy } from './convolution.ts';
import { STRANGE, UNPROVED, type Lowering } from './lowering.ts';
import { transposedBy } from './transposed.ts';
import { proveRounded, type Prove } from './weighted.ts';

/** Beside int16, a bias is within this, and no shift goes further to the left. */
const [WIDE_BIAS, WIDE_SHIFT] = [2 ** 47, 7];

/** Sums are proved to stay within 32 bits, as TensorFlow Lite takes for granted. */
const proveTflite = (form: number): Prove => (node, weights, outputs, input, output, bounds) => {
  const bias = node.constants['bias']?.data;
  if (bias instanceof BigInt64Array) return proveWide(form === FORM.once)(node, weights, outputs, input, output, bounds);
  const multiplier = byChannel(node.constants['multiplier'], outputs, 0);
  const shift = byChannel(node.constants['shift'], outputs, 0);
  const [low, high] = INTEGER_RANGE[input.dtype];
  if (input.dtype === 'int32' || output.dtype !== input.dtype || input.zeroPoint < low || input.zeroPoint > high || !(bias instanceof Int32Array) || bias.length !== outputs || !multiplier || !shift) return STRANGE;
  if (!multiplier.every((m) => m >= 0 && m < 2 ** 31) || !shift.every((n) => n >= -31 && n <= 30)) return STRANGE;
  const run = weights.length / outputs;
  const reach = Math.max(input.zeroPoint - low, high - input.zeroPoint, reachOf(input));
  const wide = new BigInt64Array(outputs * 3);
  for (let o = 0; o < outputs; o++) {
    const { sum, magnitude } = channelSums(weights, o, run);
    const own = bias[o] ?? 0;
    if (magnitude * reach + Math.abs(own) >= 2 ** 31) return UNPROVED;
    // Activations travel as stored: the bias takes the zero point with it.
    wide.set([BigInt(own - input.zeroPoint * sum), BigInt(multiplier[o] ?? 0), BigInt(shift[o] ?? 0)], o * 3);
  }
  const unused = new Float64Array(outputs);
  return { form, flushPairs: 0, scale: unused, offset: unused, lower: unused, upper: unused, wide };
};

/** int16: the sum times the whole multiplier, or its upper half, rounded once with halves up. */
const proveWide = (whole: boolean): Prove => (node, weights, outputs, input, output, bounds) => {
  const bias = node.constants['bias']?.data;
  const multiplier = byChannel(node.constants['multiplier'], outputs, 0);
  const shift = byChannel(node.constants['shift'], outputs, 0);
  if (input.dtype !== 'int16' || output.dtype !== 'int16' || !(bias instanceof BigInt64Array) || !bias.every((b) => Math.abs(Number(b)) < WIDE_BIAS) || !multiplier || !shift) return STRANGE;
  if (!multiplier.every((m) => m >= 0 && m < 2 ** 31) || !shift.every((n) => n >= -31 && n <= WIDE_SHIFT)) return STRANGE;
  const steps = whole ? { multiplier, shift: shift.map((n) => 31 - n) } : { multiplier: multiplier.map(reducedMultiplier), shift: shift.map((n) => 15 - n) };
  return proveRounded(node, weights, outputs, input, output, bounds, { ...steps, within32: true });
};

export const lowerTfliteTransposed = transposedBy(proveTflite(FORM.twice));
export const lowerTfliteConvolution = convolutionBy(proveTflite(FORM.twice));
const [roundedOnce, roundedTwice] = [fullyConnectedBy(proveTflite(FORM.once)), fullyConnectedBy(proveTflite(FORM.twice))];
export const lowerTfliteFullyConnected: Lowering = (node) => (node.attrs['roundings'] === 1 ? roundedOnce : roundedTwice)(node);
