// What TensorFlow Lite's integer operators share: their rows in the table of operators, stored bounds, multipliers.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import type { ActivationQuantization } from '../../ir/index.ts';
import { sameShape, showShape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { boundsOf, type Activation } from '../activation.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integer } from '../attributes.ts';
import { define, type IntegerPlan, type KernelCall, type Operand, type Operator, type TwinView } from '../operator.ts';
import { integerTensor, newIntegers } from '../rescaling.ts';
import { fixedPoint } from './fixed-point.ts';

/** A node of a file that arrives quantized: float attributes, and how each input and the output are stored. */
export interface ArrivedView {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly (ArrivedOperand | undefined)[];
  readonly output: ActivationQuantization;
  /** The file stores activations as uint8; here they are int8, 128 lower. */
  readonly unsigned: boolean;
  /** The file's own name for the operator: ADD, PRELU ... */
  readonly source: string;
}
export interface ArrivedOperand extends Operand {
  /** Of an activation. */
  readonly quantization?: ActivationQuantization;
  /** Of a constant: its integers less their zero points, one scale for all or one an output channel, and the first zero point as activations have it. */
  readonly centred?: { readonly integers: Tensor; readonly scales: readonly number[]; readonly zeroPoint: number };
}

/** A row: the integer operator, and how a float node of the file becomes it. Raises OPERATOR_UNSUPPORTED. */
export interface TfliteTwin {
  readonly operator: Operator;
  /** It has a form for activations of int16, too. */
  readonly int16?: boolean;
  plan(node: ArrivedView): IntegerPlan;
}

export const refuse = (reason: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `TensorFlow Lite's arithmetic: ${reason}`);

/**
 * The operator stands in quantized graphs only, so it has no float form. `shape`: what it gives, from its attributes and inputs, to which a loaded model is held;
 * it raises what the attributes' schema raises, or SHAPE_MISMATCH.
 */
export const twinOperator = (name: string, className: string, run: (call: KernelCall) => Tensor, shape: (twin: TwinView) => readonly number[]): Operator => define<unknown>({
  name, className, run,
  exact: (twin) => {
    const given = shape(twin);
    if (!sameShape(given, twin.output.shape)) throw new RequantError('SHAPE_MISMATCH', `it gives ${showShape(given)}, not ${showShape(twin.output.shape)}`, twin.where);
    return undefined;
  },
  attributes: v.looseObject({}),
  traits: [],
  shapes: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  parts: () => [name],
  precisions: () => ['int8'],
  emit: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

export const bounded = { min: integer, max: integer };
export const factor = { multiplier: integer, shift: v.pipe(integer, v.minValue(-31), v.maxValue(30)) };

/** What a twin reads gives it its shape. */
export const sameAsInput = (attributes: v.GenericSchema) => (twin: TwinView): readonly number[] => { v.parse(attributes, twin.attrs); return twin.inputs[0]?.shape ?? []; };

/** A real factor as multiplier and shift; what a left shift within 32 bits cannot hold is refused. */
export function factorOf(real: number): { readonly multiplier: number; readonly shift: number } {
  const found = fixedPoint(Math.abs(real));
  if (found.shift > 30) throw refuse(`a factor of ${real}`);
  return real < 0 ? { ...found, multiplier: -found.multiplier } : found;
}

/** How the i-th input is stored: an activation, or a constant with one scale, whose integers then go with the node. */
export function operandOf(node: ArrivedView, i: number): { readonly scale: number; readonly zeroPoint: number; readonly constant?: Tensor } {
  const input = node.inputs[i];
  if (input?.quantization) return input.quantization;
  const [scale, other] = input?.centred?.scales ?? [];
  if (!input?.centred || scale === undefined || other !== undefined) throw refuse(`input ${i} is not stored with one scale`);
  const { integers, zeroPoint } = input.centred;
  const [min, max] = INTEGER_RANGE[node.output.dtype];
  const stored = newIntegers(node.output.dtype, integers.data.length);
  for (let k = 0; k < stored.length; k++) {
    const q = Number(integers.data[k]) + zeroPoint;
    if (q < min || q > max) throw refuse(`input ${i} is a constant of another type`);
    stored[k] = q;
  }
  return { scale, zeroPoint, constant: integerTensor(node.output.dtype, integers.shape, stored) };
}

/** The i-th input where it is an activation. */
export function stored(node: ArrivedView, i: number): ActivationQuantization {
  const quantization = node.inputs[i]?.quantization;
  if (!quantization) throw refuse(`input ${i} is no stored activation`);
  return quantization;
}

/** An activation's bounds in stored integers: zero point + round(bound / scale), the quotient in float32. */
export function storedBounds(activation: unknown, { dtype, scale, zeroPoint }: ActivationQuantization): { readonly min: number; readonly max: number } {
  const [lowest, highest] = INTEGER_RANGE[dtype];
  const bounds = boundsOf((activation ?? 'none') as Activation);
  const place = (real: number): number => {
    const steps = Math.fround(real / scale);
    return zeroPoint + Math.sign(steps) * Math.round(Math.abs(steps));
  };
  return {
    min: Number.isFinite(bounds.min) ? Math.max(lowest, place(bounds.min)) : lowest,
    max: Number.isFinite(bounds.max) ? Math.min(highest, place(bounds.max)) : highest,
  };
}

export const int32 = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });

/** Numbers of an int32 constant by its role. Raises MODEL_INVALID where it is missing. */
export function role(call: KernelCall, name: string, length: number): Int32Array {
  const data = call.constants[name]?.data;
  if (data instanceof Int32Array && (data.length === length || data.length === 1)) return data;
  throw new RequantError('MODEL_INVALID', `its ${name} are not ${length} int32`);
}
