// Graphs written as ONNX: float ones, and quantized ones exactly in floating point.
export { emitGraph, type EmittedGraph, type EmittedNode, type EmittedPort, type Emission } from './emitter.ts';
export { emitExactGraph, twinOf, writerOf } from './exact.ts';
export { emitFloatGraph } from './float.ts';
export { onnxFile, OPSET } from './file.ts';
