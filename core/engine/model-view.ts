// What the studio shows of an opened network: the partitioned graph as plain data.
import type { ModelView, NodeView, OriginalView } from '../contract/index.ts';
import { nodeView, operator, type Operator } from '../ops/index.ts';
import { bytesOf, sizeOf } from '../tensor/tensor.ts';
import type { LoadedNet } from './loaded-net.ts';
import type { PartitionedGraph, PlacedNode, Port, StoredQuantization } from '../ir/index.ts';

export function modelView(graph: PartitionedGraph): ModelView {
  return { name: graph.name, format: graph.format, inputs: graph.inputs.map(portView), outputs: graph.outputs.map(portView), ...(graph.stored && { arrived: true }), nodes: graph.nodes.map((node) => shownNode(graph, node)) };
}

const portView = ({ name, value, shape, dtype }: Port): ModelView['inputs'][number] => ({ name, value, shape: [...shape], dtype });
const attributeViews = (attrs: Readonly<Record<string, unknown>>): NodeView['attributes'] =>
  Object.entries(attrs).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }));

/** The graph as imported; each operator knows the nodes that it became part of by its name and type among their sources. */
export function originalView({ graph, original }: Pick<LoadedNet, 'graph' | 'original'>): OriginalView {
  const becomes = new Map<string, string[]>();
  const key = (source: { readonly name: string; readonly type: string }): string => `${source.type} ${source.name}`;
  for (const node of graph.nodes) for (const source of node.sources) becomes.set(key(source), [...becomes.get(key(source)) ?? [], node.name]);
  return {
    inputs: original.inputs.map(portView), outputs: original.outputs.map(portView),
    nodes: original.nodes.map((node, i) => {
      const [first] = node.sources;
      return {
        id: String(i), name: first?.name ?? node.outputs[0] ?? '', type: first?.type ?? node.op,
        inputs: node.inputs.filter((name) => original.values.has(name)),
        outputs: node.outputs.map((value) => ({ value, shape: [...(original.values.get(value)?.shape ?? [])] })),
        attributes: attributeViews(node.attrs),
        becomes: [...new Set(node.sources.flatMap((source) => becomes.get(key(source)) ?? []))],
      };
    }),
  };
}

function shownNode(graph: PartitionedGraph, node: PlacedNode): NodeView {
  const definition = operator(node.op);
  const view = nodeView(graph, node);
  const constants = node.inputs.flatMap((name, i) => {
    const t = graph.constants.get(name);
    return t ? [{ role: roleOf(definition, i, node.inputs.length), shape: [...t.shape], bytes: sizeOf(t.shape) * bytesOf(t.dtype) }] : [];
  });
  const [output = '', ...rest] = node.outputs;
  const shapeOf = (name: string): number[] => [...(graph.values.get(name)?.shape ?? [])];
  const dtype = graph.values.get(output)?.dtype ?? 'float32';
  return {
    name: node.name, op: node.op, className: definition.className, unit: node.unit, partition: node.partition,
    inputs: node.inputs.filter((name) => graph.values.has(name)),
    output, shape: shapeOf(output), ...(dtype === 'float32' ? {} : { dtype }),
    ...(rest.length > 0 ? { further: rest.map((value) => ({ value, shape: shapeOf(value) })) } : {}),
    precisions: [...node.precisions],
    ...(node.reason === undefined ? {} : { reason: node.reason }),
    canOutputInt32: node.unit === 'MLA' && definition.traits.includes('weighted'),
    identity: node.identity,
    sources: node.sources.map(({ name, type }) => ({ name, type })),
    attributes: attributeViews(node.attrs),
    constants,
    macs: definition.macs?.(view) ?? 0,
    ...storedView(graph.stored?.get(output)),
  };
}

const storedView = (q: StoredQuantization | undefined): Pick<NodeView, 'stored'> => (q ? { stored: { dtype: q.dtype, scale: q.scales[0] ?? 0, zeroPoint: q.zeroPoints[0] ?? 0 } } : {});

function roleOf(definition: Operator, i: number, inputs: number): string {
  if (definition.model && i === inputs - 1) return 'operators';
  return (definition.traits.includes('weighted') ? ['input', 'weights', 'bias'][i] : undefined) ?? `input ${i}`;
}
