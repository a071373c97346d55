// Operators that move numbers: reshape, transpose, concat, slice, gather. Layout is settled here, so that few transposes remain.
import { isFloat32, numbersOf, sizeOf, transpose as moved } from '../../../tensor/tensor.ts';
import { asBounds, blockMovement, repeated, type Bounds } from '../../movement.ts';
import { liesAlike, permuted, TO_FIRST, TO_LAST, type ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';

/** Where dimension i of the file's order stands in a channels-last value. */
export const inGraph = (axis: number): number => TO_FIRST[axis] ?? axis;

/** To any static shape. A channels-last image that becomes rows is flattened as it lies; a dense layer follows its order. */
function reshapeTo(o: OnnxOperator, shape: readonly number[]): void {
  const x = o.value(0);
  if (sizeOf(shape) !== sizeOf(x.shape)) throw o.fail(`[${x.shape.join(', ')}] cannot become [${shape.join(', ')}]`);
  if (x.last && liesAlike(x.shape)) return o.emit('reshape', [x.name], { shape }, shape, false);
  if (x.last && shape.length === 2 && shape[0] === x.shape[0]) {
    const made = o.build.add('reshape', [x.name], { shape }, { name: o.output, shape, last: false }, o.source);
    return o.become({ ...made, flattened: { image: x } });
  }
  if (x.flattened && shape.length === 2 && shape[0] === x.shape[0]) return o.become(x);
  o.emit('reshape', [o.build.asFile(x, o.source)], { shape }, shape, false);
}

export const reshape: Row = (o) => {
  const x = o.value(0);
  const target = (o.numbers(1) ?? []).map((d, i) => (d === 0 && o.int('allowzero', 0) === 0 ? x.shape[i] ?? 1 : d));
  const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
  reshapeTo(o, target.map((d) => (d === -1 ? sizeOf(x.shape) / known : d)));
};

export const flatten: Row = (o) => {
  const x = o.value(0);
  const given = o.int('axis', 1);
  // Unlike elsewhere the axis may stand behind the last dimension.
  const axis = given === x.shape.length ? given : normalAxis(given, x.shape.length, o);
  const rows = sizeOf(x.shape.slice(0, axis));
  reshapeTo(o, [rows, sizeOf(x.shape) / rows]);
};

const axesOf = (o: OnnxOperator): readonly number[] | undefined => o.ints('axes') ?? o.numbers(1);

export const squeeze: Row = (o) => {
  const { shape } = o.value(0);
  const axes = axesOf(o)?.map((a) => normalAxis(a, shape.length, o));
  reshapeTo(o, shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)));
};

export const unsqueeze: Row = (o) => {
  const { shape } = o.value(0);
  const given = axesOf(o) ?? [];
  const axes = given.map((a) => normalAxis(a, shape.length + given.length, o));
  const rest = [...shape];
  reshapeTo(o, Array.from({ length: shape.length + axes.length }, (_, i) => (axes.includes(i) ? 1 : rest.shift() ?? 1)));
};

/** Does nothing at inference. */
export const identity: Row = (o) => {
  const entry = o.input(0);
  if (!entry) throw o.fail('it lacks its input');
  o.become(entry);
};

/** Drops nothing unless it is told to train. */
export const dropout: Row = (o) => {
  const training = o.tensor(2);
  if (o.input(2) && (!training || Number(training.data[0] ?? 0) !== 0)) throw o.fail('it is in training mode');
  identity(o);
};

/** A transpose that only says what the graph's layout already is costs nothing. */
export const transpose: Row = (o) => {
  const x = o.value(0);
  const rank = x.shape.length;
  const perm = o.ints('perm') ?? x.shape.map((_, i) => rank - 1 - i);
  const shape = permuted(x.shape, perm);
  const isIdentity = (order: readonly number[]): boolean => order.every((p, i) => p === i);
  const composed = x.last ? perm.map(inGraph) : perm;
  if (x.flattened) return o.emit('transpose', [o.build.asFile(x, o.source)], { perm }, shape, false);
  if (isIdentity(composed)) return o.become({ ...x, shape, last: false });
  const asImage = permuted(composed, TO_LAST);
  if (rank === 4 && isIdentity(asImage)) return o.become({ ...x, shape, last: true });
  const stored = x.last ? permuted(x.shape, TO_LAST) : x.shape;
  const moving = composed.filter((p) => stored[p] !== 1);
  // Where only dimensions of 1 change places the numbers stay where they are.
  if (moving.every((p, i) => i === 0 || p > (moving[i - 1] ?? 0))) return o.emit('reshape', [x.name], { shape }, shape, false);
  o.emit('transpose', [x.name], { perm: composed }, shape, false);
};

export const concat: Row = (o) => {
  const entries = Array.from({ length: o.inputCount }, (_, i) => {
    const entry = o.input(i);
    if (!entry) throw o.fail(`it lacks input ${i}`);
    return { entry, name: o.proto.input?.[i] ?? '' };
  });
  const shapes = entries.map(({ entry }) => (entry.kind === 'value' ? entry.shape : entry.tensor.shape));
  const [first] = shapes;
  if (!first) throw o.fail('it joins nothing');
  if (entries.some(({ entry }) => entry.kind === 'constant' && !isFloat32(entry.tensor))) return opaque(o);
  const axis = normalAxis(o.int('axis', 1), first.length, o);
  const shape = first.map((d, i) => (i === axis ? shapes.reduce((n, part) => n + (part[axis] ?? 0), 0) : d));
  const image = shape.length === 4 && entries.some(({ entry }) => entry.kind === 'value' && entry.last);
  const names = entries.map(({ entry, name }) => {
    if (entry.kind === 'value') return image ? o.build.asImage(entry, o.source) : o.build.asFile(entry, o.source);
    return o.build.constant(name, image ? moved(entry.tensor, TO_LAST) : entry.tensor);
  });
  o.emit('concat', names, { axis: image ? inGraph(axis) : axis }, shape, image);
};

/** Start and end of one dimension, as the graph wants them: inside; a slice backwards may end at -1. */
export function sliceBounds(size: number, start: number, end: number, step = 1): readonly [number, number] {
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const inside = (at: number, from: number): number => Math.min(high, Math.max(from, at < 0 ? at + size : at));
  return [inside(start, 0), inside(end, low)];
}

/** The part of `x` within the bounds of each dimension, in whatever order `x` lies. */
export function cut(o: OnnxOperator, x: ValueEntry, bounds: readonly Bounds[], name: string): ValueEntry {
  const shape = bounds.map(([start, end, step]) => Math.max(0, Math.ceil((end - start) / step)));
  const laid = x.last ? permutedBounds(bounds) : bounds;
  const attrs = { starts: laid.map((b) => b[0]), ends: laid.map((b) => b[1]), steps: laid.map((b) => b[2]) };
  return o.build.add('slice', [x.last ? x.name : o.build.asFile(x, o.source)], attrs, { name, shape, last: x.last }, o.source);
}
const permutedBounds = (bounds: readonly Bounds[]): readonly Bounds[] => TO_LAST.map((p) => bounds[p] ?? [0, 1, 1]);
const whole = (x: ValueEntry): Bounds[] => x.shape.map((d) => [0, d, 1]);

export const slice: Row = (o) => {
  const x = o.value(0);
  const starts = o.ints('starts') ?? o.numbers(1) ?? [];
  const ends = o.ints('ends') ?? o.numbers(2) ?? [];
  const axes = (o.ints('axes') ?? o.numbers(3) ?? starts.map((_, i) => i)).map((a) => normalAxis(a, x.shape.length, o));
  const steps = o.numbers(4) ?? starts.map(() => 1);
  if (steps.some((s) => s === 0)) throw o.fail('it steps by 0');
  const bounds = whole(x);
  axes.forEach((axis, i) => {
    const step = steps[i] ?? 1;
    bounds[axis] = [...sliceBounds(x.shape[axis] ?? 0, starts[i] ?? 0, ends[i] ?? 0, step), step];
  });
  o.become(cut(o, x, bounds, o.output));
};

/** Positions `indices` of one dimension: a slice where they are evenly spaced. */
export function pick(o: OnnxOperator, x: ValueEntry, axis: number, indices: readonly number[], name: string): ValueEntry {
  o.build.spend(indices.length);
  const even = asBounds(indices);
  if (even) return cut(o, x, whole(x).with(axis, even), name);
  const shape = x.shape.with(axis, indices.length);
  return o.build.add('gather', [x.last ? x.name : o.build.asFile(x, o.source)], { axis: x.last ? inGraph(axis) : axis, indices }, { name, shape, last: x.last }, o.source);
}

/** Constant indices pick; indices that are computed, and tables of constants, stay in float. */
export const gather: Row = (o) => {
  const at = o.tensor(1);
  const x = o.input(0);
  if (!at || x?.kind !== 'value') return opaque(o);
  const axis = normalAxis(o.int('axis', 0), x.shape.length, o);
  const size = x.shape[axis] ?? 1;
  const indices = numbersOf(at).map((index) => (index < 0 ? index + size : index));
  const outside = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= size);
  if (outside !== undefined || indices.length === 0) throw o.fail(`index ${outside ?? 'none'} is outside ${size}`);
  if (at.shape.length === 1) return o.become(pick(o, x, axis, indices, o.output));
  const picked = pick(o, x, axis, indices, `${o.output}/picked`);
  const shape = [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)];
  o.emit('reshape', [o.build.asFile(picked, o.source)], { shape }, shape, false);
};

/** Repetition is picking every position several times. */
export const tile: Row = (o) => {
  const repeats = o.tensor(1);
  const x = o.input(0);
  if (!repeats || x?.kind !== 'value' || repeats.data.length !== x.shape.length) return opaque(o);
  const times = numbersOf(repeats);
  if (times.some((n) => n < 1)) return opaque(o);
  const axes = x.shape.flatMap((_, axis) => (times[axis] === 1 ? [] : [axis]));
  o.become(axes.reduce<ValueEntry>((from, axis, i) => {
    const size = from.shape[axis] ?? 1;
    o.build.spend(size * (times[axis] ?? 1));
    return pick(o, from, axis, repeated(size, times[axis] ?? 1), i === axes.length - 1 ? o.output : `${o.output}/tile`);
  }, x));
};

const blocks = (kindOf: (o: OnnxOperator) => Parameters<typeof blockMovement>[2]): Row => (o) => {
  const x = o.value(0);
  if (x.shape.length !== 4) return opaque(o);
  const moves = blockMovement(permuted(x.shape, TO_LAST), o.int('blocksize', 0), kindOf(o));
  if (!moves) throw o.fail(`blocks of ${o.int('blocksize', 0)} do not fit [${x.shape.join(', ')}]`);
  const { apart, perm, joined } = moves;
  const split = o.build.add('reshape', [o.build.asImage(x, o.source)], { shape: apart }, { name: `${o.output}/blocks`, shape: apart, last: false }, o.source);
  const turned = o.build.add('transpose', [split.name], { perm }, { name: `${o.output}/moved`, shape: permuted(apart, perm), last: false }, o.source);
  o.emit('reshape', [turned.name], { shape: joined }, permuted(joined, TO_FIRST), true);
};
export const depthToSpace = blocks((o) => (o.text('mode', 'DCR') === 'CRD' ? 'columns first' : 'depth first'));
export const spaceToDepth = blocks(() => 'to depth');

/** Split into parts along one dimension: a slice for each. */
export const split: Row = (o) => {
  const x = o.value(0);
  const outputs = o.proto.output ?? [];
  const axis = normalAxis(o.int('axis', 0), x.shape.length, o);
  const size = x.shape[axis] ?? 0;
  const even = Math.ceil(size / outputs.length);
  const sizes = o.ints('split') ?? o.numbers(1) ?? outputs.map((_, i) => Math.min(even, size - i * even));
  if (sizes.length !== outputs.length || sizes.reduce((n, d) => n + d, 0) !== size) throw o.fail(`parts of ${sizes.join(', ')} do not make ${size}`);
  let start = 0;
  outputs.forEach((name, i) => {
    const bounds = whole(x);
    const end = start + (sizes[i] ?? 0);
    bounds[axis] = [start, end, 1];
    start = end;
    if (name !== '') o.build.entries.set(name, cut(o, x, bounds, name));
  });
};

/** A cast between float types changes nothing here, since both are float32. */
export const cast: Row = (o) => {
  const x = o.value(0);
  const FLOATS = [1, 10, 11, 16];
  if (x.dtype === 'float32' && FLOATS.includes(o.int('to', 0))) return o.become(x);
  opaque(o);
};
