// Operators that move numbers: reshape, transpose, concat, split, slice, gather, pad.
import { sizeOf } from '../../../tensor/tensor.ts';
import { outputName } from '../graph.ts';
import { int, ints, type Row, type TensorflowOperator } from '../operator.ts';

/** An axis counted from the front. */
export function axisOf(o: TensorflowOperator, axis: number, rank: number): number {
  const normal = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(normal) || normal < 0 || normal >= Math.max(rank, 1)) throw o.fail(`axis ${axis} is outside ${rank} dimensions`);
  return normal;
}

/** Other dimensions for the same numbers, under a passing name or the node's own. */
const reshaped = (o: TensorflowOperator, x: string, shape: readonly number[], output?: string): string => {
  if (sizeOf(shape) !== sizeOf(o.shapeOf(x)) || shape.some((d) => !Number.isSafeInteger(d) || d < 0)) throw o.fail(`[${o.shapeOf(x).join(', ')}] cannot become [${shape.join(', ')}]`);
  return o.onnx('Reshape', [x, o.list(shape)], { allowzero: int(1) }, output);
};

/** -1 stands for what is left over. */
export const reshape: Row = (o) => {
  const x = o.input(0);
  const target = o.numbers(1);
  const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
  o.become(reshaped(o, x, target.map((d) => (d === -1 ? sizeOf(o.shapeOf(x)) / known : d)), o.output));
};

export const squeeze: Row = (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const axes = [...o.ints('squeeze_dims'), ...o.ints('axis')].map((a) => axisOf(o, a, shape.length));
  o.become(reshaped(o, x, shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)), o.output));
};

export const expandDims: Row = (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const [axis = 0] = o.numbers(1);
  o.become(reshaped(o, x, shape.toSpliced(axisOf(o, axis, shape.length + 1), 0, 1), o.output));
};

export const transpose: Row = (o) => { o.become(o.onnx('Transpose', [o.input(0)], { perm: ints(o.numbers(1)) }, o.output)); };

function joined(o: TensorflowOperator, parts: readonly string[], axis: number): void {
  const [first] = parts;
  if (first === undefined) throw o.fail('it joins nothing');
  o.become(parts.length === 1 ? first : o.onnx('Concat', parts, { axis: int(axisOf(o, axis, o.shapeOf(first).length)) }, o.output));
}
/** The axis comes last; in the first version it comes first. */
export const concatV2: Row = (o) => { joined(o, o.inputs.slice(0, -1), o.numbers(o.inputs.length - 1)[0] ?? 0); };
export const concat: Row = (o) => { joined(o, o.inputs.slice(1), o.numbers(0)[0] ?? 0); };

export const pack: Row = (o) => {
  const rank = o.shapeOf(o.input(0)).length + 1;
  const axis = axisOf(o, o.int('axis', 0), rank);
  joined(o, o.inputs.map((_, i) => { const x = o.input(i); return reshaped(o, x, o.shapeOf(x).toSpliced(axis, 0, 1)); }), axis);
};

/** One part of `x` along `axis`. */
const part = (o: TensorflowOperator, x: string, axis: number, start: number, end: number, output?: string): string =>
  o.onnx('Slice', [x, o.list([start]), o.list([end]), o.list([axis])], {}, output);

export const unpack: Row = (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const axis = axisOf(o, o.int('axis', 0), shape.length);
  for (let i = 0; i < (shape[axis] ?? 0); i++) {
    o.become(reshaped(o, part(o, x, axis, i, i + 1), shape.toSpliced(axis, 1), outputName(o.output, i)), i);
  }
};

/** More parts than this are no network's. */
const MAX_PARTS = 2 ** 16;

function splitInto(o: TensorflowOperator, x: string, axis: number, sizes: readonly number[]): void {
  if (sizes.length > MAX_PARTS || sizes.some((d) => !Number.isInteger(d) || d < 0)) throw o.fail(`parts of ${sizes.slice(0, 8).join(', ')} are not possible`);
  if (sizes.reduce((n, d) => n + d, 0) !== o.shapeOf(x)[axis]) throw o.fail(`parts of ${sizes.join(', ')} do not make ${o.shapeOf(x)[axis] ?? 0}`);
  if (sizes.length === 1) return o.become(x);
  const outputs = sizes.map((_, i) => outputName(o.output, i));
  o.onnxOutputs('Split', [x, o.list(sizes)], { axis: int(axis) }, outputs);
}
export const split: Row = (o) => {
  const x = o.input(1);
  const axis = axisOf(o, o.numbers(0)[0] ?? 0, o.shapeOf(x).length);
  const count = o.int('num_split', 1);
  if (!(count >= 1 && count <= MAX_PARTS)) throw o.fail(`${count} parts are not possible`);
  splitInto(o, x, axis, new Array<number>(count).fill((o.shapeOf(x)[axis] ?? 0) / count));
};
/** One size may be -1: what is left over. */
export const splitV: Row = (o) => {
  const x = o.input(0);
  const axis = axisOf(o, o.numbers(2)[0] ?? 0, o.shapeOf(x).length);
  const sizes = o.numbers(1);
  const left = (o.shapeOf(x)[axis] ?? 0) - sizes.reduce((n, d) => (d === -1 ? n : n + d), 0);
  splitInto(o, x, axis, sizes.map((d) => (d === -1 ? left : d)));
};

/** A size of -1 goes to the end. */
export const slice: Row = (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const starts = o.numbers(1);
  const ends = o.numbers(2).map((size, i) => (size === -1 ? shape[i] ?? 0 : (starts[i] ?? 0) + size));
  o.become(shape.length === 0 ? x : o.onnx('Slice', [x, o.list(starts), o.list(ends), o.list(shape.map((_, i) => i))], {}, o.output));
};

/** Where a slice ends that goes backwards to the first element: before any index, also of those that are counted from the end. */
const BEFORE_ALL = -(2 ** 31);

interface Cut {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** What the result keeps of this dimension: itself, nothing (one index was asked for). */
  readonly kept: boolean;
}

/** StridedSlice with its five masks, each one bit an entry of `begin`. The result's dimensions are a reshape of what a plain slice gives. */
export const stridedSlice: Row = (o) => {
  const x = o.input(0);
  const shape = o.shapeOf(x);
  const [begin, end, strides] = [o.numbers(1), o.numbers(2), o.numbers(3)];
  const has = (mask: string, i: number): boolean => ((o.int(mask, 0) >> i) & 1) === 1;
  const entries = begin.map((_, i) => i);
  if (entries.length > 32 || end.length !== begin.length || strides.length !== begin.length) throw o.fail('its lists do not fit together');
  const ellipsis = entries.find((i) => has('ellipsis_mask', i));
  const consuming = entries.filter((i) => i !== ellipsis && !has('new_axis_mask', i));
  const skipped = shape.length - consuming.length;
  if (skipped < 0) throw o.fail(`it cuts ${consuming.length} of ${shape.length} dimensions`);
  const cuts: Cut[] = [];
  const result: number[] = [];
  const whole = (): void => { const size = shape[cuts.length] ?? 1; cuts.push({ start: 0, end: size, step: 1, kept: true }); result.push(size); };
  for (const i of ellipsis === undefined ? [...entries, -1] : entries) {
    if (i === -1 || i === ellipsis) { for (let k = 0; k < skipped; k++) whole(); continue; }
    if (has('new_axis_mask', i)) { result.push(1); continue; }
    const cut = cutOf(o, shape[cuts.length] ?? 1, [begin[i] ?? 0, end[i] ?? 0, strides[i] ?? 1], [has('begin_mask', i), has('end_mask', i), has('shrink_axis_mask', i)]);
    cuts.push(cut);
    if (cut.kept) result.push(Math.max(0, Math.ceil((cut.end - cut.start) / cut.step)));
  }
  const isWhole = cuts.every((cut, d) => cut.start === 0 && cut.step === 1 && cut.end === shape[d]);
  const ends = cuts.map((cut) => (cut.step < 0 && cut.end < 0 ? BEFORE_ALL : cut.end));
  const cut = isWhole ? x : o.onnx('Slice', [x, o.list(cuts.map((c) => c.start)), o.list(ends), o.list(cuts.map((_, d) => d)), o.list(cuts.map((c) => c.step))], {}, result.length === cuts.length && cuts.every((c) => c.kept) ? o.output : undefined);
  o.become(o.shapeOf(cut).join() === result.join() && o.shapeOf(cut).length === result.length ? cut : reshaped(o, cut, result, o.output));
};

/** Start and end inside one dimension; backwards the end may be -1, before the first. */
function cutOf(o: TensorflowOperator, size: number, [begin, end, step]: readonly [number, number, number], [open, openEnd, shrink]: readonly [boolean, boolean, boolean]): Cut {
  if (!Number.isInteger(step) || step === 0) throw o.fail(`a step of ${step} is not possible`);
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const inside = (at: number): number => Math.min(most, Math.max(least, at < 0 ? at + size : at));
  if (shrink) {
    const start = begin < 0 ? begin + size : begin;
    if (start < 0 || start >= size) throw o.fail(`index ${begin} is outside ${size}`);
    return { start, end: start + 1, step: 1, kept: false };
  }
  return { start: open ? (step > 0 ? 0 : size - 1) : inside(begin), end: openEnd ? (step > 0 ? size : -1) : inside(end), step, kept: true };
}

export const reverse: Row = (o) => {
  const x = o.input(0);
  const axes = o.numbers(1).map((a) => axisOf(o, a, o.shapeOf(x).length));
  if (axes.length === 0) return o.become(x);
  const fill = (value: number): string => o.list(axes.map(() => value));
  o.become(o.onnx('Slice', [x, fill(-1), fill(BEFORE_ALL), o.list(axes), fill(-1)], {}, o.output));
};

export const tile: Row = (o) => { o.become(o.onnx('Tile', [o.input(0), o.list(o.numbers(1))], {}, o.output)); };
export const broadcastTo: Row = (o) => { o.become(o.onnx('Expand', [o.input(0), o.list(o.numbers(1))], {}, o.output)); };

/** The second version has an axis; leading dimensions that both share are not supported. */
export const gather: Row = (o) => {
  if (o.int('batch_dims', 0) !== 0) throw o.fail('batch dimensions are not supported');
  const axis = o.inputs.length > 2 ? o.numbers(2)[0] ?? 0 : 0;
  o.become(o.onnx('Gather', [o.input(0), o.input(1)], { axis: int(axisOf(o, axis, o.shapeOf(o.input(0)).length)) }, o.output));
};

/** Before and behind each dimension, as ONNX wants them: all the first, then all the second. */
const padding = (o: TensorflowOperator): string => {
  const list = o.numbers(1);
  return o.list([...list.filter((_, i) => i % 2 === 0), ...list.filter((_, i) => i % 2 === 1)]);
};
export const pad: Row = (o) => {
  const x = o.input(0);
  o.become(o.onnx('Pad', [x, padding(o), o.inputs.length > 2 ? o.input(2) : o.scalar(0, x)], {}, o.output));
};

/** What stands at either end of a dimension, read backwards; the outermost itself is repeated by SYMMETRIC only. */
export const mirrorPad: Row = (o) => {
  const skipped = o.text('mode', 'REFLECT') === 'SYMMETRIC' ? 0 : 1;
  const amounts = o.numbers(1);
  const padded = o.shapeOf(o.input(0)).reduce((x, size, axis) => {
    const [before = 0, after = 0] = amounts.slice(2 * axis);
    if (before < 0 || after < 0 || Math.max(before, after) > size - skipped) throw o.fail(`${size} cannot be mirrored for ${before} and ${after}`);
    if (before + after === 0) return x;
    const backwards = (from: number, count: number): readonly string[] => (count === 0 ? [] : [
      o.onnx('Slice', [x, o.list([from]), o.list([from - count < 0 ? BEFORE_ALL : from - count]), o.list([axis]), o.list([-1])]),
    ]);
    return o.onnx('Concat', [...backwards(before - 1 + skipped, before), x, ...backwards(size - 1 - skipped, after)], { axis: int(axis) });
  }, o.input(0));
  o.become(padded);
};
