// What the pointer is over where nothing but paint is: name, operator, shape and the value behind its colour.
import { shapeText, type Vertex } from './derive.ts';
import { colourOfVertex, titleOf } from './looks.ts';
import type { Overlay } from './overlays/index.ts';

export interface Hovered {
  readonly vertex: Vertex;
  readonly x: number;
  readonly y: number;
}

const what = (vertex: Vertex): string => {
  switch (vertex.kind) {
    case 'node': return vertex.node.className;
    case 'source': return vertex.source.name;
    case 'group': return 'collapsed partition';
    case 'input':
    case 'output': return vertex.kind;
  }
};

export function Hover({ hovered, overlay }: { readonly hovered: Hovered | null; readonly overlay: Overlay }) {
  if (!hovered) return null;
  const { vertex, x, y } = hovered;
  return (
    <div className="hover-tip" style={{ left: x + 12, top: y + 14 }} aria-hidden>
      <b>{titleOf(vertex)}</b> {what(vertex)} <span className="mono">{shapeText(vertex.shape)}</span> {colourOfVertex(vertex, overlay)?.text}
    </div>
  );
}
