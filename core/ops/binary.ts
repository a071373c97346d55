// What add, sub and mul share: shapes, constant operands, the float form, and the loop over broadcast operands.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import type { ActivationQuantization, Quantization } from '../ir/index.ts';
import { float32, sameShape, sizeOf, transpose, type Tensor } from '../tensor/tensor.ts';
import { activation, activationOfIntegers, activationPart, boundsOf, emitActivation, integerBounds } from './activation.ts';
import { clamp, quantizationOf, quantizeValue } from './arithmetic.ts';
import { broadcastIndex, broadcastShape } from './broadcast.ts';
import { carried, reach, settle, widen, type Carrier } from './exact.ts';
import { cut, isByte, LIFT, lifted } from './integer.ts';
import { define, type ExactWriter, type FloatEmitter, type FloatForm, type KernelCall, type Layout, type NodeView, type Operand, type Operator, type QuantizeView, type StoredConstant, type TwinView, type IntegerWriter, type Unproved } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, scaleOf, type IntegerData } from './rescaling.ts';

const attributes = v.object({
  activation,
  /** Of a TFLite file: int16 is added by shifts where its scales allow it. */
  shifts: v.optional(v.boolean()),
});
type Attributes = v.InferOutput<typeof attributes>;

export interface BinaryRule {
  readonly name: string;
  readonly onnx: string;
  readonly real: (a: number, b: number) => number;
  /** Integer attributes from the operands' scales. */
  readonly plan: (sa: number, sb: number, sy: number) => Readonly<Record<string, number>>;
  /** The scale of a constant operand, from the other's and the output's. */
  readonly scaleOfConstant: (attrs: Readonly<Record<string, unknown>>, role: 'a' | 'b', other: number, sy: number) => number;
  /** The same over whole numbers in floating point, without the floor and clip, in the carrier that holds |a| and |b| up to the bounds given. */
  readonly exact: (attrs: Readonly<Record<string, unknown>>, boundA: number, boundB: number) => { readonly type: Carrier; readonly write: (to: FloatEmitter, a: string, b: string) => string } | undefined;
  /** Both operands as they travel in uint8, without the clamp; undefined where it is not proved, or absent. */
  readonly integer?: (attrs: Readonly<Record<string, unknown>>, za: number, zb: number, zero: number) => ((to: FloatEmitter, a: string, b: string) => string) | undefined;
  /** One output before the zero point: from a - za and b - zb. */
  readonly combine: (attrs: Readonly<Record<string, unknown>>) => (a: number, b: number) => number;
}

const operands = (node: NodeView<unknown>): readonly [Operand, Operand] => {
  const [a, b] = node.inputs;
  if (!a || !b) throw new RequantError('MODEL_INVALID', 'a binary operator needs two inputs', node.where);
  return [a, b];
};

export function binary(rule: BinaryRule): Operator {
  return define<Attributes>({
    name: rule.name,
    className: rule.name.charAt(0).toUpperCase() + rule.name.slice(1),
    attributes,
    traits: ['fusesActivation', 'elementwise'],
    shapes: (node) => {
      const [a, b] = operands(node);
      return [broadcastShape(a.shape, b.shape, node.where)];
    },
    parts: (node) => [rule.name, ...activationPart(node.attrs.activation)],
    precisions: () => ['int8', 'int16'],
    real: (node) => {
      const { min, max } = boundsOf(node.attrs.activation);
      return (a = NaN, b = NaN) => clamp(rule.real(a, b), min, max);
    },
    emit: (node, to) => emitBinary(rule, node, to),
    quantize: (node) => {
      const [a, b] = operands(node);
      const constants: Record<string, Tensor> = {};
      const quantize = (operand: Operand, i: number, role: string): ActivationQuantization => {
        const given = node.inputQuantization[i];
        if (given) return given;
        const fixed = quantizeConstant(operand, node);
        constants[role] = fixed.tensor;
        return fixed.quantization;
      };
      const qa = quantize(a, 0, 'a');
      const qb = quantize(b, 1, 'b');
      const out = node.outputQuantization;
      const [min, max] = integerBounds(node.attrs.activation, out);
      return {
        attrs: { ...rule.plan(qa.scale, qb.scale, out.scale), za: qa.zeroPoint, zb: qb.zeroPoint, min, max },
        constants, output: out,
        activations: [0, 1].filter((i) => node.inputQuantization[i] !== undefined),
      };
    },
    run: (call) => runBinary(rule, call),
    exact: (twin) => exactBinary(rule, twin),
    ...(rule.integer ? { integer: (twin: TwinView) => integerBinary(rule, twin) } : {}),
    float: (twin) => floatBinary(rule, twin),
    macs: (node) => { const [a, b] = operands(node); return sizeOf(broadcastShape(a.shape, b.shape, node.where)); },
  });
}

/** A constant operand, quantized over its own range with the scheme of the node's activations. */
export function quantizeConstant(operand: Operand, node: QuantizeView<unknown>): { tensor: Tensor; quantization: ActivationQuantization } {
  const data = operand.constant?.data;
  if (!(data instanceof Float32Array)) throw new RequantError('INTERNAL', 'an operand is neither an activation nor a float constant', { ...node.where, tensor: operand.name });
  let min = Infinity;
  let max = -Infinity;
  for (const x of data) { min = Math.min(min, x); max = Math.max(max, x); }
  const { precision, asymmetricActivations } = node.settings;
  // min == max means scale 1 for an observed activation; a constant is better served by its own value as the range.
  const quantization = min === max && min !== 0
    ? quantizationOf(Math.min(min, 0), Math.max(max, 0), precision, asymmetricActivations)
    : quantizationOf(min, max, precision, asymmetricActivations);
  const stored = newIntegers(precision, data.length);
  for (let i = 0; i < data.length; i++) stored[i] = quantizeValue(data[i] ?? 0, quantization);
  return { tensor: integerTensor(precision, operand.shape, stored), quantization };
}

/** Stays channels-first when that is how the activations exist and every constant can follow. */
function emitBinary(rule: BinaryRule, node: NodeView<Attributes>, to: FloatEmitter): void {
  const { names, layout } = pairNames(operands(node).map((operand, i) => ({ ...operand, input: i })), to);
  to.output(0, emitActivation(node.attrs.activation, to.node(rule.onnx, names), to), layout);
}

function floatBinary(rule: BinaryRule, twin: TwinView): FloatForm {
  const { za, zb, min, max } = v.parse(kernelAttributes, twin.attrs);
  const out = quantizationOfInput(twin.output.quantization);
  let next = 0;
  const take = (role: 'a' | 'b', zeroPoint: number): number | StoredConstant => {
    const stored = twin.constants[role];
    return stored ? { stored, zeroPoint, scale: rule.scaleOfConstant(twin.attrs, role, scaleOf(twin.inputs[0]?.quantization), out.scale) } : next++;
  };
  return { attrs: { activation: activationOfIntegers(min, max, out) }, inputs: [take('a', za), take('b', zb)] };
}

interface PairOperand {
  readonly shape: readonly number[];
  readonly constant?: Tensor;
  /** Which of the node's inputs it is, where it is no constant. */
  readonly input: number;
}
function pairNames(pair: readonly PairOperand[], to: FloatEmitter): { readonly names: readonly string[]; readonly layout: Layout } {
  const activations = pair.filter((operand) => !operand.constant);
  const rank = Math.max(...pair.map((operand) => operand.shape.length));
  const first = rank === 4 && activations.every(({ shape }) => shape.length === 4) && activations.some(({ input }) => to.isChannelsFirst(input));
  const names = pair.map(({ constant, shape, input }) => {
    if (!constant) return to.input(input, first ? 'nchw' : 'nhwc');
    if (!first) return to.constant(constant);
    return to.constant(transpose({ ...constant, shape: [...new Array<number>(4 - shape.length).fill(1), ...shape] }, [0, 3, 1, 2]));
  });
  return { names, layout: first ? 'nchw' : 'nhwc' };
}

function exactBinary(rule: BinaryRule, twin: TwinView): ExactWriter | undefined {
  const { za, zb, min, max } = v.parse(kernelAttributes, twin.attrs);
  let next = 0;
  const take = (role: string, zeroPoint: number): PairOperand & { readonly bound: number } => {
    const t = twin.constants[role];
    if (t) {
      const constant = float32(t.shape, carried(t, zeroPoint));
      return { shape: t.shape, constant, input: -1, bound: constant.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0) };
    }
    const value = twin.inputs[next];
    return { shape: value?.shape ?? [], input: next++, bound: reach(value?.quantization ?? null) };
  };
  const a = take('a', za);
  const b = take('b', zb);
  const form = rule.exact(twin.attrs, a.bound, b.bound);
  if (!form) return undefined;
  const { zeroPoint } = quantizationOfInput(twin.output.quantization);
  return (to) => {
    const { names: [left = '', right = ''], layout } = pairNames([a, b], to);
    const { type, write } = form;
    to.output(0, settle(to, write(to, widen(to, left, type), widen(to, right, type)), type, min, max, zeroPoint), layout);
  };
}

/** Of two activations of one shape: other pairs take other paths through ONNX Runtime. */
function integerBinary(rule: BinaryRule, twin: TwinView): IntegerWriter | Unproved {
  const { za, zb, min, max } = v.parse(kernelAttributes, twin.attrs);
  const [a, b] = twin.inputs;
  if (!a || !b || !sameShape(a.shape, b.shape) || ![a, b, twin.output].every(({ quantization }) => isByte(quantization))) return { reason: 'its operands are not two stored in int8, of one shape' };
  const write = rule.integer?.(twin.attrs, za + LIFT, zb + LIFT, lifted(twin.output.quantization));
  if (!write) return { reason: 'no two float32 scales are proved to round every pair of operands as the twin does' };
  return (to) => {
    const layout = to.isChannelsFirst(0) || to.isChannelsFirst(1) ? 'nchw' : 'nhwc';
    to.output(0, cut(to, write(to, to.input(0, layout), to.input(1, layout)), min, max), layout);
  };
}

const kernelAttributes = v.looseObject({ za: v.number(), zb: v.number(), min: v.number(), max: v.number() });

function runBinary(rule: BinaryRule, call: KernelCall): Tensor {
  const attrs = v.parse(kernelAttributes, call.attrs);
  const { dtype, zeroPoint } = requireOutput(call.outputQuantization);
  let next = 0;
  const take = (role: string): { data: IntegerData; shape: readonly number[] } => {
    const t = call.constants[role] ?? call.inputs[next++];
    return { data: integers(t), shape: t?.shape ?? [] };
  };
  const a = take('a');
  const b = take('b');
  const out = newIntegers(dtype, sizeOf(call.outputShape));
  const atA = broadcastIndex(a.shape, call.outputShape);
  const atB = broadcastIndex(b.shape, call.outputShape);
  const combine = rule.combine(call.attrs);
  for (let i = 0; i < out.length; i++) {
    const y = combine((a.data[atA(i)] ?? 0) - attrs.za, (b.data[atB(i)] ?? 0) - attrs.zb) + zeroPoint;
    out[i] = y < attrs.min ? attrs.min : y > attrs.max ? attrs.max : y;
  }
  return integerTensor(dtype, call.outputShape, out);
}

const requireOutput = (q: Quantization | null) => quantizationOfInput(q);
