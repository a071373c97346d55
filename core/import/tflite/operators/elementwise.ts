// Elementwise operators and softmax.
import { broadcastShape, type FunctionName, type OnnxAttribute } from '../../../ops/index.ts';
import { convert, float32, isFloat32, numbersOf } from '../../../tensor/tensor.ts';
import { activation, clampAfter, type Row, type TfliteOperator } from '../operator.ts';

export const binary = (op: 'add' | 'sub' | 'mul'): Row => (o) => {
  // pot_scale_int16 of AddOptions and SubOptions, true where it is absent.
  const shifts = o.quantized && op !== 'mul' && (o.options?.int8(1, 1) ?? 1) !== 0;
  o.node(op, o.inputs.slice(0, 2), { activation: activation(o, 0), ...(shifts ? { shifts } : {}) });
};

/** An operator without an integer form: the ONNX operator of the same meaning runs in float. */
const inFloat = (o: TfliteOperator, type: string, attributes: Readonly<Record<string, OnnxAttribute>>, shape: readonly number[], output = o.output, inputs = o.inputs): string =>
  o.node('opaque', inputs, { type, domain: '', opset: 17, attributes, shape: [...shape] }, output);
const joined = (o: TfliteOperator): readonly number[] => o.inputs.map((name) => o.shapeOf(name)).reduce((a, b) => broadcastShape(a, b, { node: o.output }));

/** Division by a constant is multiplication by its reciprocal; one activation by another is divided in float. */
export const div: Row = (o) => {
  const [a = '', b = ''] = o.inputs;
  const divisor = o.constantOf(b);
  if (!divisor) return clampAfter(o, activation(o, 0), (output) => inFloat(o, 'Div', {}, joined(o), output));
  if (!isFloat32(divisor) || divisor.data.includes(0)) throw o.fail('it divides by zero or by whole numbers');
  const reciprocal = o.constant(`${b}/reciprocal`, float32(divisor.shape, divisor.data.map((x) => 1 / x)));
  o.node('mul', [a, reciprocal], { activation: activation(o, 0) });
};

/** An elementwise function; `parameters` reads what the operator's options give it. */
export const udf = (name: FunctionName, parameters: (o: TfliteOperator) => Readonly<Record<string, number>> = () => ({})): Row => (o) => {
  o.node('udf', o.inputs.slice(0, 1), { function: name, parameters: parameters(o) });
};
export const leakyRelu: Row = udf('leaky_relu', (o) => ({ alpha: o.options?.float32(0) ?? 0 }));
export const gelu: Row = (o) => udf(o.options?.bool(0) ? 'gelu_tanh' : 'gelu')(o);
/** A constant exponent makes an elementwise function. */
export const pow: Row = (o) => {
  const [x = '', e = ''] = o.inputs;
  const exponent = o.constantOf(e);
  if (o.constantOf(x) || exponent?.data.length !== 1) { inFloat(o, 'Pow', {}, joined(o)); return; }
  o.node('udf', [x], { function: 'pow', parameters: { exponent: Number(exponent.data[0]) } });
};
export const squaredDifference: Row = (o) => { o.node('udf', [o.node('sub', o.inputs, { activation: 'none' }, `${o.output}/difference`)], { function: 'square' }); };

/** A sum of several is a chain of additions. */
export const addN: Row = (o) => {
  const [first = '', ...rest] = o.inputs;
  if (rest.length === 0) { o.node('reshape', [first], { shape: [...o.shapeOf(first)] }); return; }
  rest.reduce((a, b, i) => o.node('add', [a, b], { activation: 'none' }, i === rest.length - 1 ? o.output : `${o.output}/sum`), first);
};
export const logSoftmax: Row = (o) => { inFloat(o, 'LogSoftmax', { axis: { int: -1 } }, o.shapeOf(o.inputs[0] ?? ''), o.output, o.inputs.slice(0, 1)); };
export const l2Normalization: Row = (o) =>
  clampAfter(o, activation(o, 0), (output) => inFloat(o, 'LpNormalization', { axis: { int: -1 }, p: { int: 2 } }, o.shapeOf(o.inputs[0] ?? ''), output, o.inputs.slice(0, 1)));

export const relu: Row = (o) => { o.node('relu', o.inputs.slice(0, 1), {}); };
export const clip = (min: number | null, max: number | null): Row => (o) => { o.node('clip', o.inputs.slice(0, 1), { min, max }); };

/** The larger or smaller of a value and one constant number is a clamp; of two values it stays in float. */
export const bound = (side: 'min' | 'max'): Row => (o) => {
  const [a = '', b = ''] = o.inputs;
  const [limit, x] = o.constantOf(b) ? [o.constantOf(b), a] : [o.constantOf(a), b];
  const [value] = limit ? numbersOf(limit) : [];
  if (limit?.data.length !== 1 || value === undefined || !Number.isFinite(value)) { inFloat(o, side === 'min' ? 'Max' : 'Min', {}, joined(o)); return; }
  o.node('clip', [x], { min: side === 'min' ? value : null, max: side === 'max' ? value : null });
};

/** One slope for all is leaky ReLU, a function; in stored integers a slope has a grid of its own. */
export const prelu: Row = (o) => {
  const [x = '', slopes = ''] = o.inputs;
  const slope = o.constantOf(slopes);
  if (!slope || !isFloat32(slope)) throw o.fail('its slope is not constant');
  const [alpha = 0] = slope.data;
  if (!o.quantized && slope.data.every((s) => s === alpha)) o.node('udf', [x], { function: 'leaky_relu', parameters: { alpha } });
  else o.node('prelu', [x, slopes], {});
};

export const softmax: Row = (o) => {
  const [x = ''] = o.inputs;
  const beta = o.options?.float32(0) ?? 1;
  if (!(beta > 0 && Number.isFinite(beta))) throw o.fail(`its beta is ${beta}`);
  o.node('softmax', [x], { axis: o.shapeOf(x).length - 1, ...(beta === 1 ? {} : { beta }) });
};

/** LocalResponseNormalizationOptions. Its alpha is for each square, where ONNX's is for their mean. */
const LRN = { radius: 0, bias: 1, alpha: 2, beta: 3 } as const;
export const lrn: Row = (o) => {
  const size = 2 * (o.options?.int32(LRN.radius) ?? 0) + 1;
  const read = (slot: number): number => o.options?.float32(slot) ?? 0;
  o.node('lrn', o.inputs.slice(0, 1), { size, alpha: read(LRN.alpha) * size, beta: read(LRN.beta), bias: read(LRN.bias) });
};

/** QUANTIZE and DEQUANTIZE: a stored weight is a real number since it was read, and an activation where integers are read as real numbers; what follows only renames them. */
export const rename: Row = (o) => {
  const [x = ''] = o.inputs;
  const t = o.constantOf(x);
  if (t) o.become(convert(t, 'float32'));
  else o.node('reshape', [x], { shape: o.shapeOf(x) });
};
