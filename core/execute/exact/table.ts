// Which operators have a fast kernel. One that is not here, or whose lowering gives a reason, runs on its reference kernel.
import { lowerConcat, lowerProduct, lowerRescale, lowerSum, lowerTable } from './elementwise.ts';
import { lowerConvolution, lowerFullyConnected } from './convolution.ts';
import { lowerDequantize, lowerQuantize, lowerSoftmax } from './conversion.ts';
import type { Lowering } from './lowering.ts';
import { lowerPad, lowerReshape, lowerSlice, lowerTranspose } from './movement.ts';
import { lowerTfliteAdd, lowerTfliteConvolution, lowerTfliteFullyConnected, lowerTfliteReshape } from './tflite.ts';
import { lowerAveragePool, lowerGlobalAverage, lowerMaxPool } from './pooling.ts';

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['conv2d', lowerConvolution], ['fully_connected', lowerFullyConnected],
  ['add', lowerSum(1)], ['sub', lowerSum(-1)], ['mul', lowerProduct],
  ['max_pool2d', lowerMaxPool], ['avg_pool2d', lowerAveragePool], ['global_avg_pool2d', lowerGlobalAverage],
  ['relu', lowerRescale], ['clip', lowerRescale], ['requantize', lowerRescale], ['concat', lowerConcat], ['udf', lowerTable],
  ['softmax', lowerSoftmax], ['quantize', lowerQuantize], ['dequantize', lowerDequantize],
  ['tflite_conv2d', lowerTfliteConvolution], ['tflite_fully_connected', lowerTfliteFullyConnected], ['tflite_add', lowerTfliteAdd], ['tflite_reshape', lowerTfliteReshape],
  ['reshape', lowerReshape], ['transpose', lowerTranspose], ['slice', lowerSlice], ['pad', lowerPad],
]);
