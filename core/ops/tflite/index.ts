// The table of TensorFlow Lite's integer operators: float operator of the imported graph -> its exact twin. Adding one = a row.
import { tfliteAveragePool } from './average.ts';
import { tfliteBatchMatmul } from './batch-matmul.ts';
import { tfliteAdd, tfliteMaximum, tfliteMinimum, tfliteMul, tfliteSub } from './binary.ts';
import { tfliteConcat } from './concat.ts';
import { tfliteClamp, tflitePrelu, tfliteReshape } from './elementwise.ts';
import { tfliteGather, tfliteMaxPool, tflitePad, tfliteResizeNearest, tfliteSlice, tfliteTranspose } from './moved.ts';
import { tfliteArgMax, tfliteArgMin, tfliteMean, tfliteReduceMax, tfliteReduceMin, tfliteSum } from './reduce.ts';
import { tfliteResizeBilinear } from './resize.ts';
import { tfliteSoftmax } from './softmax.ts';
import { tfliteFunction } from './table.ts';
import { tfliteTransposeConv } from './transposed.ts';
import type { TfliteTwin } from './twin.ts';
import { tfliteConv2d, tfliteFullyConnected } from './weighted.ts';

export const TFLITE_TWINS: Readonly<Record<string, TfliteTwin>> = {
  conv2d: tfliteConv2d, fully_connected: tfliteFullyConnected, batch_matmul: tfliteBatchMatmul, add: tfliteAdd, sub: tfliteSub, mul: tfliteMul,
  avg_pool2d: tfliteAveragePool, global_avg_pool2d: tfliteMean, mean: tfliteMean, sum: tfliteSum, arg_max: tfliteArgMax, arg_min: tfliteArgMin,
  concat: tfliteConcat, reshape: tfliteReshape, relu: tfliteClamp, clip: tfliteClamp, prelu: tflitePrelu, udf: tfliteFunction, softmax: tfliteSoftmax,
  conv_transpose2d: tfliteTransposeConv, max_pool2d: tfliteMaxPool, resize_bilinear: tfliteResizeBilinear, resize_nearest: tfliteResizeNearest,
  transpose: tfliteTranspose, slice: tfliteSlice, gather: tfliteGather, pad: tflitePad,
  Max: tfliteMaximum, Min: tfliteMinimum, ReduceMax: tfliteReduceMax, ReduceMin: tfliteReduceMin,
};

/** The twin of a node; one that the graph keeps as an ONNX operator has its row by that operator's name. */
export function tfliteTwin(op: string, attrs: Readonly<Record<string, unknown>>): TfliteTwin | undefined {
  const name = op === 'opaque' ? String(attrs['type']) : op;
  return Object.hasOwn(TFLITE_TWINS, name) ? TFLITE_TWINS[name] : undefined;
}
export { tfliteQuantize } from './quantize.ts';
export type { ArrivedOperand, ArrivedView, TfliteTwin } from './twin.ts';
