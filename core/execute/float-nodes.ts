// Single float nodes of a quantized graph, each in a small ONNX Runtime session of its own, made at its first use.
import { RequantError } from '../errors/index.ts';
import type { Graph, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { RunFloatNode } from './reference.ts';
import { createFloatSession } from './float-session.ts';
import type { RuntimeSession } from './session.ts';

export interface FloatNodes {
  readonly run: RunFloatNode;
  release(): Promise<void>;
}

export function createFloatNodes(graph: QuantizedGraph): FloatNodes {
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionOf = (node: QuantizedNode, inputs: readonly (Tensor | undefined)[]): Promise<RuntimeSession> => {
    const known = sessions.get(node.name);
    if (known) return known;
    const made = createFloatSession(alone(graph, node, inputs), node.outputs);
    sessions.set(node.name, made);
    made.catch(() => sessions.delete(node.name));
    return made;
  };
  return {
    run: async (node, inputs) => {
      const session = await sessionOf(node, inputs);
      const named: Record<string, Tensor> = {};
      node.inputs.forEach((name, i) => { const t = inputs[i]; if (t && !graph.constants.has(name)) named[name] = t; });
      const results = await session.run(named);
      return node.outputs.map((output) => {
        const t = results[output];
        if (!t) throw new RequantError('INTERNAL', 'a float node returned nothing', { node: node.name });
        return t;
      });
    },
    release: async () => { for (const session of sessions.values()) await (await session).release(); },
  };
}

/** The node as a graph of its own; its activations are the inputs, of the types that they came in: a network may be fed integers. */
function alone(graph: QuantizedGraph, node: QuantizedNode, inputs: readonly (Tensor | undefined)[]): Graph {
  const activations = [...new Set(node.inputs.filter((name) => name !== '' && !graph.constants.has(name)))];
  const value = (name: string) => ({ name, shape: graph.values.get(name)?.shape ?? [], dtype: inputs[node.inputs.indexOf(name)]?.dtype ?? 'float32' });
  const port = (name: string) => ({ ...value(name), value: name });
  return {
    name: node.name, format: 'onnx',
    inputs: activations.map(port), outputs: node.outputs.map(port),
    values: new Map([...activations, ...node.outputs].map((name) => [name, value(name)])),
    constants: new Map(node.inputs.flatMap((name) => { const t = graph.constants.get(name); return t ? [[name, t] as const] : []; })),
    nodes: [{ op: node.op, attrs: node.attrs, inputs: node.inputs, outputs: node.outputs, sources: [] }],
  };
}
