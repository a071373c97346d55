// Softmax and the normalizations that have an integer form; instance and group norm stay in float.
import { float32, isFloat32, sizeOf, type Tensor } from '../../../tensor/tensor.ts';
import { TO_LAST } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';

/** Softmax before opset 13 works on the input flattened at `axis`; from 13 on along `axis`. */
export const softmax: Row = (o) => {
  const x = o.value(0);
  const rank = x.shape.length;
  const given = o.int('axis', o.opset < 13 ? 1 : -1);
  const axis = normalAxis(given, rank, o);
  if (o.opset < 13 && sizeOf(x.shape.slice(axis + 1)) !== 1) {
    const rows = sizeOf(x.shape.slice(0, axis));
    const flat = [rows, sizeOf(x.shape) / rows];
    const before = o.build.add('reshape', [o.build.asFile(x, o.source)], { shape: flat }, { name: `${o.output}/rows`, shape: flat, last: false }, o.source);
    const after = o.build.add('softmax', [before.name], { axis: 1 }, { name: `${o.output}/softmax`, shape: flat, last: false }, o.source);
    return o.emit('reshape', [after.name], { shape: x.shape }, x.shape, false);
  }
  if (x.last) return o.emit('softmax', [x.name], { axis: TO_LAST.indexOf(axis as 0 | 1 | 2 | 3) }, x.shape, true);
  o.emit('softmax', [o.build.asFile(x, o.source)], { axis }, x.shape, false);
};

/** A factor or term of one number, or one for each number of the row; undefined in other forms. */
function rowConstant(o: OnnxOperator, i: number, row: readonly number[]): Tensor<'float32'> | undefined {
  const t = o.tensor(i);
  if (!t || !isFloat32(t)) return undefined;
  const size = sizeOf(row);
  o.build.spend(size);
  if (t.data.length === 1) return float32(row, new Float32Array(size).fill(t.data[0] ?? 0));
  return t.data.length === size ? float32(row, t.data) : undefined;
}

export const layerNormalization: Row = (o) => {
  const x = o.value(0);
  const axis = normalAxis(o.int('axis', -1), x.shape.length, o);
  const row = x.shape.slice(axis);
  const parameters = [1, 2].map((i) => ({ given: o.input(i) !== undefined, constant: rowConstant(o, i, row), name: o.proto.input?.[i] ?? '' }));
  if (parameters.some(({ given, constant }) => given && !constant)) return opaque(o);
  const names = parameters.map(({ constant, name }) => (constant ? o.build.constant(name, constant) : ''));
  while (names.at(-1) === '') names.pop();
  o.emit('layer_norm', [o.build.asFile(x, o.source), ...names], { axis, epsilon: o.float('epsilon', 1e-5) }, x.shape, false);
};

/** Across an odd number of channels of an image. */
export const lrn: Row = (o) => {
  const x = o.value(0);
  if (x.shape.length !== 4 || o.int('size', 1) % 2 === 0) return opaque(o);
  const attrs = { size: o.int('size', 1), alpha: o.float('alpha', 1e-4), beta: o.float('beta', 0.75), bias: o.float('bias', 1) };
  o.emit('lrn', [o.build.asImage(x, o.source)], attrs, x.shape, true);
};
