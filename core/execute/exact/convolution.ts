// conv2d and fully_connected on the kernels: their shapes, checked by the operator's own rules, as one window.
import * as v from 'valibot';
import { convolutionAttributes, convolutionGeometry } from '../../ops/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { STRANGE, type Lowering } from './lowering.ts';
import { lowerWeighted, type Prove } from './weighted.ts';

export const convolutionBy = (prove?: Prove): Lowering => (node) => {
  const attrs = v.parse(convolutionAttributes, node.attrs);
  const g = convolutionGeometry(attrs, node.inputs[0]?.shape ?? [], node.constants['weights']?.shape ?? [], { where: {} });
  if (!sameShape(node.output.shape, [g.batch, g.rows, g.columns, g.outputs])) return STRANGE;
  return lowerWeighted(node, {
    batch: g.batch, inputH: g.height, inputW: g.width, channels: g.channels, outputH: g.rows, outputW: g.columns, outputs: g.outputs,
    kernelH: g.kernelH, kernelW: g.kernelW, strideH: attrs.strides[0], strideW: attrs.strides[1], dilationH: attrs.dilations[0], dilationW: attrs.dilations[1],
    padTop: attrs.pads[0], padLeft: attrs.pads[1], groups: attrs.groups,
  }, prove);
};

export const fullyConnectedBy = (prove?: Prove): Lowering => (node) => {
  const [outputs = 0, channels = 0] = node.constants['weights']?.shape ?? [];
  const rows = sizeOf(node.inputs[0]?.shape ?? []) / channels;
  if (!Number.isInteger(rows) || rows < 1 || outputs < 1 || sizeOf(node.output.shape) !== rows * outputs) return STRANGE;
  // Rows lie along H; a row is a pixel.
  return lowerWeighted(node, {
    batch: 1, inputH: rows, inputW: 1, channels, outputH: rows, outputW: 1, outputs, kernelH: 1, kernelW: 1,
    strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, padTop: 0, padLeft: 0, groups: 1,
  }, prove);
};

export const lowerConvolution = convolutionBy();
export const lowerFullyConnected = fullyConnectedBy();
