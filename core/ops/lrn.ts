// lrn: local response normalization across channels, x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta. 8 bits
// only, with integers only: the sum of squares is exact, and its power comes from a table with 64 straight pieces an octave (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { clamp, fixedPoint, floorLog2, INTEGER_RANGE, rint, rshr } from './arithmetic.ts';
import { positive } from './attributes.ts';
import { carrierOf, cast, half, number, reach, rounding, settle } from './exact.ts';
import { define, sameAsFloat, type ExactWriter, type KernelCall, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const real = v.pipe(v.number(), v.finite());
/** ONNX Runtime takes odd sizes only. */
const odd = v.pipe(positive, v.check((size) => size % 2 === 1, 'the size is even'));
const attributes = v.object({ size: odd, alpha: real, beta: real, bias: real });
type Attributes = v.InferOutput<typeof attributes>;

/** The power's curve over an octave stays within 2^-10 of its straight pieces up to this exponent. */
const LARGEST_BETA = 4;
/** Pieces an octave, as bits. */
const PIECE_BITS = 6;
/** Bits of an entry's factor: the product with |x - zx| <= 255 stays below 2^38. */
const ENTRY_BITS = 30;
const LARGEST_SQUARE = 255 ** 2;
/** Sums of squares stay below 2^30, and a piece's rise times its length below 2^50. */
const LARGEST_SIZE = 2 ** 14;
const SMALLEST_BIAS = 1e-6;

/** Place of a sum of squares in the table, and what is left of it: below 128 every number has an entry, above 64 an octave. */
export function placeOf(sum: number): { readonly entry: number; readonly octave: number } {
  const octave = sum < 2 ** (PIECE_BITS + 1) ? 0 : floorLog2(sum) - PIECE_BITS;
  return { entry: octave * 2 ** PIECE_BITS + Math.floor(sum / 2 ** octave), octave };
}
/** The sum of squares that an entry stands for. */
function sumAt(entry: number): number {
  const octave = Math.max(0, Math.floor(entry / 2 ** PIECE_BITS) - 1);
  return (entry - octave * 2 ** PIECE_BITS) * 2 ** octave;
}

const channelsOf = (shape: readonly number[]): number => shape.at(-1) ?? 1;

export const lrn = define<Attributes>({
  name: 'lrn',
  className: 'LRN',
  attributes,
  traits: [],
  shapes: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    if (shape.length !== 4) throw new RequantError('SHAPE_MISMATCH', `lrn reads images, not ${shape.length} dimensions`, node.where);
    return [shape];
  },
  parts: () => ['lrn'],
  precisions: ({ attrs }) => {
    const { alpha, beta, bias } = attrs;
    if (bias < SMALLEST_BIAS || alpha < 0 || beta < 0 || beta > LARGEST_BETA) return { reason: `it takes (${bias} + ${alpha} * squares) to the power of ${beta}, which has no table` };
    return attrs.size > LARGEST_SIZE ? { reason: `it adds up ${attrs.size} channels` } : ['int8'];
  },
  emit: ({ attrs }, to) => to.output(0, to.node('LRN', [to.input(0, 'nchw')],
    { size: { int: attrs.size }, alpha: { float: attrs.alpha }, beta: { float: attrs.beta }, bias: { float: attrs.bias } }), 'nchw'),
  quantize: (node) => {
    const { size, alpha, beta, bias } = node.attrs;
    const sx = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
    const out = node.outputQuantization;
    const slope = (alpha / size) * sx * sx;
    const factor = (sum: number): number => (sx / out.scale) * (bias + slope * sum) ** -beta;
    const last = placeOf(Math.min(size, channelsOf(node.inputs[0]?.shape ?? [])) * LARGEST_SQUARE).entry;
    const entries = Array.from({ length: last + 1 }, (_, entry) => {
      const here = factor(sumAt(entry));
      const { multiplier, shift } = fixedPoint(here, ENTRY_BITS);
      return { multiplier, shift, rise: rint((factor(sumAt(entry + 1)) - here) * 2 ** shift) };
    });
    const list = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });
    return {
      attrs: node.attrs, output: out, activations: [0],
      constants: { factor: list(entries.map((e) => e.multiplier)), rise: list(entries.map((e) => e.rise)), shift: list(entries.map((e) => e.shift)) },
    };
  },
  run,
  exact,
  float: sameAsFloat,
  macs: (node) => node.attrs.size * sizeOf(node.inputs[0]?.shape ?? []),
});

/** Factor and shift for a sum of squares. */
function stepsOf(constants: Readonly<Record<string, Tensor>>): (sum: number) => { readonly factor: number; readonly shift: number } {
  const [factors, rises, shifts] = ['factor', 'rise', 'shift'].map((role) => integers(constants[role]));
  return (sum) => {
    const { entry, octave } = placeOf(sum);
    return { factor: (factors?.[entry] ?? 0) + rshr((rises?.[entry] ?? 0) * (sum % 2 ** octave), octave), shift: shifts?.[entry] ?? 0 };
  };
}

/** y = clamp(rshr((x - zx) * f, n) + zy), f the entry's factor and so much of the rise to the next as the sum has left. */
function run(call: KernelCall): Tensor {
  const { size } = v.parse(attributes, call.attrs);
  const x = integers(call.inputs[0]);
  const step = stepsOf(call.constants);
  const { zeroPoint } = quantizationOfInput(call.inputQuantization[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const channels = channelsOf(call.outputShape);
  const aside = (size - 1) / 2;
  const out = newIntegers(output.dtype, x.length);
  for (let pixel = 0; pixel < x.length; pixel += channels) for (let c = 0; c < channels; c++) {
    let sum = 0;
    for (let k = Math.max(0, c - aside); k <= Math.min(channels - 1, c + aside); k++) sum += ((x[pixel + k] ?? 0) - zeroPoint) ** 2;
    const { factor, shift } = step(sum);
    out[pixel + c] = clamp(rshr(((x[pixel + c] ?? 0) - zeroPoint) * factor, shift) + output.zeroPoint, min, max);
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

/** Sums of squares that may have a factor each: 8 MB. */
const MOST_SUMS = 2 ** 20;

/** Squares added up by a convolution over neighbouring channels, then one factor for each sum that there can be. */
function exact(twin: TwinView): ExactWriter | undefined {
  const { size } = v.parse(attributes, twin.attrs);
  const channels = channelsOf(twin.output.shape);
  const largest = reach(twin.inputs[0]?.quantization ?? null);
  const count = Math.min(size, channels) * largest ** 2 + 1;
  if (count > MOST_SUMS) return undefined;
  const steps = Array.from({ length: count }, (_, sum) => sum).map(stepsOf(twin.constants));
  const bounded = ({ factor, shift }: { readonly factor: number; readonly shift: number }): boolean => shift > 0 && carrierOf(largest * Math.abs(factor) + rounding(shift)) !== undefined;
  if (!steps.every(bounded)) return undefined;
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  return (to) => {
    const x = to.input(0, 'nchw');
    const near = Float32Array.from({ length: channels ** 2 }, (_, i) => (Math.abs(Math.floor(i / channels) - (i % channels)) <= (size - 1) / 2 ? 1 : 0));
    const sums = to.node('Conv', [to.node('Mul', [x, x]), to.constant(float32([channels, channels, 1, 1], near))]);
    const factor = to.node('Gather', [number(to, 'float64', steps.map((step) => step.factor * 2 ** -step.shift), [count]), cast(to, sums, 'int64')]);
    const y = to.node('Add', [to.node('Mul', [cast(to, x, 'float64'), factor]), number(to, 'float64', half(1))]);
    to.output(0, settle(to, y, 'float64', min, max, zeroPoint), 'nchw');
  };
}
