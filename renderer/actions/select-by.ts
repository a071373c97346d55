// Select nodes by what they are: those of the same operator, the worst by error, those at a precision, those that the find field means.
import { errorOf } from '../stores/run-index.ts';
import { chosenPrecision, type ChosenPrecision } from '../stores/recipe-edit.ts';
import { useRecipe } from '../stores/recipe.ts';
import { reveal, select } from '../stores/selection.ts';
import { shownRun, useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { selectedNodes } from './set-precision.ts';
import type { Action } from './action.ts';

const allNodes = () => useSession.getState().model?.nodes ?? [];
const needsModel = (): string | null => (useSession.getState().model ? null : 'Open a model first');
const needsRun = (): string | null => needsModel() ?? (shownRun(useSession.getState()) ? null : 'Run first; errors are not known yet');

function selectAll(names: readonly string[]): void {
  select(names);
  if (names[0] !== undefined) reveal(names[0]);
}

/** Names by error, worst first, by the metric and feed that are shown; nodes without a finite error are left out. */
export function worstNodes(count: number): readonly string[] {
  const { metric, feed } = useView.getState();
  const run = shownRun(useSession.getState());
  const ranked = allNodes().flatMap(({ name }) => { const error = errorOf(run, feed, metric, name); return error !== undefined && Number.isFinite(error) ? [{ name, error }] : []; });
  // A low psnr is bad, a low mae or mse is good.
  return ranked.sort((a, b) => (metric === 'psnr' ? a.error - b.error : b.error - a.error)).slice(0, count).map(({ name }) => name);
}

const sameOperator = (): readonly string[] => {
  const operators = new Set(selectedNodes().map((node) => node.className));
  return allNodes().filter((node) => operators.has(node.className)).map((node) => node.name);
};
const atPrecision = (precision: ChosenPrecision): readonly string[] =>
  allNodes().filter((node) => chosenPrecision(node, useRecipe.getState().recipe) === precision).map((node) => node.name);

const precisionAction = (precision: ChosenPrecision): Action => ({
  id: `select-${precision}`, label: `Select all nodes at ${precision}`,
  why: () => needsModel() ?? (atPrecision(precision).length > 0 ? null : `No node is at ${precision}`),
  run: () => selectAll(atPrecision(precision)),
});

export const selectActions: readonly Action[] = [
  { id: 'select-operator', label: 'Select all nodes of this operator', keys: ['s'], why: () => (selectedNodes().length > 0 ? null : 'Select a node first'), run: () => selectAll(sameOperator()) },
  ...[1, 3, 5, 10].map((count): Action => ({
    id: `select-worst-${count}`, label: count === 1 ? 'Select the node with the largest error' : `Select the ${count} nodes with the largest error`,
    ...(count === 3 && { keys: ['w'] }), why: needsRun, run: () => selectAll(worstNodes(count)),
  })),
  ...(['int8', 'int16', 'float'] as const).map(precisionAction),
];
