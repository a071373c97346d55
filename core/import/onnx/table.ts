// The table of ONNX operators: type -> how it becomes nodes of the graph. What has no row stays opaque. Adding an operator = a row.
import type { Row } from './operator.ts';
import { batchNorm, conv, convTranspose } from './operators/convolutions.ts';
import { gemm, matMul } from './operators/dense.ts';
import { binary, bound, clip, div, gelu, meanOf, pow, prelu, relu, sum, udf } from './operators/elementwise.ts';
import {
  cast, concat, depthToSpace, dropout, flatten, gather, identity, reshape, slice, spaceToDepth, split, squeeze, tile, transpose, unsqueeze,
} from './operators/movement.ts';
import { layerNormalization, lrn, softmax } from './operators/normalization.ts';
import { argument, averagePool, globalAveragePool, globalMaxPool, maxPool, reduction } from './operators/pools.ts';
import { expand, pad } from './operators/pad.ts';
import { resize } from './operators/resize.ts';

export const ONNX_OPERATORS: Readonly<Record<string, Row>> = {
  Conv: conv, ConvTranspose: convTranspose, BatchNormalization: batchNorm,
  MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalAveragePool, GlobalMaxPool: globalMaxPool, ReduceMean: reduction('mean'), ReduceSum: reduction('sum'), ArgMax: argument('arg_max'), ArgMin: argument('arg_min'), Resize: resize, Upsample: resize,
  Gemm: gemm, MatMul: matMul,
  Add: binary('add'), Sub: binary('sub'), Mul: binary('mul'), Div: div, Sum: sum, Mean: meanOf, Max: bound('min'), Min: bound('max'), Pow: pow,
  Relu: relu, PRelu: prelu, Clip: clip, Softmax: softmax, LayerNormalization: layerNormalization, LRN: lrn,
  Exp: udf('exp'), Log: udf('log'), Sqrt: udf('sqrt'), Reciprocal: udf('reciprocal'), Abs: udf('abs'), Neg: udf('neg'), Sign: udf('sign'),
  Ceil: udf('ceil'), Floor: udf('floor'), Round: udf('round'), Erf: udf('erf'), Sigmoid: udf('sigmoid'),
  Sin: udf('sin'), Cos: udf('cos'), Tan: udf('tan'), Asin: udf('asin'), Acos: udf('acos'), Atan: udf('atan'),
  Sinh: udf('sinh'), Cosh: udf('cosh'), Tanh: udf('tanh'), Asinh: udf('asinh'), Acosh: udf('acosh'), Atanh: udf('atanh'),
  Softplus: udf('softplus'), Softsign: udf('softsign'), Mish: udf('mish'), HardSwish: udf('hard_swish'), Swish: udf('silu', { alpha: 1 }), Gelu: gelu,
  Elu: udf('elu', { alpha: 1 }), Celu: udf('celu', { alpha: 1 }), Selu: udf('selu', { alpha: 1.67326319217681884765625, gamma: 1.05070102214813232421875 }),
  LeakyRelu: udf('leaky_relu', { alpha: 0.01 }), ThresholdedRelu: udf('thresholded_relu', { alpha: 1 }),
  Shrink: udf('shrink', { lambd: 0.5, bias: 0 }), HardSigmoid: udf('hard_sigmoid', { alpha: 0.2, beta: 0.5 }),
  Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Transpose: transpose, Concat: concat, Slice: slice, Gather: gather, Tile: tile,
  DepthToSpace: depthToSpace, SpaceToDepth: spaceToDepth, Split: split, Pad: pad, Expand: expand, Cast: cast,
  Identity: identity, Dropout: dropout,
};
