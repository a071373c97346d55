// Starts a sweep over what the plan varies. Its rows are shown as they come; cancelled, those that are there are kept.
import { choicesOf, type SweepRow, type SweepView } from '../../core/contract/index.ts';
import { log } from '../stores/messages.ts';
import { useRecipe } from '../stores/recipe.ts';
import { recipeText } from '../stores/recipe-edit.ts';
import { samplesOf, useRunForm } from '../stores/run-form.ts';
import { useSession } from '../stores/session.ts';
import { keepSweep, useSweeps } from '../stores/sweeps.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

export async function startSweep(studio: Studio): Promise<SweepView | null> {
  const { model, data } = useSession.getState();
  if (!model) return null;
  const { recipe } = useRecipe.getState(), { plan } = useSweeps.getState();
  const samples = samplesOf(useRunForm.getState(), data), planned = choicesOf(plan).length, began = Date.now();
  const begun: SweepView = {
    id: crypto.randomUUID(), recipe, plan, rows: [], float: null, seconds: 0,
    calibrationSamples: samples.calibrationSamples ?? 0, analysisSamples: Math.min(samples.analysisSamples ?? 0, data.evaluation?.samples ?? data.calibration?.samples ?? 0),
  };
  const rows: SweepRow[] = [];
  const soFar = (): SweepView => ({ ...begun, rows: [...rows], seconds: (Date.now() - began) / 1000 });
  useSweeps.setState({ running: begun });
  log(`Sweep started: ${planned} configurations of ${recipeText(recipe)}`);
  const done = await runJob('sweep', `Sweep: ${planned} configurations`, (options) => studio.client().call('sweep.start', { recipe, plan, ...samples }, {
    ...options,
    onProgress: (progress) => {
      options.onProgress?.(progress);
      // Another model may have been opened meanwhile, and its page shows no sweep of this one.
      if (progress.row && useSweeps.getState().running?.id === begun.id) { rows.push(progress.row); useSweeps.setState({ running: soFar() }); }
    },
  }));
  const mine = useSweeps.getState().running?.id === begun.id;
  if (mine) useSweeps.setState({ running: null });
  const sweep = done ?? (rows.length > 0 ? soFar() : null);
  if (!mine || !sweep) return null;
  keepSweep(sweep);
  log(`Sweep finished: ${sweep.rows.length} of ${planned} configurations in ${sweep.seconds.toFixed(1)} s`);
  return sweep;
}
