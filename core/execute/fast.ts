// The fast way: the whole quantized graph as one graph in ONNX Runtime, integers inside floating point (core/emit/exact.ts). A node whose
// bounds cannot be proved there runs through its reference kernel, and the graph is cut around it.
import { emitExactGraph, writerOf } from '../emit/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import type { NamedTensors, Tensor } from '../tensor/tensor.ts';
import { operandsOf, runNode } from './reference.ts';
import { createSession, type RuntimeSession } from './session.ts';

export interface FastGraph {
  /** The values that were asked for when it was made, as stored, for inputs by value name. Raises RUNTIME_FAILED. */
  run(inputs: NamedTensors, onStep?: () => void): Promise<NamedTensors>;
  /** Names of the nodes that run through their reference kernels. */
  readonly reference: readonly string[];
  release(): Promise<void>;
}

/** Nodes that run together, with what they read from outside and what is read of them. */
interface Segment {
  readonly nodes: readonly QuantizedNode[];
  readonly byReference: boolean;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export async function createFastGraph(graph: QuantizedGraph, wanted: readonly string[]): Promise<FastGraph> {
  const segments = cut(graph, wanted);
  const sessions = new Map<Segment, RuntimeSession>();
  const release = async (): Promise<void> => { for (const session of sessions.values()) await session.release(); };
  try {
    for (const segment of segments) {
      if (!segment.byReference) sessions.set(segment, await createSession(emitExactGraph(graph, segment.nodes, segment.inputs, segment.outputs)));
    }
  } catch (error) {
    await release();
    throw error;
  }
  return {
    reference: segments.flatMap((segment) => (segment.byReference ? segment.nodes.map((node) => node.name) : [])),
    run: async (inputs, onStep) => {
      const values = new Map<string, Tensor>(Object.entries(inputs));
      for (const segment of segments) {
        onStep?.();
        const session = sessions.get(segment);
        const made = session ? Object.entries(await session.run(Object.fromEntries(values)))
          : segment.nodes.map((node) => [node.outputs[0] ?? '', runNode(graph, node, operandsOf(node, (name) => values.get(name)))] as const);
        for (const [name, t] of made) values.set(name, t);
      }
      return Object.fromEntries(wanted.flatMap((name) => { const t = values.get(name); return t ? [[name, t] as const] : []; }));
    },
    release,
  };
}

/** The graph in as few pieces as possible; each is exact in floating point as a whole, or one node left to its kernel. */
function cut(graph: QuantizedGraph, wanted: readonly string[]): readonly Segment[] {
  const groups: { nodes: QuantizedNode[]; byReference: boolean }[] = [];
  for (const node of graph.nodes) {
    const byReference = writerOf(graph, node) === undefined;
    const last = groups.at(-1);
    if (!byReference && last && !last.byReference) last.nodes.push(node);
    else groups.push({ nodes: [node], byReference });
  }
  return groups.map(({ nodes, byReference }, i) => {
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const read = nodes.flatMap((node) => node.inputs).filter((name) => name !== '' && !made.has(name) && !graph.constants.has(name));
    const later = new Set([...wanted, ...groups.slice(i + 1).flatMap((group) => group.nodes.flatMap((node) => node.inputs))]);
    return { nodes, byReference, inputs: [...new Set(read)], outputs: [...made].filter((name) => later.has(name)) };
  }).filter((segment) => segment.outputs.length > 0);
}
