// QuantizedGraph: what runs bit-accurately. Every value says how it is stored; every node is an operator with integer
// attributes and constants, so that execution needs nothing but this (docs/numerics.md).
import type { ElementType, Tensor } from '../tensor/tensor.ts';
import type { Port } from './graph.ts';
import type { Precision, Unit } from './partitioned.ts';

export type IntegerDType = 'int8' | 'int16' | 'int32';

/** r = scale * (q - zeroPoint). `scale` is an array, one a channel of the last dimension, only for int32 accumulators. */
export interface Quantization {
  readonly dtype: IntegerDType;
  readonly scale: number | readonly number[];
  readonly zeroPoint: number;
}

/** Per-tensor quantization of an activation. */
export interface ActivationQuantization extends Quantization {
  readonly dtype: Precision;
  readonly scale: number;
}

export interface QuantizedValue {
  readonly name: string;
  readonly shape: readonly number[];
  /** null: not stored as integers; it is what {@link dtype} says. */
  readonly quantization: Quantization | null;
  /** Element type of a value without quantization; float32 where absent. Float nodes may read and give positions, truth values and the like. */
  readonly dtype?: ElementType;
  /** What channel equalization divided this value by, one factor a channel of the last dimension; absent where it was left alone. */
  readonly equalization?: readonly number[];
}

/** `integer`: an operator on integers. `float`: the original operator in float32 on the APU. The rest convert. */
export type QuantizedKind = 'integer' | 'float' | 'quantize' | 'dequantize' | 'requantize';

/** Element type of a value as it travels between nodes. */
export const storedType = ({ quantization, dtype = 'float32' }: Pick<QuantizedValue, 'quantization' | 'dtype'>): ElementType => quantization?.dtype ?? dtype;

export interface QuantizedNode {
  readonly name: string;
  readonly kind: QuantizedKind;
  readonly op: string;
  readonly unit: Unit;
  /** Which stretch of its unit the node runs in under these settings; the number in its name is the network's and never changes. */
  readonly partition: number;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Role -> name in {@link QuantizedGraph.constants}: weights, bias, shift, multiplier, table ... */
  readonly constants: Readonly<Record<string, string>>;
  readonly precision: Precision | null;
  readonly identity: string;
}

/** A network as integers and what runs them; a .sima file holds one (docs/format.md). */
export interface QuantizedGraph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** How every value is stored, by its name. */
  readonly values: ReadonlyMap<string, QuantizedValue>;
  /** Weights, biases, shifts and tables, by names that nodes refer to. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** In execution order. */
  readonly nodes: readonly QuantizedNode[];
  /** Notices from quantization that a person should read, such as a node kept at int8 under the int16 preset. */
  readonly notices: readonly string[];
}
