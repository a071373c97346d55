// Elementwise operators: they keep the layout of what they read.
import { convert, float32, isFloat32, sizeOf, transpose, type Tensor } from '../../../tensor/tensor.ts';
import type { FunctionName } from '../../../ops/index.ts';
import { TO_LAST, type Entry, type ValueEntry } from '../build.ts';
import { type OnnxOperator, type Row } from '../operator.ts';
import { opaque } from './opaque.ts';
import { broadcast } from './broadcast.ts';

/** The output is `op` of `x`, in the layout that `x` has. */
function apply(o: OnnxOperator, x: ValueEntry, op: string, attrs: Readonly<Record<string, unknown>>): void {
  const made = o.build.add(op, [x.name], attrs, { name: o.output, shape: x.shape, last: x.last }, o.source);
  if (!x.flattened) return o.become(made);
  // The graph's value keeps the flattened order, and so does what the file would call its image.
  const { image } = x.flattened;
  const again = o.build.add('reshape', [made.name], { shape: TO_LAST.map((p) => image.shape[p] ?? 1) }, { name: `${o.output}/image`, shape: image.shape, last: true }, o.source);
  o.become({ ...made, flattened: { image: again } });
}
const unary = (op: string, attrs: (o: OnnxOperator) => Readonly<Record<string, unknown>>): Row => (o) =>
  (o.input(0)?.kind === 'constant' ? opaque(o) : apply(o, o.value(0), op, attrs(o)));

export const relu: Row = unary('relu', () => ({}));

/** An elementwise function; its parameters are attributes of the same name, with ONNX's defaults. */
export const udf = (name: FunctionName, parameters: Readonly<Record<string, number>> = {}): Row =>
  unary('udf', (o) => ({ function: name, parameters: Object.fromEntries(Object.entries(parameters).map(([key, otherwise]) => [key, o.float(key, otherwise)])) }));

export const gelu: Row = (o) => udf(o.text('approximate', 'none') === 'tanh' ? 'gelu_tanh' : 'gelu')(o);

/** The one number that a constant input holds. */
const numberAt = (o: OnnxOperator, i: number): number | undefined => {
  const t = o.tensor(i);
  return t?.data.length === 1 && Number.isFinite(Number(t.data[0])) ? Number(t.data[0]) : undefined;
};

/** A constant exponent makes an elementwise function; everything else stays in float. */
export const pow: Row = (o) => {
  const exponent = numberAt(o, 1);
  const [x, power] = [o.input(0), o.tensor(1)];
  // A constant of higher rank would add dimensions.
  if (x?.kind !== 'value' || exponent === undefined || (power?.shape.length ?? 0) > x.shape.length) return opaque(o);
  if (exponent === 1) return o.become(x);
  const known = new Map<number, FunctionName>([[2, 'square'], [0.5, 'sqrt'], [-0.5, 'rsqrt'], [-1, 'reciprocal']]).get(exponent);
  apply(o, x, 'udf', known ? { function: known } : { function: 'pow', parameters: { exponent } });
};

/** The larger or smaller of a value and one constant number is a clamp; of several values it stays in float. */
export const bound = (side: 'min' | 'max'): Row => (o) => {
  const [first] = operands(o);
  if (o.inputCount === 1 && first) return o.become(first.entry);
  const at = [0, 1].find((i) => o.input(i)?.kind === 'constant');
  const limit = at === undefined ? undefined : numberAt(o, at);
  const x = o.input(at === 0 ? 1 : 0);
  if (o.inputCount !== 2 || at === undefined || limit === undefined || x?.kind !== 'value' || (o.tensor(at)?.shape.length ?? 0) > x.shape.length) return opaque(o);
  apply(o, x, 'clip', { min: side === 'min' ? limit : null, max: side === 'max' ? limit : null });
};

export const clip: Row = (o) => {
  if ([1, 2].some((i) => o.input(i)?.kind === 'value')) return opaque(o);
  const bound = (i: number, attribute: string): number | null => {
    const given = o.numbers(i)?.[0] ?? o.attribute(attribute)?.f;
    return given !== undefined && Number.isFinite(given) && Math.abs(given) < 3.4e38 ? given : null;
  };
  unary('clip', () => ({ min: bound(1, 'min'), max: bound(2, 'max') }))(o);
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

/** Division by a constant is multiplication by its reciprocal, one number divided by a value is a function; other divisions stay in float. */
export const div: Row = (o) => {
  const [a, b] = operands(o);
  if (!a || !b) throw o.fail('it needs two inputs');
  const numerator = numberAt(o, 0);
  if (b.entry.kind === 'value') {
    if (numerator === undefined || shapeOf(a).length > b.entry.shape.length) return opaque(o);
    return apply(o, b.entry, 'udf', { function: 'reciprocal', parameters: { numerator } });
  }
  const divisor = b.entry.tensor;
  if (a.entry.kind === 'constant' || !isFloat32(divisor) || divisor.data.includes(0)) return opaque(o);
  o.become(combine(o, 'mul', [a, inverse(b, divisor)], o.output));
};
const inverse = ({ name }: Operand, t: Tensor<'float32'>): Operand => ({ entry: { kind: 'constant', tensor: float32(t.shape, t.data.map((x) => 1 / x)) }, name });

/** A sum of several is a chain of additions. */
function total(o: OnnxOperator, output: string): Operand {
  const [first, ...rest] = operands(o);
  if (!first) throw o.fail('it adds nothing');
  return rest.reduce<Operand>((a, b, i) => {
    const name = i === rest.length - 1 ? output : `${o.output}/sum`;
    return { entry: combine(o, 'add', [a, b], name), name };
  }, first);
}
export const sum: Row = (o) => o.become(total(o, o.output).entry);
export const meanOf: Row = (o) => {
  if (o.inputCount === 1) return sum(o);
  const share: Operand = { entry: { kind: 'constant', tensor: float32([], [1 / o.inputCount]) }, name: `${o.output}/share` };
  o.become(combine(o, 'mul', [total(o, `${o.output}/sum`), share], o.output));
};

/** One slope for all is leaky ReLU, a function; a slope that is computed stays in float. */
export const prelu: Row = (o) => {
  const slope = o.tensor(1);
  const x = o.input(0);
  if (x?.kind !== 'value' || !slope || !isFloat32(slope) || slope.shape.length > x.shape.length) return opaque(o);
  const [alpha = 0] = slope.data;
  if (slope.data.every((s) => s === alpha)) return apply(o, x, 'udf', { function: 'leaky_relu', parameters: { alpha } });
  o.build.spend(slope.data.length);
  const name = o.build.constant(o.proto.input?.[1] ?? '', x.last ? besideImage(slope) : slope);
  o.emit('prelu', [x.last ? x.name : o.build.asFile(x, o.source), name], {}, x.shape, x.last);
};
