// conv2d: convolution, grouped, depthwise and dilated, with bias and a fused activation.
// `hybrid`: TFLite's dynamic-range convolution, whose float form rounds its input to 8 bits at run time.
// Inputs: x [1, H, W, C], weights [O, kh, kw, C/groups], bias [O]. Output [1, OH, OW, O].
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, transpose, type Tensor } from '../tensor/tensor.ts';
import { activation, activationPart, emitActivation } from './activation.ts';
import { pair, padding, positive } from './attributes.ts';
import { convolve, groupedChannel } from './convolution.ts';
import { exactWeighted } from './exact-weighted.ts';
import { integerWeighted } from './integer-weighted.ts';
import { define, type FloatEmitter, type KernelCall, type NodeView } from './operator.ts';
import { integers, quantizationOfInput } from './rescaling.ts';
import { checkBias, floatWeighted, quantizeWeighted } from './weights.ts';
import { windowSize } from './window.ts';

const attributes = v.object({ strides: pair, pads: padding, dilations: pair, groups: positive, activation, hybrid: v.optional(v.boolean()) });
type Attributes = v.InferOutput<typeof attributes>;
export const integerAttributes = v.omit(attributes, ['activation', 'hybrid']);

/** Convolution sizes by name; every shape rule of this operator is here. */
export function geometry(attrs: Omit<Attributes, 'activation' | 'hybrid'>, x: readonly number[], w: readonly number[], node: Pick<NodeView<unknown>, 'where'>) {
  const [batch, height, width, channels] = x;
  const [outputs, kernelH, kernelW, groupChannels] = w;
  if (x.length !== 4 || w.length !== 4 || batch === undefined || height === undefined || width === undefined || channels === undefined
    || outputs === undefined || kernelH === undefined || kernelW === undefined || groupChannels === undefined) {
    throw new RequantError('SHAPE_MISMATCH', `conv2d needs 4-D input and weights, not ${showShape(x)} and ${showShape(w)}`, node.where);
  }
  if (groupChannels * attrs.groups !== channels || outputs % attrs.groups !== 0) {
    throw new RequantError('SHAPE_MISMATCH', `conv2d: ${channels} channels in ${attrs.groups} groups do not fit weights ${showShape(w)}`, node.where);
  }
  const rows = windowSize(height, kernelH, attrs.strides[0], attrs.dilations[0], attrs.pads[0], attrs.pads[2], node.where);
  const columns = windowSize(width, kernelW, attrs.strides[1], attrs.dilations[1], attrs.pads[1], attrs.pads[3], node.where);
  return { batch, height, width, channels, outputs, kernelH, kernelW, groupChannels, rows, columns };
}

const shapeOf = (node: NodeView<Attributes>, i: number): readonly number[] => node.inputs[i]?.shape ?? [];

export const conv2d = define<Attributes>({
  name: 'conv2d',
  className: 'Conv2D',
  attributes,
  traits: ['weighted', 'fusesActivation'],
  shapes: (node) => {
    const g = geometry(node.attrs, shapeOf(node, 0), shapeOf(node, 1), node);
    checkBias(node, g.outputs);
    return [[g.batch, g.rows, g.columns, g.outputs]];
  },
  parts: (node) => ['conv2d', ...(node.inputs[2] ? ['add'] : []), ...activationPart(node.attrs.activation)],
  precisions: (node) => node.inputs[1]?.constant ? ['int8', 'int16'] : { reason: 'its weights are computed while the network runs' },
  emit: (node, to) => {
    const { attrs } = node;
    const w = to.permuted(1, [0, 3, 1, 2]);
    const x = to.input(0, 'nchw');
    const conv = to.node('Conv', [attrs.hybrid ? emitDynamicRounding(x, to) : x, w, ...(node.inputs[2] ? [to.input(2)] : [])], {
      strides: attrs.strides, pads: attrs.pads, dilations: attrs.dilations, group: { int: attrs.groups },
    });
    to.output(0, emitActivation(attrs.activation, conv, to), 'nchw');
  },
  // The rounding of a hybrid input is one for all its channels.
  inputChannelOf: (node) => (node.attrs.hybrid ? undefined : groupedChannel(node)),
  quantize: (node) => {
    const { strides, pads, dilations, groups } = node.attrs;
    return quantizeWeighted(node, { strides, pads, dilations, groups }, groupedChannel(node));
  },
  run,
  exact: (twin) => {
    const { strides, pads, dilations, groups } = v.parse(integerAttributes, twin.attrs);
    return exactWeighted(twin, {
      layout: 'nchw', perChannel: (channels) => [channels, 1, 1],
      sum: (to, x, weights, bias) => to.node('Conv', [x, to.constant(transpose(weights, [0, 3, 1, 2])), ...(bias ? [to.constant(bias)] : [])], { strides, pads, dilations, group: { int: groups } }),
    });
  },
  integer: (twin) => {
    const { strides, pads, dilations, groups } = v.parse(integerAttributes, twin.attrs);
    return integerWeighted(twin, {
      strides, pads, dilations, groups, arrange: (weights) => transpose(weights, [0, 3, 1, 2]),
      write: (to, layer) => to.output(0, layer(to, to.input(0))),
    });
  },
  float: floatWeighted,
  macs: (node) => {
    const g = geometry(node.attrs, shapeOf(node, 0), shapeOf(node, 1), node);
    return g.batch * g.rows * g.columns * g.outputs * g.kernelH * g.kernelW * g.groupChannels;
  },
});

/** What TFLite's hybrid kernels do to their input: q = round(x * 127 / max|x|), used as q * max|x| / 127. */
function emitDynamicRounding(x: string, to: FloatEmitter): string {
  const largest = to.node('ReduceMax', [to.node('Abs', [x])], { keepdims: { int: 0 } });
  // An input that is all zero has no scale; any positive one gives zeros again.
  const scale = to.node('Div', [to.node('Max', [largest, to.constant(float32([], [1e-30]))]), to.constant(float32([], [127]))]);
  return to.node('Mul', [to.node('Round', [to.node('Div', [x, scale])]), scale]);
}

/** The reference: the window of one output pixel (padding contributes x = zx, that is 0), then one dot product a channel. */
function run(call: KernelCall): Tensor {
  const attrs = v.parse(integerAttributes, call.attrs);
  const [input] = call.inputs;
  const g = geometry(attrs, input?.shape ?? [], call.constants['weights']?.shape ?? [], { where: {} });
  const x = integers(input);
  const zx = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  return convolve(call, { ...g, groups: attrs.groups, window: g.kernelH * g.kernelW * g.groupChannels }, (into, b, row, column, group) => {
    let k = 0;
    for (let i = 0; i < g.kernelH; i++) {
      const y = row * attrs.strides[0] + i * attrs.dilations[0] - attrs.pads[0];
      for (let j = 0; j < g.kernelW; j++, k += g.groupChannels) {
        const xx = column * attrs.strides[1] + j * attrs.dilations[1] - attrs.pads[1];
        if (y < 0 || y >= g.height || xx < 0 || xx >= g.width) { into.fill(0, k, k + g.groupChannels); continue; }
        const from = ((b * g.height + y) * g.width + xx) * g.channels + group * g.groupChannels;
        for (let c = 0; c < g.groupChannels; c++) into[k + c] = (x[from + c] as number) - zx;
      }
    }
  });
}
