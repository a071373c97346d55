// The library: `import { loadModel, defaultQuantization, ... } from 'requant'`. Names follow the ModelSDK document, in camelCase.
export {
  loadModel, loadQuantizedModel, configFromRecipe, measureAccuracy, createCancelToken, meanPsnr,
  defaultQuantization, int16Quantization, quantizationScheme, QuantizationConfig, QuantizationPrecision, RequantizationMode, Metric,
  CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod,
} from './engine/pipeline.ts';
export type {
  Accuracy, CancelToken, ErrorReport, ExecuteOptions, JobOptions, LoadedNet, Model, NodeConfig, NodeError, PartitionedGraph, Precision,
  QuantizationScheme, QuantizedGraph, Samples,
} from './engine/pipeline.ts';
export { openDataset, samplesOf, type Dataset } from './tensor/dataset.ts';
export { float32, tensor, type NamedTensors, type Tensor } from './tensor/tensor.ts';
export { RequantError, type ErrorCode } from './errors/index.ts';
