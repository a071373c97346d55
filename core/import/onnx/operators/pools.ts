// The pools over images and over rows; means and sums over any axes.
import { lifted, TO_LAST, type ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';
import { fileShape, windowOf } from './window.ts';

const NO_PADS = [0, 0, 0, 0];
const channelsOf = (x: ValueEntry): number => x.shape[1] ?? 1;
const isImage = (x: ValueEntry): boolean => x.shape.length === 4 || x.shape.length === 3;

export const maxPool: Row = (o) => {
  const x = o.value(0);
  const window = windowOf(o, x.shape, o.ints('kernel_shape') ?? []);
  if (!window || o.outputCount > 1) return opaque(o);
  const { kernel, strides, pads, dilations, output } = window;
  o.emit('max_pool2d', [o.build.asImage(x, o.source)], { kernel, strides, pads, ...(dilations.some((d) => d !== 1) ? { dilations } : {}) }, fileShape(x, channelsOf(x), output), true);
};

export const averagePool: Row = (o) => {
  const x = o.value(0);
  const window = windowOf(o, x.shape, o.ints('kernel_shape') ?? []);
  if (!window || window.dilations.some((d) => d !== 1)) return opaque(o);
  const { kernel, strides, pads, extra, output } = window;
  const shape = fileShape(x, channelsOf(x), output);
  const countIncludePad = o.int('count_include_pad', 0) === 1;
  const image = o.build.asImage(x, o.source);
  if (!countIncludePad || extra.every((more) => more === 0)) return o.emit('avg_pool2d', [image], { kernel, strides, pads, countIncludePad }, shape, true);
  // What ceil_mode added is not counted though the padding is: so the padding becomes zeros of the image.
  const [height = 1, width = 1] = lifted(x.shape).slice(2);
  const [top = 0, left = 0, bottom = 0, right = 0] = pads;
  const [down = 0, across = 0] = extra;
  const padded = o.build.add('pad', [image], { pads: [[0, 0], [top, bottom - down], [left, right - across], [0, 0]], value: 0 },
    { name: `${o.output}/padded`, shape: [x.shape[0] ?? 1, channelsOf(x), height + top + bottom - down, width + left + right - across], last: true }, o.source);
  o.emit('avg_pool2d', [padded.name], { kernel, strides, pads: [0, 0, down, across], countIncludePad: false }, shape, true);
};

export const globalAveragePool: Row = (o) => {
  const x = o.value(0);
  if (!isImage(x)) return opaque(o);
  o.emit('global_avg_pool2d', [o.build.asImage(x, o.source)], {}, fileShape(x, channelsOf(x), [1, 1]), true);
};

export const globalMaxPool: Row = (o) => {
  const x = o.value(0);
  if (!isImage(x)) return opaque(o);
  o.emit('max_pool2d', [o.build.asImage(x, o.source)], { kernel: lifted(x.shape).slice(2), strides: [1, 1], pads: NO_PADS }, fileShape(x, channelsOf(x), [1, 1]), true);
};

/** The axes that go, in the file's order; undefined where they are computed, or where nothing is to go. */
function reducedAxes(o: OnnxOperator, rank: number): ReadonlySet<number> | undefined {
  if (o.input(1)?.kind === 'value') return undefined;
  const given = (o.ints('axes') ?? o.numbers(1) ?? []).map((a) => normalAxis(a, rank, o));
  if (given.length > 0) return new Set(given);
  return o.int('noop_with_empty_axes', 0) === 1 ? undefined : new Set(Array.from({ length: rank }, (_, i) => i));
}

/** What is reduced and along which of its axes. An image stays channels-last where what is left of it lies alike. */
function reducible(o: OnnxOperator, x: ValueEntry, gone: ReadonlySet<number>): { readonly from: string; readonly axes: readonly number[]; readonly keepDims: boolean; readonly shape: readonly number[]; readonly last: boolean } {
  const keepDims = o.int('keepdims', 1) === 1;
  const shape = x.shape.flatMap((d, i) => (gone.has(i) ? (keepDims ? [1] : []) : [d]));
  const left = TO_LAST.filter((axis) => !gone.has(axis));
  const asItLies = x.last && (keepDims || left.every((axis, i) => i === 0 || axis > (left[i - 1] ?? 0)));
  const order: readonly number[] = asItLies ? TO_LAST : x.shape.map((_, i) => i);
  return { from: asItLies ? x.name : o.build.asFile(x, o.source), axes: order.flatMap((axis, i) => (gone.has(axis) ? [i] : [])), keepDims, shape, last: asItLies && keepDims };
}

/** A mean or sum; a mean over height and width is a global average pool. */
export const reduction = (op: 'mean' | 'sum'): Row => (o) => {
  const x = o.value(0);
  const gone = reducedAxes(o, x.shape.length);
  if (!gone || x.shape.length === 0) return opaque(o);
  const { from, axes, keepDims, shape, last } = reducible(o, x, gone);
  if (op === 'sum' || x.shape.length !== 4 || axes.join() !== '1,2') return o.emit(op, [from], { axes, keepDims }, shape, last);
  if (keepDims) return o.emit('global_avg_pool2d', [from], {}, shape, last);
  const [batch = 1, channels = 1] = shape;
  const pooled = o.build.add('global_avg_pool2d', [from], {}, { name: `${o.output}/pooled`, shape: [batch, 1, 1, channels], last: false }, o.source);
  o.emit('reshape', [pooled.name], { shape }, shape, false);
};

const INT64 = 7;
/** Positions are real numbers in the graph, and become the file's int64 on the APU. Integers that are no real numbers are compared there, too. */
export const argument = (op: 'arg_max' | 'arg_min'): Row => (o) => {
  const entry = o.input(0);
  if (entry?.kind !== 'value' || entry.dtype !== 'float32' || entry.shape.length === 0) return opaque(o);
  const gone = normalAxis(o.int('axis', 0), entry.shape.length, o);
  const { from, axes: [axis = 0], keepDims, shape, last } = reducible(o, entry, new Set([gone]));
  const made = o.build.add(op, [from], { axis, keepDims, last: o.int('select_last_index', 0) === 1 }, { name: `${o.output}/position`, shape, last }, o.source);
  o.emit('opaque', [o.build.asFile(made, o.source)], { type: 'Cast', domain: '', opset: o.opset, attributes: { to: { int: INT64 } }, shape }, shape, false, 'int64');
};
