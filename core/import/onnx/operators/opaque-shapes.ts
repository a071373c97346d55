// Shapes of operators that stay opaque. Each rule follows the operator's page in the ONNX specification; undefined: not known from here.
import { numbersOf, type DType } from '../../../tensor/tensor.ts';
import { normalAxis, type OnnxOperator } from '../operator.ts';
import { broadcast } from './elementwise.ts';

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
const reduction: Rule = (o) => {
  const axes = o.ints('axes') ?? o.numbers(1);
  if (!axes && o.int('noop_with_empty_axes', 0) === 1) return same(o);
  return { shape: reduced(o, axes ?? shapeOf(o, 0).map((_, i) => i)) };
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

const cast: Rule = (o) => ({ shape: shapeOf(o, 0) });
const named = (rule: Rule, names: string): readonly (readonly [string, Rule])[] => names.split(' ').map((name) => [name, rule]);

/** Adding a rule = a name here. */
export const OPAQUE_SHAPES: ReadonlyMap<string, Rule> = new Map([
  ...named(same, 'LeakyRelu PRelu Selu Celu ThresholdedRelu Elu HardSigmoid Gelu Mish Softsign Shrink Floor Ceil Round Sign Reciprocal'),
  ...named(same, 'Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Neg Abs Relu Clip Not LRN InstanceNormalization LayerNormalization'),
  ...named(same, 'GroupNormalization LpNormalization MeanVarianceNormalization LogSoftmax Hardmax Softmax CumSum Trilu BatchNormalization'),
  ...named(together(), 'Add Sub Mul Div Pow Min Max Mean Sum Mod'),
  ...named(together('bool'), 'Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor'),
  ...named(reduction, 'ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare'),
  ...named(argument, 'ArgMax ArgMin'),
  ['MatMul', matMul], ['Gemm', gemm], ['Gather', gather], ['Resize', resize], ['ConvTranspose', convTranspose],
  ['DepthToSpace', blocks(false)], ['SpaceToDepth', blocks(true)], ['Cast', cast],
]);
