// Operators that move numbers: reshape, transpose, concat, slice, pad. Layout is settled here, so that few transposes remain.
import { sizeOf } from '../../../tensor/tensor.ts';
import { liesAlike, permuted, TO_FIRST, TO_LAST, type ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';

/** Where dimension i of the file's order stands in a channels-last value. */
const inGraph = (axis: number): number => TO_FIRST[axis] ?? axis;

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
  const entries = Array.from({ length: o.inputCount }, (_, i) => o.input(i));
  if (!entries.every((entry): entry is ValueEntry => entry?.kind === 'value')) return opaque(o);
  const [first] = entries;
  if (!first) throw o.fail('it joins nothing');
  const axis = normalAxis(o.int('axis', 1), first.shape.length, o);
  const shape = first.shape.map((d, i) => (i === axis ? entries.reduce((n, entry) => n + (entry.shape[i] ?? 0), 0) : d));
  if (shape.length === 4 && entries.some((entry) => entry.last)) {
    return o.emit('concat', entries.map((entry) => o.build.asImage(entry, o.source)), { axis: inGraph(axis) }, shape, true);
  }
  o.emit('concat', entries.map((entry) => o.build.asFile(entry, o.source)), { axis }, shape, false);
};

/** Start and end of one dimension, as the graph wants them: inside, forwards. */
export function sliceBounds(size: number, start: number, end: number): readonly [number, number] {
  const inside = (at: number): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
  return [inside(start), inside(end)];
}

type Bounds = readonly [start: number, end: number, step: number];

/** The part of `x` within the bounds of each dimension, in whatever order `x` lies. */
function cut(o: OnnxOperator, x: ValueEntry, bounds: readonly Bounds[], name: string): ValueEntry {
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
  if (steps.some((s) => s < 1)) return opaque(o);
  const bounds = whole(x);
  axes.forEach((axis, i) => {
    bounds[axis] = [...sliceBounds(x.shape[axis] ?? 0, starts[i] ?? 0, ends[i] ?? 0), steps[i] ?? 1];
  });
  o.become(cut(o, x, bounds, o.output));
};

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

export const pad: Row = (o) => {
  const x = o.value(0);
  const amounts = o.ints('pads') ?? o.numbers(1) ?? [];
  const value = o.attribute('value')?.f ?? o.numbers(2)?.[0] ?? 0;
  if (o.text('mode', 'constant') !== 'constant' || amounts.some((a) => a < 0)) return opaque(o);
  const axes = (o.numbers(3) ?? x.shape.map((_, i) => i)).map((a) => normalAxis(a, x.shape.length, o));
  const pads = x.shape.map((_, i) => {
    const at = axes.indexOf(i);
    return at < 0 ? [0, 0] as const : [amounts[at] ?? 0, amounts[at + axes.length] ?? 0] as const;
  });
  const shape = x.shape.map((d, i) => d + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0));
  const laid = x.last ? TO_LAST.map((p) => pads[p] ?? [0, 0] as const) : pads;
  o.emit('pad', [x.last ? x.name : o.build.asFile(x, o.source)], { pads: laid, value }, shape, x.last);
};

/** A cast between float types changes nothing here, since both are float32. */
export const cast: Row = (o) => {
  const x = o.value(0);
  const FLOATS = [1, 10, 11, 16];
  if (x.dtype === 'float32' && FLOATS.includes(o.int('to', 0))) return o.become(x);
  opaque(o);
};
