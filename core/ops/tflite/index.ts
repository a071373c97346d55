// The table of TensorFlow Lite's integer operators: float operator of the imported graph -> its exact twin. Adding one = a row.
import { tfliteAveragePool, tfliteMean } from './average.ts';
import { tfliteAdd, tfliteReshape } from './elementwise.ts';
import { tfliteSoftmax } from './softmax.ts';
import type { TfliteTwin } from './twin.ts';
import { tfliteConv2d, tfliteFullyConnected } from './weighted.ts';

export const TFLITE_TWINS: Readonly<Record<string, TfliteTwin>> = {
  conv2d: tfliteConv2d, fully_connected: tfliteFullyConnected, add: tfliteAdd, avg_pool2d: tfliteAveragePool, global_avg_pool2d: tfliteMean,
  reshape: tfliteReshape, softmax: tfliteSoftmax,
};
export type { ArrivedOperand, ArrivedView, TfliteTwin } from './twin.ts';
