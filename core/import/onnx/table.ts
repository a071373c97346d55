// The table of ONNX operators: type -> how it becomes nodes of the graph. What has no row stays opaque. Adding an operator = a row.
import type { Row } from './operator.ts';
import { gemm, matMul } from './operators/dense.ts';
import { binary, clip, div, relu, softmax, sum, udf, udfWhen } from './operators/elementwise.ts';
import { cast, concat, dropout, flatten, identity, pad, reshape, slice, split, squeeze, transpose, unsqueeze } from './operators/movement.ts';
import { averagePool, batchNorm, conv, globalAveragePool, globalMaxPool, maxPool, reduceMean } from './operators/windows.ts';

const near = (a: number, b: number): boolean => Math.abs(a - b) < 1e-6;

export const ONNX_OPERATORS: Readonly<Record<string, Row>> = {
  Conv: conv, MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalAveragePool, GlobalMaxPool: globalMaxPool, ReduceMean: reduceMean, BatchNormalization: batchNorm,
  Gemm: gemm, MatMul: matMul,
  Add: binary('add'), Sub: binary('sub'), Mul: binary('mul'), Div: div, Sum: sum,
  Relu: relu, Clip: clip, Softmax: softmax,
  Sigmoid: udf('sigmoid'), Tanh: udf('tanh'), Exp: udf('exp'), Log: udf('log'), Sqrt: udf('sqrt'), Abs: udf('abs'), Neg: udf('neg'), Erf: udf('erf'), Softplus: udf('softplus'),
  HardSwish: udf('hard_swish'),
  Elu: udfWhen('elu', (o) => near(o.float('alpha', 1), 1)),
  HardSigmoid: udfWhen('hard_sigmoid', (o) => near(o.float('alpha', 0.2), 1 / 6) && near(o.float('beta', 0.5), 0.5)),
  Gelu: udfWhen('gelu', (o) => o.text('approximate', 'none') === 'none'),
  Reshape: reshape, Flatten: flatten, Squeeze: squeeze, Unsqueeze: unsqueeze, Transpose: transpose, Concat: concat, Slice: slice, Split: split, Pad: pad, Cast: cast,
  Identity: identity, Dropout: dropout,
};
