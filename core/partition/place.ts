// Placement and names: every node gets a unit, the partition it belongs to, and a name that never changes with settings.
import { RequantError } from '../errors/index.ts';
import { producersOf, type Graph, type Node, type PlacedNode, type Precision, type Unit } from '../ir/index.ts';
import { operatorOf, viewOf } from './view.ts';

interface Placement {
  readonly unit: Unit;
  readonly precisions: readonly Precision[];
  readonly reason?: string;
}

function placementOf(graph: Graph, node: Node): Placement {
  const precisions = operatorOf(node).precisions(viewOf(graph, node));
  if ('reason' in precisions) return { unit: 'APU', precisions: [], reason: precisions.reason };
  const types = [...node.inputs, ...node.outputs].flatMap((name) => graph.values.get(name)?.dtype ?? []);
  const foreign = types.find((dtype) => dtype !== 'float32');
  if (foreign) return { unit: 'APU', precisions: [], reason: `it works on ${foreign}` };
  if (!node.inputs.some((name) => graph.values.has(name))) return { unit: 'APU', precisions: [], reason: 'all its inputs are constant' };
  return { unit: 'MLA', precisions };
}

/**
 * Places and names every node. A partition is what runs on one unit without waiting for another: its number counts, per unit, the
 * changes of unit on the longest way from the inputs. So partitions never depend on one another in a circle.
 */
export function place(graph: Graph): readonly PlacedNode[] {
  const producers = producersOf(graph.nodes);
  const placements = new Map(graph.nodes.map((node) => [node, placementOf(graph, node)] as const));
  const depths = new Map<Node, number>();
  for (const node of graph.nodes) {
    let depth = 0;
    for (const input of node.inputs) {
      const before = producers.get(input);
      if (!before) continue;
      const at = depths.get(before);
      if (at === undefined) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: input });
      depth = Math.max(depth, at + (placements.get(before)?.unit === placements.get(node)?.unit ? 0 : 1));
    }
    depths.set(node, depth);
  }
  const numbers = new Map<string, number>();
  const perUnit = new Map<Unit, Set<number>>();
  for (const [node, depth] of depths) {
    const unit = placements.get(node)?.unit ?? 'APU';
    perUnit.set(unit, (perUnit.get(unit) ?? new Set()).add(depth));
  }
  for (const [unit, set] of perUnit) [...set].sort((a, b) => a - b).forEach((depth, i) => numbers.set(`${unit} ${depth}`, i));

  return graph.nodes.map((node, n) => {
    const { unit, precisions, reason } = placements.get(node) ?? { unit: 'APU' as const, precisions: [], reason: 'unplaced' };
    const partition = numbers.get(`${unit} ${depths.get(node) ?? 0}`) ?? 0;
    const parts = operatorOf(node).parts(viewOf(graph, node)).join('_');
    return {
      ...node, unit, partition, precisions,
      name: `${unit}_${partition}/${parts}_${n}`,
      identity: `${node.outputs[0] ?? ''} < ${node.sources.map((source) => `${source.type}:${source.name}`).join(' + ')}`,
      ...(reason === undefined ? {} : { reason }),
    };
  });
}
