// PartitionedGraph: the graph after folding and fusion, every node placed on a unit and named for good.
import type { Graph, Node } from './graph.ts';

/** MLA: the integer accelerator. APU: the application processor, float32. CVU: image pre- and post-processing. */
export type Unit = 'MLA' | 'APU' | 'CVU';
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

export interface PartitionedGraph extends Graph {
  readonly nodes: readonly PlacedNode[];
}
