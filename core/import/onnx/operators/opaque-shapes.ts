// Shapes of operators that stay opaque. Each rule follows the operator's page in the ONNX specification; undefined: not known from here.
import { numbersOf, sizeOf, type DType } from '../../../tensor/tensor.ts';
import { normalAxis, type OnnxOperator } from '../operator.ts';
import { broadcast } from './broadcast.ts';

export interface OpaqueResult {
  readonly shape: readonly number[];
  /** Element type, where it is not that of the first input. */
  readonly dtype?: DType;
}
type Rule = (o: OnnxOperator) => OpaqueResult | undefined;

export function shapeOf(o: OnnxOperator, i: number): readonly number[] {
  const entry = o.input(i);
  if (!entry) throw o.fail(`it lacks input ${i}`);
  return entry.kind === 'value' ? entry.shape : entry.tensor.shape;
}
const all = (o: OnnxOperator): readonly (readonly number[])[] => Array.from({ length: o.inputCount }, (_, i) => shapeOf(o, i));

const same: Rule = (o) => ({ shape: shapeOf(o, 0) });
const together = (dtype?: DType): Rule => (o) => ({ shape: all(o).reduce((a, b) => broadcast(a, b, o)), ...(dtype ? { dtype } : {}) });

const matMul: Rule = (o) => {
  const [a, b] = [shapeOf(o, 0), shapeOf(o, 1)];
  if (a.length < 2 || b.length < 2) return undefined;
  if (a.at(-1) !== b.at(-2)) throw o.fail(`[${a.join(', ')}] and [${b.join(', ')}] do not multiply`);
  return { shape: [...broadcast(a.slice(0, -2), b.slice(0, -2), o), a.at(-2) ?? 1, b.at(-1) ?? 1] };
};

const gemm: Rule = (o) => {
  const [a, b] = [shapeOf(o, 0), shapeOf(o, 1)];
  const rows = a[o.int('transA', 0) === 0 ? 0 : 1];
  const columns = b[o.int('transB', 0) === 0 ? 1 : 0];
  return rows === undefined || columns === undefined ? undefined : { shape: [rows, columns] };
};

function reduced(o: OnnxOperator, axes: readonly number[]): readonly number[] {
  const shape = shapeOf(o, 0);
  const gone = new Set(axes.map((a) => normalAxis(a, shape.length, o)));
  return o.int('keepdims', 1) === 1 ? shape.map((d, i) => (gone.has(i) ? 1 : d)) : shape.filter((_, i) => !gone.has(i));
}
/** A list in an attribute, or, since later opsets, in a constant input; undefined where it is computed. No list is an empty one. */
function listOf(o: OnnxOperator, attribute: string, input: number): readonly number[] | undefined {
  const given = o.tensor(input);
  return o.ints(attribute) ?? (given ? numbersOf(given) : o.input(input) ? undefined : []);
}
const reduction: Rule = (o) => {
  const axes = listOf(o, 'axes', 1);
  if (!axes) return undefined;
  if (axes.length === 0 && o.int('noop_with_empty_axes', 0) === 1) return same(o);
  return { shape: reduced(o, axes.length > 0 ? axes : shapeOf(o, 0).map((_, i) => i)) };
};
const argument: Rule = (o) => ({ shape: reduced(o, [o.int('axis', 0)]), dtype: 'int64' });

const gather: Rule = (o) => {
  const shape = shapeOf(o, 0);
  const axis = normalAxis(o.int('axis', 0), shape.length, o);
  return { shape: [...shape.slice(0, axis), ...shapeOf(o, 1), ...shape.slice(axis + 1)] };
};

const resize: Rule = (o) => {
  const shape = shapeOf(o, 0);
  if (o.attribute('axes')) return undefined;
  const [scales, sizes] = [o.tensor(2), o.tensor(3)];
  if (sizes && sizes.data.length === shape.length) return o.text('keep_aspect_ratio_policy', 'stretch') === 'stretch' ? { shape: numbersOf(sizes) } : undefined;
  if (!scales || scales.data.length !== shape.length) return undefined;
  return { shape: numbersOf(scales).map((scale, i) => Math.floor((shape[i] ?? 1) * scale)) };
};

/** The window of a transposed convolution, with `auto_pad` at its default. */
const convTranspose: Rule = (o) => {
  const [x, w] = [shapeOf(o, 0), shapeOf(o, 1)];
  if (o.text('auto_pad', 'NOTSET') !== 'NOTSET' || o.attribute('output_shape')) return undefined;
  const size = x.slice(2).map((d, i) => {
    const reach = ((w[i + 2] ?? 1) - 1) * (o.ints('dilations')?.[i] ?? 1) + 1;
    const pads = (o.ints('pads')?.[i] ?? 0) + (o.ints('pads')?.[i + x.length - 2] ?? 0);
    return (d - 1) * (o.ints('strides')?.[i] ?? 1) + (o.ints('output_padding')?.[i] ?? 0) + reach - pads;
  });
  return { shape: [x[0] ?? 1, (w[1] ?? 1) * o.int('group', 1), ...size] };
};

const blocks = (toDepth: boolean): Rule => (o) => {
  const [n = 1, c = 1, h = 1, w = 1] = shapeOf(o, 0);
  const b = o.int('blocksize', 1);
  return { shape: toDepth ? [n, c * b * b, h / b, w / b] : [n, c / (b * b), h * b, w * b] };
};

/** Takes shape from everything it reads and type from the second input. */
const where: Rule = (o) => ({ shape: all(o).reduce((a, b) => broadcast(a, b, o)), dtype: dtypeAt(o, 1) });
const castLike: Rule = (o) => ({ shape: shapeOf(o, 0), dtype: dtypeAt(o, 1) });
function dtypeAt(o: OnnxOperator, i: number): DType {
  const entry = o.input(i);
  if (!entry) throw o.fail(`it lacks input ${i}`);
  const { dtype } = entry.kind === 'value' ? entry : entry.tensor;
  if (dtype === 'string') throw o.fail('it gives strings');
  return dtype;
}

const tile: Rule = (o) => {
  const repeats = o.tensor(1);
  return repeats && { shape: shapeOf(o, 0).map((d, i) => d * Number(repeats.data[i] ?? 1)) };
};
const expand: Rule = (o) => {
  const to = o.tensor(1);
  return to && { shape: broadcast(shapeOf(o, 0), numbersOf(to), o) };
};
const concat: Rule = (o) => {
  const [first = [], ...rest] = all(o);
  const axis = normalAxis(o.int('axis', 0), first.length, o);
  return { shape: first.map((d, i) => (i === axis ? rest.reduce((n, shape) => n + (shape[axis] ?? 0), d) : d)) };
};
const transpose: Rule = (o) => {
  const shape = shapeOf(o, 0);
  return { shape: (o.ints('perm') ?? shape.map((_, i) => shape.length - 1 - i)).map((p) => shape[p] ?? 1) };
};
const squeeze: Rule = (o) => {
  const shape = shapeOf(o, 0);
  const axes = listOf(o, 'axes', 1)?.map((a) => normalAxis(a, shape.length, o));
  return axes && { shape: shape.filter((d, i) => (axes.length > 0 ? !axes.includes(i) : d !== 1)) };
};
const unsqueeze: Rule = (o) => {
  const rest = [...shapeOf(o, 0)];
  const given = listOf(o, 'axes', 1);
  const rank = rest.length + (given?.length ?? 0);
  const axes = given?.map((a) => normalAxis(a, rank, o));
  return axes && { shape: Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift() ?? 1)) };
};
const reshape: Rule = (o) => {
  const shape = shapeOf(o, 0);
  const given = o.tensor(1);
  if (!given) return undefined;
  const target = numbersOf(given).map((d, i) => (d === 0 && o.int('allowzero', 0) === 0 ? shape[i] ?? 1 : d));
  const known = target.reduce((n, d) => (d === -1 ? n : n * d), 1);
  return { shape: target.map((d) => (d === -1 ? sizeOf(shape) / known : d)) };
};
const second: Rule = (o) => ({ shape: shapeOf(o, 1) });
const oneHot: Rule = (o) => {
  const depth = o.tensor(1);
  if (!depth) return undefined;
  const shape = shapeOf(o, 0);
  const axis = normalAxis(o.int('axis', -1), shape.length + 1, o);
  return { shape: shape.toSpliced(axis, 0, Number(depth.data[0] ?? 0)), dtype: dtypeAt(o, 2) };
};

const named = (rule: Rule, names: string): readonly (readonly [string, Rule])[] => names.split(' ').map((name) => [name, rule]);

/** Adding a rule = a name here. */
export const OPAQUE_SHAPES: ReadonlyMap<string, Rule> = new Map([
  ...named(same, 'LeakyRelu PRelu Selu Celu ThresholdedRelu Elu HardSigmoid Gelu Mish Softsign Shrink Floor Ceil Round Sign Reciprocal'),
  ...named(same, 'Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Neg Abs Relu Clip Not LRN InstanceNormalization LayerNormalization'),
  ...named(same, 'GroupNormalization LpNormalization MeanVarianceNormalization LogSoftmax Hardmax Softmax CumSum Trilu BatchNormalization'),
  ...named(together(), 'Add Sub Mul Div Pow Min Max Mean Sum Mod BitShift'),
  ...named(together('bool'), 'Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor'),
  ...named(reduction, 'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'),
  ...named(argument, 'ArgMax ArgMin'),
  ['MatMul', matMul], ['Gemm', gemm], ['Gather', gather], ['Resize', resize], ['ConvTranspose', convTranspose],
  ['DepthToSpace', blocks(false)], ['SpaceToDepth', blocks(true)], ['Cast', same], ['CastLike', castLike],
  ['Where', where], ['Tile', tile], ['Expand', expand], ['Concat', concat], ['Transpose', transpose], ['Squeeze', squeeze], ['Unsqueeze', unsqueeze],
  ['Reshape', reshape], ['GatherElements', second], ['OneHot', oneHot],
]);
