// Which operators have a fast kernel. One that is not here, or whose lowering gives a reason, runs on its reference kernel.
import { lowerResizeBilinear, lowerTfliteResizeBilinear } from './bilinear.ts';
import { lowerConcat, lowerTfliteConcat } from './concat.ts';
import { lowerProduct, lowerRescale, lowerSum, lowerTable } from './elementwise.ts';
import { lowerConvolution, lowerFullyConnected } from './convolution.ts';
import { lowerDequantize, lowerQuantize, lowerSoftmax } from './conversion.ts';
import type { Lowering } from './lowering.ts';
import { lowerMatmul, lowerTfliteMatmul } from './matmul.ts';
import { lowerBroadcast, lowerGather, lowerPad, lowerReshape, lowerResizeNearest, lowerSlice, lowerTranspose } from './movement.ts';
import { lowerLayerNorm, lowerResponseNorm } from './normalization.ts';
import { lowerAveragePool, lowerGlobalAverage, lowerMaxPool } from './pooling.ts';
import { lowerPrelu } from './prelu.ts';
import { lowerPosition, lowerReduceMax, lowerReduceMin, lowerReduction, lowerTfliteReduction } from './reductions.ts';
import {
  lowerTfliteAveragePool, lowerTfliteClamp, lowerTfliteMaximum, lowerTfliteMinimum, lowerTflitePrelu, lowerTfliteProduct, lowerTfliteQuantize, lowerTfliteReshape,
  lowerTfliteSoftmax, lowerTfliteSum,
} from './tflite-elementwise.ts';
import { lowerTfliteConvolution, lowerTfliteFullyConnected, lowerTfliteTransposed } from './tflite.ts';
import { lowerTransposed } from './transposed.ts';

export const LOWERINGS: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ['conv2d', lowerConvolution], ['conv_transpose2d', lowerTransposed], ['fully_connected', lowerFullyConnected], ['batch_matmul', lowerMatmul],
  ['add', lowerSum(1)], ['sub', lowerSum(-1)], ['mul', lowerProduct], ['prelu', lowerPrelu],
  ['max_pool2d', lowerMaxPool], ['avg_pool2d', lowerAveragePool], ['global_avg_pool2d', lowerGlobalAverage],
  ['mean', lowerReduction], ['sum', lowerReduction], ['arg_max', lowerPosition(1)], ['arg_min', lowerPosition(-1)],
  ['relu', lowerRescale], ['clip', lowerRescale], ['requantize', lowerRescale], ['concat', lowerConcat], ['udf', lowerTable],
  ['softmax', lowerSoftmax], ['layer_norm', lowerLayerNorm], ['lrn', lowerResponseNorm], ['quantize', lowerQuantize], ['dequantize', lowerDequantize],
  ['reshape', lowerReshape], ['transpose', lowerTranspose], ['slice', lowerSlice], ['pad', lowerPad], ['gather', lowerGather], ['broadcast_to', lowerBroadcast],
  ['resize_nearest', lowerResizeNearest], ['resize_bilinear', lowerResizeBilinear],
  ['tflite_conv2d', lowerTfliteConvolution], ['tflite_conv_transpose2d', lowerTfliteTransposed], ['tflite_fully_connected', lowerTfliteFullyConnected],
  ['tflite_batch_matmul', lowerTfliteMatmul], ['tflite_add', lowerTfliteSum(1)], ['tflite_sub', lowerTfliteSum(-1)], ['tflite_mul', lowerTfliteProduct],
  ['tflite_maximum', lowerTfliteMaximum], ['tflite_minimum', lowerTfliteMinimum], ['tflite_prelu', lowerTflitePrelu], ['tflite_clamp', lowerTfliteClamp],
  ['tflite_reshape', lowerTfliteReshape], ['tflite_requantize', lowerTfliteReshape], ['tflite_concat', lowerTfliteConcat], ['tflite_avg_pool2d', lowerTfliteAveragePool], ['tflite_softmax', lowerTfliteSoftmax],
  ['tflite_mean', lowerTfliteReduction], ['tflite_sum', lowerTfliteReduction], ['tflite_reduce_max', lowerReduceMax], ['tflite_reduce_min', lowerReduceMin],
  ['tflite_resize_bilinear', lowerTfliteResizeBilinear], ['tflite_quantize', lowerTfliteQuantize],
]);
