// Elementwise operators: they keep the layout of what they read.
import { convert, float32, isFloat32, sizeOf, transpose, type Tensor } from '../../../tensor/tensor.ts';
import { TO_LAST, type Entry, type ValueEntry } from '../build.ts';
import { normalAxis, type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';
import { broadcast } from './broadcast.ts';

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
  if ([1, 2].some((i) => o.input(i)?.kind === 'value')) return opaque(o);
  const bound = (i: number, attribute: string): number | null => {
    const given = o.numbers(i)?.[0] ?? o.attribute(attribute)?.f;
    return given !== undefined && Number.isFinite(given) && Math.abs(given) < 3.4e38 ? given : null;
  };
  unary('clip', { min: bound(1, 'min'), max: bound(2, 'max') })(o);
};

/** A constant operand beside a channels-last image: lifted to four dimensions and permuted likewise. */
function besideImage(t: Tensor): Tensor {
  if (sizeOf(t.shape) === 1) return { ...t, shape: [] };
  const moved = transpose({ ...t, shape: [...new Array<number>(4 - t.shape.length).fill(1), ...t.shape] }, TO_LAST);
  // A bias of one number a channel is [C], as a file that is channels-last itself would have it.
  return { ...moved, shape: moved.shape.slice(moved.shape.findIndex((d) => d !== 1)) };
}

interface Operand {
  readonly entry: Entry;
  /** What the file calls it: the name of a constant. */
  readonly name: string;
}
const shapeOf = ({ entry }: Operand): readonly number[] => (entry.kind === 'value' ? entry.shape : entry.tensor.shape);

function operands(o: OnnxOperator): readonly Operand[] {
  return Array.from({ length: o.inputCount }, (_, i) => {
    const entry = o.input(i);
    if (!entry) throw o.fail(`it lacks input ${i}`);
    return { entry, name: o.proto.input?.[i] ?? '' };
  });
}

/** Adds one binary node. Images stay channels-last, and constants beside them are permuted likewise. */
function combine(o: OnnxOperator, op: string, pair: readonly [Operand, Operand], output: string): ValueEntry {
  const shape = broadcast(shapeOf(pair[0]), shapeOf(pair[1]), o);
  const activations = pair.flatMap(({ entry }) => (entry.kind === 'value' ? [entry] : []));
  const image = shape.length === 4 && activations.some((entry) => entry.last) && activations.every((entry) => entry.shape.length === 4);
  const names = pair.map(({ entry, name }) => {
    if (entry.kind === 'value') return image ? o.build.asImage(entry, o.source) : o.build.asFile(entry, o.source);
    o.build.spend(entry.tensor.data.length);
    const t = convert(entry.tensor, 'float32');
    return o.build.constant(name, image ? besideImage(t) : t);
  });
  return o.build.add(op, names, { activation: 'none' }, { name: output, shape, last: image }, o.source);
}

export const binary = (op: 'add' | 'sub' | 'mul'): Row => (o) => {
  const [a, b] = operands(o);
  if (!a || !b) throw o.fail('it needs two inputs');
  o.become(combine(o, op, [a, b], o.output));
};

/** Division by a constant is multiplication by its reciprocal; other divisions stay in float. */
export const div: Row = (o) => {
  const [a, b] = operands(o);
  if (!a || b?.entry.kind !== 'constant' || a.entry.kind === 'constant') return opaque(o);
  const divisor = b.entry.tensor;
  if (!isFloat32(divisor) || divisor.data.includes(0)) return opaque(o);
  const reciprocal: Entry = { kind: 'constant', tensor: float32(divisor.shape, divisor.data.map((x) => 1 / x)) };
  o.become(combine(o, 'mul', [a, { entry: reciprocal, name: b.name }], o.output));
};

/** A sum of several is a chain of additions. */
export const sum: Row = (o) => {
  const [first, ...rest] = operands(o);
  if (!first) throw o.fail('it adds nothing');
  const total = rest.reduce<Operand>((a, b, i) => {
    const output = i === rest.length - 1 ? o.output : `${o.output}/sum`;
    return { entry: combine(o, 'add', [a, b], output), name: output };
  }, first);
  o.become(total.entry);
};

/** Softmax before opset 13 works on the input flattened at `axis`; from 13 on along `axis`. */
export const softmax: Row = (o) => {
  const x = o.value(0);
  const rank = x.shape.length;
  const given = o.int('axis', o.opset < 13 ? 1 : -1);
  const axis = normalAxis(given, rank, o);
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
