// The fast ways of running integers: on our kernels, or as a graph in ONNX Runtime, written in one of two forms.
import { emitExactGraph, emitIntegerGraph, integerFormOf, writerOf, type EmittedGraph } from '../../emit/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import type { IntegerRuntime } from '../../ops/index.ts';

/** On the WebAssembly kernels; on ONNX Runtime's operators for integers; as whole numbers inside floating point in ONNX Runtime. */
export const FAST_WAYS = ['kernels', 'integer-operators', 'inside-float'] as const;
export type FastWay = (typeof FAST_WAYS)[number];
export type RuntimeWay = Exclude<FastWay, 'kernels'>;

/** How a graph is run. All ways give the same integers. */
export type Way = 'fastest' | FastWay;

interface RuntimeForm {
  /** Can the node be written? */
  readonly writes: (graph: QuantizedGraph, node: QuantizedNode) => boolean;
  readonly emit: (graph: QuantizedGraph, nodes: readonly QuantizedNode[], inputs: readonly string[], outputs: readonly string[], runtime: IntegerRuntime) => EmittedGraph;
}
export const RUNTIME_FORMS: Readonly<Record<RuntimeWay, RuntimeForm>> = {
  'integer-operators': { writes: (graph, node) => integerFormOf(graph, node) !== undefined, emit: emitIntegerGraph },
  'inside-float': { writes: (graph, node) => writerOf(graph, node) !== undefined, emit: emitExactGraph },
};
