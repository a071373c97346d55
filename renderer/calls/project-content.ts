// What is on the screen, as a project says it.
import type { ProjectContent } from '../../core/contract/index.ts';
import { useDataForms, type DataForm } from '../stores/data-form.ts';
import { useRecipe } from '../stores/recipe.ts';
import { useRunForm } from '../stores/run-form.ts';
import { useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useSweeps } from '../stores/sweeps.ts';
import { useView } from '../stores/view.ts';

const choiceOf = ({ touched: _, ...form }: DataForm): ProjectContent['data']['calibration'] => ({ ...form, files: [...form.files] });

/** Null where no model is open. A draft is not part of it: it is measured again from the recipe. */
export function contentNow(): ProjectContent | null {
  const { origin, inputShapes, runs, notes, shownRun, comparedRun } = useSession.getState();
  if (origin === null) return null;
  const { overlay, metric, feed, graph, collapsed, camera } = useView.getState();
  const forms = useDataForms.getState();
  const kept = runs.filter((run) => !run.draft);
  return {
    model: origin, inputShapes,
    data: { calibration: choiceOf(forms.calibration), evaluation: choiceOf(forms.evaluation) },
    recipe: useRecipe.getState().recipe,
    samples: useRunForm.getState(),
    runs: kept.map(({ id, number }) => ({ id, number })),
    sweeps: [...useSweeps.getState().sweeps],
    notes: Object.fromEntries(Object.entries(notes).filter(([id, note]) => note !== '' && kept.some((run) => run.id === id))),
    shownRun: kept.some((run) => run.id === shownRun) ? shownRun : null, comparedRun,
    view: { selection: [...useSelection.getState().names], overlay, metric, feed, graph, collapsed: [...collapsed], camera },
  };
}

/** The part of it that is work: two contents of the same key differ only in how they are looked at. */
export const workKey = ({ model, inputShapes, data, recipe, samples, runs, sweeps, notes }: ProjectContent): string => JSON.stringify([model, inputShapes, data, recipe, samples, runs, sweeps.map(({ id }) => id), notes]);
