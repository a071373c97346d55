// The card of one node: operator, name, place, shape, precision, error. Zoomed out it becomes a coloured block.
import { Handle, Position, useStore, type Node, type NodeProps, type ReactFlowState } from '@xyflow/react';
import { createContext, memo, useContext, useMemo } from 'react';
import type { NodeView } from '../../core/contract/index.ts';
import { PrecisionButtons } from '../controls/precision-buttons.tsx';
import { useRecipe } from '../stores/recipe.ts';
import { chosenPrecision } from '../stores/recipe-edit.ts';
import { runIndex } from '../stores/run-index.ts';
import { shownRun, useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { shapeText } from './derive.ts';
import { shortName } from './family.ts';
import type { Overlay } from './overlays/index.ts';

export type CardNode = Node<{ readonly node: NodeView }, 'card'>;

/** The overlay that is on. */
export const OverlayContext = createContext<Overlay | null>(null);

const isFar = (s: ReactFlowState): boolean => s.transform[2] < 0.45;

function CardView({ data: { node }, selected }: NodeProps<CardNode>) {
  const far = useStore(isFar);
  const overlay = useContext(OverlayContext);
  const isError = useView((s) => s.overlay === 'error');
  const chosen = useRecipe((s) => chosenPrecision(node, s.recipe));
  const int32 = useRecipe((s) => s.recipe.nodes[node.name]?.outputInt32 === true);
  const ran = useSession((s) => runIndex(shownRun(s)).nodes.get(node.name)?.precision);
  const alone = useMemo(() => [node], [node]);
  const colour = overlay?.colourOf(node.name);
  const changed = ran !== undefined && ran !== chosen;
  const paint = colour ? { '--paint': colour.colour, '--ink': colour.ink } : {};
  const unit = `${node.unit} ${node.partition}`;
  return (
    <div
      className={`card${selected ? ' selected' : ''}${far ? ' far' : ''}${colour ? ' painted' : ''}`} style={paint as React.CSSProperties}
      data-testid={`node-${node.name}`} data-precision={chosen} data-error-colour={isError ? colour?.colour ?? '' : ''} data-unit={node.unit}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      {far ? <span className="card-far-name">{shortName(node.name)}</span> : (
        <>
          <div className="card-top">
            <span className="card-name" title={node.name}>{shortName(node.name)}</span>
            <span className="chip" data-unit={node.unit} title={node.reason ?? `On the ${unit}`}>{unit}</span>
          </div>
          <div className="card-mid">
            <span className="card-class">{node.className}</span>
            <span className="card-shape">{shapeText(node.shape)}</span>
          </div>
          <div className="card-low">
            {selected && node.precisions.length > 0 ? <PrecisionButtons nodes={alone} prefix="card-" /> : (
              <>
                <span className="badge" data-precision={chosen} title={changed ? `Ran at ${ran}; the next run uses ${chosen}` : `Precision: ${chosen}`}>
                  {chosen}{int32 && ' → int32'}
                </span>
                {changed && <span className="card-changed">ran {ran}</span>}
                {isError && colour && <span className="card-value">{colour.text}</span>}
              </>
            )}
          </div>
        </>
      )}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}
export const NodeCard = memo(CardView);
