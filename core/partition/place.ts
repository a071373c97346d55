// Placement and names: every node gets a unit, the partition it belongs to, and a name that never changes with settings.
import { partitionNumbers, type Graph, type Node, type PlacedNode, type Precision, type Unit } from '../ir/index.ts';
import { nodeView, operatorOf } from '../ops/index.ts';

interface Placement {
  readonly unit: Unit;
  readonly precisions: readonly Precision[];
  readonly reason?: string;
}

function placementOf(graph: Graph, node: Node): Placement {
  const precisions = operatorOf(node).precisions(nodeView(graph, node));
  if ('reason' in precisions) return { unit: 'APU', precisions: [], reason: precisions.reason };
  const values = [...node.inputs, ...node.outputs].flatMap((name) => graph.values.get(name) ?? []);
  const foreign = values.find(({ dtype }) => dtype !== 'float32');
  if (foreign) return { unit: 'APU', precisions: [], reason: `it works on ${foreign.dtype}` };
  if (values.some(({ shape }) => shape.includes(0))) return { unit: 'APU', precisions: [], reason: 'it works on an empty tensor' };
  if (!node.inputs.some((name) => graph.values.has(name))) return { unit: 'APU', precisions: [], reason: 'all its inputs are constant' };
  // What a quantized file has between DEQUANTIZE and QUANTIZE it computes in float; DEQUANTIZE itself still reads integers.
  const island = graph.stored && !node.outputs.some((output) => graph.stored?.has(output)) && !node.sources.some(({ type }) => type === 'DEQUANTIZE');
  return island ? { unit: 'APU', precisions: [], reason: 'the file keeps it in float' } : { unit: 'MLA', precisions };
}

/** Places and names every node; partitions are numbered by {@link partitionNumbers}. */
export function place(graph: Graph): readonly PlacedNode[] {
  const placements = new Map(graph.nodes.map((node) => [node, placementOf(graph, node)] as const));
  const numbers = partitionNumbers(graph.nodes, (node) => placements.get(node)?.unit ?? 'APU');
  return graph.nodes.map((node, n) => {
    const { unit, precisions, reason } = placements.get(node) ?? { unit: 'APU' as const, precisions: [], reason: 'unplaced' };
    const partition = numbers.get(node) ?? 0;
    const parts = operatorOf(node).parts(nodeView(graph, node)).join('_');
    return {
      ...node, unit, partition, precisions,
      name: `${unit}_${partition}/${parts}_${n}`,
      identity: `${node.outputs[0] ?? ''} < ${node.sources.map((source) => `${source.type}:${source.name}`).join(' + ')}`,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
