// Conv and ConvTranspose with constant weights, over images and over rows (images of height 1), and the batch norms behind them.
import { sizeOf, transpose, transposeLater, type Tensor } from '../../../tensor/tensor.ts';
import { lifted, TO_LAST, type ValueEntry } from '../build.ts';
import type { OnnxOperator, Row } from '../operator.ts';
import { opaque } from './opaque.ts';
import { axesUp, fileShape, padsUp, windowOf } from './window.ts';

/** Weights of the file, 4-D, where they are constant floats and fit what they are to multiply; a bias that is computed makes it opaque, too. */
function constantWeights(o: OnnxOperator, x: ValueEntry): Tensor | undefined {
  const weights = o.tensor(1);
  if (weights?.dtype !== 'float32' || (o.input(2) && o.tensor(2)?.dtype !== 'float32')) return undefined;
  if (weights.shape.length !== x.shape.length || (x.shape.length !== 4 && x.shape.length !== 3)) return undefined;
  return { ...weights, shape: lifted(weights.shape) };
}

/** Names of the constants that the graph's operator reads: weights in its order, and the bias. */
function operandNames(o: OnnxOperator, weights: Tensor): readonly string[] {
  o.build.spend(sizeOf(weights.shape));
  const names = o.proto.input ?? [];
  const bias = o.tensor(2);
  return [o.build.constant(names[1] ?? '', weights), ...(bias ? [o.build.constant(names[2] ?? '', bias)] : [])];
}

export const conv: Row = (o) => {
  const x = o.value(0);
  const weights = constantWeights(o, x);
  const window = weights && windowOf(o, x.shape, weights.shape.slice(2));
  if (!window) return opaque(o);
  const { strides, pads, dilations, output } = window;
  o.emit('conv2d', [o.build.asImage(x, o.source), ...operandNames(o, transposeLater(weights, TO_LAST))], { strides, pads, dilations, groups: o.int('group', 1), activation: 'none' },
    fileShape(x, weights.shape[0] ?? 0, output), true);
};

/** Weights [I, O / groups, kh, kw] as the graph has them: [O, kh, kw, I / groups]. */
function transposedWeights(weights: Tensor, groups: number): Tensor {
  const [inputs = 1, perGroup = 1, kernelH = 1, kernelW = 1] = weights.shape;
  const moved = transpose({ ...weights, shape: [groups, inputs / groups, perGroup, kernelH, kernelW] }, [0, 2, 3, 4, 1]);
  return { ...moved, shape: [groups * perGroup, kernelH, kernelW, inputs / groups] };
}

export const convTranspose: Row = (o) => {
  const x = o.value(0);
  const weights = constantWeights(o, x);
  const groups = o.int('group', 1);
  if (!weights) return opaque(o);
  const [inputs = 0, perGroup = 0] = weights.shape;
  if (groups < 1 || inputs % groups !== 0) throw o.fail(`${inputs} input channels do not make ${groups} groups`);
  const kernel = weights.shape.slice(2);
  const image = lifted(x.shape).slice(2);
  const strides = axesUp(o, 'strides', 1);
  const dilations = axesUp(o, 'dilations', 1);
  const outputPadding = [...axesUp(o, 'output_padding', 0)];
  const autoPad = o.text('auto_pad', 'NOTSET');
  const pads = [...(autoPad === 'NOTSET' ? padsUp(o) : [0, 0, 0, 0])];
  // With rows the height of 1 stays 1.
  const same = autoPad.startsWith('SAME') ? image.map((size, d) => size * (strides[d] ?? 1)) : undefined;
  const asked = o.ints('output_shape')?.slice(2 - x.shape.length);
  const wanted = asked ? [...(asked.length === 1 ? [1] : []), ...asked] : same;
  const full = image.map((size, d) => (size - 1) * (strides[d] ?? 1) + ((kernel[d] ?? 1) - 1) * (dilations[d] ?? 1) + 1 + (outputPadding[d] ?? 0));
  wanted?.forEach((size, d) => {
    const total = (full[d] ?? 0) - size;
    const small = Math.floor(Math.max(0, total) / 2);
    const large = Math.max(0, total) - small;
    [pads[d], pads[d + 2]] = autoPad === 'SAME_UPPER' ? [small, large] : [large, small];
    // What the window does not reach is left at the bias.
    if (total < 0) outputPadding[d] = (outputPadding[d] ?? 0) - total;
  });
  // ONNX Runtime does not take these, either.
  if (outputPadding.some((extra, d) => extra >= (strides[d] ?? 1)) || pads.some((p) => p < 0)) return opaque(o);
  const output = wanted ?? full.map((size, d) => size - (pads[d] ?? 0) - (pads[d + 2] ?? 0));
  o.emit('conv_transpose2d', [o.build.asImage(x, o.source), ...operandNames(o, transposedWeights(weights, groups))],
    { strides, pads, outputPadding, dilations, groups, activation: 'none' }, fileShape(x, groups * perGroup, output), true);
};

export const batchNorm: Row = (o) => {
  const x = o.value(0);
  const parameters = [1, 2, 3, 4].map((i) => o.tensor(i));
  if (o.int('training_mode', 0) !== 0) throw o.fail('it is in training mode');
  if (parameters.some((t) => !t || sizeOf(t.shape) !== (x.shape[1] ?? 1)) || x.shape.length < 2 || x.shape.length > 4) return opaque(o);
  const names = (parameters as readonly Tensor[]).map((t, i) => o.build.constant(o.proto.input?.[i + 1] ?? '', t));
  const image = x.shape.length > 2;
  o.emit('batch_norm', [image ? o.build.asImage(x, o.source) : o.build.asFile(x, o.source), ...names], { epsilon: o.float('epsilon', 1e-5) }, x.shape, image);
};
