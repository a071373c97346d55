// Set the precision of the selected nodes.
import type { NodeView } from '../../core/contract/index.ts';
import { setPrecision, toggleInt32, useRecipe } from '../stores/recipe.ts';
import { whyNot, whyNotInt32, type ChosenPrecision } from '../stores/recipe-edit.ts';
import { useSelection } from '../stores/selection.ts';
import { nodesByName, useSession } from '../stores/session.ts';
import type { Action } from './action.ts';

const allNodes = (): readonly NodeView[] => useSession.getState().model?.nodes ?? [];

export function selectedNodes(): readonly NodeView[] {
  const nodes = nodesByName(useSession.getState().model);
  return useSelection.getState().names.flatMap((name) => nodes.get(name) ?? []);
}

/** Why none of the selected nodes can take the choice; null when at least one can. */
function whyNone(reason: (node: NodeView) => string | null): string | null {
  const nodes = selectedNodes();
  const [first] = nodes;
  if (!first) return 'Select a node first';
  return nodes.some((node) => reason(node) === null) ? null : reason(first);
}

const whyArmOnly = (): string | null => (useRecipe.getState().recipe.armOnly ? 'The whole model runs in float: ARM only is on in Configuration' : null);

const precisionAction = (to: ChosenPrecision, label: string, key: string): Action => ({
  id: `set-${to}`, label, keys: [key],
  why: () => whyNone((node) => whyArmOnly() ?? whyNot(node, to)),
  run: () => setPrecision(selectedNodes(), to),
});

export const precisionActions: readonly Action[] = [
  precisionAction('int8', 'int8', '1'),
  precisionAction('int16', 'int16', '2'),
  precisionAction('float', 'float', '3'),
  {
    id: 'set-int32', label: 'int32 output', keys: ['4'],
    why: () => whyNone((node) => whyNotInt32(node, useRecipe.getState().recipe, allNodes())),
    run: () => toggleInt32(selectedNodes(), allNodes()),
  },
];
