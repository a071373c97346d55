// Folding what follows a weighted operator into its weights and bias: constant add, constant mul, batch norm.
// Each is y -> y * factor + term per output channel, so one function does the arithmetic.
import type { Node } from '../../ir/index.ts';
import { operatorOf } from '../../ops/index.ts';
import { deferred, float32, isFloat32, sizeOf } from '../../tensor/tensor.ts';
import type { RewriteContext, Rewrite, Rule } from '../rewrite.ts';
import { merged } from '../rewrite.ts';

interface Affine {
  readonly factor: Float64Array;
  readonly term: Float64Array;
}

/** The weighted producer of `value`, if it may be absorbed and has no activation yet. */
function absorbable(value: string, context: RewriteContext): Node | undefined {
  const producer = context.producer(value);
  if (!producer || !context.isPrivate(value)) return undefined;
  if (!operatorOf(producer).traits.includes('weighted') || producer.attrs['activation'] !== 'none') return undefined;
  return context.constants.has(producer.inputs[1] ?? '') ? producer : undefined;
}

/** A float constant as one number a channel of the last dimension; nothing if it varies over other dimensions. */
export function perChannel(name: string, channels: number, context: RewriteContext): Float64Array | undefined {
  const constant = context.constants.get(name);
  if (!constant || !isFloat32(constant)) return undefined;
  const size = sizeOf(constant.shape);
  if (size === 1) return new Float64Array(channels).fill(constant.data[0] ?? 0);
  return size === channels && constant.shape.at(-1) === channels ? Float64Array.from(constant.data) : undefined;
}

/** Each run of `run` elements times its factor. */
function scaledRuns(data: Float32Array, factors: Float64Array, run: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let channel = 0, i = 0; i < data.length; channel++, i += run) scaleRun(out, data, i, i + run, factors[channel] ?? 1);
  return out;
}

/** A loop of its own: networks have millions of weights, and the compiler makes more of it. */
function scaleRun(out: Float32Array, data: Float32Array, from: number, to: number, factor: number): void {
  for (let i = from; i < to; i++) out[i] = (data[i] ?? 0) * factor;
}

/** weights * factor, bias * factor + term, in double precision, stored as float32. */
function fold(producer: Node, last: Node, { factor, term }: Affine, context: RewriteContext): Rewrite | undefined {
  const [x = '', w = '', b = ''] = producer.inputs;
  const weights = context.constants.get(w);
  const bias = b === '' ? undefined : context.constants.get(b);
  if (!weights || !isFloat32(weights) || (b !== '' && (!bias || !isFloat32(bias)))) return undefined;
  const channels = weights.shape[0] ?? 1;
  const run = sizeOf(weights.shape) / channels;
  const scaled = factor.every((f) => f === 1) ? w : context.constant(w, deferred('float32', weights.shape, () => scaledRuns(weights.data, factor, run)));
  const shifted = Float32Array.from(term, (t, o) => Number(bias?.data[o] ?? 0) * (factor[o] ?? 1) + t);
  const name = context.constant(b === '' ? `${last.outputs[0] ?? ''}/bias` : b, float32([channels], shifted));
  return { kind: 'merge', absorbs: [producer], node: merged(producer, last, { inputs: [x, scaled, name] }) };
}

/** add/sub/mul of a per-channel constant behind a weighted operator. */
export const foldConstantArithmetic: Rule = {
  name: 'fold per-channel constants into weights and bias',
  apply: (node, context) => {
    if ((node.op !== 'add' && node.op !== 'sub' && node.op !== 'mul') || node.attrs['activation'] !== 'none') return undefined;
    const [a = '', b = ''] = node.inputs;
    const value = context.constants.has(b) ? a : node.op === 'sub' ? '' : b;
    const constant = value === a ? b : a;
    const producer = absorbable(value, context);
    const channels = context.values.get(value)?.shape.at(-1);
    if (!producer || channels === undefined) return undefined;
    // The constant must not enlarge the value by broadcasting.
    if (context.values.get(node.outputs[0] ?? '')?.shape.length !== context.values.get(value)?.shape.length) return undefined;
    const numbers = perChannel(constant, channels, context);
    if (!numbers) return undefined;
    const ones = new Float64Array(channels).fill(1);
    const zeros = new Float64Array(channels);
    if (node.op === 'mul') return fold(producer, node, { factor: numbers, term: zeros }, context);
    return fold(producer, node, { factor: ones, term: node.op === 'sub' ? numbers.map((n) => -n) : numbers }, context);
  },
};

function normalization(node: Node, channels: number, context: RewriteContext): Affine | undefined {
  const [scale, bias, mean, variance] = node.inputs.slice(1).map((name) => perChannel(name, channels, context));
  if (!scale || !bias || !mean || !variance) return undefined;
  const epsilon = Number(node.attrs['epsilon']);
  const factor = scale.map((s, i) => s / Math.sqrt((variance[i] ?? 0) + epsilon));
  return { factor, term: bias.map((b, i) => b - (mean[i] ?? 0) * (factor[i] ?? 0)) };
}

export const foldBatchNorm: Rule = {
  name: 'fold batch norm into the weighted operator before it',
  apply: (node, context) => {
    if (node.op !== 'batch_norm') return undefined;
    const producer = absorbable(node.inputs[0] ?? '', context);
    const channels = context.values.get(node.inputs[0] ?? '')?.shape.at(-1) ?? 0;
    const affine = producer && normalization(node, channels, context);
    return affine ? fold(producer, node, affine, context) : undefined;
  },
};

/** A batch norm with nothing to fold into is a 1x1 depthwise convolution, which the MLA can run. */
export const batchNormAsConvolution: Rule = {
  name: 'turn a lone batch norm into a depthwise convolution',
  apply: (node, context) => {
    const shape = context.values.get(node.inputs[0] ?? '')?.shape ?? [];
    if (node.op !== 'batch_norm' || shape.length !== 4) return undefined;
    const channels = shape.at(-1) ?? 0;
    const affine = normalization(node, channels, context);
    if (!affine) return undefined;
    const output = node.outputs[0] ?? '';
    const weights = context.constant(`${output}/weights`, float32([channels, 1, 1, 1], Float32Array.from(affine.factor)));
    const bias = context.constant(`${output}/bias`, float32([channels], Float32Array.from(affine.term)));
    return {
      kind: 'merge', absorbs: [],
      node: {
        ...node, op: 'conv2d', inputs: [node.inputs[0] ?? '', weights, bias],
        attrs: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: channels, activation: 'none' },
      },
    };
  },
};
