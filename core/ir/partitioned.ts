// PartitionedGraph: the graph after folding and fusion, every node placed on a unit and named for good.
import { RequantError } from '../errors/index.ts';
import { producersOf, type Graph, type Node } from './graph.ts';

/** MLA: the integer accelerator. APU: the application processor, float32. CVU: image pre- and post-processing. */
export type Unit = 'MLA' | 'APU' | 'CVU';
/** How a node stores its output: 8 or 16 bits, signed. */
export type Precision = 'int8' | 'int16';
export const PRECISIONS: readonly Precision[] = ['int8', 'int16'];

export interface PlacedNode extends Node {
  /** `<unit>_<partition>/<fused operators>_<n>`, for people; n counts nodes in execution order. */
  readonly name: string;
  readonly unit: Unit;
  readonly partition: number;
  /** Integer precisions this node can run at; empty on the APU. */
  readonly precisions: readonly Precision[];
  /** What survives renaming: the source tensor it produces and the source operators fused into it. */
  readonly identity: string;
  /** Why the node is not on the MLA; absent on the MLA. */
  readonly reason?: string;
}

/** A graph whose nodes are named and placed on units. */
export interface PartitionedGraph extends Graph {
  readonly nodes: readonly PlacedNode[];
}

/**
 * The partition of every node. A partition is what runs on one unit without waiting for another: its number counts, per unit, the changes
 * of unit on the longest way from the inputs. So partitions never depend on one another in a circle. Nodes are in execution order.
 */
export function partitionNumbers<N extends Pick<Node, 'inputs' | 'outputs'>>(nodes: readonly N[], unitOf: (node: N) => Unit): ReadonlyMap<N, number> {
  const producers = producersOf(nodes);
  const depths = new Map<N, number>();
  const perUnit = new Map<Unit, Set<number>>();
  for (const node of nodes) {
    const unit = unitOf(node);
    let depth = 0;
    for (const input of node.inputs) {
      const before = producers.get(input);
      if (!before) continue;
      const at = depths.get(before);
      if (at === undefined) throw new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: input });
      depth = Math.max(depth, at + (unitOf(before) === unit ? 0 : 1));
    }
    depths.set(node, depth);
    perUnit.set(unit, (perUnit.get(unit) ?? new Set()).add(depth));
  }
  const ranks = new Map([...perUnit].map(([unit, set]) => [unit, new Map([...set].sort((a, b) => a - b).map((depth, i) => [depth, i] as const))] as const));
  return new Map([...depths].map(([node, depth]) => [node, ranks.get(unitOf(node))?.get(depth) ?? 0] as const));
}
