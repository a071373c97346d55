// LoadedNet: an opened network. Runs in float, is calibrated, and becomes a quantized Model.
import { basename, dirname } from 'node:path';
import { calibrate, collectStatistics, observedValues } from '../calibrate/index.ts';
import { RequantError } from '../errors/index.ts';
import { createFloatSession, enter, floatProgram, leave, searchLoops, threadCount, weightLoops, type RuntimeSession } from '../execute/index.ts';
import { importModel, readModelFile, type ImportOptions } from '../import/index.ts';
import type { ActivationQuantization, Graph, PartitionedGraph, Precision, QuantizedGraph, Statistics } from '../ir/index.ts';
import { dequantizeTensor, type IntegerPlan } from '../ops/index.ts';
import { partition } from '../partition/index.ts';
import {
  arrivedQuantization, chooseNodes, configAsArrived, defaultQuantization, equalize, floatGraph, quantizeAsArrived, quantizeGraph,
  type Equalized, type QuantizationConfig, type QuantizationFlavor,
} from '../quantize/index.ts';
import { lengthOf, type Samples } from '../tensor/samples.ts';
import { allNumeric, type NamedTensors, type NamedValues } from '../tensor/tensor.ts';
import { createCrew } from './calibration/crew.ts';
import type { ShapedValue } from './calibration/messages.ts';
import { bytesOfThread, threadsWithin } from './calibration/size.ts';
import { sharedMemory, startThreads, type CalibrationThreads } from './calibration/threads.ts';
import type { FloatNetwork, JobOptions } from './job.ts';
import { logWith, LogLevel, type LogOptions } from './log.ts';
import { createMemo, type Memo } from './memo.ts';
import { createModel, type Model } from './model.ts';
import { settingsOf } from './settings.ts';
import { checkSource, fileNameOf, type ModelSource } from './source.ts';

/** A float network that was opened: runs, calibrates, and becomes a {@link Model}. Made by {@link loadModel}. */
export interface LoadedNet extends FloatNetwork {
  /** Folded, fused and placed on MLA and APU: its nodes' names are those that configurations use. */
  readonly graph: PartitionedGraph;
  /** The graph as imported, before partitioning. */
  readonly original: Graph;
  /**
   * Outputs in float32 by name for inputs by name, both in the file's dimension order; channels-last input is taken too. A TFLite file that arrived quantized
   * runs in TensorFlow Lite's own integers, as its reference kernels do: a port that the file stores as integers takes and gives the real numbers that they
   * stand for, scale * (q - zeroPoint). Raises SHAPE_MISMATCH, DATA_INVALID, and OPERATOR_UNSUPPORTED where an operator has no such form: `dequantize: true`
   * at loading runs it in plain float32.
   */
  execute(inputs: NamedValues, options?: LogOptions): Promise<NamedValues>;
  /** The same in plain float32, whatever the file stores. */
  executeInFloat(inputs: NamedValues): Promise<NamedValues>;
  /** Of a file that arrived quantized: the real numbers that TensorFlow Lite's integers stand for, value by value, for an analysis of one flavour against the other. Raises as {@link convertToSimaQuantization}. */
  inTflite(): FloatNetwork;
  /** The graph that is quantized under `channelEqualization`: the same function with other weights, and what its values were divided by. */
  equalized(): Equalized;
  /**
   * One pass over the data; answers every calibration method with its ranges later. Of the configuration only channelEqualization matters: it changes the values
   * that are observed. Raises DATA_EMPTY, DATA_INVALID, CANCELLED.
   */
  calibrate(data: Samples, config?: QuantizationConfig, options?: CalibrateOptions): Promise<Statistics>;
  /** Quantizes with statistics already collected: nothing is run again. Raises CALIBRATION_MISSING for statistics of the other channelEqualization. */
  quantizeWith(statistics: Statistics, config: QuantizationConfig, modelName?: string): Model;
  /**
   * Calibrates with the data and quantizes. Each sample is a tensor per input, in the file's dimension order or channels-last, walked once; what is
   * yielded is copied before the next is asked for. Raises NODE_UNKNOWN, PRECISION_UNSUPPORTED, CONFIG_INVALID (all before the data is touched),
   * DATA_EMPTY, DATA_INVALID, CANCELLED.
   */
  quantize(calibrationData: Samples, quantizationConfig?: QuantizationConfig, options?: QuantizeOptions): Promise<Model>;
  /**
   * A TFLite file that arrived quantized (int8, uint8, int16 beside weights of int8) as a Model with the scales that the file brings: nothing is calibrated.
   * Flavour sima requantizes with shifts alone; tflite gives the integers of TensorFlow Lite's reference kernels, layer by layer. Raises CONFIG_INVALID for
   * another model, OPERATOR_UNSUPPORTED.
   */
  convertToSimaQuantization(options?: ConvertOptions): Model;
  release(): Promise<void>;
}

/** How a network that arrived quantized becomes a model. */
export interface ConvertOptions {
  /** 'sima' where absent. */
  readonly flavor?: QuantizationFlavor;
  /** The model's name; that of the network where absent. */
  readonly modelName?: string;
}

/** What `calibrate` takes besides data and configuration. */
export interface CalibrateOptions extends JobOptions {
  /**
   * true: samples are dealt out to threads, each with a session of its own, from the first one on; false: one after another. Absent: threads are started
   * where the time that the first samples took says that it is worth it. The statistics are the same to the last bit.
   */
  readonly spread?: boolean;
  /** Told how it was done, at the end. */
  readonly onCalibrated?: (way: CalibrationWay) => void;
}

/** How samples were observed. */
export interface CalibrationWay {
  readonly samples: number;
  /** Threads that observed at once, 1 where it was the caller's alone. */
  readonly threads: number;
  /** The first sample that threads observed, where it was not the caller's alone. */
  readonly from?: number;
}

/** What `quantize` takes besides data and configuration. */
export interface QuantizeOptions extends CalibrateOptions {
  /** true: nothing is calibrated or quantized; the model runs the whole network in float on the APU, and is saved and loaded like any other. */
  readonly armOnly?: boolean;
  /** The model's name; that of the network where absent. */
  readonly modelName?: string;
}

/**
 * Opens a model: a .onnx, .tflite or frozen TensorFlow .pb file by its path, or importer parameters made by `onnxSource` and its like. `options` settles
 * what a file leaves open; an open batch is 1. Bytes are copied.
 * Raises FILE_NOT_FOUND, FORMAT_UNKNOWN, FORMAT_CORRUPT, SHAPE_UNKNOWN, CONFIG_INVALID, OPERATOR_UNSUPPORTED ...
 */
export async function loadModel(model: string | ModelSource, options: ImportOptions = {}): Promise<LoadedNet> {
  const source: Pick<ModelSource, 'model' | 'options'> = typeof model === 'string' ? { model, options } : model;
  const fileName = typeof model === 'string' ? basename(model) : fileNameOf(model);
  const bytes = typeof source.model === 'string' ? await readModelFile(source.model) : new Uint8Array(source.model);
  try {
    const original = importModel(bytes, fileName, { ...source.options, ...options }, typeof source.model === 'string' ? dirname(source.model) : undefined);
    if (typeof model !== 'string') checkSource(original, model);
    return createNet(partition(original), original, { ...source.options, ...options }.dequantize);
  } catch (error) {
    throw RequantError.from(error).within({ file: fileName });
  }
}

/** A network from a graph that is partitioned already; `original` is what it was partitioned from, where that is known. `inFloat`: it runs so, even if it arrived quantized. */
export function createNet(graph: PartitionedGraph, original: Graph = graph, inFloat = false): LoadedNet {
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionFor = (names: readonly string[]): Promise<RuntimeSession> => {
    const key = names.join('\n');
    const known = sessions.get(key);
    if (known) return known;
    const made = createFloatSession(graph, names);
    sessions.set(key, made);
    made.catch(() => sessions.delete(key));
    return made;
  };
  const run = async (entered: NamedValues, names: readonly string[], into?: NamedTensors): Promise<NamedValues> => (await sessionFor(names)).run(entered, into);
  const outputs = [...new Set(graph.outputs.map((port) => port.value))];

  let observing: CalibrationThreads | undefined;
  const startObserving = (names: readonly string[], values: readonly ShapedValue[]): CalibrationThreads | undefined => {
    const wanted = threadCount();
    if (wanted < 2 || names.length === 0) return undefined;
    const program = floatProgram(graph, names, sharedMemory);
    const count = threadsWithin(bytesOfThread(program, graph, values), wanted);
    return count < 2 ? undefined : startThreads(program, count, wanted);
  };

  let equalized: Equalized | undefined;
  let own: Model | undefined;
  const bySima = (): QuantizedGraph => {
    const quantizationOf = arrivedQuantization(original);
    const { config, notices } = configAsArrived(original, graph);
    const made = quantizeGraph(graph, config, { quantizationOf, channelMeans: () => undefined, loops: weightLoops });
    return { ...made, notices: [...made.notices, ...notices] };
  };
  const tflite = (): Model => (own ??= net.convertToSimaQuantization({ flavor: 'tflite' }));

  const net: LoadedNet = {
    graph, original,
    equalized: () => (equalized ??= equalize(graph)),
    execute: async (inputs, options = {}) => {
      const began = Date.now();
      const arrived = original.stored !== undefined && !inFloat;
      const results = arrived ? await tflite().execute(inputs) : await net.executeInFloat(inputs);
      logWith(options)(LogLevel.DEBUG, () => `${graph.name}: executed ${arrived ? "in TensorFlow Lite's integers" : 'in float'} in ${Date.now() - began} ms`);
      return results;
    },
    executeInFloat: async (inputs) => leave(graph.outputs, await run(enter(graph.inputs, inputs), outputs)),
    inTflite: () => {
      const model = tflite();
      return {
        values: async (inputs, names) => Object.fromEntries(Object.entries(await model.values(inputs, names)).map(([name, t]) => {
          const quantization = model.graph.values.get(name)?.quantization;
          return [name, quantization ? dequantizeTensor(t, quantization) : t];
        })),
      };
    },
    values: async (inputs, names) => allNumeric(await run(enter(graph.inputs, inputs), names)),
    calibrate: async (data, config = defaultQuantization, options = {}) => {
      const total = lengthOf(data);
      const values = observedValues(graph).map((value) => ({ ...value, shape: graph.values.get(value.name)?.shape ?? [] }));
      const names = values.map(({ name }) => name);
      const log = logWith(options);
      const crew = await createCrew({
        values, total, spread: options.spread,
        factors: config.channelEqualization ? net.equalized().factors : undefined,
        enter: (sample) => { options.cancel?.throwIfCancelled(); return enter(graph.inputs, sample); },
        run: (inputs, into) => run(inputs, names, into),
        running: observing?.wanted === threadCount() && !observing.ended ? observing : undefined,
        start: () => { observing?.dismiss(); return (observing = startObserving(names, values)); },
        onRefused: (thrown) => log(LogLevel.WARNING, () => `${graph.name}: calibration goes on with one thread: ${RequantError.from(thrown).message}`),
      });
      let statistics: Statistics | undefined;
      try {
        statistics = await collectStatistics(values, data, {
          crew, channelEqualization: config.channelEqualization,
          onSample: (done) => {
            options.onProgress?.({ stage: 'calibrate', fraction: total ? Math.min(1, done / total) : 0, detail: `${done} samples` });
            options.cancel?.throwIfCancelled();
          },
        });
      } finally { await crew.close(statistics !== undefined); }
      const { samples } = statistics;
      const how = crew.spread ? `on ${crew.spread.threads} threads, each with a session of its own, from sample ${crew.spread.from} on` : 'one at a time';
      log(LogLevel.INFO, () => `${graph.name}: calibrated ${values.length} values with ${samples} samples, ${how}`);
      options.onCalibrated?.({ samples, threads: 1, ...crew.spread });
      return statistics;
    },
    quantizeWith: (statistics, config, modelName) => {
      if (statistics.channelEqualization !== config.channelEqualization) {
        throw new RequantError('CALIBRATION_MISSING', `the statistics were collected ${statistics.channelEqualization ? 'with' : 'without'} channel equalization`);
      }
      const { graph: quantizable, factors } = config.channelEqualization ? net.equalized() : { graph };
      const { ranges, plans } = memoryOf(statistics);
      const calibrated = { quantizationOf: quantizer(statistics, config, ranges), channelMeans: (value: string) => statistics.values.get(value)?.channelMeans, loops: weightLoops, remember: plans.get };
      const quantized = quantizeGraph(quantizable, config, calibrated, factors);
      return createModel(modelName === undefined ? quantized : { ...quantized, name: modelName }, settingsOf(config), { float: net });
    },
    quantize: async (data, config = defaultQuantization, options = {}) => {
      const log = logWith(options);
      const { modelName = graph.name } = options;
      if (options.armOnly) {
        log(LogLevel.INFO, () => `${modelName}: left in float for the APU`);
        return createModel({ ...floatGraph(graph), name: modelName }, { armOnly: true }, { float: net });
      }
      // Wrong names and impossible precisions should not cost a pass over the data.
      chooseNodes(graph, config);
      const model = net.quantizeWith(await net.calibrate(data, config, options), config, modelName);
      const integer = model.graph.nodes.filter((node) => node.kind === 'integer');
      log(LogLevel.INFO, () => `${modelName}: quantized ${integer.length} of ${graph.nodes.length} nodes`);
      for (const notice of model.graph.notices) log(LogLevel.INFO, () => notice);
      for (const node of integer) log(LogLevel.DEBUG, () => `${node.name}: ${node.precision ?? ''}, output ${JSON.stringify(model.graph.values.get(node.outputs[0] ?? '')?.quantization)}`);
      return model;
    },
    convertToSimaQuantization: ({ flavor = 'sima', modelName = graph.name } = {}) => {
      const converted = flavor === 'tflite' ? quantizeAsArrived(original, graph) : bySima();
      return createModel({ ...converted, name: modelName }, { flavor }, { float: net });
    },
    release: async () => {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
      await observing?.end();
      observing = undefined;
      await own?.release();
      own = undefined;
    },
  };
  return net;
}

/** What was worked out from statistics before; it goes when they go. */
interface Memory {
  readonly ranges: Memo<ActivationQuantization>;
  readonly plans: Memo<IntegerPlan | undefined>;
}
const memories = new WeakMap<Statistics, Memory>();
const MOST_RANGES = 65_536;
/** Bytes of constants: a ResNet-50 at both precisions takes 75 MB. */
const MOST_PLANS = 256 * 2 ** 20;
const planBytes = (plan: IntegerPlan | undefined): number => Object.values(plan?.constants ?? {}).reduce((sum, t) => sum + t.data.byteLength, 1024);

function memoryOf(statistics: Statistics): Memory {
  const known = memories.get(statistics) ?? { ranges: createMemo(MOST_RANGES), plans: createMemo(MOST_PLANS, planBytes) };
  memories.set(statistics, known);
  return known;
}

/** Scale and zero point of a value, computed once per value, method and precision. */
function quantizer(statistics: Statistics, config: QuantizationConfig, ranges: Memo<ActivationQuantization>): (value: string, precision: Precision) => ActivationQuantization {
  const { asymmetric } = config.activationQuantizationScheme;
  const method = JSON.stringify([config.calibrationMethod, asymmetric]);
  return (value, precision) => ranges.get(`${method} ${precision} ${value}`, () => {
    const observed = statistics.values.get(value);
    if (!observed) throw new RequantError('CALIBRATION_MISSING', 'this value was not observed', { tensor: value });
    return calibrate(observed, config.calibrationMethod, { precision, asymmetric }, searchLoops);
  });
}
