// What is shown now, as a picture to be taken away: from the stores, on a light ground.
import type { Recipe } from '../../core/contract/index.ts';
import { OVERLAYS } from '../graph/overlays/index.ts';
import { shownScene } from '../graph/use-scene.ts';
import { useRecipe } from '../stores/recipe.ts';
import { comparedRun, nodesByName, runName, shownRun, useSession } from '../stores/session.ts';
import { useView, type OverlayMode } from '../stores/view.ts';
import type { GraphPicture } from './graph-svg.ts';
import { paperPalette } from './paper.ts';
import { reportHtml } from './report.ts';

/** Why there is no picture now, or null. */
export function whyNoPicture(): string | null {
  if (!useSession.getState().model) return 'Open a model first';
  return shownScene() ? null : 'The graph is being laid out';
}

export const whyNoReport = (): string | null => whyNoPicture() ?? (shownRun(useSession.getState()) ? null : 'Run first; then there is something to report');

/** null where {@link whyNoPicture} says why. */
export function pictureNow(change: { readonly overlay?: OverlayMode; readonly recipe?: Recipe } = {}): GraphPicture | null {
  const session = useSession.getState(), view = useView.getState(), scene = shownScene();
  const { model, runs } = session, overlay = change.overlay ?? view.overlay, recipe = change.recipe ?? useRecipe.getState().recipe;
  if (!model || !scene) return null;
  const shown = shownRun(session);
  return {
    title: shown ? `${model.name}, ${runName(shown)}` : model.name, scene, values: overlay === 'error' && shown !== null, palette: paperPalette(document.styleSheets),
    overlay: OVERLAYS[overlay].make({ model, recipe, runs, shown, compared: comparedRun(session), metric: view.metric, feed: view.feed, ground: 'light' }),
    nodes: nodesByName(model), recipe,
  };
}

/** The report of the shown run, with the errors on the graph and the precisions it ran at; null where {@link whyNoReport} says why. */
export function reportNow(date: Date): string | null {
  const session = useSession.getState(), { model, notes, version } = session, run = shownRun(session);
  const picture = run && pictureNow({ overlay: 'error', recipe: run.recipe });
  return model && run && picture ? reportHtml({ model, run, name: runName(run), note: notes[run.id] ?? '', version, date, picture }) : null;
}
