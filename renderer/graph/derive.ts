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
  /** Indices of the vertices that it joins. */
  readonly source: number;
  readonly target: number;
  /** Shape of the value that flows. */
  readonly shape: readonly number[];
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
  /** Index of the vertex that stands for it. */
  readonly vertex: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly value: string; readonly shape: readonly number[] }[];
  readonly producer: string | null;
}

/** Vertices in the order inputs, readers, outputs, with one edge a pair of them; a value read twice by the same vertex is drawn once, and none from a vertex to itself. */
function connected(ports: Pick<ModelView, 'inputs' | 'outputs'>, middle: readonly Vertex[], readers: readonly Reader[]): Drawing {
  const vertices = [...pills(ports.inputs, 'input'), ...middle, ...pills(ports.outputs, 'output')];
  const from = new Map<string, Omit<Link, 'target'>>();
  ports.inputs.forEach(({ value, shape }, i) => from.set(value, { source: i, shape, producer: null }));
  for (const { vertex, outputs, producer } of readers) for (const { value, shape } of outputs) from.set(value, { source: vertex, shape, producer });
  const links: Link[] = [];
  const pairs = new Set<number>();
  const link = (value: string, target: number): void => {
    const found = from.get(value);
    if (!found || found.source === target) return;
    const pair = found.source * vertices.length + target;
    if (pairs.has(pair)) return;
    pairs.add(pair);
    links.push({ source: found.source, target, shape: found.shape, producer: found.producer });
  };
  for (const reader of readers) for (const value of reader.inputs) link(value, reader.vertex);
  ports.outputs.forEach(({ value }, i) => link(value, vertices.length - ports.outputs.length + i));
  return { vertices, links };
}

const pills = (ports: ModelView['inputs'], kind: 'input' | 'output'): Vertex[] =>
  ports.map(({ name, shape }) => ({ kind, id: `${kind}:${name}`, names: [], title: name, shape }));

/** The partitioned graph. Partitions named in `collapsed` are drawn as one vertex each. */
export function derive(model: ModelView, collapsed: ReadonlySet<string> = new Set()): Drawing {
  const groups = collapsed.size > 0 ? groupsOf(model.nodes) : null;
  const drawn = new Map<string, number>();
  const middle: Vertex[] = [];
  const readers = model.nodes.map((node): Reader => {
    const reader = { inputs: node.inputs, outputs: [{ value: node.output, shape: node.shape }, ...node.further ?? []], producer: node.name };
    const nodes = groups && collapsed.has(groupOf(node)) ? groups.get(groupOf(node)) : undefined;
    const own = model.inputs.length + middle.length;
    if (!nodes) {
      middle.push({ kind: 'node', id: nodeId(node.name), names: [node.name], title: node.name, shape: node.shape, node });
      return { ...reader, vertex: own };
    }
    const group = groupOf(node), known = drawn.get(group);
    if (known !== undefined) return { ...reader, vertex: known };
    drawn.set(group, own);
    middle.push({ kind: 'group', id: `group:${group}`, names: nodes.map(({ name }) => name), title: group, shape: nodes.at(-1)?.shape ?? [], group, unit: node.unit, nodes });
    return { ...reader, vertex: own };
  });
  return connected(model, middle, readers);
}

/** The graph as the source file has it; each operator stands for the model's nodes that it became part of. */
export function deriveOriginal(original: OriginalView): Drawing {
  const middle = original.nodes.map((source): Vertex => ({
    kind: 'source', id: `source:${source.id}`, names: source.becomes, title: source.name, shape: source.outputs[0]?.shape ?? [], source,
  }));
  return connected(original, middle, original.nodes.map(({ inputs, outputs }, i): Reader => ({ vertex: original.inputs.length + i, inputs, outputs, producer: null })));
}
