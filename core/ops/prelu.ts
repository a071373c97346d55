// prelu: x where x >= 0, slope * x below, with a constant slope (one for all, one a channel, or any that broadcasts). 8 bits only.
// y = clamp(rshr(d * m, n) + zy) for d = x - zx, with the positive branch's (m, n) or, for d < 0, the slope's own (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, isFloat32, sameShape, sizeOf, transpose, type Tensor } from '../tensor/tensor.ts';
import { clamp, INTEGER_RANGE, rescale, rshr, type FixedPoint } from './arithmetic.ts';
import { none } from './attributes.ts';
import { broadcastIndex, broadcastShape } from './broadcast.ts';
import { carrierOf, half, number, reach, rounding, settle, widen } from './exact.ts';
import { define, type ExactWriter, type KernelCall, type NodeView, type Operand, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const planAttributes = v.looseObject({ multiplier: v.number(), shift: v.number() });

function operands(node: NodeView<unknown>): { readonly x: readonly number[]; readonly slope: Operand } {
  const [x, slope] = node.inputs;
  if (!x || !slope) throw new RequantError('MODEL_INVALID', 'prelu needs an input and a slope', node.where);
  return { x: x.shape, slope };
}

export const prelu = define<Record<string, never>>({
  name: 'prelu',
  className: 'PReLU',
  attributes: none,
  traits: ['elementwise', 'homogeneous'],
  shapes: (node) => {
    const { x, slope } = operands(node);
    if (!sameShape(broadcastShape(x, slope.shape, node.where), x)) throw new RequantError('SHAPE_MISMATCH', 'the slope is larger than the input', node.where);
    return [x];
  },
  parts: () => ['prelu'],
  precisions: (node) => (operands(node).slope.constant ? ['int8'] : { reason: 'its slope is computed while the network runs' }),
  real: () => (x = NaN, slope = NaN) => (x < 0 ? slope * x : x),
  emit: (node, to) => {
    const { x, slope } = operands(node);
    if (x.length !== 4 || !slope.constant || !to.isChannelsFirst(0)) { to.output(0, to.node('PRelu', [to.input(0), to.input(1)])); return; }
    const lifted = { ...slope.constant, shape: [...new Array<number>(4 - slope.shape.length).fill(1), ...slope.shape] };
    to.output(0, to.node('PRelu', [to.input(0, 'nchw'), to.constant(transpose(lifted, [0, 3, 1, 2]))]), 'nchw');
  },
  quantize: (node) => {
    const { slope } = operands(node);
    const real = slope.constant;
    if (!real || !isFloat32(real)) throw new RequantError('INTERNAL', 'a slope is no float constant', node.where);
    const out = node.outputQuantization;
    const ratio = quantizationOfInput(node.inputQuantization[0] ?? null).scale / out.scale;
    const below = Array.from(real.data, (s) => signed(s * ratio));
    const list = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: real.shape, data: Int32Array.from(values) });
    return {
      attrs: { ...rescale(ratio) },
      constants: { multiplier: list(below.map((b) => b.multiplier)), shift: list(below.map((b) => b.shift)) },
      output: out, activations: [0],
    };
  },
  run,
  exact,
  float: (twin) => {
    const { multiplier, shift } = v.parse(planAttributes, twin.attrs);
    const shifts = integers(twin.constants['shift']);
    const slopes = Float32Array.from(integers(twin.constants['multiplier']), (m, i) => (m * 2 ** (shift - (shifts[i] ?? 0))) / multiplier);
    return { attrs: {}, inputs: [0, float32(twin.constants['multiplier']?.shape ?? [], slopes)] };
  },
  macs: (node) => sizeOf(operands(node).x),
});

/** A factor of either sign; 0, and what no multiplier reaches, is 0. */
function signed(value: number): FixedPoint {
  if (value === 0 || !Number.isFinite(value)) return { multiplier: 0, shift: 0 };
  const { multiplier, shift } = rescale(Math.abs(value));
  return { multiplier: Math.sign(value) * multiplier, shift };
}

/** |d * m| < 2^9 * 2^15: exact. */
function run(call: KernelCall): Tensor {
  const { multiplier, shift } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const multipliers = integers(call.constants['multiplier']);
  const shifts = integers(call.constants['shift']);
  const { zeroPoint } = quantizationOfInput(call.inputQuantization[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const slopeOf = broadcastIndex(call.constants['multiplier']?.shape ?? [], call.outputShape);
  const out = newIntegers(output.dtype, x.length);
  for (let i = 0; i < x.length; i++) {
    const d = (x[i] ?? 0) - zeroPoint;
    const k = d < 0 ? slopeOf(i) : 0;
    const y = d < 0 ? rshr(d * (multipliers[k] ?? 0), shifts[k] ?? 0) : rshr(d * multiplier, shift);
    out[i] = clamp(y + output.zeroPoint, min, max);
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

/** Both branches for every element, each rounded down after half a step, then the one that the sign asks for. */
function exact(twin: TwinView): ExactWriter | undefined {
  const { multiplier, shift } = v.parse(planAttributes, twin.attrs);
  const multipliers = Array.from(integers(twin.constants['multiplier']));
  const shifts = Array.from(integers(twin.constants['shift']));
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const largest = reach(twin.inputs[0]?.quantization ?? null) * multipliers.reduce((n, m) => Math.max(n, Math.abs(m)), multiplier);
  const type = carrierOf(largest + shifts.reduce((n, s) => Math.max(n, rounding(s)), rounding(shift)), shifts.reduce((n, s) => Math.max(n, Math.abs(s)), Math.abs(shift)));
  if (!type) return undefined;
  const shape = twin.constants['multiplier']?.shape ?? [];
  return (to) => {
    const x = widen(to, to.input(0), type);
    const scaled = (factor: string, offset: string): string => to.node('Floor', [to.node('Add', [to.node('Mul', [x, factor]), offset])]);
    const above = scaled(number(to, type, multiplier * 2 ** -shift), number(to, type, half(shift)));
    const below = scaled(number(to, type, multipliers.map((m, i) => m * 2 ** -(shifts[i] ?? 0)), shape), number(to, type, shifts.map(half), shape));
    to.output(0, settle(to, to.node('Where', [to.node('Less', [x, number(to, type, 0)]), below, above]), type, min, max, zeroPoint));
  };
}
