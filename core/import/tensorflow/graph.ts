// The graph of a GraphDef before its operators mean anything: names of tensors, where it starts and ends, and the order of its nodes.
import { RequantError } from '../../errors/index.ts';
import { executionOrder } from '../order.ts';
import type { AttrValue, GraphDef } from './proto.ts';

export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Tensors that it reads, without the control inputs, which move no data. */
  readonly inputs: readonly string[];
  readonly attrs: ReadonlyMap<string, AttrValue>;
}

/** `name` and `name:0` are one tensor; the others are `name:1`, `name:2` ... */
export const tensorName = (name: string): string => name.replace(/:0$/, '');
/** The node that produces a tensor. */
export const nodeOf = (tensor: string): string => tensor.replace(/:\d+$/, '');
export const outputName = (node: string, index: number): string => (index === 0 ? node : `${node}:${index}`);

/** Nodes by name. Raises MODEL_INVALID for two of one name. */
export function readNodes(graph: GraphDef, file: string): ReadonlyMap<string, GraphNode> {
  const nodes = new Map<string, GraphNode>();
  for (const { name = '', op = '', input = [], attr = [] } of graph.node ?? []) {
    if (nodes.has(name)) throw new RequantError('MODEL_INVALID', 'two nodes have this name', { file, node: name });
    const attrs = new Map(attr.flatMap(({ key, value }) => (key === undefined || value === undefined ? [] : [[key, value] as const])));
    nodes.set(name, { name, op, inputs: input.filter((text) => !text.startsWith('^')).map(tensorName), attrs });
  }
  return nodes;
}

const PLACEHOLDER = 'Placeholder';
const WITH_DEFAULT = 'PlaceholderWithDefault';
/** Nodes that nobody reads because they give nothing of the network: what training and saving left behind. */
const NO_OUTPUT = /^(Const|Placeholder\w*|NoOp|Assert|Print|Assign\w*|Variable\w*|VarHandleOp|Save\w*|Restore\w*|ShardedFilename|MergeV2Checkpoints|\w*Summary)$/;

export interface Doors {
  /** Tensors at which the graph starts. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Where the graph starts and ends. `cuts`: tensors that the caller feeds; `outputNames`: what the caller wants. Guessed where not given:
 * inputs are the placeholders that the outputs need, outputs the nodes that nobody reads. Raises MODEL_INVALID for a name that is not there.
 */
export function doors(nodes: ReadonlyMap<string, GraphNode>, cuts: readonly string[], outputNames: readonly string[] | undefined, file: string): Doors {
  for (const tensor of [...cuts, ...(outputNames ?? [])]) {
    if (!nodes.has(nodeOf(tensor))) throw new RequantError('MODEL_INVALID', 'the graph has no such tensor', { file, tensor });
  }
  const fed = new Set(cuts);
  const outputs = outputNames ?? guessOutputs(nodes, fed);
  if (outputs.length === 0) throw new RequantError('MODEL_INVALID', 'the graph has no node that could be its output', { file }, { hint: 'Name the outputs with --outputs.' });
  const needed = neededNodes(nodes, outputs, fed);
  const ofType = (op: string): readonly string[] => [...needed].filter((name) => nodes.get(name)?.op === op);
  const inputs = [...new Set([...ofType(PLACEHOLDER), ...cuts])];
  // Exporters also write real inputs with a default.
  return { inputs: inputs.length > 0 ? inputs : ofType(WITH_DEFAULT), outputs };
}

/** Nodes that nobody reads; only those that depend on an input, where there are such. */
function guessOutputs(nodes: ReadonlyMap<string, GraphNode>, fed: ReadonlySet<string>): readonly string[] {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes.values()) for (const tensor of node.inputs) {
    const key = fed.has(tensor) ? tensor : nodeOf(tensor);
    const list = readers.get(key);
    if (list) list.push(node);
    else readers.set(key, [node]);
  }
  const replaced = new Set([...fed].map(nodeOf));
  const unread = [...nodes.values()].filter((node) => !NO_OUTPUT.test(node.op) && !readers.has(node.name) && !replaced.has(node.name)).map((node) => node.name);
  const depending = new Set([...fed, ...[...nodes.values()].filter((node) => node.op === PLACEHOLDER).map((node) => node.name)]);
  for (const name of depending) for (const reader of readers.get(name) ?? []) depending.add(reader.name);
  const real = unread.filter((name) => depending.has(name));
  return real.length > 0 ? real : unread;
}

/** Names of the nodes that the tensors need, not beyond what is fed; in the order of the file. */
function neededNodes(nodes: ReadonlyMap<string, GraphNode>, tensors: readonly string[], fed: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(tensors.filter((tensor) => !fed.has(tensor)).map(nodeOf));
  for (const name of found) for (const input of nodes.get(name)?.inputs ?? []) if (!fed.has(input)) found.add(nodeOf(input));
  return new Set([...nodes.keys()].filter((name) => found.has(name)));
}

/** The nodes that the outputs need, in the order of execution. Raises MODEL_INVALID for a cycle or a node that is not there. */
export function orderedNodes(nodes: ReadonlyMap<string, GraphNode>, { inputs, outputs }: Doors, file: string): readonly GraphNode[] {
  const fed = new Set(inputs);
  const steps = [...nodes.values()].map((node) => ({
    node,
    // A loop comes back through NextIteration; it is refused by its operators, not as a circle.
    inputs: node.inputs.filter((tensor) => !fed.has(tensor) && nodes.get(nodeOf(tensor))?.op !== 'NextIteration').map(nodeOf),
    outputs: [node.name],
  }));
  const order = executionOrder(steps, outputs.filter((tensor) => !fed.has(tensor)).map(nodeOf), file).map((step) => step.node);
  for (const { name, inputs: reads } of order) {
    const missing = reads.find((tensor) => !nodes.has(nodeOf(tensor)));
    if (missing !== undefined) throw new RequantError('MODEL_INVALID', `it reads ${missing}, which is not in the graph`, { file, node: name });
  }
  return order;
}
