// The table of overlays, and the one that is on.
import type { ModelView, Recipe, RunView } from '../../../core/contract/index.ts';
import type { Feed, Metric, OverlayMode } from '../../stores/view.ts';
import { costOverlay } from './cost.ts';
import { differenceOverlay } from './difference.ts';
import { errorOverlay } from './error.ts';
import { operatorOverlay } from './operator.ts';
import type { Overlay } from './overlay.ts';
import { placementOverlay } from './placement.ts';
import { precisionOverlay } from './precision.ts';
import type { Ground } from './scale.ts';

export { BETTER_WORSE } from './overlay.ts';
export type { Legend, NodeColour, Overlay } from './overlay.ts';
export type { Ground } from './scale.ts';

export interface OverlayInput {
  readonly model: ModelView;
  readonly recipe: Recipe;
  readonly runs: readonly RunView[];
  readonly shown: RunView | null;
  readonly compared: RunView | null;
  readonly metric: Metric;
  readonly feed: Feed;
  readonly ground: Ground;
}

interface OverlayKind {
  readonly label: string;
  readonly make: (input: OverlayInput) => Overlay;
  /** It shows what the next run will be; the others stay as they are while that is chosen. */
  readonly readsRecipe?: true;
}

export const OVERLAYS: Readonly<Record<OverlayMode, OverlayKind>> = {
  error: { label: 'Error', make: ({ model, runs, shown, compared, metric, feed, ground }) => {
    if (!shown) return operatorOverlay(model.nodes, 'Run once to see the errors here.');
    return compared ? differenceOverlay(shown, compared, metric, feed, ground) : errorOverlay(runs, shown, metric, feed, ground);
  } },
  precision: { label: 'Precision', readsRecipe: true, make: ({ model, recipe, shown }) => precisionOverlay(model.nodes, recipe, shown) },
  placement: { label: 'Placement', make: ({ model }) => placementOverlay(model.nodes) },
  operator: { label: 'Operator', make: ({ model }) => operatorOverlay(model.nodes) },
  cost: { label: 'Cost', make: ({ model, ground }) => costOverlay(model.nodes, ground) },
};
