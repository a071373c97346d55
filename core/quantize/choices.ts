// What each node will be, from the configuration: int8, int16 or float, with every name and every wish checked first.
import { RequantError } from '../errors/index.ts';
import { consumersOf, type PartitionedGraph, type PlacedNode, type Precision } from '../ir/index.ts';
import { operator } from '../ops/index.ts';
import type { QuantizationConfig } from './config.ts';

export interface NodeChoice {
  readonly precision: Precision | null;
  readonly outputInt32: boolean;
}

/** Raises NODE_UNKNOWN, PRECISION_UNSUPPORTED or CONFIG_INVALID, naming the node. */
export function chooseNodes(graph: PartitionedGraph, config: QuantizationConfig): { choices: ReadonlyMap<string, NodeChoice>; notices: readonly string[] } {
  const names = new Set(graph.nodes.map((node) => node.name));
  for (const name of [...config.unquantizedNodes, ...config.customQuantizationConfigs.keys()]) {
    if (!names.has(name)) throw new RequantError('NODE_UNKNOWN', `the network has no node of this name${suggestion(name, names)}`, { node: name });
  }
  const general: Precision = config.activationQuantizationScheme.bits === 16 ? 'int16' : 'int8';
  const choices = new Map<string, NodeChoice>();
  const kept: string[] = [];
  for (const node of graph.nodes) {
    const custom = config.customQuantizationConfigs.get(node.name);
    const wished = custom?.quantizationPrecision;
    if (wished && !node.precisions.includes(wished)) throw unsupported(node, wished);
    if (node.unit !== 'MLA' || config.unquantizedNodes.has(node.name)) {
      if (custom?.outputInt32) throw new RequantError('CONFIG_INVALID', 'a node that runs in float has no int32 output', { node: node.name });
      choices.set(node.name, { precision: null, outputInt32: false });
      continue;
    }
    const precision = wished ?? (node.precisions.includes(general) ? general : 'int8');
    if (!wished && precision !== general) kept.push(node.name);
    choices.set(node.name, { precision, outputInt32: custom?.outputInt32 ?? false });
  }
  checkInt32(graph, choices);
  return { choices, notices: kept.length === 0 ? [] : [`Kept at int8, since these operators have no 16-bit form: ${kept.join(', ')}`] };
}

function unsupported(node: PlacedNode, wished: Precision): RequantError {
  const hint = node.precisions.length > 0
    ? `It can run as ${node.precisions.join(' or ')}, or unquantized in float.`
    : `It runs in float on the ${node.unit}: ${node.reason ?? ''}.`;
  return new RequantError('PRECISION_UNSUPPORTED', `${node.op} cannot run as ${wished}`, { node: node.name }, { hint });
}

/** Only a weighted int8 node has a 32-bit accumulator to hand on, and no integer node can read it. */
function checkInt32(graph: PartitionedGraph, choices: ReadonlyMap<string, NodeChoice>): void {
  const consumers = consumersOf(graph.nodes);
  for (const node of graph.nodes) {
    const choice = choices.get(node.name);
    if (!choice?.outputInt32) continue;
    if (!operator(node.op).traits.includes('weighted')) throw new RequantError('CONFIG_INVALID', `${node.op} has no accumulator to output as int32`, { node: node.name });
    if (choice.precision !== 'int8') throw new RequantError('CONFIG_INVALID', 'an int16 node sums in 64 bits; only an int8 node can output int32', { node: node.name });
    const reader = node.outputs.flatMap((output) => consumers.get(output) ?? []).find((consumer) => choices.get(consumer.name)?.precision);
    if (reader) {
      throw new RequantError('CONFIG_INVALID', `int32 output is for the last MLA node, but ${reader.name} reads it`, { node: node.name },
        { hint: `Leave ${reader.name} unquantized, or choose the last node.` });
    }
  }
}

function suggestion(name: string, names: ReadonlySet<string>): string {
  const tail = name.split('/').at(-1) ?? name;
  const near = [...names].find((other) => other.endsWith(`/${tail}`)) ?? [...names].find((other) => tail !== '' && other.includes(tail.replace(/_\d+$/, '')));
  return near ? `; did you mean ${near}` : '';
}
