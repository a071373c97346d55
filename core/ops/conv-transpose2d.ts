// conv_transpose2d: transposed convolution (the gradient of a convolution), grouped and dilated, with bias and a fused activation.
// Inputs: x [1, H, W, C], weights [O, kh, kw, C/groups], bias [O]. Output [1, OH, OW, O] with
// OH = (H - 1) * stride + (kh - 1) * dilation + 1 + outputPadding - top - bottom.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { showShape, sizeOf, transpose, type Tensor } from '../tensor/tensor.ts';
import { activation, activationPart, emitActivation } from './activation.ts';
import { pair, padding, positive, sizes } from './attributes.ts';
import { convolve, groupedChannel } from './convolution.ts';
import { exactWeighted } from './exact-weighted.ts';
import { define, type KernelCall, type NodeView } from './operator.ts';
import { integers, quantizationOfInput } from './rescaling.ts';
import { checkBias, floatWeighted, quantizeWeighted } from './weights.ts';

const attributes = v.object({ strides: pair, pads: padding, outputPadding: sizes, dilations: pair, groups: positive, activation });
type Attributes = v.InferOutput<typeof attributes>;
export const integerAttributes = v.omit(attributes, ['activation']);

/** Sizes by name; every shape rule of this operator is here. */
export function geometry(attrs: Omit<Attributes, 'activation'>, x: readonly number[], w: readonly number[], node: Pick<NodeView<unknown>, 'where'>) {
  const [batch = 0, height = 0, width = 0, channels = 0] = x;
  const [outputs = 0, kernelH = 0, kernelW = 0, groupChannels = 0] = w;
  if (x.length !== 4 || w.length !== 4 || sizeOf(x) === 0 || sizeOf(w) === 0) {
    throw new RequantError('SHAPE_MISMATCH', `conv_transpose2d needs 4-D input and weights, not ${showShape(x)} and ${showShape(w)}`, node.where);
  }
  if (groupChannels * attrs.groups !== channels || outputs % attrs.groups !== 0) {
    throw new RequantError('SHAPE_MISMATCH', `conv_transpose2d: ${channels} channels in ${attrs.groups} groups do not fit weights ${showShape(w)}`, node.where);
  }
  const { strides, pads, dilations, outputPadding } = attrs;
  if (outputPadding.some((extra, i) => extra >= (strides[i] ?? 1))) {
    throw new RequantError('SHAPE_MISMATCH', `conv_transpose2d: an output padding of ${showShape(outputPadding)} does not stay below the strides ${showShape(strides)}`, node.where);
  }
  const rows = (height - 1) * strides[0] + (kernelH - 1) * dilations[0] + 1 + outputPadding[0] - pads[0] - pads[2];
  const columns = (width - 1) * strides[1] + (kernelW - 1) * dilations[1] + 1 + outputPadding[1] - pads[1] - pads[3];
  if (rows < 1 || columns < 1) throw new RequantError('SHAPE_MISMATCH', `conv_transpose2d: its padding leaves nothing of ${showShape(x)}`, node.where);
  return { batch, height, width, channels, outputs, kernelH, kernelW, groupChannels, rows, columns };
}

const shapeOf = (node: NodeView<Attributes>, i: number): readonly number[] => node.inputs[i]?.shape ?? [];

export const convTranspose2d = define<Attributes>({
  name: 'conv_transpose2d',
  className: 'Conv2DTranspose',
  attributes,
  traits: ['weighted', 'fusesActivation'],
  shapes: (node) => {
    const g = geometry(node.attrs, shapeOf(node, 0), shapeOf(node, 1), node);
    checkBias(node, g.outputs);
    return [[g.batch, g.rows, g.columns, g.outputs]];
  },
  parts: (node) => ['conv_transpose2d', ...(node.inputs[2] ? ['add'] : []), ...activationPart(node.attrs.activation)],
  precisions: (node) => node.inputs[1]?.constant ? ['int8', 'int16'] : { reason: 'its weights are computed while the network runs' },
  emit: (node, to) => {
    const { strides, pads, dilations, groups, outputPadding } = node.attrs;
    const weights = node.inputs[1]?.constant;
    if (!weights) throw new RequantError('INTERNAL', 'conv_transpose2d was given computed weights', node.where);
    const convolved = to.node('ConvTranspose', [to.input(0, 'nchw'), to.constant(toOnnx(weights, groups)), ...(node.inputs[2] ? [to.input(2)] : [])], {
      strides, pads, dilations, output_padding: outputPadding, group: { int: groups },
    });
    to.output(0, emitActivation(node.attrs.activation, convolved, to), 'nchw');
  },
  inputChannelOf: groupedChannel,
  quantize: (node) => {
    const { strides, pads, outputPadding, dilations, groups } = node.attrs;
    return quantizeWeighted(node, { strides, pads, outputPadding, dilations, groups }, groupedChannel(node));
  },
  run,
  exact: (twin) => {
    const { strides, pads, dilations, groups, outputPadding } = v.parse(integerAttributes, twin.attrs);
    return exactWeighted(twin, {
      layout: 'nchw', perChannel: (channels) => [channels, 1, 1],
      sum: (to, x, weights, bias) => to.node('ConvTranspose', [x, to.constant(toOnnx(weights, groups)), ...(bias ? [to.constant(bias)] : [])],
        { strides, pads, dilations, output_padding: outputPadding, group: { int: groups } }),
    });
  },
  float: floatWeighted,
  macs: (node) => {
    const g = geometry(node.attrs, shapeOf(node, 0), shapeOf(node, 1), node);
    return sizeOf(shapeOf(node, 0)) * g.kernelH * g.kernelW * (g.outputs / node.attrs.groups);
  },
});

/** [O, kh, kw, I / groups] as ONNX has it: [I, O / groups, kh, kw], input channels of one group after the other. */
function toOnnx(weights: Tensor, groups: number): Tensor {
  const [outputs = 1, kernelH = 1, kernelW = 1, groupChannels = 1] = weights.shape;
  const moved = transpose({ ...weights, shape: [groups, outputs / groups, kernelH, kernelW, groupChannels] }, [0, 4, 1, 2, 3]);
  return { ...moved, shape: [groups * groupChannels, outputs / groups, kernelH, kernelW] };
}

/**
 * The reference, from the output's side: tap (i, j) of the window of output pixel (row, column) is the input pixel that would have been
 * spread there, if the stride allows one; elsewhere it is 0.
 */
function run(call: KernelCall): Tensor {
  const attrs = v.parse(integerAttributes, call.attrs);
  const [input] = call.inputs;
  const g = geometry(attrs, input?.shape ?? [], call.constants['weights']?.shape ?? [], { where: {} });
  const x = integers(input);
  const zx = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  return convolve(call, { ...g, groups: attrs.groups, window: g.kernelH * g.kernelW * g.groupChannels }, (into, b, row, column, group) => {
    let k = 0;
    for (let i = 0; i < g.kernelH; i++) {
      const y = (row + attrs.pads[0] - i * attrs.dilations[0]) / attrs.strides[0];
      for (let j = 0; j < g.kernelW; j++, k += g.groupChannels) {
        const xx = (column + attrs.pads[1] - j * attrs.dilations[1]) / attrs.strides[1];
        if (!(Number.isInteger(y) && Number.isInteger(xx)) || y < 0 || y >= g.height || xx < 0 || xx >= g.width) { into.fill(0, k, k + g.groupChannels); continue; }
        const from = ((b * g.height + y) * g.width + xx) * g.channels + group * g.groupChannels;
        for (let c = 0; c < g.groupChannels; c++) into[k + c] = (x[from + c] as number) - zx;
      }
    }
  });
}
