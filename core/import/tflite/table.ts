// The table of TFLite operators: builtin name -> how it becomes nodes of the graph. Adding an operator = a row.
import type { Row } from './operator.ts';
import { batchMatmul, dense } from './operators/dense.ts';
import { addN, binary, bound, clip, div, gelu, l2Normalization, leakyRelu, logSoftmax, lrn, pow, prelu, relu, rename, softmax, squaredDifference, udf } from './operators/elementwise.ts';
import {
  blocks, broadcastTo, concatenation, expandDims, gather, mirrorPad, pack, pad, reshape, reverse, shape, slice, split, splitV, squeeze, stridedSlice, tile, transpose, unpack,
} from './operators/movement.ts';
import { resize } from './operators/resize.ts';
import { argument, convolution, extreme, pool, reduction, transposeConvolution } from './operators/windows.ts';
import { CONV, DEPTHWISE } from './schema.ts';

export const TFLITE_OPERATORS: Readonly<Record<string, Row>> = {
  CONV_2D: convolution(CONV, false),
  DEPTHWISE_CONV_2D: convolution(DEPTHWISE, true),
  TRANSPOSE_CONV: transposeConvolution,
  FULLY_CONNECTED: dense, BATCH_MATMUL: batchMatmul,
  ADD: binary('add'), SUB: binary('sub'), MUL: binary('mul'), DIV: div, POW: pow, ADD_N: addN, SQUARED_DIFFERENCE: squaredDifference,
  AVERAGE_POOL_2D: pool('avg_pool2d'), MAX_POOL_2D: pool('max_pool2d'), MEAN: reduction('mean'), ARG_MAX: argument('arg_max'), ARG_MIN: argument('arg_min'), SUM: reduction('sum'), REDUCE_MAX: extreme('ReduceMax'), REDUCE_MIN: extreme('ReduceMin'),
  RESIZE_NEAREST_NEIGHBOR: resize('resize_nearest'), RESIZE_BILINEAR: resize('resize_bilinear'),
  RELU: relu, RELU6: clip(0, 6), RELU_N1_TO_1: clip(-1, 1), RELU_0_TO_1: clip(0, 1), MAXIMUM: bound('min'), MINIMUM: bound('max'), LEAKY_RELU: leakyRelu, PRELU: prelu,
  RESHAPE: reshape, SQUEEZE: squeeze, EXPAND_DIMS: expandDims, TRANSPOSE: transpose, CONCATENATION: concatenation,
  PAD: pad, PADV2: pad, MIRROR_PAD: mirrorPad, BROADCAST_TO: broadcastTo, SLICE: slice, STRIDED_SLICE: stridedSlice, SPLIT: split, SPLIT_V: splitV, UNPACK: unpack,
  REVERSE_V2: reverse, GATHER: gather, TILE: tile, DEPTH_TO_SPACE: blocks('depth first'), SPACE_TO_DEPTH: blocks('to depth'), SHAPE: shape, PACK: pack,
  SOFTMAX: softmax, LOG_SOFTMAX: logSoftmax, L2_NORMALIZATION: l2Normalization, LOCAL_RESPONSE_NORMALIZATION: lrn, QUANTIZE: rename, DEQUANTIZE: rename,
  LOGISTIC: udf('sigmoid'), TANH: udf('tanh'), EXP: udf('exp'), LOG: udf('log'), SQRT: udf('sqrt'), RSQRT: udf('rsqrt'), SQUARE: udf('square'),
  ABS: udf('abs'), NEG: udf('neg'), SIGN: udf('sign'), CEIL: udf('ceil'), FLOOR: udf('floor'), ROUND: udf('round'), SIN: udf('sin'), COS: udf('cos'),
  ELU: udf('elu'), HARD_SWISH: udf('hard_swish'), GELU: gelu,
};
