// Operators that move numbers, and the arithmetic on shapes that files carry: shape, slice of a shape, pack.
import { numbersOf, sizeOf, type Tensor } from '../../../tensor/tensor.ts';
import { activation, axisOf, clampAfter, type Row, type TfliteOperator } from '../operator.ts';

const int32 = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });

/** -1 stands for what is left over. */
function reshapeTo(o: TfliteOperator, target: readonly number[]): void {
  const [x = ''] = o.inputs;
  const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
  o.node('reshape', [x], { shape: target.map((d) => (d === -1 ? sizeOf(o.shapeOf(x)) / known : d)) });
}
export const reshape: Row = (o) => {
  const given = o.inputs[1] === undefined || o.inputs[1] === '' ? o.options?.int32s(0) ?? [] : o.integers(1);
  reshapeTo(o, given);
};
export const squeeze: Row = (o) => {
  const shape = o.shapeOf(o.inputs[0] ?? '');
  const axes = (o.options?.int32s(0) ?? []).map((a) => axisOf(o, a, shape.length));
  reshapeTo(o, shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)));
};
export const expandDims: Row = (o) => {
  const shape = o.shapeOf(o.inputs[0] ?? '');
  const [axis = 0] = o.integers(1);
  reshapeTo(o, shape.toSpliced(axisOf(o, axis, shape.length + 1), 0, 1));
};

export const transpose: Row = (o) => { o.node('transpose', o.inputs.slice(0, 1), { perm: o.integers(1) }); };

export const concatenation: Row = (o) => {
  const axis = axisOf(o, o.options?.int32(0) ?? 0, o.shapeOf(o.inputs[0] ?? '').length);
  clampAfter(o, activation(o, 1), (output) => o.node('concat', o.inputs, { axis }, output));
};

export const pad: Row = (o) => {
  const [x = '', , value = ''] = o.inputs;
  const amounts = o.integers(1);
  const fill = value === '' ? 0 : numbersOf(o.constantOf(value) ?? int32([]))[0];
  if (fill === undefined) throw o.fail('it pads with a number that is not constant');
  o.node('pad', [x], { pads: o.shapeOf(x).map((_, i) => [amounts[2 * i] ?? 0, amounts[2 * i + 1] ?? 0]), value: fill });
};

/** A size of -1 goes to the end. */
export const slice: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const starts = o.integers(1);
  const ends = o.integers(2).map((size, i) => (size === -1 ? shape[i] ?? 0 : (starts[i] ?? 0) + size));
  o.node('slice', [x], { starts, ends, steps: shape.map(() => 1) });
};

export const split: Row = (o) => {
  const [, x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axis = axisOf(o, o.integers(0)[0] ?? 0, shape.length);
  const size = (shape[axis] ?? 0) / o.outputs.length;
  o.outputs.forEach((output, i) => {
    const at = (value: number, otherwise: (d: number) => number) => shape.map((d, k) => (k === axis ? value : otherwise(d)));
    o.node('slice', [x], { starts: at(i * size, () => 0), ends: at((i + 1) * size, (d) => d), steps: shape.map(() => 1) }, output);
  });
};

/** StridedSliceOptions: each a mask with one bit a dimension. */
const MASKS = { begin: 0, end: 1, ellipsis: 2, newAxis: 3, shrink: 4 } as const;

export const stridedSlice: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const mask = (slot: number): number => o.options?.int32(slot) ?? 0;
  const [begin, end, strides] = [o.integers(1), o.integers(2), o.integers(3)];
  if (mask(MASKS.ellipsis) !== 0 || mask(MASKS.newAxis) !== 0) throw o.fail('an ellipsis or a new axis is not supported');
  const bounds = shape.map((size, i) => {
    const bit = 1 << i;
    const inside = (at: number): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    const step = strides[i] ?? 1;
    const start = (mask(MASKS.begin) & bit) !== 0 || begin[i] === undefined ? 0 : inside(begin[i]);
    if ((mask(MASKS.shrink) & bit) !== 0) return { start, end: start + 1, step: 1, shrink: true };
    return { start, end: (mask(MASKS.end) & bit) !== 0 || end[i] === undefined ? size : inside(end[i]), step, shrink: false };
  });
  if (bounds.some((b) => b.step < 1)) throw o.fail('it steps backwards');
  const left = bounds.filter((b) => !b.shrink).map((b) => Math.max(0, Math.ceil((b.end - b.start) / b.step)));
  const constant = o.constantOf(x);
  if (constant) {
    const [b] = bounds;
    if (!b || bounds.length !== 1) throw o.fail('it slices a constant of more than one dimension');
    const picked = numbersOf(constant).slice(b.start, b.end).filter((_, i) => i % b.step === 0);
    return o.become({ ...int32(picked), shape: left });
  }
  const attrs = { starts: bounds.map((b) => b.start), ends: bounds.map((b) => b.end), steps: bounds.map((b) => b.step) };
  if (left.length === shape.length) o.node('slice', [x], attrs);
  else o.node('reshape', [o.node('slice', [x], attrs, `${o.output}/slice`)], { shape: left });
};

/** Known once shapes are static. */
export const shape: Row = (o) => o.become(int32(o.shapeOf(o.inputs[0] ?? '')));

export const pack: Row = (o) => {
  const parts = o.inputs.map((name) => o.constantOf(name));
  if (!parts.every((t): t is Tensor => t?.data.length === 1)) throw o.fail('it is supported for constant numbers only');
  o.become(int32(parts.flatMap(numbersOf)));
};
