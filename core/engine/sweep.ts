// Sweep: every combination of calibration method and schemes, measured on the same samples; the best is kept as a model.
import { meanPsnr } from '../analyze/index.ts';
import { isBetter } from '../contract/sweep-row.ts';
import { RequantError } from '../errors/index.ts';
import { HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod, type CalibrationMethod, type Statistics } from '../ir/index.ts';
import { defaultQuantization, quantizationScheme, type QuantizationConfig, type QuantizationScheme } from '../quantize/index.ts';
import { lengthOf, type Samples } from '../tensor/samples.ts';
import { measureAccuracy } from './accuracy.ts';
import type { JobOptions } from './job.ts';
import type { LoadedNet } from './loaded-net.ts';
import type { Model } from './model.ts';

/** What is combined with what. Of equal results the configuration that comes first is kept. */
export interface SweepPlan {
  /** All five with their defaults where absent, MSE first. */
  readonly methods?: readonly CalibrationMethod[];
  /** Per channel and per tensor where absent. */
  readonly weights?: readonly QuantizationScheme[];
  /** Asymmetric and symmetric where absent. */
  readonly activations?: readonly QuantizationScheme[];
  /** What all configurations share; {@link defaultQuantization} where absent. */
  readonly base?: QuantizationConfig;
}

/** What a configuration is judged by. */
export interface SweepData {
  /** Walked once for every configuration, so that a generator does not do. */
  readonly samples: Samples;
  /** Index among the scores, by sample. Where absent, configurations are judged by the mean PSNR over their nodes, errors accumulated. */
  readonly labels?: ArrayLike<number>;
  /** Name of the output that holds the scores; the first where absent. */
  readonly scores?: string;
  /** The error of the nodes is measured on these as well; it decides between configurations with equally many right classes. */
  readonly analysis?: Samples;
}

/** One configuration and what it scored: percent where there are labels, dB where the error of the nodes was measured. */
export interface SweepRow {
  readonly config: QuantizationConfig;
  readonly top1?: number;
  readonly top5?: number;
  readonly psnr?: number;
}

/** Progress, cancelling, and what is heard on the way. */
export interface SweepOptions extends JobOptions {
  /** The best model's name; that of the network where absent. */
  readonly modelName?: string;
  /** From an earlier pass over the calibration data, which is then not walked again. */
  readonly statistics?: Statistics;
  /** Hears every row as soon as it is measured, with the model that it was measured on. */
  readonly onRow?: (row: SweepRow, model: Model) => void;
}

/** Everything that was measured, and the best as a model. */
export interface SweepResult {
  /** In the order in which they were measured. */
  readonly rows: readonly SweepRow[];
  readonly best: SweepRow;
  /** Quantized with the best row's configuration. */
  readonly model: Model;
}

/** What a plan leaves out: everything that the source document's sweep tries, with the shared configuration's bits. */
function completed({ base = defaultQuantization, methods, weights, activations }: SweepPlan): Required<SweepPlan> {
  const { bits } = base.activationQuantizationScheme;
  return {
    base,
    methods: methods ?? [HistogramMSEMethod(), MinMaxMethod(), MovingAverageMinMaxMethod(), HistogramEntropyMethod(), HistogramPercentileMethod()],
    weights: weights ?? [quantizationScheme(false, true), quantizationScheme(false, false)],
    activations: activations ?? [quantizationScheme(true, false, bits), quantizationScheme(false, false, bits)],
  };
}

/**
 * Calibrates once, then quantizes and measures every combination. Raises CONFIG_INVALID for an empty plan, SCHEME_FORBIDDEN, DATA_EMPTY, DATA_LABELS,
 * CANCELLED; a broken combination is found before the data is touched.
 */
export async function sweep(net: LoadedNet, calibrationData: Samples, evaluation: SweepData, plan: SweepPlan = {}, options: SweepOptions = {}): Promise<SweepResult> {
  const configs = configurations(completed(plan));
  const [first] = configs;
  if (!first) throw new RequantError('CONFIG_INVALID', 'a sweep needs at least one method, one weight scheme and one activation scheme');
  const { onRow, modelName, onProgress, statistics: known, ...rest } = options;
  const scores = evaluation.scores ?? net.graph.outputs[0]?.name ?? '';
  const steps = configs.length + 1;
  const report = (step: number, fraction: number, detail: string): void => onProgress?.({ stage: 'sweep', fraction: (step + fraction) / steps, detail });

  const statistics = known ?? await net.calibrate(calibrationData, first, { ...rest, onProgress: ({ fraction }) => report(0, fraction, 'calibrating') });
  const rows: SweepRow[] = [];
  let best: { readonly row: SweepRow; readonly model: Model } | undefined;
  try {
    for (const [i, config] of configs.entries()) {
      options.cancel?.throwIfCancelled();
      const model = net.quantizeWith(statistics, config, modelName);
      let keep = false;
      try {
        const row = { config, ...await measure(model, scores, evaluation, rest, (fraction) => report(i + 1, fraction, `${i + 1} of ${configs.length}`)) };
        rows.push(row);
        onRow?.(row, model);
        keep = best === undefined || isBetter(row, best.row);
        if (keep) {
          await best?.model.release();
          best = { row, model };
        }
      } finally {
        if (!keep) await model.release();
      }
    }
  } catch (error) {
    await best?.model.release();
    throw error;
  }
  if (!best) throw new RequantError('INTERNAL', 'a sweep measured nothing');
  return { rows, best: best.row, model: best.model };
}

function configurations({ methods, weights, activations, base }: Required<SweepPlan>): readonly QuantizationConfig[] {
  return methods.flatMap((method) => weights.flatMap((weight) => activations.map((activation) =>
    base.withCalibration(method).withWeightQuantization(weight).withActivationQuantization(activation))));
}

async function measure(
  model: Model, scores: string, { samples, labels, analysis = labels ? undefined : samples }: SweepData, options: JobOptions, onFraction: (fraction: number) => void,
): Promise<Omit<SweepRow, 'config'>> {
  const { cancel } = options;
  const share = analysis && labels ? 0.5 : 1;
  const nodes = analysis && (await model.analyzeQuantizationError(analysis, 'psnr', { ...options, localFeed: false, onProgress: ({ fraction }) => onFraction(fraction * share) })).nodes;
  const error = nodes && { psnr: meanPsnr(nodes) };
  if (!labels) return { ...error };
  const total = lengthOf(samples);
  const { top1, top5 } = await measureAccuracy((inputs) => model.execute(inputs, { ...(cancel && { cancel }) }), scores, { samples, labels },
    (done) => { cancel?.throwIfCancelled(); onFraction((analysis ? 0.5 : 0) + share * (total ? Math.min(1, done / total) : 0)); });
  return { top1, top5, ...error };
}
