// Running networks: float in ONNX Runtime, quantized bit-accurately through the reference kernels.
export { createFloatSession } from './float-session.ts';
export type { RuntimeSession } from './session.ts';
export { createFastGraph, type FastGraph } from './fast.ts';
export { createFloatNodes, type FloatNodes } from './float-nodes.ts';
export { runNode, runReference, type RunFloatNode } from './reference.ts';
export { enter, leave } from './ports.ts';
