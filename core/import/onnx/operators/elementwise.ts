// Elementwise operators: they keep the layout of what they read.
import { convert, float32, isFloat32, numbersOf, sizeOf, transpose, type Tensor } from '../../../tensor/tensor.ts';
import { TO_LAST, type ValueEntry } from '../build.ts';
import type { OnnxOperator, Row } from '../operator.ts';
import { opaque } from './opaque.ts';

const unary = (op: string, attrs: Readonly<Record<string, unknown>>): Row => (o) => {
  const x = o.value(0);
  const made = o.build.add(op, [x.name], attrs, { name: o.output, shape: x.shape, last: x.last }, o.source);
  if (x.flattened) {
    // The graph's value keeps the flattened order, and so does what the file would call its image.
    const { image } = x.flattened;
    const again = o.build.add('reshape', [made.name], { shape: TO_LAST.map((p) => image.shape[p] ?? 1) }, { name: `${o.output}/image`, shape: image.shape, last: true }, o.source);
    o.become({ ...made, flattened: { image: again } });
  } else o.become(made);
};

export const relu: Row = unary('relu', {});
export const udf = (name: string): Row => unary('udf', { function: name });

/** Only where the operator's parameters are those of the function in the table. */
export const udfWhen = (name: string, fits: (o: OnnxOperator) => boolean): Row => (o) => (fits(o) ? udf(name)(o) : opaque(o));

export const clip: Row = (o) => {
  const bound = (i: number, attribute: string): number | null => {
    const given = o.numbers(i)?.[0] ?? o.attribute(attribute)?.f;
    return given !== undefined && Number.isFinite(given) && Math.abs(given) < 3.4e38 ? given : null;
  };
  unary('clip', { min: bound(1, 'min'), max: bound(2, 'max') })(o);
};

/** A constant operand beside a channels-last image: lifted to four dimensions and permuted likewise. */
function besideImage(t: Tensor): Tensor {
  if (sizeOf(t.shape) === 1) return { ...t, shape: [] };
  return transpose({ ...t, shape: [...new Array<number>(4 - t.shape.length).fill(1), ...t.shape] }, TO_LAST);
}

function broadcast(a: readonly number[], b: readonly number[], o: OnnxOperator): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) throw o.fail(`[${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    return da === 1 ? db : da;
  });
}

function combine(o: OnnxOperator, op: string, change: (t: Tensor<'float32'>) => Tensor<'float32'> = (t) => t): void {
  const entries = [0, 1].map((i) => o.input(i));
  const [a, b] = entries;
  if (!a || !b) throw o.fail('it needs two inputs');
  const shapes = [a, b].map((entry) => (entry.kind === 'value' ? entry.shape : entry.tensor.shape));
  const shape = broadcast(shapes[0] ?? [], shapes[1] ?? [], o);
  const activations = entries.filter((entry): entry is ValueEntry => entry?.kind === 'value');
  if (activations.some((entry) => entry.dtype !== 'float32')) return opaque(o);
  const image = shape.length === 4 && activations.some((entry) => entry.last) && activations.every((entry) => entry.shape.length === 4);
  const names = [a, b].map((entry, i) => {
    if (entry.kind === 'value') return image ? o.build.asImage(entry, o.source) : o.build.asFile(entry, o.source);
    const t = convert(entry.tensor, 'float32');
    return o.build.constant(o.proto.input?.[i] ?? '', change(image ? besideImage(t) as Tensor<'float32'> : t));
  });
  o.emit(op, names, { activation: 'none' }, shape, image);
}

export const binary = (op: 'add' | 'sub' | 'mul'): Row => (o) => combine(o, op);

/** Division by a constant is multiplication by its reciprocal; other divisions stay in float. */
export const div: Row = (o) => {
  const divisor = o.tensor(1);
  if (!divisor || !isFloat32(divisor) || numbersOf(divisor).some((x) => x === 0)) return opaque(o);
  combine(o, 'mul', (t) => float32(t.shape, t.data.map((x) => 1 / x)));
};

export const sum: Row = (o) => (o.inputCount === 2 ? combine(o, 'add') : opaque(o));

/** Softmax before opset 13 works on the input flattened at `axis`; from 13 on along `axis`. */
export const softmax: Row = (o) => {
  const x = o.value(0);
  const rank = x.shape.length;
  const given = o.int('axis', o.opset < 13 ? 1 : -1);
  const axis = given < 0 ? given + rank : given;
  if (o.opset < 13 && sizeOf(x.shape.slice(axis + 1)) !== 1) {
    const rows = sizeOf(x.shape.slice(0, axis));
    const flat = [rows, sizeOf(x.shape) / rows];
    const before = o.build.add('reshape', [o.build.asFile(x, o.source)], { shape: flat }, { name: `${o.output}/rows`, shape: flat, last: false }, o.source);
    const after = o.build.add('softmax', [before.name], { axis: 1 }, { name: `${o.output}/softmax`, shape: flat, last: false }, o.source);
    return o.emit('reshape', [after.name], { shape: x.shape }, x.shape, false);
  }
  if (x.last) return o.emit('softmax', [x.name], { axis: TO_LAST.indexOf(axis as 0 | 1 | 2 | 3) }, x.shape, true);
  o.emit('softmax', [o.build.asFile(x, o.source)], { axis }, x.shape, false);
};
