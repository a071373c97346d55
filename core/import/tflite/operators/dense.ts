// FULLY_CONNECTED and BATCH_MATMUL: dense layers where one side is constant, else products of two activations.
import { isFloat32, transpose } from '../../../tensor/tensor.ts';
import { activation, clampAfter, type Row, type TfliteOperator } from '../operator.ts';
import { BATCH_MATMUL, DENSE } from '../schema.ts';

export const dense: Row = (o) => {
  const [x = '', w = '', b = ''] = o.inputs;
  const weights = o.constantOf(w);
  const [, depth = 1] = o.shapeOf(w);
  if (o.shapeOf(w).length !== 2 || (weights && !isFloat32(weights))) throw o.fail('its weights are no matrix of floats');
  if ((o.options?.int8(DENSE.weightsFormat) ?? 0) !== 0) throw o.fail('shuffled weights are not supported');
  const shape = o.shapeOf(x);
  const keep = (o.options?.bool(DENSE.keepDimensions) ?? false) || shape.length === 2;
  // Unless told to keep them, TFLite flattens the dimensions to rows of the weights' depth.
  const rows = shape.reduce((n, d) => n * d, 1) / depth;
  const read = keep && shape.at(-1) === depth ? x : o.node('reshape', [x], { shape: [rows, depth] }, `${o.output}/rows`);
  const fused = activation(o, DENSE.activation);
  if (weights) { o.node('fully_connected', [read, w, ...(b === '' ? [] : [b])], { activation: fused }); return; }
  if (b === '') { clampAfter(o, fused, (output) => product(o, read, w, false, true, output)); return; }
  o.node('add', [product(o, read, w, false, true, `${o.output}/product`), b], { activation: fused });
};

const product = (o: TfliteOperator, a: string, b: string, transposeA: boolean, transposeB: boolean, output: string): string =>
  o.node('batch_matmul', [a, b], { transposeA, transposeB }, output);

/** A constant matrix on the right is the weights of a dense layer, unless it is stored like the activations beside it. */
export const batchMatmul: Row = (o) => {
  const [a = '', b = ''] = o.inputs;
  const [adjointA, adjointB] = [o.options?.bool(BATCH_MATMUL.adjointA) ?? false, o.options?.bool(BATCH_MATMUL.adjointB) ?? false];
  const weights = o.constantOf(b);
  if (!weights || !isFloat32(weights) || weights.shape.length !== 2 || adjointA || o.quantized) { product(o, a, b, adjointA, adjointB, o.output); return; }
  const w = adjointB ? b : o.constant(`${b}/turned`, transpose(weights, [1, 0]));
  o.node('fully_connected', [a, w], { activation: 'none' });
};
