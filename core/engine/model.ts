// Model: a quantized network. Runs bit-accurately, is analysed against its float network, is saved and loaded.
import { analyzeErrors } from '../analyze/index.ts';
import { createFastGraph, createFloatNodes, type FastGraph, enter, leave, runNode, runReference } from '../execute/index.ts';
import type { ErrorReport, Metric, QuantizedGraph } from '../ir/index.ts';
import { loadSima, savedFiles, saveModel } from '../save/index.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import type { FloatNetwork, JobOptions, Samples } from './job.ts';

export interface ExecuteOptions extends Pick<JobOptions, 'cancel'> {
  /** false (default): the reference kernels. true: one graph in ONNX Runtime, faster; equal wherever it computes in IEEE arithmetic. */
  readonly fastMode?: boolean;
}

export interface Model {
  readonly graph: QuantizedGraph;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly reports: readonly ErrorReport[];
  /** Outputs by name for inputs by name. */
  execute(inputs: NamedTensors, options?: ExecuteOptions): Promise<NamedTensors>;
  /** Values of the quantized graph by name, as stored. */
  values(inputs: NamedTensors, names: readonly string[], options?: Pick<JobOptions, 'cancel'>): Promise<NamedTensors>;
  /** Errors of every integer node against `float`; the report stays on the model and is saved with it. */
  analyzeQuantizationError(data: Samples, errorMetric: Metric, options: JobOptions & { readonly localFeed: boolean; readonly float: FloatNetwork; readonly total?: number }): Promise<ErrorReport>;
  /** Writes NAME.sima and NAME.sima.json; returns their paths. */
  save(name: string, directory?: string): Promise<readonly string[]>;
  /** The same two files in memory. */
  files(name: string): readonly { readonly name: string; readonly bytes: Uint8Array }[];
  release(): Promise<void>;
}

/** Loads NAME.sima. Raises FILE_NOT_FOUND, FORMAT_UNKNOWN, FORMAT_CORRUPT, MODEL_INVALID. */
export async function loadQuantizedModel(path: string): Promise<Model> {
  const saved = await loadSima(path);
  return createModel(saved.graph, saved.settings, saved.reports);
}

/** Lets waiting messages in: work between two of these must stay short. */
const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

export function createModel(graph: QuantizedGraph, settings: Readonly<Record<string, unknown>>, earlier: readonly ErrorReport[] = []): Model {
  const floatNodes = createFloatNodes(graph);
  let fastGraph: Promise<FastGraph> | undefined;
  const reports: ErrorReport[] = [...earlier];
  const outputs = [...new Set(graph.outputs.map((port) => port.value))];
  const run = (entered: NamedTensors, names: readonly string[], cancel: JobOptions['cancel']): Promise<NamedTensors> =>
    runReference(graph, entered, names, { runFloat: floatNodes.run, onNode: () => cancel?.throwIfCancelled() });

  const model: Model = {
    graph, settings,
    get reports() { return [...reports]; },
    execute: async (inputs, options = {}) => {
      const entered = enter(graph.inputs, inputs);
      if (!options.fastMode) return leave(graph.outputs, await run(entered, outputs, options.cancel));
      fastGraph ??= createFastGraph(graph, outputs);
      return leave(graph.outputs, await (await fastGraph).run(entered, () => options.cancel?.throwIfCancelled()));
    },
    values: (inputs, names, options = {}) => run(enter(graph.inputs, inputs), names, options.cancel),
    analyzeQuantizationError: async (data, metric, { localFeed, float, total, onProgress, cancel }) => {
      const stage = localFeed ? 'analyze-local' : 'analyze-cumulative';
      const report = await analyzeErrors(graph, data, { metric, localFeed }, {
        float: (sample, names) => float.values(sample, names),
        quantized: (sample, names) => run(enter(graph.inputs, sample), names, cancel),
        node: (node, inputs) => runNode(graph, node, inputs),
        onStep: async (sample, fraction) => {
          cancel?.throwIfCancelled();
          onProgress?.({ stage, fraction: total ? Math.min(1, (sample + fraction) / total) : 0, detail: `sample ${sample + 1}` });
          await breathe();
        },
      });
      reports.push(report);
      return report;
    },
    save: (name, directory = '.') => saveModel({ graph, settings, reports }, name, directory),
    files: (name) => savedFiles({ graph, settings, reports }, name),
    release: async () => { await floatNodes.release(); await (await fastGraph)?.release(); },
  };
  return model;
}
