// The activation fused behind an operator: its schema, its bounds in real numbers and in stored integers, its ONNX form.
import * as v from 'valibot';
import type { ActivationQuantization, Quantization } from '../ir/index.ts';
import { clamp, INTEGER_RANGE, rint } from './arithmetic.ts';
import type { FloatEmitter } from './operator.ts';
import { float32 } from '../tensor/tensor.ts';

/** JSON has no infinity: null stands for an open bound. */
const bounds = v.object({ min: v.nullable(v.number()), max: v.nullable(v.number()) });
export const activation = v.union([v.literal('none'), v.literal('relu'), v.literal('relu6'), bounds]);
export type Activation = v.InferOutput<typeof activation>;

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function boundsOf(a: Activation): Bounds {
  switch (a) {
    case 'none': return { min: -Infinity, max: Infinity };
    case 'relu': return { min: 0, max: Infinity };
    case 'relu6': return { min: 0, max: 6 };
    default: return { min: a.min ?? -Infinity, max: a.max ?? Infinity };
  }
}

/** The shortest name of these bounds. */
export function activationOf({ min, max }: Bounds): Activation {
  if (min === -Infinity && max === Infinity) return 'none';
  if (min === 0 && max === Infinity) return 'relu';
  if (min === 0 && max === 6) return 'relu6';
  return { min: Number.isFinite(min) ? min : null, max: Number.isFinite(max) ? max : null };
}

/** One clamp behind another. */
export const intersect = (first: Bounds, second: Bounds): Bounds => ({
  min: clamp(first.min, second.min, second.max),
  max: clamp(first.max, second.min, second.max),
});

/** How the activation shows in a node's name. */
export function activationPart(a: Activation): readonly string[] {
  if (a === 'none') return [];
  return [typeof a === 'string' ? a : 'clip'];
}

/** Stored integers that the fused clamp keeps an output within. */
export function integerBounds(a: Activation, q: ActivationQuantization): readonly [number, number] {
  const [qmin, qmax] = INTEGER_RANGE[q.dtype];
  const { min, max } = boundsOf(a);
  const at = (real: number): number => (Number.isFinite(real) ? clamp(rint(real / q.scale) + q.zeroPoint, qmin, qmax) : real > 0 ? qmax : qmin);
  return [at(min), at(max)];
}

/** The activation whose integer bounds these are; a bound at the end of the type is open. */
export function activationOfIntegers(min: number, max: number, q: Quantization & { readonly scale: number }): Activation {
  const [qmin, qmax] = INTEGER_RANGE[q.dtype];
  const real = (bound: number): number => q.scale * (bound - q.zeroPoint);
  return activationOf({ min: min <= qmin ? -Infinity : real(min), max: max >= qmax ? Infinity : real(max) });
}

/** Writes the clamp as ONNX behind `name`. */
export function emitActivation(a: Activation, name: string, to: FloatEmitter): string {
  if (a === 'none') return name;
  if (a === 'relu') return to.node('Relu', [name]);
  const { min, max } = boundsOf(a);
  const bound = (x: number): string => (Number.isFinite(x) ? to.constant(float32([], [x])) : '');
  return to.node('Clip', [name, bound(min), bound(max)]);
}
