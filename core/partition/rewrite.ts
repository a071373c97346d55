// Rewriting by rules: one sweep in execution order; at each node the rules are tried until none applies. A rule looks at a node
// and at what produces its inputs, and answers with one node that takes the place of both.
import type { Graph, Node, Value } from '../ir/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

export interface RewriteContext {
  readonly values: ReadonlyMap<string, Value>;
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The node that produces a value, after rewriting so far. */
  producer(value: string): Node | undefined;
  /** Is this value read by exactly one node and is it no output of the graph? Then its producer may be absorbed. */
  isPrivate(value: string): boolean;
  /** Is this value an output of the graph? It keeps its name, and so its node. */
  isOutput(value: string): boolean;
  /** Adds a constant under a name derived from `name`; returns the name. */
  constant(name: string, tensor: Tensor): string;
}

export type Rewrite =
  | { readonly kind: 'merge'; readonly absorbs: readonly Node[]; readonly node: Node }
  /** The node does nothing: its output is another name of `value`. */
  | { readonly kind: 'alias'; readonly value: string }
  /** The node's output is known. */
  | { readonly kind: 'constant'; readonly tensor: Tensor };

/** One named rule. `apply` returns nothing where the rule does not fit. */
export interface Rule {
  readonly name: string;
  readonly apply: (node: Node, context: RewriteContext) => Rewrite | undefined;
}

/** Applies `rules` over the whole graph and drops what nothing reads any more. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const constants = new Map(graph.constants);
  const outputs = new Set(graph.outputs.map((port) => port.value));
  const aliases = new Map<string, string>();
  const uses = new Map<string, number>();
  for (const node of graph.nodes) for (const input of node.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);

  const kept: (Node | undefined)[] = [];
  const places = new Map<string, number>();
  const at = (value: string): Node | undefined => {
    const place = places.get(value);
    return place === undefined ? undefined : kept[place];
  };
  const context: RewriteContext = {
    values: graph.values,
    constants,
    producer: at,
    isPrivate: (value) => uses.get(value) === 1 && !outputs.has(value),
    isOutput: (value) => outputs.has(value),
    constant: (name, tensor) => {
      let unique = name;
      for (let n = 1; constants.has(unique) || graph.values.has(unique); n++) unique = `${name}#${n}`;
      constants.set(unique, tensor);
      return unique;
    },
  };

  for (const original of graph.nodes) {
    let node: Node | undefined = { ...original, inputs: original.inputs.map((input) => aliases.get(input) ?? input) };
    for (let again = true; again && node;) {
      again = false;
      for (const rule of rules) {
        const change: Rewrite | undefined = rule.apply(node, context);
        if (!change) continue;
        if (change.kind === 'merge') {
          for (const absorbed of change.absorbs) for (const output of absorbed.outputs) {
            const place = places.get(output);
            if (place !== undefined) kept[place] = undefined;
            places.delete(output);
          }
          node = change.node;
          again = true;
        } else if (change.kind === 'constant') {
          for (const output of node.outputs) constants.set(output, change.tensor);
          node = undefined;
        } else {
          const [output = ''] = node.outputs;
          aliases.set(output, change.value);
          // Whoever read the output reads the value now; the node itself no longer does.
          uses.set(change.value, (uses.get(change.value) ?? 0) + (uses.get(output) ?? 0) - 1);
          node = undefined;
        }
        break;
      }
    }
    if (!node) continue;
    for (const output of node.outputs) places.set(output, kept.length);
    kept.push(node);
  }
  return prune({ ...graph, nodes: kept.filter((node) => node !== undefined), constants });
}

/** Drops nodes, values and constants that no output depends on. */
function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((port) => port.value));
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input !== '') needed.add(input);
  }
  for (const port of graph.inputs) needed.add(port.value);
  const made = new Set([...nodes.flatMap((node) => node.outputs), ...graph.inputs.map((port) => port.value)]);
  return {
    ...graph,
    nodes: nodes.reverse(),
    values: new Map([...graph.values].filter(([name]) => made.has(name))),
    constants: new Map([...graph.constants].filter(([name]) => needed.has(name))),
  };
}

/** A node that stands for several: the last one's outputs, everybody's sources. */
export function merged(absorbed: Node, last: Node, changes: { readonly attrs?: Node['attrs']; readonly inputs?: Node['inputs'] }): Node {
  return {
    op: absorbed.op,
    attrs: changes.attrs ?? absorbed.attrs,
    inputs: changes.inputs ?? absorbed.inputs,
    outputs: last.outputs,
    sources: [...absorbed.sources, ...last.sources],
  };
}
