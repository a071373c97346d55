// Graph -> float ONNX.
import { RequantError } from '../errors/index.ts';
import type { Graph, Node } from '../ir/index.ts';
import { operator, type NodeView } from '../ops/index.ts';
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
    emitNode: (node, to) => { const view = viewOf(graph, node); operator(node.op, view.where).emit(view, to); },
  });
}

function viewOf(graph: Graph, node: Node): NodeView<never> {
  return {
    attrs: node.attrs as never,
    where: { node: node.outputs[0] ?? node.op },
    inputs: node.inputs.map((name) => {
      if (name === '') return undefined;
      const t = graph.constants.get(name);
      if (t) return { name, shape: t.shape, constant: t };
      return { name, shape: graph.values.get(name)?.shape ?? [] };
    }),
  };
}
