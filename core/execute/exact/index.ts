// Exact execution at speed: quantized graphs on the WebAssembly kernels.
export { createExactExecutor, type ExactExecutor, type ExactOptions, type NodeWay, type Way } from './executor.ts';
export type { Choice } from './choice.ts';
