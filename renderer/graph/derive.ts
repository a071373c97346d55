// Derives what is drawn from a model: cards, pills for the graph's inputs and outputs, collapsed partitions, and edges.
import type { ModelView, NodeView, OriginalNodeView, OriginalView } from '../../core/contract/index.ts';

export const CARD = { width: 236, height: 82 } as const;
export const PILL = { width: 150, height: 34 } as const;

interface VertexBase {
  readonly id: string;
  /** The model's nodes that it stands for: what is selected when it is clicked. */
  readonly names: readonly string[];
  readonly title: string;
  readonly shape: readonly number[];
}
export type Vertex = VertexBase & (
  | { readonly kind: 'node'; readonly node: NodeView }
  | { readonly kind: 'input' | 'output' }
  /** A partition that is collapsed. */
  | { readonly kind: 'group'; readonly group: string; readonly unit: NodeView['unit']; readonly nodes: readonly NodeView[] }
  /** An operator of the source file. */
  | { readonly kind: 'source'; readonly source: OriginalNodeView });

export interface Link {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  /** Shape of the value that flows. */
  readonly label: string;
  /** The model's node that produces it; null where a graph input or a source operator does. */
  readonly producer: string | null;
}
export interface Drawing {
  readonly vertices: readonly Vertex[];
  readonly links: readonly Link[];
}

export const nodeId = (name: string): string => `node:${name}`;
export const groupOf = ({ unit, partition }: Pick<NodeView, 'unit' | 'partition'>): string => `${unit} ${partition}`;
/** A dimension that the data decide is a question mark. */
export const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'scalar' : shape.map((d) => (d === -1 ? '?' : d)).join('×'));

/** Partitions in the order in which they run, with their nodes. */
export function groupsOf(nodes: readonly NodeView[]): ReadonlyMap<string, readonly NodeView[]> {
  const groups = new Map<string, NodeView[]>();
  for (const node of nodes) {
    const key = groupOf(node), members = groups.get(key);
    if (members) members.push(node);
    else groups.set(key, [node]);
  }
  return groups;
}

/** What reads and writes values: the common ground of a model's nodes and a file's operators. */
interface Reader {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly value: string; readonly shape: readonly number[] }[];
  readonly producer: string | null;
}

/** One edge a pair of vertices; a value read twice by the same vertex is drawn once, and none from a vertex to itself. */
function connect(ports: Pick<ModelView, 'inputs' | 'outputs'>, readers: readonly Reader[]): Link[] {
  const from = new Map<string, { readonly id: string; readonly shape: readonly number[]; readonly producer: string | null }>();
  for (const port of ports.inputs) from.set(port.value, { id: `input:${port.name}`, shape: port.shape, producer: null });
  for (const { id, outputs, producer } of readers) for (const { value, shape } of outputs) from.set(value, { id, shape, producer });
  const links = new Map<string, Link>();
  const link = (value: string, target: string): void => {
    const source = from.get(value);
    if (!source || source.id === target) return;
    const id = `${source.id}>${target}`;
    if (!links.has(id)) links.set(id, { id, source: source.id, target, label: shapeText(source.shape), producer: source.producer });
  };
  for (const reader of readers) for (const value of reader.inputs) link(value, reader.id);
  for (const port of ports.outputs) link(port.value, `output:${port.name}`);
  return [...links.values()];
}

const pills = (ports: ModelView['inputs'], kind: 'input' | 'output'): Vertex[] =>
  ports.map(({ name, shape }) => ({ kind, id: `${kind}:${name}`, names: [], title: name, shape }));

/** The partitioned graph. Partitions named in `collapsed` are drawn as one vertex each. */
export function derive(model: ModelView, collapsed: ReadonlySet<string> = new Set()): Drawing {
  const groups = groupsOf(model.nodes);
  const drawn = new Set<string>();
  const middle = model.nodes.flatMap((node): Vertex[] => {
    const group = groupOf(node);
    if (!collapsed.has(group)) return [{ kind: 'node', id: nodeId(node.name), names: [node.name], title: node.name, shape: node.shape, node }];
    if (drawn.has(group)) return [];
    drawn.add(group);
    const nodes = groups.get(group) ?? [];
    return [{ kind: 'group', id: `group:${group}`, names: nodes.map(({ name }) => name), title: group, shape: nodes.at(-1)?.shape ?? [], group, unit: node.unit, nodes }];
  });
  const readers = model.nodes.map((node): Reader => ({
    id: collapsed.has(groupOf(node)) ? `group:${groupOf(node)}` : nodeId(node.name),
    inputs: node.inputs, outputs: [{ value: node.output, shape: node.shape }, ...node.further ?? []], producer: node.name,
  }));
  return { vertices: [...pills(model.inputs, 'input'), ...middle, ...pills(model.outputs, 'output')], links: connect(model, readers) };
}

/** The graph as the source file has it; each operator stands for the model's nodes that it became part of. */
export function deriveOriginal(original: OriginalView): Drawing {
  const middle = original.nodes.map((source): Vertex => ({
    kind: 'source', id: `source:${source.id}`, names: source.becomes, title: source.name, shape: source.outputs[0]?.shape ?? [], source,
  }));
  const readers = original.nodes.map((node): Reader => ({ id: `source:${node.id}`, inputs: node.inputs, outputs: node.outputs, producer: null }));
  return { vertices: [...pills(original.inputs, 'input'), ...middle, ...pills(original.outputs, 'output')], links: connect(original, readers) };
}
