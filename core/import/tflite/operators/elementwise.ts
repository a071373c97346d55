// Elementwise operators, softmax and dense layers.
import { convert, float32, isFloat32, numbersOf } from '../../../tensor/tensor.ts';
import { activation, type Row } from '../operator.ts';

/** FullyConnectedOptions. */
const DENSE = { activation: 0, weightsFormat: 1, keepDimensions: 2 } as const;

export const binary = (op: 'add' | 'sub' | 'mul'): Row => (o) => { o.node(op, o.inputs.slice(0, 2), { activation: activation(o, 0) }); };

/** Division by a constant is multiplication by its reciprocal. */
export const div: Row = (o) => {
  const [a = '', b = ''] = o.inputs;
  const divisor = o.constantOf(b);
  if (!divisor || !isFloat32(divisor) || divisor.data.includes(0)) throw o.fail('division is supported by constants only');
  const reciprocal = o.constant(`${b}/reciprocal`, float32(divisor.shape, divisor.data.map((x) => 1 / x)));
  o.node('mul', [a, reciprocal], { activation: activation(o, 0) });
};

export const udf = (name: string): Row => (o) => { o.node('udf', o.inputs.slice(0, 1), { function: name }); };
export const relu: Row = (o) => { o.node('relu', o.inputs, {}); };
export const clip = (min: number | null, max: number | null): Row => (o) => { o.node('clip', o.inputs.slice(0, 1), { min, max }); };

/** The larger or smaller of a value and one constant number is a clamp. */
export const bound = (side: 'min' | 'max'): Row => (o) => {
  const [a = '', b = ''] = o.inputs;
  const [limit, x] = o.constantOf(b) ? [o.constantOf(b), a] : [o.constantOf(a), b];
  const [value] = limit ? numbersOf(limit) : [];
  if (limit?.data.length !== 1 || value === undefined || !Number.isFinite(value)) throw o.fail('it is supported with one constant number only');
  o.node('clip', [x], { min: side === 'min' ? value : null, max: side === 'max' ? value : null });
};

/** Has no integer form here: the ONNX operator of the same meaning runs in float. */
export const leakyRelu: Row = (o) => {
  const [x = ''] = o.inputs;
  o.node('opaque', [x], { type: 'LeakyRelu', domain: '', opset: 16, attributes: { alpha: { float: o.options?.float32(0) ?? 0 } }, shape: [...o.shapeOf(x)] });
};

export const softmax: Row = (o) => {
  const [x = ''] = o.inputs;
  if ((o.options?.float32(0) ?? 1) !== 1) throw o.fail('a softmax with beta other than 1 is not supported');
  o.node('softmax', [x], { axis: o.shapeOf(x).length - 1 });
};

export const dense: Row = (o) => {
  const [x = '', w = '', b = ''] = o.inputs;
  const weights = o.constantOf(w);
  if (!weights || !isFloat32(weights) || weights.shape.length !== 2) throw o.fail('its weights are not constant');
  if ((o.options?.int8(DENSE.weightsFormat) ?? 0) !== 0) throw o.fail('shuffled weights are not supported');
  const depth = weights.shape[1] ?? 1;
  const shape = o.shapeOf(x);
  const keep = (o.options?.bool(DENSE.keepDimensions) ?? false) || shape.length === 2;
  // Unless told to keep them, TFLite flattens the dimensions to rows of the weights' depth.
  const rows = shape.reduce((n, d) => n * d, 1) / depth;
  const read = keep && shape.at(-1) === depth ? x : o.node('reshape', [x], { shape: [rows, depth] }, `${o.output}/rows`);
  o.node('fully_connected', [read, w, ...(b === '' ? [] : [b])], { activation: activation(o, DENSE.activation) });
};

/** A weight stored as float16 is widened when read: what follows only renames it. */
export const dequantize: Row = (o) => {
  const t = o.constantOf(o.inputs[0] ?? '');
  if (!t) throw o.fail('it dequantizes an activation');
  o.become(convert(t, 'float32'));
};
