// The card of a collapsed partition: what it holds, in the colour of its most striking node.
import type { Node, NodeProps } from '@xyflow/react';
import { ChevronsUpDown } from 'lucide-react';
import { memo, useContext } from 'react';
import { countText } from '../../controls/number-text.ts';
import { useView, setCollapsed } from '../../stores/view.ts';
import { shapeText, type Vertex } from '../derive.ts';
import { colourOfVertex } from '../looks.ts';
import { OverlayContext } from './overlay-context.ts';

type GroupVertex = Extract<Vertex, { readonly kind: 'group' }>;
export type GroupNode = Node<{ readonly vertex: GroupVertex }, 'group'>;

function GroupView({ data: { vertex }, selected }: NodeProps<GroupNode>) {
  const overlay = useContext(OverlayContext);
  const isError = useView((s) => s.overlay === 'error');
  const colour = overlay ? colourOfVertex(vertex, overlay) : undefined;
  const paint = colour ? { '--paint': colour.colour, '--ink': colour.ink } : {};
  return (
    <div className={`card group-card${selected ? ' selected' : ''}${colour ? ' painted-card' : ''}`} style={paint as React.CSSProperties} data-testid={`group-${vertex.group}`}>
      <div className="card-top">
        <span className="card-name">Partition {vertex.group}</span>
        <button type="button" className="chip chip-button nodrag nopan" data-unit={vertex.unit} aria-label={`Expand partition ${vertex.group}`} onClick={(event) => { event.stopPropagation(); setCollapsed([vertex.group], false); }}>
          expand <ChevronsUpDown size={10} aria-hidden />
        </button>
      </div>
      <div className="card-mid">
        <span className="card-class">{vertex.nodes.length === 1 ? '1 node' : `${vertex.nodes.length} nodes`}, {countText(vertex.nodes.reduce((sum, node) => sum + node.macs, 0))} MACs</span>
        <span className="card-shape">{shapeText(vertex.shape)}</span>
      </div>
      <div className="card-low">{isError && colour && <><span className="card-class">worst node</span><span className="card-value">{colour.text}</span></>}</div>
    </div>
  );
}
export const GroupCard = memo(GroupView);
