// Running networks: float in ONNX Runtime, quantized bit-accurately through the reference kernels.
export { createFloatSession, type FloatSession } from './float/session.ts';
export { createFastNodes, type FastNodes } from './fast.ts';
export { createFloatNodes, type FloatNodes } from './float/node.ts';
export { runNode, runReference, type RunFloatNode } from './reference.ts';
export { enter, leave } from './ports.ts';
