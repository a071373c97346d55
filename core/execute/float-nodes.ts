// Single float nodes of a quantized graph, each in a small ONNX Runtime session of its own, made at its first use.
import { RequantError } from '../errors/index.ts';
import { storedType, type Graph, type QuantizedGraph, type QuantizedNode, type Value } from '../ir/index.ts';
import type { StringTensor, Tensor } from '../tensor/tensor.ts';
import type { RunFloatNode } from './reference.ts';
import { createFloatSession } from './float-session.ts';
import type { RuntimeSession } from './session.ts';

export interface FloatNodes {
  readonly run: RunFloatNode;
  release(): Promise<void>;
}

export function createFloatNodes(graph: QuantizedGraph): FloatNodes {
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionOf = (node: QuantizedNode): Promise<RuntimeSession> => {
    const known = sessions.get(node.name);
    if (known) return known;
    const made = createFloatSession(alone(graph, node), node.outputs);
    sessions.set(node.name, made);
    made.catch(() => sessions.delete(node.name));
    return made;
  };
  return {
    run: async (node, inputs) => {
      const session = await sessionOf(node);
      const named: Record<string, Tensor | StringTensor> = {};
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

/** The node as a graph of its own; its activations are the inputs. */
function alone(graph: QuantizedGraph, node: QuantizedNode): Graph {
  const activations = [...new Set(node.inputs.filter((name) => name !== '' && !graph.constants.has(name)))];
  const value = (name: string): Value => {
    const found = graph.values.get(name);
    if (!found) throw new RequantError('MODEL_INVALID', 'nothing computes it', { node: node.name, tensor: name });
    return { name, shape: found.shape, dtype: storedType(found) };
  };
  const port = (name: string) => ({ ...value(name), value: name });
  return {
    name: node.name, format: 'onnx',
    inputs: activations.map(port), outputs: node.outputs.map(port),
    values: new Map([...activations, ...node.outputs].map((name) => [name, value(name)])),
    constants: new Map(node.inputs.flatMap((name) => { const t = graph.constants.get(name); return t ? [[name, t] as const] : []; })),
    nodes: [{ op: node.op, attrs: node.attrs, inputs: node.inputs, outputs: node.outputs, sources: [] }],
  };
}
