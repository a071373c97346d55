// The table of TensorFlow Lite's integer operators: float operator of the imported graph -> its exact twin. Adding one = a row.
import { tfliteAveragePool, tfliteMean } from './average.ts';
import { tfliteAdd, tfliteReshape } from './elementwise.ts';
import { tfliteGather, tfliteMaxPool, tflitePad, tfliteResizeNearest, tfliteSlice, tfliteTranspose } from './moved.ts';
import { tfliteResizeBilinear } from './resize.ts';
import { tfliteSoftmax } from './softmax.ts';
import { tfliteTransposeConv } from './transposed.ts';
import type { TfliteTwin } from './twin.ts';
import { tfliteConv2d, tfliteFullyConnected } from './weighted.ts';

export const TFLITE_TWINS: Readonly<Record<string, TfliteTwin>> = {
  conv2d: tfliteConv2d, fully_connected: tfliteFullyConnected, add: tfliteAdd, avg_pool2d: tfliteAveragePool, global_avg_pool2d: tfliteMean,
  reshape: tfliteReshape, softmax: tfliteSoftmax, conv_transpose2d: tfliteTransposeConv, resize_bilinear: tfliteResizeBilinear,
  max_pool2d: tfliteMaxPool, transpose: tfliteTranspose, slice: tfliteSlice, gather: tfliteGather, pad: tflitePad, resize_nearest: tfliteResizeNearest,
};
export { tfliteQuantize } from './quantize.ts';
export type { ArrivedOperand, ArrivedView, TfliteTwin } from './twin.ts';
