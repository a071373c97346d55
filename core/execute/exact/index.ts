// Exact execution at speed: quantized graphs on the WebAssembly kernels.
export { createExactExecutor, type ExactExecutor, type ExactOptions, type NodeWay } from './executor.ts';
