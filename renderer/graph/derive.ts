// Derives what the canvas draws from a model: cards, pills for the graph's inputs and outputs, and edges.
import type { ModelView, NodeView } from '../../core/contract/index.ts';

export const CARD = { width: 236, height: 82 } as const;
export const PILL = { width: 150, height: 34 } as const;

export type Vertex =
  | { readonly kind: 'node'; readonly id: string; readonly node: NodeView }
  | { readonly kind: 'input' | 'output'; readonly id: string; readonly label: string; readonly shape: readonly number[] };

export interface Link {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly label: string;
}
export interface Drawing {
  readonly vertices: readonly Vertex[];
  readonly links: readonly Link[];
}

export const nodeId = (name: string): string => `node:${name}`;
export const shapeText = (shape: readonly number[]): string => (shape.length === 0 ? 'scalar' : shape.join('×'));

/** One edge a pair of vertices and value; a value read twice by the same node is drawn once. */
export function derive(model: ModelView): Drawing {
  const vertices: Vertex[] = [];
  const producer = new Map<string, { readonly id: string; readonly shape: readonly number[] }>();
  for (const port of model.inputs) {
    const id = `input:${port.name}`;
    vertices.push({ kind: 'input', id, label: port.name, shape: port.shape });
    producer.set(port.value, { id, shape: port.shape });
  }
  for (const node of model.nodes) {
    const id = nodeId(node.name);
    vertices.push({ kind: 'node', id, node });
    producer.set(node.output, { id, shape: node.shape });
  }
  const links = new Map<string, Link>();
  const connect = (value: string, target: string): void => {
    const from = producer.get(value);
    if (!from) return;
    const id = `${from.id}>${target}`;
    links.set(id, { id, source: from.id, target, label: shapeText(from.shape) });
  };
  for (const node of model.nodes) for (const value of node.inputs) connect(value, nodeId(node.name));
  for (const port of model.outputs) {
    const id = `output:${port.name}`;
    vertices.push({ kind: 'output', id, label: port.name, shape: port.shape });
    connect(port.value, id);
  }
  return { vertices, links: [...links.values()] };
}
