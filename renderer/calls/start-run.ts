// Starts a run with the recipe as it stands, and shows its result. The engine works on one job at a time; a second run waits.
import type { RunView } from '../../core/contract/index.ts';
import { METHOD_TEXT } from '../panels/configuration/calibration-parameters.ts';
import { log } from '../stores/messages.ts';
import { useRecipe } from '../stores/recipe.ts';
import { recipeText } from '../stores/recipe-edit.ts';
import { samplesOf, useRunForm } from '../stores/run-form.ts';
import { addRun, useSession } from '../stores/session.ts';
import { useSettings } from '../stores/settings.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

export async function startRun(studio: Studio): Promise<RunView | null> {
  const { model, data } = useSession.getState();
  if (!model) return null;
  const { recipe } = useRecipe.getState();
  log(`Run started: ${recipeText(recipe)}, ${recipe.calibration.method}`);
  const done = await runJob('run', `Run: ${recipeText(recipe)}, ${METHOD_TEXT[recipe.calibration.method]}`, (options) => studio.client().call('run.start', { recipe, ...samplesOf(useRunForm.getState(), data), memoryBudget: useSettings.getState().memoryMiB * 2 ** 20 }, options));
  // Another model may have been opened meanwhile; its errors would be drawn on the wrong graph.
  if (!done || useSession.getState().model !== model) return null;
  // The engine counts from its start; the project goes on from its own.
  const run = { ...done, number: useSession.getState().lastNumber + 1 };
  addRun(run);
  log(`Run ${run.number} finished in ${run.seconds.toFixed(1)} s`);
  for (const notice of run.notices) log(`Run ${run.number}: ${notice}`, 'notice');
  return run;
}
