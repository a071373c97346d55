// The precision overlay: what each node will run at next, and what has changed since the shown run.
import type { NodeView, Recipe, RunView } from '../../../core/contract/index.ts';
import { chosenPrecision, CHOICES, type ChosenPrecision } from '../../stores/recipe-edit.ts';
import { runIndex } from '../../stores/run-index.ts';
import type { Overlay } from './overlay.ts';

const LABELS: Readonly<Record<ChosenPrecision, string>> = { int8: 'int8', int16: 'int16', float: 'float' };

export function precisionOverlay(nodes: readonly NodeView[], recipe: Recipe, shown: RunView | null): Overlay {
  const chosen = new Map(nodes.map((node) => [node.name, chosenPrecision(node, recipe)]));
  const ran = runIndex(shown).nodes;
  let changed = 0;
  for (const [name, precision] of chosen) if (ran.has(name) && ran.get(name)?.precision !== precision) changed++;
  const count = (precision: ChosenPrecision): number => [...chosen.values()].filter((p) => p === precision).length;
  return {
    colourOf: (name) => {
      const precision = chosen.get(name);
      return precision && { colour: `var(--${precision})`, ink: `var(--${precision}-ink)`, text: LABELS[precision] };
    },
    legend: {
      kind: 'categories', title: 'Precision for the next run',
      items: CHOICES.map((precision) => ({ label: LABELS[precision], colour: `var(--${precision})`, count: count(precision) })),
      note: shown ? `${changed === 0 ? 'No node' : changed === 1 ? '1 node' : `${changed} nodes`} changed since ${shown.draft ? 'the draft' : `run ${shown.number}`}.` : '',
    },
  };
}
