// What TensorFlow Lite's integer operators share: their rows in the table of operators, stored bounds, multipliers.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import type { ActivationQuantization } from '../../ir/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { boundsOf, type Activation } from '../activation.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integer } from '../attributes.ts';
import { define, type IntegerPlan, type KernelCall, type Operand, type Operator } from '../operator.ts';

/** A node of a file that arrives quantized: float attributes, and how each input and the output are stored. */
export interface ArrivedView {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly (ArrivedOperand | undefined)[];
  readonly output: ActivationQuantization;
  /** The file stores activations as uint8; here they are int8, 128 lower. */
  readonly unsigned: boolean;
}
export interface ArrivedOperand extends Operand {
  /** Of an activation. */
  readonly quantization?: ActivationQuantization;
  /** Of a constant: its integers less their zero points, one scale for all or one an output channel. */
  readonly centred?: { readonly integers: Tensor; readonly scales: readonly number[] };
}

/** A row: the integer operator, and how a float node of the file becomes it. Raises OPERATOR_UNSUPPORTED. */
export interface TfliteTwin {
  readonly operator: Operator;
  plan(node: ArrivedView): IntegerPlan;
}

export const refuse = (reason: string): RequantError => new RequantError('OPERATOR_UNSUPPORTED', `TensorFlow Lite's arithmetic: ${reason}`);

/** The operator stands in quantized graphs only, so it has no float form. */
export const twinOperator = (name: string, className: string, run: (call: KernelCall) => Tensor): Operator => define<unknown>({
  name, className, run,
  attributes: v.looseObject({}),
  traits: [],
  shapes: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  parts: () => [name],
  precisions: () => ['int8'],
  emit: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

export const bounded = { min: integer, max: integer };

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
