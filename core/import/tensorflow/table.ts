// The table of TensorFlow operators: name -> how it is said in ONNX's words. Adding an operator = a row.
import type { Row } from './operator.ts';
import { broadcastArgs, constant, fill, filledLike, invertPermutation, linSpace, range, rank, shape, shapeN, size } from './operators/constants.ts';
import { branch, dropout, identity, identityN, merge, placeholderWithDefault } from './operators/control.ts';
import { einsum, matMul } from './operators/dense.ts';
import {
  addN, alongLast, biasAdd, bound, cast, clipByValue, divNoNan, expm1, floorDiv, floorMod, leakyRelu, log1p, notEqual, relu6, rsqrt, same, select, square, squaredDifference, swish,
} from './operators/elementwise.ts';
import {
  broadcastTo, concat, concatV2, expandDims, gather, mirrorPad, pack, pad, reshape, reverse, slice, split, splitV, squeeze, stridedSlice, tile, transpose, unpack,
} from './operators/movement.ts';
import { fusedBatchNorm, localResponseNorm } from './operators/normalization.ts';
import { fakeQuantArgs, fakeQuantVars } from './operators/quantization.ts';
import { argument, cumulativeSum, logical, oneHot, reduction, topK } from './operators/reductions.ts';
import { resize, resizeArea } from './operators/resize.ts';
import { batchToSpace, blocks, spaceToBatch } from './operators/spaces.ts';
import { convolution, pool, transposedConvolution } from './operators/windows.ts';

export const TENSORFLOW_OPERATORS: Readonly<Record<string, Row>> = {
  Const: constant, Shape: shape, ShapeN: shapeN, Size: size, Rank: rank, Range: range, LinSpace: linSpace, Fill: fill,
  ZerosLike: filledLike(0), OnesLike: filledLike(1), InvertPermutation: invertPermutation, BroadcastArgs: broadcastArgs,
  Identity: identity, StopGradient: identity, PreventGradient: identity, Snapshot: identity, CheckNumerics: identity, EnsureShape: identity,
  IdentityN: identityN, PlaceholderWithDefault: placeholderWithDefault, Switch: branch, RefSwitch: branch, Merge: merge, RefMerge: merge,

  Conv2D: convolution(false), Conv3D: convolution(false), DepthwiseConv2dNative: convolution(true),
  Conv2DBackpropInput: transposedConvolution, Conv3DBackpropInputV2: transposedConvolution,
  MaxPool: pool('MaxPool'), MaxPoolV2: pool('MaxPool'), MaxPool3D: pool('MaxPool'), AvgPool: pool('AveragePool'), AvgPool3D: pool('AveragePool'),
  SpaceToBatchND: spaceToBatch, BatchToSpaceND: batchToSpace, SpaceToDepth: blocks('SpaceToDepth'), DepthToSpace: blocks('DepthToSpace'),
  ResizeBilinear: resize('linear'), ResizeNearestNeighbor: resize('nearest'), ResizeArea: resizeArea,

  MatMul: matMul('transpose_a', 'transpose_b'), BatchMatMul: matMul('adj_x', 'adj_y'), BatchMatMulV2: matMul('adj_x', 'adj_y'), BatchMatMulV3: matMul('adj_x', 'adj_y'),
  Einsum: einsum,
  FusedBatchNorm: fusedBatchNorm, FusedBatchNormV2: fusedBatchNorm, FusedBatchNormV3: fusedBatchNorm, LRN: localResponseNorm,
  FakeQuantWithMinMaxArgs: fakeQuantArgs, FakeQuantWithMinMaxVars: fakeQuantVars, FakeQuantWithMinMaxVarsPerChannel: fakeQuantVars,

  Add: same('Add'), AddV2: same('Add'), AddN: addN, BiasAdd: biasAdd, BiasAddV1: biasAdd, Sub: same('Sub'), Mul: same('Mul'), Div: same('Div'), RealDiv: same('Div'), TruncateDiv: same('Div'),
  DivNoNan: divNoNan, FloorDiv: floorDiv, FloorMod: floorMod, Pow: same('Pow'), Maximum: bound('Max'), Minimum: bound('Min'), SquaredDifference: squaredDifference,
  Abs: same('Abs'), Neg: same('Neg'), Sign: same('Sign'), Square: square, Sqrt: same('Sqrt'), Rsqrt: rsqrt, Reciprocal: same('Reciprocal'), Inv: same('Reciprocal'),
  Exp: same('Exp'), Expm1: expm1, Log: same('Log'), Log1p: log1p, Erf: same('Erf'), Floor: dropout(same('Floor')), Ceil: same('Ceil'), Round: same('Round'), Rint: same('Round'),
  Sin: same('Sin'), Cos: same('Cos'), Tan: same('Tan'), Asin: same('Asin'), Acos: same('Acos'), Atan: same('Atan'),
  Sinh: same('Sinh'), Cosh: same('Cosh'), Asinh: same('Asinh'), Acosh: same('Acosh'), Atanh: same('Atanh'),
  Relu: same('Relu'), Relu6: relu6, LeakyRelu: leakyRelu, Elu: same('Elu'), Selu: same('Selu'), Sigmoid: same('Sigmoid'), Tanh: same('Tanh'),
  Softplus: same('Softplus'), Softsign: same('Softsign'), swish_f32: swish, ClipByValue: clipByValue, Softmax: alongLast('Softmax'), LogSoftmax: alongLast('LogSoftmax'),
  Equal: same('Equal'), NotEqual: notEqual, Less: same('Less'), LessEqual: same('LessOrEqual'), Greater: same('Greater'), GreaterEqual: dropout(same('GreaterOrEqual')),
  LogicalNot: same('Not'), LogicalAnd: same('And'), LogicalOr: same('Or'), Select: select, SelectV2: select, Cast: cast,

  Mean: reduction('ReduceMean'), Sum: reduction('ReduceSum'), Max: reduction('ReduceMax'), Min: reduction('ReduceMin'), Prod: reduction('ReduceProd'),
  EuclideanNorm: reduction('ReduceL2'), All: logical('ReduceMin'), Any: logical('ReduceMax'),
  ArgMax: argument('ArgMax'), ArgMin: argument('ArgMin'), Cumsum: cumulativeSum, TopK: topK, TopKV2: topK, OneHot: oneHot,

  Reshape: reshape, Squeeze: squeeze, ExpandDims: expandDims, Transpose: transpose, ConcatV2: concatV2, Concat: concat, Pack: pack, Unpack: unpack,
  Split: split, SplitV: splitV, Slice: slice, StridedSlice: stridedSlice, Gather: gather, GatherV2: gather, ReverseV2: reverse,
  Tile: tile, BroadcastTo: broadcastTo, Pad: pad, PadV2: pad, MirrorPad: mirrorPad,
};
