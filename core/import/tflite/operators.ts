// The table of TFLite operators: builtin name -> how it becomes nodes of the graph. Adding an operator = a row.
import { RequantError } from '../../errors/index.ts';
import { convert, isFloat32, numbersOf, transpose, type Tensor } from '../../tensor/tensor.ts';
import type { Table } from './flatbuffer.ts';
import { CONV, DEPTHWISE, PADDING_SAME, POOL } from './schema.ts';

/** What a row sees of one operator. Inputs are value or constant names, '' where absent. */
export interface TfliteOperator {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly outputShape: readonly number[];
  /** Options table; absent fields read as their defaults. */
  readonly options: Table | undefined;
  shapeOf(name: string): readonly number[];
  constantOf(name: string): Tensor | undefined;
  /** Is this constant stored in a way that asks TFLite for hybrid kernels? */
  isHybrid(name: string): boolean;
  /** Adds a constant and returns its name. */
  constant(name: string, tensor: Tensor): string;
  node(op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>>, output?: string): string;
  fail(message: string): RequantError;
}
type Row = (o: TfliteOperator) => void;

const ACTIVATIONS = ['none', 'relu', { min: -1, max: 1 }, 'relu6'] as const;
function activation(o: TfliteOperator, slot: number): (typeof ACTIVATIONS)[number] {
  const code = o.options?.int8(slot) ?? 0;
  const found = ACTIVATIONS[code];
  if (found === undefined) throw o.fail(`fused activation ${code} is not supported`);
  return found;
}

/** Padding as TFLite computes it: SAME puts the odd row or column at the end. */
function padding(size: number, kernel: number, stride: number, dilation: number, same: boolean): readonly [number, number] {
  if (!same) return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + (kernel - 1) * dilation + 1 - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}
function pads(x: readonly number[], kernel: readonly number[], strides: readonly number[], dilations: readonly number[], same: boolean): readonly number[] {
  const [top, bottom] = padding(x[1] ?? 1, kernel[0] ?? 1, strides[0] ?? 1, dilations[0] ?? 1, same);
  const [left, right] = padding(x[2] ?? 1, kernel[1] ?? 1, strides[1] ?? 1, dilations[1] ?? 1, same);
  return [top, left, bottom, right];
}

const convolution = (slots: typeof CONV | typeof DEPTHWISE, depthwise: boolean): Row => (o) => {
  const [x = '', w = '', b = ''] = o.inputs;
  const given = o.constantOf(w);
  if (!given) throw o.fail('its weights are not constant');
  const same = (o.options?.int8(slots.padding) ?? 0) === PADDING_SAME;
  const strides = [o.options?.int32(slots.strideH) ?? 1, o.options?.int32(slots.strideW) ?? 1];
  const dilations = [o.options?.int32(slots.dilationH, 1) ?? 1, o.options?.int32(slots.dilationW, 1) ?? 1];
  // Depthwise weights come as [1, kh, kw, out]; the graph has [out, kh, kw, 1].
  const weights = depthwise ? o.constant(`${w}/depthwise`, transpose(given, [3, 1, 2, 0])) : w;
  const [, kernelH = 1, kernelW = 1, perGroup = 1] = o.shapeOf(weights);
  const channels = o.shapeOf(x)[3] ?? 1;
  o.node('conv2d', [x, weights, ...(b === '' ? [] : [b])], {
    strides, dilations, groups: depthwise ? channels : channels / perGroup, activation: activation(o, slots.activation),
    pads: pads(o.shapeOf(x), [kernelH, kernelW], strides, dilations, same),
    ...(o.isHybrid(w) ? { hybrid: true } : {}),
  });
};

const pool = (op: 'max_pool2d' | 'avg_pool2d'): Row => (o) => {
  const [x = ''] = o.inputs;
  const kernel = [o.options?.int32(POOL.filterH) ?? 1, o.options?.int32(POOL.filterW) ?? 1];
  const strides = [o.options?.int32(POOL.strideH) ?? 1, o.options?.int32(POOL.strideW) ?? 1];
  const same = (o.options?.int8(POOL.padding) ?? 0) === PADDING_SAME;
  const attrs = { kernel, strides, pads: pads(o.shapeOf(x), kernel, strides, [1, 1], same), ...(op === 'avg_pool2d' ? { countIncludePad: false } : {}) };
  clampAfter(o, activation(o, POOL.activation), (output) => o.node(op, [x], attrs, output));
};

/** Pools and joins have no fused clamp in the graph: it becomes a node behind them. */
function clampAfter(o: TfliteOperator, fused: (typeof ACTIVATIONS)[number], add: (output: string) => string): void {
  if (fused === 'none') { add(o.output); return; }
  const before = add(`${o.output}/before_activation`);
  if (fused === 'relu') o.node('relu', [before], {});
  else o.node('clip', [before], fused === 'relu6' ? { min: 0, max: 6 } : { ...fused });
}

const binary = (op: 'add' | 'sub' | 'mul'): Row => (o) => { o.node(op, o.inputs.slice(0, 2), { activation: activation(o, 0) }); };
const udf = (name: string): Row => (o) => { o.node('udf', o.inputs.slice(0, 1), { function: name }); };
const reshape: Row = (o) => { o.node('reshape', o.inputs.slice(0, 1), { shape: o.outputShape }); };

/** The numbers of a constant integer input, such as axes or a permutation. */
function integers(o: TfliteOperator, index: number): readonly number[] {
  const t = o.constantOf(o.inputs[index] ?? '');
  if (!t) throw o.fail(`its input ${index} is not constant`);
  return numbersOf(t);
}

const dense: Row = (o) => {
  const [x = '', w = '', b = ''] = o.inputs;
  const weights = o.constantOf(w);
  if (!weights || !isFloat32(weights)) throw o.fail('its weights are not constant');
  const depth = weights.shape[1] ?? 1;
  const shape = o.shapeOf(x);
  // TFLite flattens what comes in to rows of the weights' depth.
  const rows = shape.reduce((n, d) => n * d, 1) / depth;
  const flat = shape.length === 2 && shape[1] === depth ? x : o.node('reshape', [x], { shape: [rows, depth] }, `${o.output}/rows`);
  const attrs = { activation: activation(o, 0) };
  const inputs = [flat, w, ...(b === '' ? [] : [b])];
  if (o.outputShape.length === 2) o.node('fully_connected', inputs, attrs);
  else o.node('reshape', [o.node('fully_connected', inputs, attrs, `${o.output}/dense`)], { shape: o.outputShape });
};

const mean: Row = (o) => {
  const [x = ''] = o.inputs;
  const rank = o.shapeOf(x).length;
  const axes = integers(o, 1).map((a) => (a + rank) % rank).sort();
  if (rank !== 4 || axes.join() !== '1,2') throw o.fail(`a mean over dimensions ${axes.join(', ')} is not supported`);
  if (o.outputShape.length === 4) o.node('global_avg_pool2d', [x], {});
  else o.node('reshape', [o.node('global_avg_pool2d', [x], {}, `${o.output}/pooled`)], { shape: o.outputShape });
};

const softmax: Row = (o) => {
  if ((o.options?.float32(0) ?? 1) !== 1) throw o.fail('a softmax with beta other than 1 is not supported');
  o.node('softmax', o.inputs, { axis: o.outputShape.length - 1 });
};

const concatenation: Row = (o) => {
  const rank = o.outputShape.length;
  const axis = ((o.options?.int32(0) ?? 0) + rank) % rank;
  clampAfter(o, activation(o, 1), (output) => o.node('concat', o.inputs, { axis }, output));
};

const pad: Row = (o) => {
  const amounts = integers(o, 1);
  o.node('pad', o.inputs.slice(0, 1), { pads: o.outputShape.map((_, i) => [amounts[2 * i] ?? 0, amounts[2 * i + 1] ?? 0]), value: 0 });
};

/** A weight stored as float16 is widened when read: what follows only renames it. */
const dequantize: Row = (o) => {
  const t = o.constantOf(o.inputs[0] ?? '');
  if (!t) throw o.fail('it dequantizes an activation');
  o.constant(o.output, convert(t, 'float32'));
};

export const TFLITE_OPERATORS: Readonly<Record<string, Row>> = {
  CONV_2D: convolution(CONV, false),
  DEPTHWISE_CONV_2D: convolution(DEPTHWISE, true),
  FULLY_CONNECTED: dense,
  ADD: binary('add'), SUB: binary('sub'), MUL: binary('mul'),
  AVERAGE_POOL_2D: pool('avg_pool2d'), MAX_POOL_2D: pool('max_pool2d'), MEAN: mean,
  RELU: (o) => { o.node('relu', o.inputs, {}); },
  RELU6: (o) => { o.node('clip', o.inputs, { min: 0, max: 6 }); },
  RELU_N1_TO_1: (o) => { o.node('clip', o.inputs, { min: -1, max: 1 }); },
  RESHAPE: reshape, SQUEEZE: reshape, EXPAND_DIMS: reshape,
  TRANSPOSE: (o) => { o.node('transpose', o.inputs.slice(0, 1), { perm: integers(o, 1) }); },
  SOFTMAX: softmax, CONCATENATION: concatenation, PAD: pad, DEQUANTIZE: dequantize,
  LOGISTIC: udf('sigmoid'), TANH: udf('tanh'), EXP: udf('exp'), LOG: udf('log'), SQRT: udf('sqrt'), ABS: udf('abs'), NEG: udf('neg'),
  ELU: udf('elu'), HARD_SWISH: udf('hard_swish'), GELU: udf('gelu'),
};
