// Operators that move numbers, and the arithmetic on shapes that files carry: shape, slice of a shape, pack.
import { float32, numbersOf, sizeOf, type Tensor } from '../../../tensor/tensor.ts';
import { asBounds, blockMovement, padIndices, repeated, type Bounds } from '../../movement.ts';
import { activation, axisOf, clampAfter, MOST_LISTED, type Row, type TfliteOperator } from '../operator.ts';

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

/** Numbers that padding may add to one tensor. */
const MOST_PADDED = 2 ** 24;

/** The amounts before and after each dimension, and the dimensions that have some. */
function paddings(o: TfliteOperator, shape: readonly number[]): readonly (readonly [axis: number, before: number, after: number])[] {
  const amounts = o.integers(1);
  if (amounts.some((amount) => amount < 0 || amount > MOST_PADDED)) throw o.fail(`it pads by ${amounts.join(', ')}`);
  return shape.flatMap((_, axis) => {
    const [before = 0, after = 0] = amounts.slice(2 * axis, 2 * axis + 2);
    return before + after > 0 ? [[axis, before, after] as const] : [];
  });
}
/** One node a padded dimension, the last of which makes the output. */
const onePerAxis = (o: TfliteOperator, pads: ReturnType<typeof paddings>, step: (from: string, pad: ReturnType<typeof paddings>[number], output: string) => string): void => {
  const [x = ''] = o.inputs;
  if (pads.length === 0) reshapeTo(o, o.shapeOf(x));
  pads.reduce((from, pad, i) => step(from, pad, i === pads.length - 1 ? o.output : `${o.output}/padded`), x);
};

/** A single number has no dimension to cut or to pad. */
function checkRank(o: TfliteOperator, x: string): void {
  if (o.shapeOf(x).length === 0) throw o.fail('its input has no dimension');
}

/** Padding with zeros is a node of its own; another number is joined. */
export const pad: Row = (o) => {
  const [x = '', , value = ''] = o.inputs;
  const fill = value === '' ? 0 : numbersOf(o.constantOf(value) ?? int32([]))[0];
  if (fill === undefined) throw o.fail('it pads with a number that is not constant');
  checkRank(o, x);
  const pads = paddings(o, o.shapeOf(x));
  if (fill === 0 || !Number.isFinite(fill)) {
    const amounts = o.shapeOf(x).map((_, i) => { const [, before = 0, after = 0] = pads.find(([axis]) => axis === i) ?? [i]; return [before, after]; });
    o.node('pad', [x], { pads: amounts, value: fill });
    return;
  }
  onePerAxis(o, pads, (from, [axis, before, after], output) => {
    const block = (size: number): readonly string[] => {
      const shape = o.shapeOf(from).with(axis, size);
      if (sizeOf(shape) > MOST_PADDED) throw o.fail(`it would add ${sizeOf(shape)} numbers`);
      return size === 0 ? [] : [o.constant(`${output}/padding`, float32(shape, new Float32Array(sizeOf(shape)).fill(fill)), value)];
    };
    const joined = o.node('concat', [...block(before), from, ...block(after)], { axis }, output);
    if (joined !== o.output) o.storedAs(joined, x);
    return joined;
  });
};

/** MirrorPadMode: REFLECT, SYMMETRIC. */
const MIRRORS = ['reflect', 'symmetric'] as const;
export const mirrorPad: Row = (o) => {
  const mode = MIRRORS[o.options?.int8(0) ?? 0];
  if (!mode) throw o.fail('it pads in a way that is not known');
  onePerAxis(o, paddings(o, o.shapeOf(o.inputs[0] ?? '')), (from, [axis, before, after], output) => {
    const size = o.shapeOf(from)[axis] ?? 1;
    const most = mode === 'reflect' ? size - 1 : size;
    if (before > most || after > most || size + before + after > MOST_LISTED) throw o.fail(`it mirrors ${Math.max(before, after)} positions of ${size}`);
    return o.node('gather', [from], { axis, indices: padIndices(mode, size, before, after) }, output);
  });
};

export const broadcastTo: Row = (o) => { o.node('broadcast_to', o.inputs.slice(0, 1), { shape: o.integers(1) }); };

/** A size of -1 goes to the end. */
export const slice: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  checkRank(o, x);
  const starts = o.integers(1);
  const ends = o.integers(2).map((size, i) => (size === -1 ? shape[i] ?? 0 : (starts[i] ?? 0) + size));
  o.node('slice', [x], { starts, ends, steps: shape.map(() => 1) });
};

/** The part of `x` within the bounds along one dimension. */
function cut(o: TfliteOperator, x: string, axis: number, [start, end, step]: Bounds, output: string): string {
  const shape = o.shapeOf(x);
  return o.node('slice', [x], { starts: shape.map(() => 0).with(axis, start), ends: shape.with(axis, end), steps: shape.map(() => 1).with(axis, step) }, output);
}

/** One output for each of `sizes`, along `axis`. */
function parts(o: TfliteOperator, x: string, axis: number, sizes: readonly number[]): void {
  let start = 0;
  o.outputs.forEach((output, i) => {
    const end = start + (sizes[i] ?? 0);
    cut(o, x, axis, [start, end, 1], output);
    start = end;
  });
}
export const split: Row = (o) => {
  const [, x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axis = axisOf(o, o.integers(0)[0] ?? 0, shape.length);
  parts(o, x, axis, o.outputs.map(() => (shape[axis] ?? 0) / o.outputs.length));
};
/** A size of -1 is what the others leave. */
export const splitV: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axis = axisOf(o, o.integers(2)[0] ?? 0, shape.length);
  const known = o.integers(1).reduce((n, size) => (size === -1 ? n : n + size), 0);
  parts(o, x, axis, o.integers(1).map((size) => (size === -1 ? (shape[axis] ?? 0) - known : size)));
};
/** Each output is one position along the axis, which is gone. */
export const unpack: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const axis = axisOf(o, o.options?.int32(1) ?? 0, shape.length);
  o.outputs.forEach((output, i) => o.node('reshape', [cut(o, x, axis, [i, i + 1, 1], `${output}/slice`)], { shape: shape.toSpliced(axis, 1) }, output));
};
export const reverse: Row = (o) => {
  const [x = ''] = o.inputs;
  const axes = o.integers(1).map((a) => axisOf(o, a, o.shapeOf(x).length));
  axes.reduce((from, axis, i) => cut(o, from, axis, [(o.shapeOf(from)[axis] ?? 1) - 1, -1, -1], i === axes.length - 1 ? o.output : `${o.output}/reversed`), x);
};

/** Positions `indices` along one dimension: a slice where they are evenly spaced. */
function pick(o: TfliteOperator, x: string, axis: number, indices: readonly number[], output: string): string {
  const even = asBounds(indices);
  return even ? cut(o, x, axis, even, output) : o.node('gather', [x], { axis, indices }, output);
}
export const gather: Row = (o) => {
  const [x = '', at = ''] = o.inputs;
  const shape = o.shapeOf(x);
  if ((o.options?.int32(1) ?? 0) !== 0) throw o.fail('it gathers by batch');
  const axis = axisOf(o, o.options?.int32(0) ?? 0, shape.length);
  const indices = o.integers(1);
  if (indices.length === 0 || indices.some((index) => index < 0 || index >= (shape[axis] ?? 0))) throw o.fail(`its indices are outside ${shape[axis] ?? 0}`);
  const to = o.constantOf(at)?.shape ?? [];
  if (to.length === 1) pick(o, x, axis, indices, o.output);
  else o.node('reshape', [pick(o, x, axis, indices, `${o.output}/picked`)], { shape: [...shape.slice(0, axis), ...to, ...shape.slice(axis + 1)] });
};
/** Repetition is picking every position several times. */
export const tile: Row = (o) => {
  const [x = ''] = o.inputs;
  const times = o.integers(1);
  const axes = times.flatMap((n, axis) => (n === 1 ? [] : [axis]));
  if (times.some((n, axis) => n < 1 || n * (o.shapeOf(x)[axis] ?? 1) > MOST_LISTED)) throw o.fail(`it repeats ${times.join(', ')} times`);
  if (axes.length === 0) { o.node('reshape', [x], { shape: [...o.shapeOf(x)] }); return; }
  axes.reduce((from, axis, i) => pick(o, from, axis, repeated(o.shapeOf(from)[axis] ?? 1, times[axis] ?? 1), i === axes.length - 1 ? o.output : `${o.output}/tile`), x);
};

export const blocks = (kind: 'depth first' | 'to depth'): Row => (o) => {
  const [x = ''] = o.inputs;
  const size = o.options?.int32(0) ?? 0;
  const moves = blockMovement(o.shapeOf(x), size, kind);
  if (!moves) throw o.fail(`blocks of ${size} do not fit`);
  const split = o.node('reshape', [x], { shape: moves.apart }, `${o.output}/blocks`);
  o.node('reshape', [o.node('transpose', [split], { perm: moves.perm }, `${o.output}/moved`)], { shape: moves.joined });
};

/** StridedSliceOptions: each a mask with one bit a dimension. */
const MASKS = { begin: 0, end: 1, ellipsis: 2, newAxis: 3, shrink: 4 } as const;

export const stridedSlice: Row = (o) => {
  const [x = ''] = o.inputs;
  const shape = o.shapeOf(x);
  const mask = (slot: number): number => o.options?.int32(slot) ?? 0;
  checkRank(o, x);
  const [begin, end, strides] = [o.integers(1), o.integers(2), o.integers(3)];
  if (mask(MASKS.ellipsis) !== 0 || mask(MASKS.newAxis) !== 0) throw o.fail('an ellipsis or a new axis is not supported');
  const bounds = shape.map((size, i) => {
    const bit = 1 << i;
    const step = strides[i] ?? 1;
    if (step === 0) throw o.fail('it steps by 0');
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const inside = (at: number): number => Math.min(high, Math.max(low, at < 0 ? at + size : at));
    const start = (mask(MASKS.begin) & bit) !== 0 || begin[i] === undefined ? (step > 0 ? low : high) : inside(begin[i]);
    if ((mask(MASKS.shrink) & bit) !== 0) return { start, end: start + 1, step: 1, shrink: true };
    return { start, end: (mask(MASKS.end) & bit) !== 0 || end[i] === undefined ? (step > 0 ? high : low) : inside(end[i]), step, shrink: false };
  });
  const left = bounds.filter((b) => !b.shrink).map((b) => Math.max(0, Math.ceil((b.end - b.start) / b.step)));
  const constant = o.constantOf(x);
  if (constant) {
    const [b] = bounds;
    if (!b || bounds.length !== 1) throw o.fail('it slices a constant of more than one dimension');
    const numbers = numbersOf(constant);
    const picked = Array.from({ length: Math.max(0, Math.ceil((b.end - b.start) / b.step)) }, (_, i) => numbers[b.start + i * b.step] ?? 0);
    return o.become({ ...int32(picked), shape: left });
  }
  const attrs = { starts: bounds.map((b) => b.start), ends: bounds.map((b) => b.end), steps: bounds.map((b) => b.step) };
  if (left.length === shape.length) o.node('slice', [x], attrs);
  else o.node('reshape', [o.node('slice', [x], attrs, `${o.output}/slice`)], { shape: left });
};

/** Known once shapes are static. */
export const shape: Row = (o) => o.become(int32(o.shapeOf(o.inputs[0] ?? '')));

/** Of constant numbers, a list; of activations, a join along a dimension that is new. */
export const pack: Row = (o) => {
  const parts = o.inputs.map((name) => o.constantOf(name));
  if (parts.every((t): t is Tensor => t?.data.length === 1)) { o.become(int32(parts.flatMap(numbersOf))); return; }
  if (parts.some((t) => t !== undefined)) throw o.fail('it joins a constant with an activation');
  const shape = o.shapeOf(o.inputs[0] ?? '');
  const axis = axisOf(o, o.options?.int32(1) ?? 0, shape.length + 1);
  const whole = shape.toSpliced(axis, 0, 1);
  const raised = o.inputs.map((name) => o.node('reshape', [name], { shape: whole }, `${o.output}/part`));
  if (raised.length === 1) reshapeTo(o, whole);
  else o.node('concat', raised, { axis });
};
