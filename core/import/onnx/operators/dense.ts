// Gemm and MatMul: fully connected layers where one side is constant, else products of two activations. A flattened image keeps its H, W, C
// order, and the weights follow it.
import { float32, isFloat32, type Tensor } from '../../../tensor/tensor.ts';
import type { ValueEntry } from '../build.ts';
import type { OnnxOperator, Row } from '../operator.ts';
import { broadcast } from './broadcast.ts';
import { opaque } from './opaque.ts';

/** Weights [O, I] from a constant [I, O] or, transposed, [O, I], scaled. */
function denseWeights(w: Tensor<'float32'>, transposed: boolean, scale: number): Tensor<'float32'> {
  const [rows = 0, columns = 0] = w.shape;
  const [outputs, inputs] = transposed ? [rows, columns] : [columns, rows];
  if (transposed && scale === 1) return w;
  const data = new Float32Array(w.data.length);
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inputs; i++) data[o * inputs + i] = scale * (w.data[transposed ? o * columns + i : i * columns + o] ?? 0);
  return float32([outputs, inputs], data);
}

/** Columns in the order of a channels-last image: C, H, W becomes H, W, C. */
function followImage(w: Tensor<'float32'>, image: ValueEntry): Tensor<'float32'> {
  const [, channels = 1, height = 1, width = 1] = image.shape;
  const inputs = w.shape[1] ?? 1;
  const data = new Float32Array(w.data.length);
  for (let o = 0; o * inputs < data.length; o++) for (let p = 0; p < height * width; p++) for (let c = 0; c < channels; c++) {
    data[o * inputs + p * channels + c] = w.data[o * inputs + c * height * width + p] ?? 0;
  }
  return float32(w.shape, data);
}

interface Step {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** In the file's order, as everywhere here. */
  readonly shape: readonly number[];
  /** Names of what it reads beside the result so far. */
  readonly beside?: readonly string[];
}
/** Nodes one behind another, from the value `from` on; the last one makes the operator's output. */
function chain(o: OnnxOperator, from: string, steps: readonly Step[]): void {
  steps.reduce((value, { op, attrs, shape, beside = [] }, i) => {
    const last = i === steps.length - 1;
    const made = o.build.add(op, [value, ...beside], attrs, { name: last ? o.output : `${o.output}/${op}`, shape, last: false }, o.source);
    if (last) o.become(made);
    return made.name;
  }, from);
}

/** The last two dimensions exchanged. */
const exchange = (shape: readonly number[]): readonly number[] => [...shape.slice(0, -2), shape.at(-1) ?? 1, shape.at(-2) ?? 1];
const turn = (shape: readonly number[]): Step =>
  ({ op: 'transpose', attrs: { perm: [...Array.from({ length: shape.length - 2 }, (_, i) => i), shape.length - 1, shape.length - 2] }, shape: exchange(shape) });

/** A dense layer over rows of `x`; a flattened image keeps its order, and the weights follow. Returns where it starts, and its step. */
function dense(o: OnnxOperator, x: ValueEntry, weights: Tensor<'float32'>, from: number, shape: readonly number[], bias: readonly string[]): readonly [string, Step] {
  const [outputs = 0, inputs = 0] = weights.shape;
  if (shape.at(-1) !== inputs) throw o.fail(`its input [${x.shape.join(', ')}] does not fit ${inputs} columns of weights`);
  const image = shape === x.shape && x.shape.length === 2 ? x.flattened?.image : undefined;
  const w = o.build.constant(o.proto.input?.[from] ?? '', image ? followImage(weights, image) : weights);
  return [image ? x.name : o.build.asFile(x, o.source), { op: 'fully_connected', attrs: { activation: 'none' }, shape: [...shape.slice(0, -1), outputs], beside: [w, ...bias] }];
}

const product = (transposeA: boolean, transposeB: boolean, shape: readonly number[], right: string): Step =>
  ({ op: 'batch_matmul', attrs: { transposeA, transposeB }, shape, beside: [right] });

/** What is added behind the product: beta * C, a constant or a value. */
function addition(o: OnnxOperator, beta: number, shape: readonly number[]): readonly Step[] {
  const c = o.input(2);
  if (!c || beta === 0) return [];
  const add = (name: string): Step => ({ op: 'add', attrs: { activation: 'none' }, shape, beside: [name] });
  const name = o.proto.input?.[2] ?? '';
  if (c.kind === 'constant') return [add(o.build.constant(name, float32(c.tensor.shape, Float32Array.from(c.tensor.data as Float32Array, (x) => beta * x))))];
  const value = o.build.asFile(c, o.source);
  if (beta === 1) return [add(value)];
  const factor = o.build.constant(`${o.output}/beta`, float32([], [beta]));
  return [add(o.build.add('mul', [value, factor], { activation: 'none' }, { name: `${o.output}/beta`, shape: c.shape, last: false }, o.source).name)];
}

/** alpha * A * B + beta * C. Constant A or B is a dense layer's weights; a C that is one number an output is its bias. */
export const gemm: Row = (o) => {
  const [a, b, c] = [o.input(0), o.input(1), o.input(2)];
  const floats = (t: Tensor | undefined): t is Tensor<'float32'> => t !== undefined && isFloat32(t);
  const [wa, wb] = [o.tensor(0), o.tensor(1)];
  const shapeOf = (entry: typeof a): readonly number[] => (entry?.kind === 'value' ? entry.shape : entry?.tensor.shape) ?? [];
  if (![wa, wb, o.tensor(2)].every((t) => !t || isFloat32(t)) || shapeOf(a).length !== 2 || shapeOf(b).length !== 2) return opaque(o);
  const [transA, transB] = [o.int('transA', 0) === 1, o.int('transB', 0) === 1];
  const [alpha, beta] = [o.float('alpha', 1), o.float('beta', 1)];
  const rows = shapeOf(a)[transA ? 1 : 0] ?? 1;
  const columns = shapeOf(b)[transB ? 0 : 1] ?? 1;
  const shape = [rows, columns];
  if (a?.kind === 'value' && floats(wb)) {
    o.build.spend(2 * wb.data.length);
    const given = c?.kind === 'constant' ? c.tensor : undefined;
    const isBias = floats(given) && (given.data.length === 1 || (given.data.length === columns && given.shape.at(-1) === columns));
    const bias = isBias ? [o.build.constant(o.proto.input?.[2] ?? '', float32([columns], Float32Array.from({ length: columns }, (_, i) => beta * (given.data[given.data.length === 1 ? 0 : i] ?? 0))))] : [];
    const [from, layer] = dense(o, a, denseWeights(wb, transB, alpha), 1, transA ? exchange(a.shape) : a.shape, bias);
    return chain(o, from, [...(transA ? [turn(a.shape)] : []), layer, ...(isBias ? [] : addition(o, beta, shape))]);
  }
  if (floats(wa) && b?.kind === 'value') {
    // (A B)^T = B^T A^T: A is the weights of a layer over the columns of B.
    o.build.spend(2 * wa.data.length);
    const [from, layer] = dense(o, b, denseWeights(wa, !transA, alpha), 0, transB ? b.shape : exchange(b.shape), []);
    return chain(o, from, [...(transB ? [] : [turn(b.shape)]), layer, turn(layer.shape), ...addition(o, beta, shape)]);
  }
  if (a?.kind !== 'value' || b?.kind !== 'value') return opaque(o);
  const scale: readonly Step[] = alpha === 1 ? [] : [{ op: 'mul', attrs: { activation: 'none' }, shape, beside: [o.build.constant(`${o.output}/alpha`, float32([], [alpha]))] }];
  chain(o, o.build.asFile(a, o.source), [product(transA, transB, shape, o.build.asFile(b, o.source)), ...scale, ...addition(o, beta, shape)]);
};

/** A vector is a matrix of one row or column, which the result then lacks. */
const asMatrix = (shape: readonly number[], left: boolean): readonly number[] => (shape.length > 1 ? shape : left ? [1, ...shape] : [...shape, 1]);

export const matMul: Row = (o) => {
  const [a, b] = [o.input(0), o.input(1)];
  const [wa, wb] = [o.tensor(0), o.tensor(1)];
  if (![wa, wb].every((t) => !t || isFloat32(t)) || (a?.kind !== 'value' && b?.kind !== 'value')) return opaque(o);
  if (a?.kind === 'value' && wb && isFloat32(wb) && wb.shape.length === 2) {
    o.build.spend(2 * wb.data.length);
    const [from, layer] = dense(o, a, denseWeights(wb, false, 1), 1, a.shape, []);
    return chain(o, from, [layer]);
  }
  if (b?.kind === 'value' && b.shape.length > 1 && wa && isFloat32(wa) && wa.shape.length === 2) {
    o.build.spend(wa.data.length);
    const [from, layer] = dense(o, b, wa, 0, exchange(b.shape), []);
    return chain(o, from, [turn(b.shape), layer, turn(layer.shape)]);
  }
  const sides = [a, b].map((entry, i) => {
    if (!entry) throw o.fail(`it lacks input ${i}`);
    const given = entry.kind === 'value' ? entry.shape : entry.tensor.shape;
    const shape = asMatrix(given, i === 0);
    const name = o.proto.input?.[i] ?? '';
    if (entry.kind === 'constant') return { given, shape, name: o.build.constant(name, { ...entry.tensor, shape }) };
    const value = o.build.asFile(entry, o.source);
    return { given, shape, name: given === shape ? value : o.build.add('reshape', [value], { shape }, { name: `${o.output}/matrix`, shape, last: false }, o.source).name };
  });
  const [left, right] = sides;
  if (!left || !right) throw o.fail('it needs two inputs');
  const result = [...broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2), o), left.shape.at(-2) ?? 1, right.shape.at(-1) ?? 1];
  const wanted = [...result.slice(0, -2), ...(left.given.length > 1 ? result.slice(-2, -1) : []), ...(right.given.length > 1 ? result.slice(-1) : [])];
  const steps = [product(false, false, result, right.name)];
  chain(o, left.name, wanted.length === result.length ? steps : [...steps, { op: 'reshape', attrs: { shape: wanted }, shape: wanted }]);
};
