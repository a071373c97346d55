// A session: what one studio window has open. Owns the network, the data, the statistics and the runs; lives in the engine's worker.
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { DATA_ROLES, DEFAULT_MEMORY_BUDGET, NO_PREPROCESSING, type DataRole, type DataView, type FileRef, type InputShapes, type ModelView, type OriginalView, type Params, type Preprocessing, type Progress, type Recipe, type Result } from '../contract/index.ts';
import { RequantError } from '../errors/index.ts';
import { declaredInputs, readModelFile } from '../import/index.ts';
import type { Statistics } from '../ir/index.ts';
import { openDataset, type Dataset } from '../tensor/dataset.ts';
import { replaceFile } from '../tensor/files.ts';
import { createAnalyst, type Analyst } from './analyst.ts';
import { dataView } from './data-view.ts';
import type { JobOptions } from './job.ts';
import { loadModel, type LoadedNet } from './loaded-net.ts';
import { createLook, type Look } from './look.ts';
import { modelView, originalView } from './model-view.ts';
import { inspectNode } from './node-detail.ts';
import { sweepRecipes } from './recipe-sweep.ts';
import { DEFAULT_ANALYSIS_SAMPLES, DRAFT, draftRun, startRun, type Run } from './run.ts';

interface LoadedData {
  readonly dataset: Dataset;
  readonly view: DataView;
}

/** What the handlers share. Files are resolved to paths by the host, which alone knows what was granted. */
export interface Session {
  openModel(path: string, inputShapes?: InputShapes): Promise<ModelView>;
  /** The inputs of a model as its file declares them. */
  modelInputs(path: string, inputShapes?: InputShapes): Promise<Result<'model.inputs'>>;
  openSample(): Promise<ModelView>;
  /** The sample's own data for a role; its model must be open. */
  openSampleData(role: DataRole): Promise<DataView>;
  original(): OriginalView;
  openData(params: Params<'data.open'>, pathOf: (file: FileRef) => string): Promise<DataView>;
  dataState(): Result<'data.state'>;
  closeData(role: DataRole): void;
  run(params: Params<'run.start'>, job: JobOptions): Promise<Result<'run.start'>>;
  /** What a changed recipe gives, from what an earlier run left. */
  draft(params: Params<'run.draft'>, job: JobOptions): Promise<Result<'run.draft'>>;
  /** Every configuration of a plan, measured one after the other; `tell` hears of each. */
  sweep(params: Params<'sweep.start'>, job: JobOptions, tell: (progress: Progress) => void): Promise<Result<'sweep.start'>>;
  deleteRun(id: string): Promise<void>;
  inspect(params: Params<'node.inspect'>): Result<'node.inspect'>;
  readonly look: Look;
  /** The two files of a run, written to `target` or returned. */
  save(params: Params<'run.save'>, target: string | undefined): Promise<readonly { readonly name: string; readonly bytes: Uint8Array }[]>;
  close(): Promise<void>;
}

/** assets/sample as seen from dist/core/engine and from core/engine alike. */
const SAMPLE = ['../../../assets/sample/', '../../assets/sample/'].map((relative) => new URL(relative, import.meta.url));

interface SampleDescription {
  readonly model: string;
  readonly calibration: string;
  readonly evaluation: string;
  readonly preprocessing: Preprocessing;
}

async function findSample(): Promise<SampleDescription> {
  for (const folder of SAMPLE) {
    const text = await readFile(new URL('sample.json', folder), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const { scale, mean, std } = JSON.parse(text) as Preprocessing;
    const at = (name: string): string => fileURLToPath(new URL(name, folder));
    return { model: at('shapes.onnx'), calibration: at('calibration.npz'), evaluation: at('test.npz'), preprocessing: { ...NO_PREPROCESSING, scale, mean: [...mean], std: [...std] } };
  }
  throw new RequantError('FILE_NOT_FOUND', 'the built-in sample is missing from this installation', { file: 'assets/sample/sample.json' });
}

type Against = NonNullable<Recipe['against']>;
/** Only what arrives quantized has integers of its own to be compared with. */
const againstOf = (net: LoadedNet, recipe: Recipe): Against => (net.graph.stored ? recipe.against ?? 'float' : 'float');

export function createSession(): Session {
  let net: LoadedNet | undefined;
  let statistics: { readonly of: Dataset; readonly samples: number; readonly result: Statistics } | undefined;
  const data: Record<DataRole, LoadedData | undefined> = { calibration: undefined, evaluation: undefined };
  const runs = new Map<string, Run>();
  let lastNumber = 0;
  let analyst: { readonly analyst: Analyst; readonly budget: number; readonly against: Against } | undefined;

  const opened = (): LoadedNet => {
    if (!net) throw new RequantError('CONFIG_INVALID', 'no model is open', {}, { hint: 'Open a model first.' });
    return net;
  };
  const forget = async (): Promise<void> => {
    statistics = undefined;
    analyst = undefined;
    lastNumber = 0;
    data.calibration = undefined;
    data.evaluation = undefined;
    for (const run of runs.values()) await run.model.release();
    runs.clear();
    await net?.release();
    net = undefined;
  };
  const runOf = (id: string): Run => {
    const run = runs.get(id);
    if (!run) throw new RequantError('CONFIG_INVALID', `there is no run ${id}`);
    return run;
  };
  const setData = async (role: DataRole, dataset: Dataset, preprocessing: Preprocessing): Promise<DataView> => {
    const [port] = opened().graph.inputs;
    if (!port) throw new RequantError('MODEL_INVALID', 'the model has no input');
    const view = await dataView(role, dataset, port, preprocessing);
    data[role] = { dataset, view };
    if (role === 'calibration') statistics = undefined;
    return view;
  };

  /** Statistics of an earlier pass over the same samples, where it still stands for this choice. */
  const statisticsFor = (calibration: Dataset, params: Pick<Params<'run.start'>, 'recipe' | 'calibrationSamples'>): Statistics | undefined => {
    const samples = Math.min(params.calibrationSamples ?? calibration.samples, calibration.samples);
    const fits = statistics?.of === calibration && statistics.samples === samples && statistics.result.channelEqualization === params.recipe.channelEqualization;
    return fits ? statistics?.result : undefined;
  };
  /** What errors are measured against. */
  const comparedWith = (current: LoadedNet, against: Against): Pick<LoadedNet, 'graph' | 'values'> => (against === 'tflite' ? { graph: current.graph, values: (inputs, names) => current.inTflite().values(inputs, names) } : current);
  /** The analyst of these samples; another number of them, other data, another budget or other values to compare with need a new one. */
  const analystFor = (current: LoadedNet, evaluation: Dataset, params: Pick<Params<'run.start'>, 'analysisSamples' | 'memoryBudget' | 'recipe'>): Analyst => {
    const samples = Math.min(params.analysisSamples ?? DEFAULT_ANALYSIS_SAMPLES, evaluation.samples);
    const budget = params.memoryBudget ?? DEFAULT_MEMORY_BUDGET;
    const against = againstOf(current, params.recipe);
    if (analyst?.analyst.of !== evaluation || analyst.analyst.samples !== samples || analyst.budget !== budget || analyst.against !== against) {
      analyst = { analyst: createAnalyst(comparedWith(current, against), evaluation, samples, budget), budget, against };
    }
    return analyst.analyst;
  };

  /** What arrives quantized is calibrated by nothing; what data there is shows its ranges. */
  const calibrationFor = (current: LoadedNet): Dataset | undefined => data.calibration?.dataset ?? (current.graph.stored ? data.evaluation?.dataset : undefined);

  /** The data of a run or a sweep, and what is known of it already. Raises CALIBRATION_MISSING. */
  const measuringWith = (current: LoadedNet, params: Pick<Params<'run.start'>, 'recipe' | 'calibrationSamples'>) => {
    const calibration = calibrationFor(current);
    if (!calibration) throw new RequantError('CALIBRATION_MISSING', 'no calibration data is loaded', {}, { hint: 'Load calibration data first: .npz, .npy, a raw file or a folder of images.' });
    const samples = Math.min(params.calibrationSamples ?? calibration.samples, calibration.samples);
    return { calibration, evaluation: data.evaluation?.dataset ?? calibration, samples, known: statisticsFor(calibration, params) };
  };

  const session: Session = {
    openModel: async (path, inputShapes) => {
      // The old model is let go only once the new one has proved readable.
      const next = await loadModel(path, inputShapes && { inputShapes });
      await forget();
      net = next;
      return modelView(next.graph);
    },
    modelInputs: async (path, inputShapes) => {
      const inputs = declaredInputs(await readModelFile(path), basename(path), inputShapes && { inputShapes });
      return { inputs: inputs.map(({ name, dimensions, sequence = false }) => ({ name, dimensions: dimensions ? [...dimensions] : null, sequence })) };
    },
    openSample: async () => {
      const view = await session.openModel((await findSample()).model);
      for (const role of DATA_ROLES) await session.openSampleData(role);
      return view;
    },
    openSampleData: async (role) => {
      const sample = await findSample();
      return setData(role, await openDataset({ path: sample[role] }, opened().graph.inputs, sample.preprocessing), sample.preprocessing);
    },
    original: () => originalView(opened()),
    openData: async ({ role, files, labels, key, labelsKey, raw, preprocessing }, pathOf) => {
      const ports = opened().graph.inputs;
      const paths = files.map(pathOf);
      const [only = ''] = paths;
      const first = ports[0]?.name;
      const dataset = await openDataset({
        path: paths.length === 1 ? only : paths,
        names: files.map(({ name }) => name),
        ...(labels ? { labels: pathOf(labels) } : {}),
        ...(key !== undefined && first !== undefined ? { inputs: { [first]: key } } : {}),
        ...(labelsKey === undefined ? {} : { labelsKey }),
        ...(raw ? { raw } : {}),
      }, ports, preprocessing);
      // Temporary names of uploads mean nothing to a person; the name given does.
      return setData(role, { ...dataset, name: files.length === 1 ? files[0]?.name ?? dataset.name : `${files.length} files`, sample: (i) => dataset.sample(i) }, preprocessing);
    },
    dataState: () => ({ calibration: data.calibration?.view ?? null, evaluation: data.evaluation?.view ?? null }),
    closeData: (role) => { data[role] = undefined; if (role === 'calibration') statistics = undefined; },
    draft: async (params, job) => {
      const current = opened();
      const calibration = calibrationFor(current);
      const known = calibration && statisticsFor(calibration, params);
      if (!known) throw new RequantError('CALIBRATION_MISSING', 'no run has left statistics for this choice', {}, { hint: 'Run once; changes are then measured at once.' });
      const draft = await draftRun(current, { params, job, statistics: known, number: lastNumber + 1, analyst: analystFor(current, data.evaluation?.dataset ?? calibration, params) });
      await session.deleteRun(DRAFT);
      runs.set(DRAFT, draft);
      return draft.view;
    },
    deleteRun: async (id) => {
      await runs.get(id)?.model.release();
      runs.delete(id);
    },
    run: async (params, job) => {
      const current = opened();
      const { calibration, evaluation, samples, known } = measuringWith(current, params);
      const run = await startRun(current, {
        params, calibration, samples, job, evaluation, number: lastNumber + 1, analyst: analystFor(current, evaluation, params),
        ...(known ? { statistics: known } : {}),
      });
      statistics = { of: calibration, samples, result: run.statistics };
      lastNumber++;
      await session.deleteRun(DRAFT);
      runs.set(run.view.id, run);
      return run.view;
    },
    sweep: async (params, job, tell) => {
      const current = opened();
      const { calibration, evaluation, samples, known } = measuringWith(current, params);
      const done = await sweepRecipes(current, { params, calibration, samples, evaluation, job, tell, ...(known ? { statistics: known } : {}) });
      statistics = { of: calibration, samples, result: done.statistics };
      return done.view;
    },
    inspect: ({ node, run }) => inspectNode(opened(), node, {
      statistics: statistics?.result,
      run: run === undefined ? undefined : runOf(run),
    }),
    look: createLook((id) => {
      const run = runOf(id), samples = run.view.analysisSamples;
      const against = againstOf(opened(), run.view.recipe);
      const fits = analyst?.analyst.of === run.evaluation && analyst.analyst.samples === samples && analyst.against === against ? analyst.analyst : undefined;
      return { run, port: opened().graph.inputs[0], analyst: fits ?? createAnalyst(comparedWith(opened(), against), run.evaluation, samples, 0) };
    }),
    save: async ({ run, name }, target) => {
      const files = runOf(run).model.files(name);
      if (target === undefined) return files;
      // The dialog chose NAME.sima; the JSON goes beside it.
      const base = target.endsWith('.sima') ? target : `${target}.sima`;
      for (const file of files) await replaceFile(file.name.endsWith('.json') ? `${base}.json` : base, file.bytes);
      return files;
    },
    close: forget,
  };
  return session;
}
