// Model: a quantized network. Runs bit-accurately, is analysed against its float network, is saved and loaded.
import { join } from 'node:path';
import { analyzeErrors } from '../analyze/index.ts';
import { RequantError } from '../errors/index.ts';
import { createExactExecutor, createFloatNodes, enter, leave, operandsOf, quantizeOnKernels, runReference, type Choice, type FastWay, type NodeWay, type Way } from '../execute/index.ts';
import type { ErrorReport, Metric, NodeError, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { exportModel, loadSima, savedFiles, saveModel, type ExportFormatName } from '../save/index.ts';
import { lengthOf, type Samples } from '../tensor/samples.ts';
import { allNumeric, type NamedTensors, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';
import { breathe, type FloatNetwork, type JobOptions } from './job.ts';
import { logWith, LogLevel, type LogOptions } from './log.ts';
import { sayChoice } from './say-choice.ts';

/** How a model is run. */
export interface ExecuteOptions extends Omit<JobOptions, 'onProgress'> {
  /**
   * How to run; every way gives the same integers. 'fastest', the default, tries the fast ways on each partition at its first run, checks
   * them against one another and takes the fastest; 'kernels': the integer kernels; 'integer-operators': ONNX Runtime's operators for integers;
   * 'inside-float': as whole numbers inside floating point, in ONNX Runtime; 'reference': every operator's own reference kernel, the oracle of the others; slow.
   */
  readonly way?: Way | 'reference';
  /** true: the same as way 'inside-float'. */
  readonly fastMode?: boolean;
}

/** A quantized network: runs exactly, is measured, saved and exported. Made by quantizing a {@link LoadedNet}, or loaded with {@link Model.load}. */
export interface Model {
  readonly graph: QuantizedGraph;
  /** The configuration that it was made with, as plain data; saved with the model. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What analyses measured, newest last; saved with the model. */
  readonly reports: readonly ErrorReport[];
  /** Outputs by name for inputs by name; shapes and dimension order are those of the source file. Raises SHAPE_MISMATCH, DATA_INVALID, CANCELLED. */
  execute(inputs: NamedValues, options?: ExecuteOptions): Promise<NamedValues>;
  /** Values of the quantized graph by name, as stored; numbers only: DTYPE_MISMATCH for strings. */
  values(inputs: NamedValues, names: readonly string[], options?: Pick<JobOptions, 'cancel'>): Promise<NamedTensors>;
  /** How each node runs under `way`, by default that of the last execution: in a fast way, on its reference kernel and why, or in float. */
  ways(way?: FastWay): readonly NodeWay[];
  /** What the way 'fastest' chose for each partition, and why; empty before the first execution. */
  choices(): readonly Choice[];
  /**
   * Errors of every integer node against the float network, over all elements of all samples (numerics 8). All three metrics are measured; the
   * one named is what saved layer statistics show. The report stays on the model and is saved with it. Raises DATA_EMPTY, CANCELLED, and
   * CONFIG_INVALID when a loaded model is not told its float network.
   */
  analyzeQuantizationError(evaluationData: Samples, errorMetric: Metric, options: AnalysisOptions): Promise<ErrorReport>;
  /** One node on inputs as stored; a float node also gets its constants. */
  runNode(node: QuantizedNode, inputs: readonly (Tensor | StringTensor | undefined)[]): Promise<readonly (Tensor | StringTensor)[]>;
  /** Keeps a report that was made elsewhere, to be saved with the model. */
  keepReport(report: ErrorReport): void;
  /** Writes NAME.sima and NAME.sima.json into the directory (the current one where absent), each whole or not at all; returns their paths. Raises FILE_UNWRITABLE. */
  save(modelName: string, outputDirectory?: string, options?: LogOptions): Promise<readonly string[]>;
  /** The same two files in memory. */
  files(name: string): readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Writes the graph for other programs; returns the file's size in bytes. Raises OPERATOR_UNSUPPORTED, CONFIG_INVALID, FILE_UNWRITABLE. */
  export(format: ExportFormatName, file: string): Promise<number>;
  /** Frees sessions and buffers; the model cannot be run any more. */
  release(): Promise<void>;
}

/** How the error of every node is measured. */
export interface AnalysisOptions extends JobOptions {
  /** true: every node gets the float network's inputs, quantized, so that its error is its own. false: errors add up from the model's input on. */
  readonly localFeed: boolean;
  /** The network that the model was quantized from. Known where `quantize` made the model; a loaded one has to be told. */
  readonly float?: FloatNetwork;
}

/** Opens saved models. */
export const Model = {
  /** Loads NAME.sima (the ending may be left out) from a directory, the current one where absent. Raises FILE_NOT_FOUND, FORMAT_UNKNOWN, FORMAT_CORRUPT, MODEL_INVALID. */
  async load(modelName: string, networkDirectory = '', options: LogOptions = {}): Promise<Model> {
    const path = join(networkDirectory, modelName.endsWith('.sima') ? modelName : `${modelName}.sima`);
    const { graph, settings, reports } = await loadSima(path);
    logWith(options)(LogLevel.INFO, () => `loaded ${path}: ${graph.nodes.length} nodes`);
    return createModel(graph, settings, { reports });
  },
} as const;

export interface Origin {
  /** Analyses made earlier. */
  readonly reports?: readonly ErrorReport[];
  /** The network it was quantized from. */
  readonly float?: FloatNetwork;
}

export function createModel(graph: QuantizedGraph, settings: Readonly<Record<string, unknown>>, origin: Origin = {}): Model {
  const floatNodes = createFloatNodes(graph);
  const executor = createExactExecutor(graph, { runFloat: floatNodes.run });
  const reports: ErrorReport[] = [...origin.reports ?? []];
  const outputs = [...new Set(graph.outputs.map((port) => port.value))];
  const run = async (entered: NamedValues, names: readonly string[], cancel: JobOptions['cancel']): Promise<NamedTensors> =>
    allNumeric(await executor.run(entered, names, { onNode: () => cancel?.throwIfCancelled() }));

  const model: Model = {
    graph, settings,
    get reports() { return [...reports]; },
    execute: async (inputs, { cancel, fastMode, way = fastMode ? 'inside-float' : 'fastest', ...logging } = {}) => {
      const log = logWith(logging);
      const began = Date.now();
      const entered = enter(graph.inputs, inputs);
      const onNode = (): void => cancel?.throwIfCancelled();
      const known = executor.choices();
      const results = way === 'reference' ? await runReference(graph, entered, outputs, { runFloat: floatNodes.run, onNode })
        : await executor.run(entered, outputs, { way, onNode });
      for (const notice of executor.notices()) log(LogLevel.INFO, () => notice);
      if (executor.choices() !== known) for (const choice of executor.choices()) log(LogLevel.INFO, () => sayChoice(choice));
      log(LogLevel.DEBUG, () => `${graph.name}: executed ${graph.nodes.length} nodes in ${Date.now() - began} ms`);
      return leave(graph.outputs, results);
    },
    ways: (way) => executor.ways(way),
    choices: () => executor.choices(),
    runNode: async (node, inputs) => (node.kind === 'float' ? floatNodes.run(node, inputs) : [executor.node(node, operandsOf(node, (name) => inputs[node.inputs.indexOf(name)]))]),
    keepReport: (report) => { reports.push(report); },
    values: (inputs, names, options = {}) => run(enter(graph.inputs, inputs), names, options.cancel),
    analyzeQuantizationError: async (data, metric, { localFeed, float = origin.float, onProgress, cancel, ...logging }) => {
      if (!float) throw new RequantError('CONFIG_INVALID', 'a loaded model does not know its float network', {}, { hint: 'Give it: { float: await loadModel(path) }.' });
      const total = lengthOf(data);
      const stage = localFeed ? 'analyze-local' : 'analyze-cumulative';
      const report = await analyzeErrors(graph, data, { metric, localFeed }, {
        float: (sample, names) => float.values(sample, names),
        quantized: (sample, names) => run(enter(graph.inputs, sample), names, cancel),
        quantize: quantizeOnKernels,
        node: (node, inputs) => executor.node(node, inputs),
        onStep: async (sample, fraction) => {
          cancel?.throwIfCancelled();
          onProgress?.({ stage, fraction: total ? Math.min(1, (sample + fraction) / total) : 0, detail: `sample ${sample + 1}` });
          await breathe();
        },
      });
      reports.push(report);
      const worst = report.nodes.reduce<NodeError | undefined>((a, b) => (a && a.psnr <= b.psnr ? a : b), undefined);
      logWith(logging)(LogLevel.INFO, () => `analysed ${report.nodes.length} nodes on ${report.samples} samples; lowest psnr ${worst?.psnr.toFixed(1) ?? 'none'} dB at ${worst?.name ?? ''}`);
      return report;
    },
    save: async (name, directory = '.', options = {}) => {
      const paths = await saveModel({ graph, settings, reports }, name, directory);
      logWith(options)(LogLevel.INFO, () => `wrote ${paths.join(', ')}`);
      return paths;
    },
    files: (name) => savedFiles({ graph, settings, reports }, name),
    export: (format, file) => exportModel(graph, format, file),
    release: async () => { await executor.release(); await floatNodes.release(); },
  };
  return model;
}
