// Running networks: float in ONNX Runtime, quantized bit-accurately on the fast kernels, through the reference kernels, or as one ONNX graph.
export { createFloatSession } from './float-session.ts';
export type { RuntimeSession } from './session.ts';
export { createExactExecutor, type ExactExecutor, type NodeWay } from './exact/index.ts';
export { useThreads } from '../kernels/index.ts';
export { createFastGraph, type FastGraph } from './fast.ts';
export { createFloatNodes, type FloatNodes } from './float-nodes.ts';
export { runNode, runReference, type RunFloatNode } from './reference.ts';
export { enter, leave } from './ports.ts';
