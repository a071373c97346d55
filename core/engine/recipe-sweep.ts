// A sweep as the studio asks for it: recipes instead of configurations, every row told as soon as it is measured.
import { randomUUID } from 'node:crypto';
import { calibrationOf, choicesOf, type Params, type Progress, type SweepRow, type SweepView } from '../contract/index.ts';
import { RequantError } from '../errors/index.ts';
import type { Statistics } from '../ir/index.ts';
import { quantizationScheme } from '../quantize/index.ts';
import { samplesOf, type Dataset } from '../tensor/dataset.ts';
import { measureAccuracy } from './accuracy.ts';
import type { JobOptions } from './job.ts';
import type { LoadedNet } from './loaded-net.ts';
import { progressStages } from './progress.ts';
import { DEFAULT_ACCURACY_SAMPLES, DEFAULT_ANALYSIS_SAMPLES, summary } from './run.ts';
import { configFromRecipe, methodOf } from './settings.ts';
import { sweep } from './sweep.ts';

export interface RecipeSweep {
  readonly params: Params<'sweep.start'>;
  readonly calibration: Dataset;
  readonly evaluation: Dataset;
  /** Of the calibration data. */
  readonly samples: number;
  /** From an earlier pass over the same samples. */
  readonly statistics?: Statistics;
  readonly job: JobOptions;
  /** Hears of every row. */
  readonly tell: (progress: Progress) => void;
}

/** What leaves nothing to vary is refused. Raises CONFIG_INVALID, CANCELLED. */
export async function sweepRecipes(net: LoadedNet, request: RecipeSweep): Promise<{ readonly view: SweepView; readonly statistics: Statistics }> {
  const { params: { recipe, plan, accuracySamples, analysisSamples }, evaluation, job, tell } = request;
  if (net.graph.stored) throw new RequantError('CONFIG_INVALID', 'the model arrives quantized, with scales of its own: there is nothing to try', {}, { hint: 'Open the float model to sweep over methods and schemes.' });
  if (recipe.armOnly) throw new RequantError('CONFIG_INVALID', 'the whole model stays in float: there is nothing to try', {}, { hint: 'Turn off ARM only.' });
  const began = Date.now();
  const choices = choicesOf(plan);
  const analysed = Math.min(analysisSamples ?? DEFAULT_ANALYSIS_SAMPLES, evaluation.samples);
  const accurate = evaluation.labels ? Math.min(accuracySamples ?? DEFAULT_ACCURACY_SAMPLES, evaluation.samples) : 0;
  const labels = accurate > 0 ? evaluation.labels : undefined;
  const progress = progressStages({ calibrate: request.statistics ? 0.1 : request.samples * 5, float: accurate, sweep: choices.length * (30 + analysed * 8 + accurate * 1.6) }, job.onProgress);
  const within = (stage: string): JobOptions => ({ ...job, onProgress: ({ fraction, detail }) => progress.report(stage, fraction, detail) });

  const base = configFromRecipe(recipe);
  progress.report('calibrate', 0);
  const statistics = request.statistics ?? await net.calibrate(samplesOf(request.calibration, request.samples), base, within('calibrate'));
  const float = labels ? await measureAccuracy((inputs) => net.executeInFloat(inputs), net.graph.outputs[0]?.name ?? '', { samples: samplesOf(evaluation, accurate), labels },
    (done) => { job.cancel?.throwIfCancelled(); progress.report('float', done / accurate); }) : null;

  const rows: SweepRow[] = [];
  let last = Date.now();
  const { model } = await sweep(net, [], { samples: samplesOf(evaluation, accurate), ...(labels && { labels }), analysis: samplesOf(evaluation, analysed) }, {
    base,
    methods: plan.methods.map((name) => methodOf(calibrationOf(recipe, name))),
    weights: plan.weights.map((scheme) => quantizationScheme(false, scheme === 'per-channel')),
    activations: plan.activations.map((scheme) => quantizationScheme(scheme === 'asymmetric', false, base.activationQuantizationScheme.bits)),
  }, {
    ...within('sweep'), statistics,
    onRow: ({ psnr = 0, top1 = null, top5 = null }, of) => {
      const choice = choices[rows.length], now = Date.now();
      if (!choice) throw new RequantError('INTERNAL', 'a sweep measured more than was planned');
      const row: SweepRow = { ...choice, psnr, top1, top5, weightBytes: summary(net, of.graph).weightBytes, seconds: (now - last) / 1000 };
      last = now;
      rows.push(row);
      tell({ stage: 'sweep', fraction: rows.length / choices.length, detail: `${rows.length} of ${choices.length}`, row });
    },
  });
  await model.release();
  return { statistics, view: { id: randomUUID(), recipe, plan, rows, calibrationSamples: statistics.samples, analysisSamples: analysed, float, seconds: (Date.now() - began) / 1000 } };
}
