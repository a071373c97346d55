// The card of one node: operator, name, place, shape, precision, error.
import type { Node, NodeProps } from '@xyflow/react';
import { memo, useContext, useMemo } from 'react';
import type { NodeView } from '../../../core/contract/index.ts';
import { PrecisionButtons } from '../../controls/precision-buttons.tsx';
import { useRecipe } from '../../stores/recipe.ts';
import { chosenPrecision } from '../../stores/recipe-edit.ts';
import { runIndex } from '../../stores/run-index.ts';
import { shownRun, useSession } from '../../stores/session.ts';
import { setCollapsed, useView } from '../../stores/view.ts';
import { groupOf, shapeText } from '../derive.ts';
import { FAMILIES, familyOf, shortName } from '../family.ts';
import { OverlayContext } from './overlay-context.ts';

export type CardNode = Node<{ readonly node: NodeView }, 'card'>;

function CardView({ data: { node }, selected }: NodeProps<CardNode>) {
  const overlay = useContext(OverlayContext);
  const chosen = useRecipe((s) => chosenPrecision(node, s.recipe));
  const int32 = useRecipe((s) => s.recipe.nodes[node.name]?.outputInt32 === true);
  const ran = useSession((s) => runIndex(shownRun(s)).nodes.get(node.name)?.precision);
  const isError = useView((s) => s.overlay === 'error') && ran !== undefined;
  const alone = useMemo(() => [node], [node]);
  const colour = overlay?.colourOf(node.name);
  const changed = ran !== undefined && ran !== chosen;
  const paint = colour ? { '--paint': colour.colour, '--ink': colour.ink } : {};
  const group = groupOf(node);
  return (
    <div
      className={`card${selected ? ' selected' : ''}${colour ? ' painted-card' : ''}`} style={paint as React.CSSProperties}
      data-testid={`node-${node.name}`} data-precision={chosen} data-error-colour={isError ? colour?.colour ?? '' : ''} data-unit={node.unit}
    >
      <div className="card-top">
        <span className="card-name" title={node.name}>{shortName(node.name)}</span>
        <button
          type="button" className="chip chip-button nodrag nopan" data-unit={node.unit} tabIndex={-1} aria-label={`Collapse partition ${group}`}
          title={`${node.reason === undefined ? `On the ${node.unit}` : `In float: ${node.reason}`}. Click to collapse partition ${group}.`}
          onClick={(event) => { event.stopPropagation(); setCollapsed([group], true); }}
        >
          {group}
        </button>
      </div>
      <div className="card-mid">
        <span className="swatch" style={{ background: `var(--family-${familyOf(node.op)})` }} title={FAMILIES[familyOf(node.op)]} />
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
    </div>
  );
}
export const NodeCard = memo(CardView);
