// The engine's front: opening, quantizing, analysing, saving, for the command line and the library.
export type { JobOptions } from './job.ts';
export { LogLevel, type Logger, type LogOptions } from './log.ts';
export { loadModel, type CalibrateOptions, type CalibrationWay, type ConvertOptions, type LoadedNet, type QuantizeOptions } from './loaded-net.ts';
export { Model, type AnalysisOptions, type ExecuteOptions } from './model.ts';
export type { ImportOptions } from '../import/index.ts';
export type { ExportFormatName } from '../save/index.ts';
export { configFromRecipe } from './settings.ts';
export { onnxSource, ScalarType, tensorflowSource, tfliteSource, type ModelSource } from './source.ts';
export { measureAccuracy, rankOf, type Accuracy } from './accuracy.ts';
export { sweep, type SweepData, type SweepOptions, type SweepPlan, type SweepResult, type SweepRow } from './sweep.ts';
export { summary } from './run.ts';
export { createCancelToken, type CancelToken } from './cancel.ts';
export { useThreads, type Choice, type NodeWay, type Way } from '../execute/index.ts';
export { meanPsnr } from '../analyze/index.ts';
export {
  defaultQuantization, int16Quantization, QuantizationFlavor, quantizationScheme, QuantizationConfig,
  QuantizationPrecision, RequantizationMode, type NodeConfig, type QuantizationScheme,
} from '../quantize/index.ts';
export {
  CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod,
  Metric, type ErrorReport, type NodeError, type PartitionedGraph, type Precision, type QuantizedGraph,
} from '../ir/index.ts';
