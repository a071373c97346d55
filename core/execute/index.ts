// Running networks: float in ONNX Runtime, quantized bit-accurately on the kernels, in ONNX Runtime, or through the reference kernels.
export { createFloatSession, openFloatProgram } from './float-session.ts';
export { floatProgram, type FloatProgram } from './float-program.ts';
export type { RuntimeSession } from './session.ts';
export { createExactExecutor, type Choice, type ExactExecutor, type FastWay, type NodeWay, type Way } from './exact/index.ts';
export { createCounting, searchLoops, threadCount, useThreads, weightLoops } from '../kernels/index.ts';
export { quantizeOnKernels } from './quantize.ts';
export { createFloatNodes, type FloatNodes } from './float-nodes.ts';
export { operandsOf, runNode, runReference, type RunFloatNode } from './reference.ts';
export { enter, leave } from './ports.ts';
