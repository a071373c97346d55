// TRANSPOSE_CONV as TensorFlow Lite's reference kernels compute it. The sum of an output pixel is made from its own side, which is the same integer.
import * as v from 'valibot';
import { geometry, integerAttributes } from '../conv-transpose2d.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { scaled } from './fixed-point.ts';
import { twinOperator, type TfliteTwin } from './twin.ts';
import { kernelOf, plan } from './weighted.ts';

export const tfliteTransposeConv: TfliteTwin = {
  int16: true,
  plan: (node) => plan(node, node.unsigned, v.parse(integerAttributes, node.attrs)),
  operator: twinOperator('tflite_conv_transpose2d', 'Conv2DTranspose', (call) => {
    const { strides, pads, dilations, groups, outputPadding } = v.parse(integerAttributes, call.attrs);
    const g = geometry({ strides, pads, dilations, groups, outputPadding }, call.inputs[0]?.shape ?? [], call.constants['weights']?.shape ?? [], { where: {} });
    const x = integers(call.inputs[0]);
    const zero = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
    const { dtype } = quantizationOfInput(call.outputQuantization);
    const window = g.kernelH * g.kernelW * g.groupChannels;
    const { weights, dot, finish } = kernelOf(call, g.outputs, g.outputs * window, scaled);
    const out = newIntegers(dtype, g.batch * g.rows * g.columns * g.outputs);
    const seen = new Int32Array(window);
    const perGroup = g.outputs / groups;
    let at = 0;
    for (let b = 0; b < g.batch; b++) for (let row = 0; row < g.rows; row++) for (let column = 0; column < g.columns; column++) for (let group = 0; group < groups; group++) {
      seen.fill(0);
      for (let i = 0; i < g.kernelH; i++) for (let j = 0; j < g.kernelW; j++) {
        const [r, c] = [(row + pads[0] - i * dilations[0]) / strides[0], (column + pads[1] - j * dilations[1]) / strides[1]];
        if (!Number.isInteger(r) || !Number.isInteger(c) || r < 0 || r >= g.height || c < 0 || c >= g.width) continue;
        const from = ((b * g.height + r) * g.width + c) * g.channels + group * g.groupChannels;
        for (let k = 0; k < g.groupChannels; k++) seen[(i * g.kernelW + j) * g.groupChannels + k] = (x[from + k] ?? 0) - zero;
      }
      for (let o = group * perGroup; o < (group + 1) * perGroup; o++) out[at++] = finish(dot(seen, weights, o * window), o);
    }
    return integerTensor(dtype, call.outputShape, out);
  }, (twin) => {
    const g = geometry(v.parse(integerAttributes, twin.attrs), twin.inputs[0]?.shape ?? [], twin.constants['weights']?.shape ?? [], twin);
    return [g.batch, g.rows, g.columns, g.outputs];
  }),
};
