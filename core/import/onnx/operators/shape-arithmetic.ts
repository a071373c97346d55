// What a file computes about shapes, and other arithmetic on constants, is worked out once, here: operators whose inputs are all known
// become constants. The work is counted (GraphBuild.spend), so that no file can make importing slow.
import { RequantError } from '../../../errors/index.ts';
import { allocate, convert, numbersOf, sizeOf, tensor, transpose as transposed, type DType, type Tensor } from '../../../tensor/tensor.ts';
import { dtypeOf } from '../../../onnx/index.ts';
import { attributeTensor, normalAxis, type OnnxOperator } from '../operator.ts';
import { broadcast } from './broadcast.ts';
import { sliceBounds } from './movement.ts';

type Fold = (o: OnnxOperator, inputs: readonly (Tensor | undefined)[]) => Tensor | undefined;

const int64 = (shape: readonly number[], values: readonly number[]): Tensor => tensor('int64', shape, BigInt64Array.from(values, (v) => BigInt(Math.trunc(v))));
const isFloat = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float64';
const need = (o: OnnxOperator, t: Tensor | undefined): Tensor => { if (t) return t; throw o.fail('it lacks an input'); };

/** Numbers as a tensor of a type. Raises MODEL_INVALID where a whole number is asked for and none comes out (division by zero). */
function like(o: OnnxOperator, dtype: DType, shape: readonly number[], values: readonly number[]): Tensor {
  if (!isFloat(dtype) && !values.every(Number.isFinite)) {
    throw new RequantError('MODEL_INVALID', `${o.type}: the result is no whole number`, { file: o.build.file, node: o.source.name });
  }
  return convert(tensor('float64', shape, Float64Array.from(values)), dtype);
}

/** What an element that is computed costs more than one that is only copied. */
const COMPUTED = 16;

/** Elementwise over broadcast operands. `dtype`: the result's type, the first operand's unless given. */
const elementwise = (f: (...values: readonly number[]) => number, dtype?: DType | 'second'): Fold => (o, inputs) => {
  const operands = inputs.map((t) => need(o, t));
  const [first] = operands;
  if (!first) throw o.fail('it lacks an input');
  const shape = operands.slice(1).reduce((to, t) => broadcast(to, t.shape, o), first.shape);
  const size = sizeOf(shape);
  o.build.spend(COMPUTED * size * operands.length);
  const readers = operands.map((t) => broadcastReader(t, shape));
  const type = dtype === 'second' ? operands[1]?.dtype ?? first.dtype : dtype ?? first.dtype;
  const values = Array.from({ length: size }, (_, i) => f(...readers.map((read) => read(i))));
  return like(o, type, shape, values);
};

/** Element `i` of the result's shape, read from an operand that is broadcast to it. */
function broadcastReader(t: Tensor, shape: readonly number[]): (i: number) => number {
  if (t.data.length === sizeOf(shape)) return (i) => Number(t.data[i]);
  const lead = shape.length - t.shape.length;
  return (i) => {
    let rest = i, index = 0, step = 1;
    for (let d = shape.length - 1; d >= lead; d--) {
      const size = t.shape[d - lead] ?? 1;
      const whole = shape[d] ?? 1;
      if (size > 1) index += (rest % whole) * step;
      step *= size;
      rest = Math.floor(rest / whole);
    }
    return Number(t.data[index]);
  };
}

/** The parts of `t` before, along and behind an axis, as sizes. */
const around = (shape: readonly number[], axis: number): readonly [outer: number, size: number, inner: number] =>
  [sizeOf(shape.slice(0, axis)), shape[axis] ?? 1, sizeOf(shape.slice(axis + 1))];

const gather: Fold = (o, [data, indices]) => {
  const from = need(o, data);
  const at = need(o, indices);
  const picks = numbersOf(at);
  const axis = normalAxis(o.int('axis', 0), from.shape.length, o);
  const [outer, size, inner] = around(from.shape, axis);
  const shape = [...from.shape.slice(0, axis), ...at.shape, ...from.shape.slice(axis + 1)];
  o.build.spend(sizeOf(shape));
  const out = allocate(from.dtype, sizeOf(shape));
  let to = 0;
  for (let a = 0; a < outer; a++) for (const pick of picks) {
    const row = pick < 0 ? pick + size : pick;
    if (!Number.isInteger(row) || row < 0 || row >= size) throw o.fail(`index ${pick} is outside ${size}`);
    const start = (a * size + row) * inner;
    out.set(from.data.subarray(start, start + inner) as never, to);
    to += inner;
  }
  return { dtype: from.dtype, shape, data: out };
};

const concat: Fold = (o, inputs) => {
  const tensors = inputs.map((t) => need(o, t));
  const [first] = tensors;
  if (!first) throw o.fail('it joins nothing');
  const axis = normalAxis(o.int('axis', 1), first.shape.length, o);
  if (tensors.some((t) => t.dtype !== first.dtype || t.shape.length !== first.shape.length || t.shape.some((d, i) => i !== axis && d !== first.shape[i]))) {
    throw o.fail('its inputs do not fit together');
  }
  const shape = first.shape.map((d, i) => (i === axis ? tensors.reduce((n, t) => n + (t.shape[axis] ?? 0), 0) : d));
  o.build.spend(sizeOf(shape));
  const out = allocate(first.dtype, sizeOf(shape));
  const [outer, , inner] = around(shape, axis);
  let to = 0;
  for (let a = 0; a < outer; a++) for (const t of tensors) {
    const run = (t.shape[axis] ?? 0) * inner;
    out.set(t.data.subarray(a * run, (a + 1) * run) as never, to);
    to += run;
  }
  return { dtype: first.dtype, shape, data: out };
};

/** Of lists only: what shape arithmetic slices. */
const slice: Fold = (o, [data, ...rest]) => {
  const from = need(o, data);
  const lists = rest.map((t) => t && numbersOf(t));
  const [start = 0] = o.ints('starts') ?? lists[0] ?? [];
  const [end = 0] = o.ints('ends') ?? lists[1] ?? [];
  const step = lists[3]?.[0] ?? 1;
  if (from.shape.length !== 1 || (step !== 1 && step !== -1)) return undefined;
  o.build.spend(from.data.length);
  const size = from.data.length;
  if (step === -1) {
    const top = Math.min(size - 1, start < 0 ? start + size : start);
    const bottom = Math.max(-1, end < 0 ? end + size : end);
    const picked = top > bottom ? from.data.slice(bottom + 1, top + 1).reverse() : from.data.slice(0, 0);
    return { dtype: from.dtype, shape: [picked.length], data: picked };
  }
  const picked = from.data.slice(...sliceBounds(size, start, end));
  return { dtype: from.dtype, shape: [picked.length], data: picked };
};

const reshaped = (shape: (o: OnnxOperator, t: Tensor, second: Tensor | undefined) => readonly number[]): Fold => (o, [t, second]) => {
  const from = need(o, t);
  const to = shape(o, from, second);
  if (sizeOf(to) !== sizeOf(from.shape) || to.some((d) => !Number.isSafeInteger(d) || d < 0)) throw o.fail(`[${from.shape.join(', ')}] cannot become [${to.join(', ')}]`);
  return { ...from, shape: to };
};
const axesOf = (o: OnnxOperator, second: Tensor | undefined, rank: number): readonly number[] | undefined =>
  (o.ints('axes') ?? (second && numbersOf(second)))?.map((a) => normalAxis(a, rank, o));

/** A shape that a constant of the file spells out. */
function dimensions(o: OnnxOperator, t: Tensor | undefined): readonly number[] {
  const dims = numbersOf(need(o, t));
  if (dims.some((d) => !Number.isSafeInteger(d) || d < 0)) throw o.fail(`[${dims.join(', ')}] is no shape`);
  o.build.spend(sizeOf(dims));
  return dims;
}

const constantOfShape: Fold = (o, [given]) => {
  const shape = dimensions(o, given);
  const value = attributeTensor(o, 'value');
  const dtype = value?.dtype ?? 'float32';
  const [fill = 0] = value?.data ?? [];
  return { dtype, shape, data: o.build.filled(dtype, fill, sizeOf(shape)) };
};

const expand: Fold = (o, [t, given]) => {
  const from = need(o, t);
  const shape = broadcast(from.shape, dimensions(o, given), o);
  o.build.spend(COMPUTED * sizeOf(shape));
  const read = broadcastReader(from, shape);
  return like(o, from.dtype, shape, Array.from({ length: sizeOf(shape) }, (_, i) => read(i)));
};

const range: Fold = (o, inputs) => {
  const [start = 0, limit = 0, delta = 1] = inputs.map((t) => Number(need(o, t).data[0]));
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  o.build.spend(COMPUTED * count);
  return like(o, inputs[0]?.dtype ?? 'int64', [count], Array.from({ length: count }, (_, i) => start + i * delta));
};

const reduceProduct: Fold = (o, [t, second]) => {
  const from = need(o, t);
  // Only over everything: the size of a shape.
  if (from.shape.length > 1 || (axesOf(o, second, from.shape.length) ?? [0]).length === 0) return undefined;
  return like(o, from.dtype, o.int('keepdims', 1) === 1 ? from.shape.map(() => 1) : [], [numbersOf(from).reduce((n, d) => n * d, 1)]);
};

const truth = (yes: boolean): number => (yes ? 1 : 0);
const FOLDS: Readonly<Record<string, Fold>> = {
  Add: elementwise((a = 0, b = 0) => a + b), Sub: elementwise((a = 0, b = 0) => a - b), Mul: elementwise((a = 0, b = 0) => a * b), Div: elementwise((a = 0, b = 0) => a / b),
  Pow: elementwise((a = 0, b = 0) => a ** b), Min: elementwise(Math.min), Max: elementwise(Math.max), Mod: elementwise((a = 0, b = 1) => a - b * Math.floor(a / b)),
  Neg: elementwise((a = 0) => -a), Abs: elementwise((a = 0) => Math.abs(a)), Sqrt: elementwise((a = 0) => Math.sqrt(a)), Reciprocal: elementwise((a = 0) => 1 / a),
  Floor: elementwise((a = 0) => Math.floor(a)), Ceil: elementwise((a = 0) => Math.ceil(a)),
  Equal: elementwise((a, b) => truth(a === b), 'bool'), Less: elementwise((a = 0, b = 0) => truth(a < b), 'bool'), Greater: elementwise((a = 0, b = 0) => truth(a > b), 'bool'),
  Not: elementwise((a) => truth(a === 0), 'bool'), And: elementwise((a, b) => truth(a !== 0 && b !== 0), 'bool'), Or: elementwise((a, b) => truth(a !== 0 || b !== 0), 'bool'),
  Where: elementwise((c, a = 0, b = 0) => (c ? a : b), 'second'),
  Gather: gather, Concat: concat, Slice: slice, ConstantOfShape: constantOfShape, Expand: expand, Range: range, ReduceProd: reduceProduct,
  Cast: (o, [t]) => {
    const from = need(o, t);
    const to = dtypeOf(o.int('to', 0));
    if (!to) throw o.fail('it casts to a type that is not supported');
    o.build.spend(COMPUTED * from.data.length);
    return to === from.dtype ? from : like(o, to, from.shape, numbersOf(from));
  },
  Identity: (_o, [t]) => t,
  Transpose: (o, [t]) => {
    const from = need(o, t);
    const perm = o.ints('perm') ?? from.shape.map((_, i) => from.shape.length - 1 - i);
    if (perm.length !== from.shape.length || new Set(perm).size !== perm.length || perm.some((p) => from.shape[p] === undefined)) throw o.fail(`[${perm.join(', ')}] is no permutation`);
    o.build.spend(from.data.length);
    return transposed(from, perm);
  },
  Reshape: reshaped((o, t, second) => {
    const target = (second ? numbersOf(second) : o.ints('shape') ?? []).map((d, i) => (d === 0 && o.int('allowzero', 0) === 0 ? t.shape[i] ?? 1 : d));
    const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
    return target.map((d) => (d === -1 ? sizeOf(t.shape) / known : d));
  }),
  Flatten: reshaped((o, t) => { const rows = sizeOf(t.shape.slice(0, o.int('axis', 1))); return [rows, sizeOf(t.shape) / rows]; }),
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
    if (list) return int64([list.length], list);
    const floats = o.attribute('value_floats')?.floats;
    return floats ? tensor('float32', [floats.length], Float32Array.from(floats)) : attributeTensor(o, 'value');
  }
  if (o.type === 'Shape' || o.type === 'Size') {
    const entry = o.input(0);
    if (!entry) throw o.fail('it lacks its input');
    const shape = entry.kind === 'value' ? entry.shape : entry.tensor.shape;
    if (o.type === 'Size') return int64([], [sizeOf(shape)]);
    const asked = shape.slice(o.int('start', 0), o.attribute('end') ? o.int('end', 0) : undefined);
    return int64([asked.length], asked);
  }
  const fold = Object.hasOwn(FOLDS, o.type) ? FOLDS[o.type] : undefined;
  if (!fold || o.inputCount === 0) return undefined;
  const inputs = Array.from({ length: o.inputCount }, (_, i) => o.input(i));
  if (inputs.some((entry) => entry?.kind === 'value')) return undefined;
  return fold(o, inputs.map((entry) => (entry?.kind === 'constant' ? entry.tensor : undefined)));
}
