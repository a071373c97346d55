// Pad and Expand: more rows, columns or repetitions than there were.
import { float32, sameShape, sizeOf } from '../../../tensor/tensor.ts';
import { isPadMode, padIndices, type Bounds } from '../../movement.ts';
import { permuted, TO_LAST, type ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { broadcast } from './broadcast.ts';
import { cut, inGraph, pick } from './movement.ts';
import { opaque } from './opaque.ts';

/** What an index costs more than a number that is only copied. */
const INDEX = 16;

/** Joined with blocks of one number, before and after: a padding that the MLA has no other form for. */
function padded(o: OnnxOperator, x: ValueEntry, axis: number, [before, after]: readonly [number, number], value: number, name: string): ValueEntry {
  const block = (size: number): readonly string[] => {
    if (size === 0) return [];
    const shape = x.shape.with(axis, size);
    o.build.spend(sizeOf(shape));
    return [o.build.constant(`${name}/padding`, float32(x.last ? permuted(shape, TO_LAST) : shape, new Float32Array(sizeOf(shape)).fill(value)))];
  };
  const from = x.last ? x.name : o.build.asFile(x, o.source);
  const shape = x.shape.with(axis, (x.shape[axis] ?? 0) + before + after);
  return o.build.add('concat', [...block(before), from, ...block(after)], { axis: x.last ? inGraph(axis) : axis }, { name, shape, last: x.last }, o.source);
}

/** Padding with zeros is a node of its own; with another number it is joined, and mirrored or repeated it is picked from what is there. */
export const pad: Row = (o) => {
  const x = o.value(0);
  if ([1, 2, 3].some((i) => o.input(i)?.kind === 'value')) return opaque(o);
  const amounts = o.ints('pads') ?? o.numbers(1) ?? [];
  const value = o.attribute('value')?.f ?? o.numbers(2)?.[0] ?? 0;
  const mode = o.text('mode', 'constant');
  const axes = (o.numbers(3) ?? x.shape.map((_, i) => i)).map((a) => normalAxis(a, x.shape.length, o));
  const pads = x.shape.map((_, i): readonly [number, number] => {
    const at = axes.indexOf(i);
    return at < 0 ? [0, 0] : [amounts[at] ?? 0, amounts[at + axes.length] ?? 0];
  });
  const touched = pads.flatMap((amount, axis) => (amount.some((p) => p !== 0) ? [axis] : []));
  const name = (last: boolean): string => (last ? o.output : `${o.output}/padded`);
  if (isPadMode(mode)) {
    return o.become(touched.reduce((from, axis, i) => {
      const [before, after] = pads[axis] ?? [0, 0];
      o.build.spend(INDEX * Math.max(0, (x.shape[axis] ?? 1) + before + after));
      return pick(o, from, axis, padIndices(mode, x.shape[axis] ?? 1, before, after), name(i === touched.length - 1));
    }, x));
  }
  if (mode !== 'constant') return opaque(o);
  const grow = pads.map(([before, after]): readonly [number, number] => [Math.max(0, before), Math.max(0, after)]);
  const grown = touched.filter((axis) => grow[axis]?.some((p) => p > 0));
  const crops = pads.some(([before, after]) => before < 0 || after < 0);
  const inside = crops ? cut(o, x, x.shape.map((d, i): Bounds => [Math.max(0, -(pads[i]?.[0] ?? 0)), d + Math.min(0, pads[i]?.[1] ?? 0), 1]), name(grown.length === 0)) : x;
  if (value !== 0 && Number.isFinite(value)) return o.become(grown.reduce((from, axis, i) => padded(o, from, axis, grow[axis] ?? [0, 0], value, name(i === grown.length - 1)), inside));
  if (grown.length === 0) return o.become(inside);
  const shape = inside.shape.map((d, i) => d + (grow[i]?.[0] ?? 0) + (grow[i]?.[1] ?? 0));
  const laid = inside.last ? TO_LAST.map((p) => grow[p] ?? [0, 0] as const) : grow;
  o.emit('pad', [inside.last ? inside.name : o.build.asFile(inside, o.source)], { pads: laid, value }, shape, inside.last);
};

/** The input repeated along dimensions of 1; an image that stays one stays channels-last. */
export const expand: Row = (o) => {
  const x = o.value(0);
  if (o.input(1)?.kind === 'value') return opaque(o);
  const shape = broadcast(x.shape, o.numbers(1) ?? [], o);
  if (sameShape(shape, x.shape)) return o.become(x);
  const last = x.last && shape.length === x.shape.length;
  o.emit('broadcast_to', [last ? x.name : o.build.asFile(x, o.source)], { shape: last ? permuted(shape, TO_LAST) : shape }, shape, last);
};
