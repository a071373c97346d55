// Turns vertices of a scene into React Flow's nodes. Sizes are given, so nothing has to be measured.
import type { GroupNode } from './cards/group-card.tsx';
import type { CardNode } from './cards/node-card.tsx';
import type { PillNode } from './cards/port-pill.tsx';
import type { SourceNode } from './cards/source-card.tsx';
import type { Scene } from './scene.ts';

export type FlowNode = CardNode | PillNode | GroupNode | SourceNode;

const STILL = { draggable: false, connectable: false, deletable: false } as const;

function flowNode({ drawing, boxes }: Scene, i: number): FlowNode | null {
  const vertex = drawing.vertices[i], box = boxes[i];
  if (!vertex || !box) return null;
  const { x, y, width, height } = box;
  const place = { id: vertex.id, position: { x, y }, width, height, ...STILL };
  switch (vertex.kind) {
    case 'input':
    case 'output': return { ...place, type: 'pill', selectable: false, focusable: false, data: { role: vertex.kind, label: vertex.title, shape: vertex.shape } };
    case 'group': return { ...place, type: 'group', ariaLabel: `Partition ${vertex.group}, ${vertex.nodes.length} nodes, collapsed`, ariaRole: 'group', data: { vertex } };
    case 'source': return { ...place, type: 'source', ariaLabel: `${vertex.title}, ${vertex.source.type}`, ariaRole: 'group', data: { vertex } };
    case 'node': {
      const { node } = vertex;
      return { ...place, type: 'card', ariaLabel: `${node.name}, ${node.className}, on ${node.unit}`, ariaRole: 'group', data: { node } };
    }
  }
}

const built = new WeakMap<Scene, Map<number, FlowNode>>();

/** React Flow's nodes of these vertices. What stays as it is stays the same object. */
export function flowNodes(scene: Scene, vertices: readonly number[], selected: ReadonlySet<number>): FlowNode[] {
  const cache = built.get(scene) ?? new Map<number, FlowNode>();
  built.set(scene, cache);
  return vertices.flatMap((i) => {
    const known = cache.get(i) ?? flowNode(scene, i);
    if (!known) return [];
    const node = (known.selected ?? false) === selected.has(i) ? known : { ...known, selected: selected.has(i) };
    cache.set(i, node);
    return [node];
  });
}
