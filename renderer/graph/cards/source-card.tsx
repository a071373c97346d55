// The card of an operator of the source file, with what became of it.
import type { Node, NodeProps } from '@xyflow/react';
import { memo, useContext } from 'react';
import { shapeText, type Vertex } from '../derive.ts';
import { shortName } from '../family.ts';
import { colourOfVertex } from '../looks.ts';
import { OverlayContext } from './overlay-context.ts';

type SourceVertex = Extract<Vertex, { readonly kind: 'source' }>;
export type SourceNode = Node<{ readonly vertex: SourceVertex }, 'source'>;

function SourceView({ data: { vertex }, selected }: NodeProps<SourceNode>) {
  const overlay = useContext(OverlayContext);
  const colour = overlay ? colourOfVertex(vertex, overlay) : undefined;
  const paint = colour ? { '--paint': colour.colour, '--ink': colour.ink } : {};
  const { source, names } = vertex;
  const becomes = names.length === 0 ? 'folded away' : names.map(shortName).join(', ');
  return (
    <div className={`card${selected ? ' selected' : ''}${colour ? ' painted-card' : ''}`} style={paint as React.CSSProperties} data-testid={`source-${source.name}`}>
      <div className="card-top"><span className="card-name" title={source.type}>{source.type}</span></div>
      <div className="card-mid">
        <span className="card-class" title={source.name}>{source.name}</span>
        <span className="card-shape">{shapeText(vertex.shape)}</span>
      </div>
      <div className="card-low"><span className="card-class" title={becomes}>→ {becomes}</span></div>
    </div>
  );
}
export const SourceCard = memo(SourceView);
