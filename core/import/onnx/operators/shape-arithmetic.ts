// What a file computes about shapes, and other arithmetic on constants, is worked out once, here: operators whose inputs are all known
// become constants. Only small tensors are computed, so that no file can make importing slow.
import { allocate, convert, numbersOf, sizeOf, tensor, transpose as transposed, type DType, type Tensor } from '../../../tensor/tensor.ts';
import { dtypeOf } from '../../../onnx/index.ts';
import { attributeTensor, normalAxis, type OnnxOperator } from '../operator.ts';
import { sliceBounds } from './movement.ts';

/** Elements that one result may have; weights that only move may be larger. */
const LIMIT = 2 ** 20;
const MOVE_LIMIT = 2 ** 28;

type Fold = (o: OnnxOperator, inputs: readonly (Tensor | undefined)[]) => Tensor | undefined;

const int64 = (shape: readonly number[], values: readonly number[]): Tensor => tensor('int64', shape, BigInt64Array.from(values, (v) => BigInt(Math.trunc(v))));
const like = (dtype: DType, shape: readonly number[], values: readonly number[]): Tensor => convert(tensor('float64', shape, Float64Array.from(values)), dtype);
const need = (o: OnnxOperator, t: Tensor | undefined): Tensor => { if (t) return t; throw o.fail('it lacks an input'); };

const arithmetic = (f: (a: number, b: number) => number): Fold => (o, [a, b]) => {
  const [left, right] = [need(o, a), need(o, b)];
  const rank = Math.max(left.shape.length, right.shape.length);
  const dim = (t: Tensor, i: number): number => t.shape[i - rank + t.shape.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, i) => Math.max(dim(left, i), dim(right, i)));
  const size = sizeOf(shape);
  if (size > LIMIT) return undefined;
  const at = (t: Tensor, flat: number): number => {
    let rest = flat, index = 0, step = 1;
    for (let d = rank - 1; d >= 0; d--) {
      const i = rest % (shape[d] ?? 1);
      rest = Math.floor(rest / (shape[d] ?? 1));
      if (dim(t, d) > 1) index += i * step;
      step *= dim(t, d);
    }
    return Number(t.data[index]);
  };
  const whole = left.dtype !== 'float32' && left.dtype !== 'float64';
  return like(left.dtype, shape, Array.from({ length: size }, (_, i) => { const r = f(at(left, i), at(right, i)); return whole ? Math.trunc(r) : r; }));
};

const gather: Fold = (o, [data, indices]) => {
  const from = need(o, data);
  const picks = numbersOf(need(o, indices));
  const axis = normalAxis(o.int('axis', 0), from.shape.length);
  const outer = sizeOf(from.shape.slice(0, axis)), inner = sizeOf(from.shape.slice(axis + 1)), size = from.shape[axis] ?? 1;
  const shape = [...from.shape.slice(0, axis), ...need(o, indices).shape, ...from.shape.slice(axis + 1)];
  if (sizeOf(shape) > LIMIT) return undefined;
  const values: number[] = [];
  for (let a = 0; a < outer; a++) for (const pick of picks) for (let i = 0; i < inner; i++) {
    const row = pick < 0 ? pick + size : pick;
    if (row < 0 || row >= size) throw o.fail(`index ${pick} is outside ${size}`);
    values.push(Number(from.data[(a * size + row) * inner + i]));
  }
  return like(from.dtype, shape, values);
};

const concat: Fold = (o, inputs) => {
  const tensors = inputs.map((t) => need(o, t));
  const [first] = tensors;
  if (!first || tensors.some((t) => t.shape.length > 1)) return undefined;
  const values = tensors.flatMap(numbersOf);
  return values.length > LIMIT ? undefined : like(first.dtype, [values.length], values);
};

const slice: Fold = (o, [data, ...rest]) => {
  const from = need(o, data);
  const lists = rest.map((t) => t && numbersOf(t));
  const [start = 0] = o.ints('starts') ?? lists[0] ?? [];
  const [end = 0] = o.ints('ends') ?? lists[1] ?? [];
  if (from.shape.length !== 1 || (lists[3]?.[0] ?? 1) !== 1) return undefined;
  const values = numbersOf(from).slice(...sliceBounds(from.shape[0] ?? 0, start, end));
  return like(from.dtype, [values.length], values);
};

const reshaped = (shape: (o: OnnxOperator, t: Tensor, second: Tensor | undefined) => readonly number[]): Fold => (o, [t, second]) => {
  const from = need(o, t);
  if (from.data.length > MOVE_LIMIT) return undefined;
  const to = shape(o, from, second);
  if (sizeOf(to) !== sizeOf(from.shape)) throw o.fail(`[${from.shape.join(', ')}] cannot become [${to.join(', ')}]`);
  return { ...from, shape: to };
};
const axesOf = (o: OnnxOperator, second: Tensor | undefined, rank: number): readonly number[] | undefined =>
  (o.ints('axes') ?? (second && numbersOf(second)))?.map((a) => normalAxis(a, rank));

const constantOfShape: Fold = (o, [shape]) => {
  const dims = numbersOf(need(o, shape));
  if (sizeOf(dims) > LIMIT || dims.some((d) => d < 0)) return undefined;
  const value = attributeTensor(o, 'value');
  const data = allocate(value?.dtype ?? 'float32', sizeOf(dims));
  if (value) data.fill(value.data[0] as never);
  return { dtype: value?.dtype ?? 'float32', shape: dims, data };
};

const FOLDS: Readonly<Record<string, Fold>> = {
  Add: arithmetic((a, b) => a + b), Sub: arithmetic((a, b) => a - b), Mul: arithmetic((a, b) => a * b), Div: arithmetic((a, b) => a / b),
  Gather: gather, Concat: concat, Slice: slice, ConstantOfShape: constantOfShape,
  Cast: (o, [t]) => { const to = dtypeOf(o.int('to', 0)); return to && t && t.data.length <= LIMIT ? convert(t, to) : undefined; },
  Identity: (_o, [t]) => t,
  Floor: (_o, [t]) => t && like(t.dtype, t.shape, numbersOf(t).map(Math.floor)),
  Transpose: (o, [t]) => t && transposed(t, o.ints('perm') ?? t.shape.map((_, i) => t.shape.length - 1 - i)),
  Reshape: reshaped((o, t, second) => {
    const target = (second ? numbersOf(second) : o.ints('shape') ?? []).map((d, i) => (d === 0 ? t.shape[i] ?? 1 : d));
    const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
    return target.map((d) => (d === -1 ? sizeOf(t.shape) / known : d));
  }),
  Squeeze: reshaped((o, t, second) => { const axes = axesOf(o, second, t.shape.length); return t.shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)); }),
  Unsqueeze: reshaped((o, t, second) => {
    const count = (o.ints('axes') ?? (second ? numbersOf(second) : [])).length;
    const axes = axesOf(o, second, t.shape.length + count) ?? [];
    const rest = [...t.shape];
    return Array.from({ length: t.shape.length + count }, (_, i) => (axes.includes(i) ? 1 : rest.shift() ?? 1));
  }),
};

/** The output as a constant, where it can be known now. */
export function folded(o: OnnxOperator): Tensor | undefined {
  if (o.type === 'Constant') {
    const scalar = o.attribute('value_float')?.f ?? o.attribute('value_int')?.i;
    if (scalar !== undefined) return o.attribute('value_float') ? tensor('float32', [], Float32Array.of(scalar)) : int64([], [scalar]);
    const list = o.ints('value_ints');
    return list ? int64([list.length], list) : attributeTensor(o, 'value');
  }
  if (o.type === 'Shape') {
    const entry = o.input(0);
    const shape = entry?.kind === 'value' ? entry.shape : entry?.tensor.shape;
    return shape && int64([shape.slice(o.int('start', 0), o.attribute('end') ? o.int('end', 0) : undefined).length], shape.slice(o.int('start', 0), o.attribute('end') ? o.int('end', 0) : undefined));
  }
  const fold = Object.hasOwn(FOLDS, o.type) ? FOLDS[o.type] : undefined;
  if (!fold || o.inputCount === 0) return undefined;
  const inputs = Array.from({ length: o.inputCount }, (_, i) => o.input(i));
  if (inputs.some((entry) => entry?.kind === 'value')) return undefined;
  return fold(o, inputs.map((entry) => (entry?.kind === 'constant' ? entry.tensor : undefined)));
}
