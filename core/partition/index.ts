// Graph -> PartitionedGraph: fold, fuse, place, name. The rules are a list; adding one = a line here.
import type { Graph, PartitionedGraph } from '../ir/index.ts';
import { place } from './place.ts';
import { rewrite, type Rule } from './rewrite.ts';
import { fuseActivation } from './rules/activation.ts';
import { nameComposition } from './rules/composition.ts';
import { dropIdentityMovement, mergeReshapes, moveConstants, padIntoConvolution } from './rules/movement.ts';
import { batchNormAsConvolution, foldBatchNorm, foldConstantArithmetic } from './rules/weighted-chain.ts';
import { verify } from './verify.ts';

export const RULES: readonly Rule[] = [
  moveConstants, dropIdentityMovement, mergeReshapes, padIntoConvolution,
  foldConstantArithmetic, foldBatchNorm, batchNormAsConvolution, nameComposition, fuseActivation,
];

/** Verifies, rewrites, places and names. The same graph always gives the same names, whatever is quantized how. */
export function partition(graph: Graph): PartitionedGraph {
  verify(graph);
  const rewritten = rewrite(graph, RULES);
  verify(rewritten);
  return { ...rewritten, nodes: place(rewritten) };
}
