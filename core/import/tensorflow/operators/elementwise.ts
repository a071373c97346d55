// Elementwise operators, and the few that are several of ONNX's.
import { sizeOf, type DType } from '../../../tensor/tensor.ts';
import { elemType, float, int, type Attributes, type Row, type TensorflowOperator } from '../operator.ts';

/** Whole numbers for which ONNX Runtime has few kernels: they are computed as int32, which wraps into them as TensorFlow does. */
const NARROW: ReadonlySet<DType> = new Set(['int8', 'uint8', 'int16', 'uint16', 'uint32']);

/** The operator of that name, on all inputs. */
export const same = (type: string, attributes: (o: TensorflowOperator) => Attributes = () => ({})): Row => (o) => {
  const dtype = o.dtypeOf(o.input(0));
  if (!NARROW.has(dtype)) return o.become(o.onnx(type, o.inputs, attributes(o), o.output));
  const wide = o.inputs.map((name) => (NARROW.has(o.dtypeOf(name)) ? o.onnx('Cast', [name], { to: elemType('int32') }) : name));
  const made = o.onnx(type, wide, attributes(o));
  o.become(o.dtypeOf(made) === 'int32' ? o.onnx('Cast', [made], { to: elemType(dtype) }, o.output) : made);
};

/** A chain of ONNX nodes over the first inputs, the last of which gives the output. */
export const chain = (make: (o: TensorflowOperator, a: string, b: string) => string): Row => (o) => {
  o.become(make(o, o.input(0), o.inputs.length > 1 ? o.input(1) : ''));
};

export const square: Row = chain((o, x) => o.onnx('Mul', [x, x], {}, o.output));
export const squaredDifference: Row = chain((o, a, b) => { const d = o.onnx('Sub', [a, b]); return o.onnx('Mul', [d, d], {}, o.output); });
export const rsqrt: Row = chain((o, x) => o.onnx('Reciprocal', [o.onnx('Sqrt', [x])], {}, o.output));
export const log1p: Row = chain((o, x) => o.onnx('Log', [o.onnx('Add', [x, o.scalar(1, x)])], {}, o.output));
export const expm1: Row = chain((o, x) => o.onnx('Sub', [o.onnx('Exp', [x]), o.scalar(1, x)], {}, o.output));
export const swish: Row = chain((o, x) => o.onnx('Mul', [x, o.onnx('Sigmoid', [x])], {}, o.output));
export const notEqual: Row = chain((o, a, b) => o.onnx('Not', [o.onnx('Equal', [a, b])], {}, o.output));
export const divNoNan: Row = chain((o, a, b) => {
  const zero = o.scalar(0, b);
  const isZero = o.onnx('Equal', [b, zero]);
  return o.onnx('Where', [isZero, zero, o.onnx('Div', [a, b])], {}, o.output);
});

const isFloat = (o: TensorflowOperator): boolean => o.dtypeOf(o.input(0)) === 'float32';
/** Rounded down, where ONNX's Div rounds whole numbers towards zero. */
export const floorDiv: Row = (o) => {
  const [a, b] = [o.input(0), o.input(1)];
  if (isFloat(o)) return o.become(o.onnx('Floor', [o.onnx('Div', [a, b])], {}, o.output));
  const rest = o.onnx('Mod', [a, b]);
  o.become(o.onnx('Div', [o.onnx('Sub', [a, rest]), b], {}, o.output));
};
/** The remainder with the divisor's sign; ONNX has that for whole numbers only. */
export const floorMod: Row = (o) => {
  const [a, b] = [o.input(0), o.input(1)];
  if (!isFloat(o)) return o.become(o.onnx('Mod', [a, b], {}, o.output));
  const whole = o.onnx('Floor', [o.onnx('Div', [a, b])]);
  o.become(o.onnx('Sub', [a, o.onnx('Mul', [whole, b])], {}, o.output));
};

export const relu6: Row = chain((o, x) => o.onnx('Clip', [x, o.scalar(0, x), o.scalar(6, x)], {}, o.output));
export const clipByValue: Row = (o) => { o.become(o.onnx('Clip', [o.input(0), o.input(1), o.input(2)], {}, o.output)); };
export const leakyRelu: Row = chain((o, x) => o.onnx('LeakyRelu', [x], { alpha: float(o.float('alpha', 0.2)) }, o.output));

/** The larger or smaller of a value and one constant number is a clamp. */
export const bound = (side: 'Max' | 'Min'): Row => (o) => {
  const [a, b] = [o.input(0), o.input(1)];
  const [limit, x] = o.constantOf(b) ? [b, a] : [a, b];
  const value = o.constantOf(limit);
  const scalar = value?.dtype === 'float32' && value.data.length === 1 && value.shape.length <= o.shapeOf(x).length && !o.constantOf(x);
  if (!scalar) return same(side)(o);
  const number = o.scalar(Number(value.data[0]), limit);
  o.become(o.onnx('Clip', side === 'Max' ? [x, number] : [x, '', number], {}, o.output));
};

/** A sum of one is that one. */
export const addN: Row = (o) => { if (o.inputs.length === 1) o.become(o.input(0)); else same('Sum')(o); };

/** One number a channel; the channels are last, or second where the data format says so. */
export const biasAdd: Row = (o) => {
  const [x, b] = [o.input(0), o.input(1)];
  const rank = o.shapeOf(x).length;
  const second = o.text('data_format', 'NHWC').startsWith('NC') && rank > 2;
  const bias = second ? o.onnx('Reshape', [b, o.list([sizeOf(o.shapeOf(b)), ...new Array<number>(rank - 2).fill(1)])]) : b;
  const cast = NARROW.has(o.dtypeOf(x)) ? same('Add') : chain(() => o.onnx('Add', [x, bias], {}, o.output));
  cast(o);
};

/** The older Select also takes one truth for each row. */
export const select: Row = (o) => {
  const [condition, a, b] = [o.input(0), o.input(1), o.input(2)];
  const [given, rank] = [o.shapeOf(condition), o.shapeOf(a).length];
  const rows = o.node.op === 'Select' && given.length === 1 && rank > 1;
  const mask = rows ? o.onnx('Reshape', [condition, o.list([given[0] ?? 1, ...new Array<number>(rank - 1).fill(1)])]) : condition;
  o.become(o.onnx('Where', [mask, a, b], {}, o.output));
};

/** Over the last dimension. */
export const alongLast = (type: string): Row => chain((o, x) => o.onnx(type, [x], { axis: int(-1) }, o.output));

/** float64 and half are float32 here already, so that some casts change nothing. */
export const cast: Row = (o) => {
  const to = o.type('DstT');
  if (!to) throw o.fail('it casts to a type that is not supported');
  const x = o.input(0);
  o.become(to === o.dtypeOf(x) ? x : o.onnx('Cast', [x], { to: elemType(to) }, o.output));
};
