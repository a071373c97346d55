// What a row of the operator table sees of one TFLite operator.
import type { RequantError } from '../../errors/index.ts';
import { numbersOf, type DType, type Tensor } from '../../tensor/tensor.ts';
import type { Table } from './flatbuffer.ts';

export interface TfliteOperator {
  /** Names of values or constants, '' where absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Name of the first output. */
  readonly output: string;
  /** Options table; absent fields read as their defaults. */
  readonly options: Table | undefined;
  shapeOf(name: string): readonly number[];
  constantOf(name: string): Tensor | undefined;
  /** The file's activations are stored integers. */
  readonly quantized: boolean;
  /** How the file stores a value or constant that has a scale. */
  storedType(name: string): DType | undefined;
  /** Is this constant stored in a way that asks TFLite for hybrid kernels? */
  isHybrid(name: string): boolean;
  /** The numbers of a constant input, such as axes. Raises OPERATOR_UNSUPPORTED where it is computed. */
  integers(input: number): readonly number[];
  /** Gives a constant a name, which is returned: `name`, numbered if that is taken. `from`: the stored constant whose numbers these are, in another order. */
  constant(name: string, tensor: Tensor, from?: string): string;
  /** Says that a value made on the way to the output is stored as `like` is. */
  storedAs(made: string, like: string): void;
  /** The output is known already. */
  become(tensor: Tensor): void;
  /** Adds a node and returns the name of what it gives: the operator's output unless another name is asked for, float32 unless another type is. */
  node(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, output?: string, dtype?: DType): string;
  fail(message: string): RequantError;
}
/** Positions along one dimension that an attribute may list: rows of a resized image, copies, a mirror image. */
export const MOST_LISTED = 2 ** 18;

export type Row = (o: TfliteOperator) => void;

/** ActivationFunctionType of schema.fbs. */
export const ACTIVATIONS = ['none', 'relu', { min: -1, max: 1 }, 'relu6'] as const;
export type FusedActivation = (typeof ACTIVATIONS)[number];

export function activation(o: TfliteOperator, slot: number): FusedActivation {
  const code = o.options?.int8(slot) ?? 0;
  const found = ACTIVATIONS[code];
  if (found === undefined) throw o.fail(`fused activation ${code} is not supported`);
  return found;
}

/** Pools and joins have no fused clamp in the graph: it becomes a node behind them. */
export function clampAfter(o: TfliteOperator, fused: FusedActivation, add: (output: string) => string): void {
  if (fused === 'none') { add(o.output); return; }
  const before = add(`${o.output}/before_activation`);
  o.storedAs(before, o.output);
  if (fused === 'relu') o.node('relu', [before], {});
  else o.node('clip', [before], fused === 'relu6' ? { min: 0, max: 6 } : { ...fused });
}

/** An axis counted from the front. */
export function axisOf(o: TfliteOperator, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank) throw o.fail(`axis ${axis} is outside ${rank} dimensions`);
  return normal;
}

export const integersOf = (o: TfliteOperator, input: number): readonly number[] => {
  const t = o.constantOf(o.inputs[input] ?? '');
  if (!t) throw o.fail(`its input ${input} is not constant`);
  return numbersOf(t);
};
