// One run: calibrate (unless known), quantize, measure the error of every node both ways, and the accuracy where there are labels.
import { randomUUID } from 'node:crypto';
import type { Params, Recipe, RunView } from '../contract/index.ts';
import type { QuantizedGraph, Quantization, Statistics } from '../ir/index.ts';
import type { QuantizationConfig } from '../quantize/index.ts';
import { samplesOf, type Dataset } from '../tensor/dataset.ts';
import { measureAccuracy } from './accuracy.ts';
import type { Analyst } from './analyst.ts';
import type { JobOptions } from './job.ts';
import type { LoadedNet } from './loaded-net.ts';
import type { Model } from './model.ts';
import { progressStages, type ProgressStages } from './progress.ts';
import { sayChoice } from './say-choice.ts';
import { configFromRecipe } from './settings.ts';

export interface Run {
  readonly view: RunView;
  readonly model: Model;
  readonly statistics: Statistics;
  /** The data that its errors were measured on. */
  readonly evaluation: Dataset;
}

export interface RunRequest {
  readonly params: Params<'run.start'>;
  readonly number: number;
  readonly calibration: Dataset;
  readonly evaluation: Dataset;
  readonly samples: number;
  /** From an earlier pass over the same samples. */
  readonly statistics?: Statistics;
  readonly analyst: Analyst;
  readonly job: JobOptions;
}

/** Samples used where the request does not say: enough for stable figures, few enough to answer in seconds. */
export const DEFAULT_ANALYSIS_SAMPLES = 16;
export const DEFAULT_ACCURACY_SAMPLES = 100;

/** What a sample costs each stage, and quantizing at all, in float inferences of a sample: by processor time, of resnet8 and MobileNetV2. */
const COST = { calibrate: 5, quantize: 30, local: 12, cumulative: 6, exact: 1.6 } as const;

const ARRIVED: Readonly<Record<Recipe['requantization'], string>> = {
  sima: "The model arrives quantized: its scales are the file's own, converted to shifts. Other settings and the calibration data changed nothing.",
  tflite: "The model arrives quantized: its scales are the file's own, and its integers those of TensorFlow Lite's reference kernels. Other settings and the calibration data changed nothing.",
};

/** What arrives quantized keeps its own scales, and the run says so. What is for the APU alone needs no statistics. */
async function modelOf(net: LoadedNet, statistics: Statistics, config: QuantizationConfig, armOnly: boolean | undefined): Promise<Model> {
  if (armOnly) return net.quantize([], config, { armOnly });
  return net.graph.stored ? net.convertToSimaQuantization({ flavor: config.requantizationMode }) : net.quantizeWith(statistics, config);
}

export async function startRun(net: LoadedNet, request: RunRequest): Promise<Run> {
  const { params, evaluation, analyst, job } = request;
  const began = Date.now();
  const accurate = evaluation.labels ? Math.min(params.accuracySamples ?? DEFAULT_ACCURACY_SAMPLES, evaluation.samples) : 0;
  const progress = progressStages({
    calibrate: request.statistics ? 0.1 : request.samples * COST.calibrate, quantize: COST.quantize,
    'local errors': analyst.samples * COST.local, 'cumulative errors': analyst.samples * COST.cumulative, accuracy: accurate * (1 + COST.exact),
  }, job.onProgress);
  const within = withinStage(job, progress);

  const config = configFromRecipe(params.recipe);
  progress.report('calibrate', 0);
  const statistics = request.statistics ?? await net.calibrate(samplesOf(request.calibration, request.samples), config, within('calibrate'));
  progress.report('quantize', 0);
  const model = await modelOf(net, statistics, config, params.recipe.armOnly);
  const local = await analyst.measure(model, true, within('local errors'));
  const cumulative = await analyst.measure(model, false, within('cumulative errors'));
  const accuracy = accurate > 0 ? await compareAccuracy(net, model, evaluation, accurate, within('accuracy')) : null;
  progress.report('done', 1);
  return {
    model, statistics, evaluation,
    view: {
      id: randomUUID(), draft: false, ...viewOf(net, model, statistics, { number: request.number, recipe: params.recipe, analyst }),
      local: [...local.report.nodes], cumulative: [...cumulative.report.nodes], ran: { local: local.ran, cumulative: cumulative.ran },
      accuracy, seconds: (Date.now() - began) / 1000,
    },
  };
}

export interface DraftRequest {
  readonly params: Params<'run.draft'>;
  readonly number: number;
  readonly statistics: Statistics;
  readonly analyst: Analyst;
  readonly job: JobOptions;
}

/** What a changed recipe gives, measured from what is known: nothing is calibrated, and no accuracy is taken. */
export async function draftRun(net: LoadedNet, { params, number, statistics, analyst, job }: DraftRequest): Promise<Run> {
  const began = Date.now();
  const progress = progressStages({ 'local errors': 1, 'cumulative errors': params.feed === 'cumulative' ? 1 : 0.001 }, job.onProgress);
  const within = withinStage(job, progress);
  const model = await modelOf(net, statistics, configFromRecipe(params.recipe), params.recipe.armOnly);
  const local = await analyst.measure(model, true, within('local errors'));
  const cumulative = params.feed === 'cumulative' ? await analyst.measure(model, false, within('cumulative errors')) : null;
  return {
    model, statistics, evaluation: analyst.of,
    view: {
      id: DRAFT, draft: true, ...viewOf(net, model, statistics, { number, recipe: params.recipe, analyst }),
      local: [...local.report.nodes], cumulative: [...cumulative?.report.nodes ?? []], ran: { local: local.ran, cumulative: cumulative?.ran ?? null },
      accuracy: null, seconds: (Date.now() - began) / 1000,
    },
  };
}
/** The id of the draft; there is one at most. */
export const DRAFT = 'draft';

const withinStage = (job: JobOptions, progress: ProgressStages) => (stage: string): JobOptions => ({
  onProgress: ({ fraction, detail }) => progress.report(stage, fraction, detail),
  ...(job.cancel ? { cancel: job.cancel } : {}),
});

type Common = 'number' | 'recipe' | 'calibrationSamples' | 'analysisSamples' | 'nodes' | 'boundaries' | 'weightBytes' | 'notices' | 'memory';
const viewOf = (net: LoadedNet, model: Model, statistics: Statistics, { number, recipe, analyst }: Pick<RunView, 'number' | 'recipe'> & { readonly analyst: Analyst }): Pick<RunView, Common> => ({
  number, recipe, calibrationSamples: statistics.samples, analysisSamples: analyst.samples, ...summary(net, model.graph),
  notices: [...(net.graph.stored ? [ARRIVED[recipe.requantization]] : []), ...model.graph.notices, ...model.choices().map(sayChoice)], memory: { ...analyst.memory },
});

const FLOAT_SHARE = 1 / (1 + COST.exact);
async function compareAccuracy(net: LoadedNet, model: Model, dataset: Dataset, samples: number, job: JobOptions): Promise<RunView['accuracy']> {
  const scores = net.graph.outputs[0]?.name ?? '';
  const labels = dataset.labels ?? [];
  const step = (start: number, share: number) => (done: number): void => {
    job.cancel?.throwIfCancelled();
    job.onProgress?.({ stage: 'accuracy', fraction: start + (share * done) / samples, detail: `${done} of ${samples}` });
  };
  const float = await measureAccuracy((inputs) => net.executeInFloat(inputs), scores, { samples: samplesOf(dataset, samples), labels }, step(0, FLOAT_SHARE));
  const quantized = await measureAccuracy((inputs) => model.execute(inputs, job.cancel ? { cancel: job.cancel } : {}), scores, { samples: samplesOf(dataset, samples), labels }, step(FLOAT_SHARE, 1 - FLOAT_SHARE));
  return { float, quantized };
}

type QuantizationView = NonNullable<RunView['nodes'][number]['output']>;
const quantizationView = (q: Quantization | null | undefined): QuantizationView | null =>
  q ? { dtype: q.dtype, scale: typeof q.scale === 'number' ? q.scale : Math.min(...q.scale), zeroPoint: q.zeroPoint } : null;

/** How every node of the network ran, and what that costs. */
export function summary(net: LoadedNet, graph: QuantizedGraph): Pick<RunView, 'nodes' | 'boundaries' | 'weightBytes'> {
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const quantization = (value: string | undefined): QuantizationView | null => quantizationView(graph.values.get(value ?? '')?.quantization);
  const nodes = net.graph.nodes.map(({ name }) => {
    const node = byName.get(name);
    const output = quantization(node?.outputs[0]);
    return { name, precision: node?.precision ?? 'float' as const, outputInt32: output?.dtype === 'int32', input: quantization(node?.inputs[0]), output };
  });
  const boundaries = graph.nodes.filter((node) => node.kind !== 'integer' && node.kind !== 'float').length;
  const integer = graph.nodes.filter((node) => node.kind === 'integer');
  const weightBytes = integer.reduce((sum, node) => sum + ['weights', 'bias'].reduce((bytes, role) => bytes + (graph.constants.get(node.constants[role] ?? '')?.data.byteLength ?? 0), 0), 0);
  return { nodes, boundaries, weightBytes };
}
