// The library: `import { loadModel, defaultQuantization, ... } from 'requant'`. Names follow the ModelSDK document, in camelCase.
export {
  loadModel, onnxSource, tfliteSource, tensorflowSource, ScalarType, Model, configFromRecipe, measureAccuracy, createCancelToken, meanPsnr, sweep, useThreads, LogLevel, Metric,
  defaultQuantization, int16Quantization, quantizationScheme, QuantizationConfig, QuantizationFlavor, QuantizationPrecision, RequantizationMode,
  CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod,
} from './engine/pipeline.ts';
export type {
  Accuracy, AnalysisOptions, CalibrateOptions, CalibrationWay, CancelToken, Choice, ConvertOptions, ErrorReport, ExecuteOptions, ImportOptions, JobOptions, LoadedNet, Logger, LogOptions, ModelSource,
  NodeConfig, NodeError, NodeWay, PartitionedGraph, Precision, QuantizationScheme, QuantizedGraph, QuantizeOptions, SweepData, SweepOptions, SweepPlan,
  SweepResult, SweepRow, Way,
} from './engine/pipeline.ts';
export { DataGenerator, convertDataGeneratorToIterable, type Preprocess } from './tensor/data-generator.ts';
export { openDataset, samplesOf, type Dataset } from './tensor/dataset.ts';
export { openNpz, type Npz } from './tensor/npz.ts';
export { lengthHinted, type LengthHinted, type Samples } from './tensor/samples.ts';
export { float32, tensor, type NamedTensors, type NamedValues, type StringTensor, type Tensor } from './tensor/tensor.ts';
export { enableVerboseErrorMessages, RequantError, type ErrorCode } from './errors/index.ts';
