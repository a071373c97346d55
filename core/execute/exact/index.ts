// Exact execution at speed: quantized graphs on the WebAssembly kernels or in ONNX Runtime.
export { createExactExecutor, type ExactExecutor, type ExactOptions, type NodeWay } from './executor.ts';
export type { Choice } from './choice.ts';
export { FAST_WAYS, type FastWay, type Way } from './ways.ts';
