// The buttons that set the precision of the selected nodes: on the selected card and in the inspector.
import { actionById } from '../actions/index.ts';
import { shortcutText } from '../actions/keys.ts';
import { isMac, perform } from '../actions/shortcuts.ts';
import type { NodeView } from '../../core/contract/index.ts';
import { useRecipe } from '../stores/recipe.ts';
import { chosenPrecision, CHOICES, whyNotInt32 } from '../stores/recipe-edit.ts';
import { useSession } from '../stores/session.ts';
import { useStudio } from './studio-context.ts';
import { Tip } from './tip.tsx';
import { useWhy } from './use-why.ts';

function PrecisionButton({ id, pressed, prefix, label }: { readonly id: string; readonly pressed: boolean; readonly prefix: string; readonly label: string }) {
  const studio = useStudio();
  const action = actionById(id);
  const why = useWhy(action);
  return (
    <Tip text={why ?? `Set to ${action.label}`} keys={shortcutText(action.keys?.[0] ?? '', isMac())}>
      <button
        type="button" className="segment nodrag nopan" data-testid={`${prefix}${id}`} data-choice={id.slice('set-'.length)} data-state={pressed ? 'on' : 'off'}
        aria-label={`Set to ${label}`} aria-pressed={pressed} aria-disabled={why !== null}
        onClick={(event) => { event.stopPropagation(); perform(action, studio); }}
        // A double click on a card's button must not zoom the canvas.
        onDoubleClick={(event) => event.stopPropagation()}
      >
        {label}
      </button>
    </Tip>
  );
}

/** `nodes` are the selected ones; a button is pressed when all of them have its precision. */
export function PrecisionButtons({ nodes, prefix = '' }: { readonly nodes: readonly NodeView[]; readonly prefix?: string }) {
  const recipe = useRecipe((s) => s.recipe);
  const all = useSession((s) => s.model?.nodes) ?? nodes;
  const able = nodes.filter((node) => whyNotInt32(node, recipe, all) === null);
  return (
    <div className="segmented precision-buttons" role="group" aria-label="Precision">
      {CHOICES.map((choice) => (
        <PrecisionButton
          key={choice} id={`set-${choice}`} prefix={prefix} label={choice}
          pressed={nodes.length > 0 && nodes.every((node) => chosenPrecision(node, recipe) === choice)}
        />
      ))}
      <PrecisionButton id="set-int32" prefix={prefix} label="int32 out" pressed={able.length > 0 && able.every((node) => recipe.nodes[node.name]?.outputInt32 === true)} />
    </div>
  );
}
