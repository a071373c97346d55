// Turns a layout into React Flow's nodes and edges. Sizes and handles are given, so nothing has to be measured.
import { Position, type NodeHandle } from '@xyflow/react';
import { CARD, nodeId, PILL, type Vertex } from './derive.ts';
import type { FlowEdgeData } from './flow-edge.tsx';
import type { CardNode } from './node-card.tsx';
import type { PillNode } from './port-pill.tsx';
import type { Laid } from './use-layout.ts';

export type FlowNode = CardNode | PillNode;

const handles = ({ width, height }: { readonly width: number; readonly height: number }, roles: readonly ('target' | 'source')[]): NodeHandle[] =>
  roles.map((type) => ({ type, position: type === 'target' ? Position.Top : Position.Bottom, x: width / 2, y: type === 'target' ? 0 : height, width: 1, height: 1 }));

const CARD_HANDLES = handles(CARD, ['target', 'source']);
const PILL_HANDLES = { input: handles(PILL, ['source']), output: handles(PILL, ['target']) };

const STILL = { draggable: false, connectable: false, deletable: false } as const;

export function flowNodes({ drawing, layout }: Laid): FlowNode[] {
  return drawing.vertices.map((vertex, i): FlowNode => {
    const position = layout.positions[i] ?? { x: 0, y: 0 };
    if (vertex.kind !== 'node') {
      return {
        id: vertex.id, type: 'pill', position, ...PILL, ...STILL, selectable: false, focusable: false, handles: PILL_HANDLES[vertex.kind],
        data: { role: vertex.kind, label: vertex.label, shape: vertex.shape },
      };
    }
    const { node } = vertex;
    return {
      id: vertex.id, type: 'card', position, ...CARD, ...STILL, handles: CARD_HANDLES, data: { node },
      ariaLabel: `${node.name}, ${node.className}, on ${node.unit}`, ariaRole: 'button',
    };
  });
}

/** `nodes` with the selected ones marked; nodes that stay as they are stay the same objects. */
export function markSelected(nodes: readonly FlowNode[], names: readonly string[]): FlowNode[] {
  const ids = new Set(names.map(nodeId));
  return nodes.map((node) => ((node.selected ?? false) === ids.has(node.id) ? node : { ...node, selected: ids.has(node.id) }));
}

const nameOf = (vertex: Vertex | undefined): string[] => (vertex?.kind === 'node' ? [vertex.node.name] : []);

export function flowEdges({ drawing, layout }: Laid): FlowEdgeData[] {
  const vertices = new Map(drawing.vertices.map((vertex) => [vertex.id, vertex]));
  return drawing.links.map((link, i): FlowEdgeData => ({
    id: link.id, source: link.source, target: link.target, type: 'flow', selectable: false, focusable: false, deletable: false,
    data: { bends: layout.bends[i] ?? [], label: link.label, names: [...nameOf(vertices.get(link.source)), ...nameOf(vertices.get(link.target))] },
  }));
}
