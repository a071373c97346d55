// Graphs written as ONNX: float ones; quantized ones exactly in floating point, on ONNX Runtime's operators for integers, or with QuantizeLinear and DequantizeLinear.
export { emitGraph, type EmittedGraph, type EmittedNode, type EmittedPort, type Emission } from './emitter.ts';
export { emitExactGraph, emitExactModel, twinOf, writerOf } from './exact.ts';
export { emitFloatGraph } from './float.ts';
export { emitIntegerGraph, integerFormOf, type IntegerForm } from './integer.ts';
export { emitQdqGraph } from './qdq.ts';
export { onnxFile, type FirstInFile } from './file.ts';
