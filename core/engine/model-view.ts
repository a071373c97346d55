// What the studio shows of an opened network: the partitioned graph as plain data.
import type { ModelView, NodeView } from '../contract/index.ts';
import { operator } from '../ops/index.ts';
import { viewOf } from '../partition/index.ts';
import type { PartitionedGraph, PlacedNode, Port } from '../ir/index.ts';

export function modelView(graph: PartitionedGraph): ModelView {
  const port = ({ name, value, shape, dtype }: Port): ModelView['inputs'][number] => ({ name, value, shape: [...shape], dtype });
  return { name: graph.name, format: graph.format, inputs: graph.inputs.map(port), outputs: graph.outputs.map(port), nodes: graph.nodes.map((node) => nodeView(graph, node)) };
}

function nodeView(graph: PartitionedGraph, node: PlacedNode): NodeView {
  const definition = operator(node.op);
  const view = viewOf(graph, node);
  const constants = node.inputs.flatMap((name, i) => {
    const t = graph.constants.get(name);
    return t ? [{ role: roleOf(definition.traits.includes('weighted'), i), shape: [...t.shape], bytes: t.data.byteLength }] : [];
  });
  const [output = ''] = node.outputs;
  return {
    name: node.name, op: node.op, className: definition.className, unit: node.unit, partition: node.partition,
    inputs: node.inputs.filter((name) => graph.values.has(name)),
    output, shape: [...(graph.values.get(output)?.shape ?? [])],
    precisions: [...node.precisions],
    ...(node.reason === undefined ? {} : { reason: node.reason }),
    canOutputInt32: node.unit === 'MLA' && definition.traits.includes('weighted'),
    identity: node.identity,
    sources: node.sources.map(({ name, type }) => ({ name, type })),
    attributes: Object.entries(node.attrs).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) })),
    constants,
    macs: definition.macs?.(view) ?? 0,
  };
}

const roleOf = (weighted: boolean, i: number): string => (weighted ? ['input', 'weights', 'bias'][i] : undefined) ?? `input ${i}`;
