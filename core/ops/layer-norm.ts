// layer_norm: (x - mean) / sqrt(variance + epsilon) * gamma + beta over the dimensions from `axis` on, gamma and beta constant. 8 bits only,
// with integers only: mean and variance are exact, one inverse root a row, one rescale an element (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, isFloat32, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { clamp, fixedPoint, floorLog2, INTEGER_RANGE, RESCALE_BITS, rint, rshr } from './arithmetic.ts';
import { integer, size } from './attributes.ts';
import { define, type FloatForm, type KernelCall, type NodeView, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const attributes = v.object({ axis: size, epsilon: v.pipe(v.number(), v.finite(), v.minValue(0)) });
type Attributes = v.InferOutput<typeof attributes>;
/** `epsilon` is whole, but may be larger than 2^53. */
const planAttributes = v.object({ axis: size, epsilon: v.pipe(v.number(), v.integer(), v.minValue(0)), unitBits: v.pipe(integer, v.minValue(-1000), v.maxValue(1000)) });

/** Rows up to here keep every sum below 2^53. */
const LONGEST = 2 ** 18;
/** Fraction bits of the variance. */
const VARIANCE_BITS = 16;
/** Bits of the largest normalized element that a row can have. */
const UNIT_BITS = 32;
/** No shift is larger: rounding a multiplier then costs less than 2^-8 of an output step, whatever the row holds. */
const LARGEST_SHIFT = 40;
/** Bits of beta beside the sums. */
const BETA_BITS = 51;

const rowOf = (node: NodeView<Attributes>): readonly number[] => (node.inputs[0]?.shape ?? []).slice(node.attrs.axis);

export const layerNorm = define<Attributes>({
  name: 'layer_norm',
  className: 'LayerNorm',
  attributes,
  traits: [],
  shapes: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    const length = sizeOf(rowOf(node));
    if (node.attrs.axis >= shape.length) throw new RequantError('SHAPE_MISMATCH', `dimension ${node.attrs.axis} is outside ${showShape(shape)}`, node.where);
    const other = node.inputs.slice(1).find((operand) => operand && sizeOf(operand.shape) !== length);
    if (other) throw new RequantError('SHAPE_MISMATCH', `layer_norm needs one factor and one term for each of ${length} numbers, not ${showShape(other.shape)}`, node.where);
    return [shape];
  },
  parts: () => ['layer_norm'],
  precisions: (node) => {
    if (node.inputs.slice(1).some((operand) => operand && !operand.constant)) return { reason: 'its factors are computed while the network runs' };
    return sizeOf(rowOf(node)) > LONGEST ? { reason: `it normalizes more than ${LONGEST} numbers at a time` } : ['int8'];
  },
  emit: (node, to) => {
    const row = rowOf(node);
    const gamma = node.inputs[1]?.constant ?? float32(row, new Float32Array(sizeOf(row)).fill(1));
    const names = [gamma, ...(node.inputs[2]?.constant ? [node.inputs[2].constant] : [])].map((t) => to.constant({ ...t, shape: row }));
    to.output(0, to.node('LayerNormalization', [to.input(0), ...names], { axis: { int: node.attrs.axis }, epsilon: { float: node.attrs.epsilon } }));
  },
  quantize: (node) => {
    const length = sizeOf(rowOf(node));
    const sx = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
    const out = node.outputQuantization;
    const [gamma, beta] = [1, 2].map((i) => realOf(node, i));
    // Epsilon as the integers' variance sees it.
    const epsilon = rint(node.attrs.epsilon * (length / sx) ** 2 * 2 ** VARIANCE_BITS);
    const unitBits = unitBitsOf(length, epsilon);
    const steps = Array.from({ length }, (_, i) => affine((gamma?.[i] ?? 1) / out.scale * 2 ** -unitBits, (beta?.[i] ?? 0) / out.scale));
    const list = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: [length], data: Int32Array.from(values) });
    return {
      attrs: { axis: node.attrs.axis, epsilon, unitBits },
      constants: {
        multiplier: list(steps.map((s) => s.multiplier)), shift: list(steps.map((s) => s.shift)),
        bias: { dtype: 'int64', shape: [length], data: BigInt64Array.from(steps, (s) => BigInt(s.bias)) },
      },
      output: out, activations: [0],
    };
  },
  run,
  float,
  macs: (node) => 5 * sizeOf(node.inputs[0]?.shape ?? []),
});

function realOf(node: NodeView<Attributes>, i: number): Float32Array | undefined {
  const t = node.inputs[i]?.constant;
  if (t && !isFloat32(t)) throw new RequantError('INTERNAL', 'a factor of layer_norm is no float constant', { ...node.where, tensor: node.inputs[i]?.name ?? '' });
  return t?.data;
}

/** Fraction bits of a normalized element: no |r| is larger than sqrt(N), nor than the largest deviation over epsilon's root. */
function unitBitsOf(length: number, epsilon: number): number {
  const largest = Math.min(Math.sqrt(length), epsilon === 0 ? Infinity : (255 * length) / Math.sqrt(epsilon * 2 ** -VARIANCE_BITS));
  return UNIT_BITS - 1 - floorLog2(largest);
}

/** c * factor + term as rshr(c * multiplier + bias, shift) for |c| < 2^32: both products stay below 2^52. */
function affine(factor: number, term: number): { readonly multiplier: number; readonly shift: number; readonly bias: number } {
  const fitting = factor === 0 ? LARGEST_SHIFT : Math.min(LARGEST_SHIFT, fixedPoint(Math.abs(factor), RESCALE_BITS).shift);
  const shift = term === 0 ? fitting : Math.min(fitting, BETA_BITS - 1 - floorLog2(Math.abs(term)));
  return { multiplier: rint(factor * 2 ** shift), shift, bias: rint(term * 2 ** shift) };
}

function float(twin: TwinView): FloatForm {
  const { axis, epsilon, unitBits } = v.parse(planAttributes, twin.attrs);
  const [sx, sy] = [twin.inputs[0]?.quantization, twin.output.quantization].map((q) => quantizationOfInput(q).scale);
  const { multiplier, shift, bias } = twin.constants;
  const shifts = integers(shift);
  const row = twin.output.shape.slice(axis);
  const list = (t: Tensor | undefined, unit: number): Tensor<'float32'> => float32(t?.shape ?? [], Float32Array.from(t?.data as ArrayLike<number | bigint>, (q, i) => Number(q) * unit * 2 ** -(shifts[i] ?? 0)));
  return {
    attrs: { axis, epsilon: epsilon * 2 ** -VARIANCE_BITS * ((sx ?? 1) / sizeOf(row)) ** 2 },
    inputs: [0, list(multiplier, (sy ?? 1) * 2 ** unitBits), list(bias, sy ?? 1)],
  };
}

function run(call: KernelCall): Tensor {
  const { axis, epsilon, unitBits } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const multipliers = integers(call.constants['multiplier']);
  const shifts = integers(call.constants['shift']);
  const bias = call.constants['bias']?.data;
  if (!(bias instanceof BigInt64Array)) throw new RequantError('MODEL_INVALID', 'layer_norm lacks its bias');
  const biases = Float64Array.from(bias, Number);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const length = sizeOf(call.outputShape.slice(axis));
  const out = newIntegers(output.dtype, x.length);
  for (let row = 0; row < x.length; row += length) {
    let sum = 0;
    let squares = 0;
    for (let i = row; i < row + length; i++) {
      const q = x[i] ?? 0;
      sum += q;
      squares += q * q;
    }
    const root = inverseRoot(length * squares - sum * sum, epsilon, unitBits);
    for (let i = row; i < row + length; i++) {
      const k = i - row;
      const unit = rshr((length * (x[i] ?? 0) - sum) * root.multiplier, root.shift);
      out[i] = clamp(rshr(unit * (multipliers[k] ?? 0) + (biases[k] ?? 0), shifts[k] ?? 0) + output.zeroPoint, min, max);
    }
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

/**
 * 2^u / sqrt(t + epsilon * 2^-16) as multiplier * 2^-shift, where t = N * sum q^2 - (sum q)^2 is N^2 times the variance: the multiplier is
 * floor(sqrt(2^(2 * (u + shift) + 16) / (t * 2^16 + epsilon))), the shift the one that puts it in [2^23, 2^24). 0 where nothing varies.
 */
function inverseRoot(t: number, epsilon: number, unitBits: number): { readonly multiplier: number; readonly shift: number } {
  const variance = BigInt(t) * 2n ** BigInt(VARIANCE_BITS) + BigInt(epsilon);
  if (variance === 0n) return { multiplier: 0, shift: 0 };
  const exponent = 2 * unitBits + VARIANCE_BITS;
  // 2^(e - 1) <= variance < 2^e, so this shift is right or a little too large.
  const bits = variance.toString(2).length;
  for (let shift = Math.ceil((bits - exponent) / 2) + 24; ; shift--) {
    const power = exponent + 2 * shift;
    const square = power < 0 ? 0 : Number(2n ** BigInt(power) / variance);
    if (square < 2 ** 48) return { multiplier: Math.floor(Math.sqrt(square)), shift };
  }
}
