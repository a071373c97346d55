// What is known at import: constants, shapes, and lists of numbers made of them.
import { allocate, convert, sizeOf, type DType, type Tensor } from '../../../tensor/tensor.ts';
import type { Row, TensorflowOperator } from '../operator.ts';

/** Every constant computes as float32 where the file has other floats. */
const single = (t: Tensor): Tensor => (t.dtype === 'float64' ? convert(t, 'float32') : t);

export const constant: Row = (o) => {
  const value = o.tensor('value');
  if (!value) throw o.fail('it holds no value');
  o.build.spend(value.data.length);
  if (!o.build.entries.has(o.output)) o.build.entries.set(o.output, { kind: 'constant', tensor: single(value) });
};

const known = (o: TensorflowOperator, dtype: DType, shape: readonly number[], values: readonly number[], i = 0): void => { o.become(o.values(dtype, shape, values), i); };

/** Shapes are static: what asks for one is answered here. */
export const shape: Row = (o) => { const dims = o.shapeOf(o.input(0)); known(o, o.type('out_type') ?? 'int32', [dims.length], dims); };
export const shapeN: Row = (o) => {
  o.inputs.forEach((_, i) => {
    const dims = o.shapeOf(o.input(i));
    known(o, o.type('out_type') ?? 'int32', [dims.length], dims, i);
  });
};
export const size: Row = (o) => { known(o, o.type('out_type') ?? 'int32', [], [sizeOf(o.shapeOf(o.input(0)))]); };
export const rank: Row = (o) => { known(o, 'int32', [], [o.shapeOf(o.input(0)).length]); };

/** A shape that an input spells out; its elements are counted before there are any. */
function dimensions(o: TensorflowOperator, i: number): readonly number[] {
  const dims = o.numbers(i);
  if (dims.some((d) => !Number.isSafeInteger(d) || d < 0)) throw o.fail(`[${dims.join(', ')}] is no shape`);
  o.build.spend(sizeOf(dims));
  return dims;
}

export const fill: Row = (o) => {
  const dims = dimensions(o, 0);
  const value = o.constantOf(o.input(1));
  if (!value) { o.become(o.onnx('Expand', [o.input(1), o.list(dims)], {}, o.output)); return; }
  const data = allocate(value.dtype, sizeOf(dims));
  data.fill((value.data[0] ?? 0) as never);
  o.become(o.constant({ dtype: value.dtype, shape: dims, data }));
};

export const filledLike = (value: number): Row => (o) => {
  const dims = o.shapeOf(o.input(0));
  o.build.spend(sizeOf(dims));
  known(o, o.dtypeOf(o.input(0)), dims, new Array<number>(sizeOf(dims)).fill(value));
};

export const range: Row = (o) => {
  const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((i) => o.numbers(i)[0] ?? 0);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(count)) throw o.fail(`from ${start} to ${limit} by ${delta} is no range`);
  o.build.spend(count);
  known(o, o.dtypeOf(o.input(0)), [count], Array.from({ length: count }, (_, i) => start + i * delta));
};

export const linSpace: Row = (o) => {
  const [start = 0, stop = 0, count = 0] = [0, 1, 2].map((i) => o.numbers(i)[0] ?? 0);
  if (!Number.isSafeInteger(count) || count < 1) throw o.fail(`${count} steps are no range`);
  o.build.spend(count);
  known(o, o.dtypeOf(o.input(0)), [count], Array.from({ length: count }, (_, i) => (count === 1 ? start : start + (i * (stop - start)) / (count - 1))));
};

export const invertPermutation: Row = (o) => {
  const perm = o.numbers(0);
  if (new Set(perm).size !== perm.length || perm.some((p) => !Number.isInteger(p) || p < 0 || p >= perm.length)) throw o.fail(`[${perm.join(', ')}] is no permutation`);
  const inverse = new Array<number>(perm.length).fill(0);
  perm.forEach((to, from) => { inverse[to] = from; });
  known(o, o.dtypeOf(o.input(0)), [perm.length], inverse);
};

/** The numbers of two constant shapes as one that both broadcast to. */
export const broadcastArgs: Row = (o) => {
  const [a, b] = [o.numbers(0), o.numbers(1)];
  const length = Math.max(a.length, b.length);
  const dims = Array.from({ length }, (_, i) => {
    const [da, db] = [a[i - length + a.length] ?? 1, b[i - length + b.length] ?? 1];
    if (da !== db && da !== 1 && db !== 1) throw o.fail(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    return da === 1 ? db : da;
  });
  known(o, o.dtypeOf(o.input(0)), [length], dims);
};

