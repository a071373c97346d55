// The table of TensorFlow Lite's integer operators: float operator of the imported graph -> its exact twin. Adding one = a row.
import { tfliteAveragePool } from './average.ts';
import { tfliteBatchMatmul } from './batch-matmul.ts';
import { tfliteAdd, tfliteMaximum, tfliteMinimum, tfliteMul, tfliteSub } from './binary.ts';
import { tfliteConcat } from './concat.ts';
import { tfliteClamp, tflitePrelu, tfliteReshape } from './elementwise.ts';
import { tfliteBroadcastTo, tfliteGather, tfliteMaxPool, tflitePad, tfliteResizeNearest, tfliteSlice, tfliteTranspose } from './moved.ts';
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
  transpose: tfliteTranspose, slice: tfliteSlice, gather: tfliteGather, broadcast_to: tfliteBroadcastTo, pad: tflitePad,
  Max: tfliteMaximum, Min: tfliteMinimum, ReduceMax: tfliteReduceMax, ReduceMin: tfliteReduceMin,
};

/** Operators of a file for which TensorFlow Lite (2.21) has no kernel of a type, or one that reads bytes as numbers (PRELU, SUM), though it has one of int8. */
const LACKING: Readonly<Record<string, ReadonlySet<string>>> = {
  int16: new Set(['ARG_MAX', 'ARG_MIN', 'HARD_SWISH', 'PRELU', 'SUM', 'RELU_N1_TO_1', 'RELU_0_TO_1', 'SPACE_TO_DEPTH', 'DEPTH_TO_SPACE', 'TILE']),
  uint8: new Set(['EXP', 'ABS']),
};
export const tfliteLacks = (type: string, dtype: string): boolean => Object.hasOwn(LACKING, dtype) && (LACKING[dtype]?.has(type) ?? false);

/** The twin of a node; one that the graph keeps as an ONNX operator has its row by that operator's name. */
export function tfliteTwin(op: string, attrs: Readonly<Record<string, unknown>>): TfliteTwin | undefined {
  const name = op === 'opaque' ? String(attrs['type']) : op;
  return Object.hasOwn(TFLITE_TWINS, name) ? TFLITE_TWINS[name] : undefined;
}
export { tfliteQuantize, tfliteRequantize, tfliteRequantizeAttributes } from './quantize.ts';
export type { ArrivedOperand, ArrivedView, TfliteTwin } from './twin.ts';
