// Graph -> float ONNX.
import { RequantError } from '../errors/index.ts';
import type { Graph, Node } from '../ir/index.ts';
import { nodeView, operator } from '../ops/index.ts';
import { emitGraph, type EmittedGraph } from './emitter.ts';

/** Raises MODEL_INVALID for a value that nothing computes. Only what the wanted values need is emitted. */
export function emitFloatGraph(graph: Graph, wanted: readonly string[]): EmittedGraph {
  const valueOf = (name: string) => {
    const value = graph.values.get(name);
    if (!value) throw new RequantError('MODEL_INVALID', 'nothing computes it', { tensor: name });
    return value;
  };
  return emitGraph<Node>({
    name: graph.name, nodes: graph.nodes, constants: graph.constants,
    shapeOf: (value) => graph.values.get(value)?.shape,
    inputs: graph.inputs.map((port) => ({ value: port.value, onnx: `in:${port.value}`, dtype: valueOf(port.value).dtype, shape: valueOf(port.value).shape })),
    outputs: wanted.map((name) => ({ value: name, dtype: valueOf(name).dtype, shape: valueOf(name).shape })),
    emitNode: (node, to) => { const view = nodeView(graph, node); operator(node.op, view.where).emit(view, to); },
  });
}
