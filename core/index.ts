// The library: `import { loadModel, defaultQuantization, ... } from 'requant'`. Names follow the ModelSDK document, in camelCase.
export { loadModel, loadQuantizedModel, configFromRecipe, measureAccuracy, createCancelToken } from './engine/pipeline.ts';
export type { Accuracy, CancelToken, ExecuteOptions, JobOptions, LoadedNet, Model, Samples } from './engine/pipeline.ts';
export {
  defaultQuantization, int16Quantization, quantizationScheme, QuantizationConfig,
  type NodeConfig, type QuantizationScheme, type RequantizationMode,
} from './quantize/index.ts';
export {
  CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod,
  type ErrorMetric, type ErrorReport, type NodeError, type PartitionedGraph, type Precision, type QuantizedGraph,
} from './ir/index.ts';
export { openDataset, samplesOf, type Dataset } from './tensor/dataset.ts';
export { float32, tensor, type NamedTensors, type Tensor } from './tensor/tensor.ts';
export { RequantError, type ErrorCode } from './errors/index.ts';
export { meanPsnr } from './analyze/index.ts';
