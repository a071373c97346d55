// Flavour sima of a graph that arrived quantized (TFLite): which precision each node has, as the file stores what it gives.
import type { Graph, PartitionedGraph, PlacedNode } from '../ir/index.ts';
import { defaultQuantization, type NodeConfig, type QuantizationConfig } from './config.ts';

/** For quantizeGraph. A node of int16 whose operator has no 16-bit form runs in float, since int8 would lose what the file keeps, and a notice says so. */
export function configAsArrived(original: Graph, placed: PartitionedGraph): { readonly config: QuantizationConfig; readonly notices: readonly string[] } {
  const wide = placed.nodes.filter((node) => node.unit === 'MLA' && storedType(original, node) === 'int16');
  const [able, inFloat] = [wide.filter((node) => node.precisions.includes('int16')), wide.filter((node) => !node.precisions.includes('int16')).map((node) => node.name)];
  const custom = able.map((node): readonly [string, NodeConfig] => [node.name, { quantizationPrecision: 'int16' }]);
  return {
    config: defaultQuantization.withUnquantizedNodes(inFloat).withCustomQuantizationConfigs(Object.fromEntries(custom)),
    notices: inFloat.length === 0 ? [] : [`Left in float, since these operators have no 16-bit form: ${inFloat.join(', ')}`],
  };
}

/** How the file stores what a node gives or, where that is a position, what it reads. */
function storedType({ stored }: Graph, node: PlacedNode): string | undefined {
  const value = [...node.outputs, ...node.inputs].find((name) => stored?.has(name));
  return value === undefined ? undefined : stored?.get(value)?.dtype;
}
