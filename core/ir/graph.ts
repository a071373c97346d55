// Graph: a trained network as imported. Nodes in execution order, values by name, constants apart.
// Activations are NHWC; convolution weights are [out, kh, kw, in/groups]; dense weights are [out, in].
import type { DType, ElementType, Tensor } from '../tensor/tensor.ts';

/** A tensor that flows between nodes: shape and element type are static. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
}

/** The operator of the source file that a node came from: its name there (or its tensor) and its type there. */
export interface SourceOperator {
  readonly name: string;
  readonly type: string;
}

/** One operation. `op` is a name in core/ops; `attrs` is checked by that operator's schema. */
export interface Node {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Names of values or constants; '' where an optional input is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly sources: readonly SourceOperator[];
}

/** A door of the graph. `shape` is the one that the source file declares (batch 1). */
export interface Port {
  readonly name: string;
  readonly value: string;
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** Permutation from the file's dimension order to ours (NCHW to NHWC); absent where they agree. */
  readonly toGraph?: readonly number[];
}

export type ModelFormat = 'onnx' | 'tflite' | 'tensorflow';

/** How a file stores a tensor: r = scale * (q - zeroPoint), one pair for all or one a channel. */
export interface StoredQuantization {
  readonly dtype: DType;
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  /** Of a constant whose integers float32 does not hold: a bias. */
  readonly integers?: Tensor;
}

export interface Graph {
  readonly name: string;
  readonly format: ModelFormat;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly values: ReadonlyMap<string, Value>;
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly nodes: readonly Node[];
  /** A file that arrived quantized: how it stores values and constants, by their names here. */
  readonly stored?: ReadonlyMap<string, StoredQuantization>;
}

/** Nodes that read each value, in execution order. */
export function consumersOf<N extends Node>(nodes: readonly N[]): Map<string, N[]> {
  const map = new Map<string, N[]>();
  for (const node of nodes) {
    for (const input of new Set(node.inputs)) {
      if (input === '') continue;
      const list = map.get(input);
      if (list) list.push(node);
      else map.set(input, [node]);
    }
  }
  return map;
}

/** The node that produces each value. */
export function producersOf<N extends Pick<Node, 'outputs'>>(nodes: readonly N[]): Map<string, N> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}
