// Convolution, depthwise convolution and fully connected layers as TensorFlow Lite's reference kernels compute them.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { geometry, integerAttributes } from '../conv2d.ts';
import type { IntegerPlan, KernelCall } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { fixedPoint, scaled, scaledOnce, scaledReduced, scaledWide, WIDE } from './fixed-point.ts';
import { bounded, int32, refuse, role, stored, storedBounds, twinOperator, type ArrivedView, type TfliteTwin } from './twin.ts';

const bounds = v.object(bounded);
/** Layers of int8 round the scaled sum once, those of uint8 twice. */
const denseAttributes = v.object({ ...bounded, roundings: v.picklist([1, 2]) });

/** Operators of the file that take a bias of int32 beside int16. */
const NARROW_TOO = new Set(['CONV_2D', 'TRANSPOSE_CONV', 'FULLY_CONNECTED']);
/** Farthest that a stored integer lies from its zero point. */
const REACH = { int8: 255, int16: 32768 };

/**
 * Weights, bias, and one multiplier and shift a scale. One scale for all is multiplied with the input's in float32, unless it belongs to an int8
 * convolution: TensorFlow Lite keeps those by channel. Beside int16 the bias is int64 or int32, and sums have as many bits. Raises OPERATOR_UNSUPPORTED where a
 * sum may leave 32 bits, or 48 of those 64, or scaled 32, which TensorFlow Lite leaves undefined.
 */
export function plan(node: ArrivedView, inFloat32: boolean, attrs: IntegerPlan['attrs']): IntegerPlan {
  const x = stored(node, 0);
  const centred = node.inputs[1]?.centred;
  if (!centred) throw refuse('its weights are not stored integers');
  const { scales } = centred;
  const weights = integers(centred.integers);
  const outputs = centred.integers.shape[0] ?? 1;
  const window = weights.length / outputs;
  const bias = node.inputs[2] ? node.inputs[2].centred?.integers : noBias(x.dtype, outputs);
  const widths = x.dtype === 'int8' ? ['int32'] : NARROW_TOO.has(node.source) ? ['int64', 'int32'] : ['int64'];
  if (!bias || !widths.includes(bias.dtype) || bias.data.length !== outputs) throw refuse(`the bias of ${node.source} beside ${x.dtype} is not one ${widths.join(' or ')} a channel`);
  const wide = bias.dtype === 'int64';
  if (scales.length !== 1 && scales.length !== outputs) throw refuse(`${scales.length} scales for ${outputs} output channels`);
  const reals = scales.map((w) => (scales.length === 1 && inFloat32 ? Math.fround(x.scale * w) : x.scale * w) / node.output.scale);
  for (let o = 0; o < outputs; o++) {
    let most = Math.abs(Number(bias.data[o]));
    for (let k = 0; k < window; k++) most += REACH[x.dtype] * Math.abs(weights[o * window + k] ?? 0);
    if (most >= (wide ? WIDE : 2 ** 31)) throw refuse(`the sum of output channel ${o} may pass ${wide ? 48 : 32} bits`);
    if (wide && most * (reals[Math.min(o, reals.length - 1)] ?? 1) >= 2 ** 31) throw refuse(`output channel ${o} may pass 32 bits before it is clamped`);
  }
  const factors = reals.map(fixedPoint);
  if (wide && factors.some(({ shift }) => shift > 7)) throw refuse('a sum of 64 bits times 128 or more');
  return {
    attrs: { ...attrs, ...storedBounds(node.attrs['activation'], node.output) }, output: node.output, activations: [0],
    constants: { weights: centred.integers, bias, multiplier: int32(factors.map((f) => f.multiplier)), shift: int32(factors.map((f) => f.shift)) },
  };
}

const noBias = (dtype: 'int8' | 'int16', outputs: number): Tensor =>
  (dtype === 'int8' ? int32(new Array<number>(outputs).fill(0)) : { dtype: 'int64', shape: [outputs], data: new BigInt64Array(outputs) });

interface Kernel {
  readonly weights: ReturnType<typeof integers>;
  /** The sum of products, at the width of the bias. */
  readonly dot: typeof dot;
  readonly finish: (sum: number, o: number) => number;
}
/** Raises MODEL_INVALID where constants do not fit `size` weights of `outputs` channels. */
export function kernelOf(call: KernelCall, outputs: number, size: number, rescaled: typeof scaled): Kernel {
  const { min, max } = v.parse(bounds, call.attrs);
  const weights = integers(call.constants['weights']);
  if (weights.length !== size) throw new RequantError('MODEL_INVALID', `${weights.length} weights, not ${size}`);
  const given = call.constants['bias']?.data;
  const wide = given instanceof BigInt64Array;
  if (wide && (given.length !== outputs || given.some((n) => n <= -WIDE || n >= WIDE))) throw new RequantError('MODEL_INVALID', `its bias is not ${outputs} numbers within 2^47`);
  const bias = wide ? Float64Array.from(given, Number) : role(call, 'bias', outputs);
  const [multiplier, shift] = [role(call, 'multiplier', outputs), role(call, 'shift', outputs)];
  const wideRescaled = rescaled === scaledOnce ? scaledWide : scaledReduced;
  const most = wide ? 7 : 30;
  if (shift.some((n) => n < -31 || n > most)) throw new RequantError('MODEL_INVALID', `a shift is outside [-31, ${most}]`);
  const last = multiplier.length - 1;
  const { zeroPoint } = quantizationOfInput(call.outputQuantization);
  return {
    weights, dot: wide ? wideDot : dot,
    finish: (sum, o) => {
      const total = sum + (bias[o] ?? 0);
      const y = (wide ? wideRescaled : rescaled)(wide ? total : total | 0, multiplier[Math.min(o, last)] ?? 0, shift[Math.min(o, last)] ?? 0) + zeroPoint;
      return y < min ? min : y > max ? max : y;
    },
  };
}

function convolve(call: KernelCall): Tensor {
  const attrs = v.parse(integerAttributes, call.attrs);
  const g = geometry(attrs, call.inputs[0]?.shape ?? [], call.constants['weights']?.shape ?? [], { where: {} });
  const x = integers(call.inputs[0]);
  const zero = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const window = g.kernelH * g.kernelW * g.groupChannels;
  const { weights, dot: sumOf, finish } = kernelOf(call, g.outputs, g.outputs * window, scaled);
  const out = newIntegers(dtype, g.batch * g.rows * g.columns * g.outputs);
  const perGroup = g.outputs / attrs.groups;
  const seen = new Int32Array(window);
  let at = 0;
  for (let b = 0; b < g.batch; b++) for (let row = 0; row < g.rows; row++) for (let column = 0; column < g.columns; column++) {
    for (let group = 0; group < attrs.groups; group++) {
      let k = 0;
      for (let i = 0; i < g.kernelH; i++) for (let j = 0; j < g.kernelW; j++) {
        const r = row * attrs.strides[0] - attrs.pads[0] + i * attrs.dilations[0];
        const c = column * attrs.strides[1] - attrs.pads[1] + j * attrs.dilations[1];
        const inside = r >= 0 && r < g.height && c >= 0 && c < g.width;
        const from = ((b * g.height + r) * g.width + c) * g.channels + group * g.groupChannels;
        for (let n = 0; n < g.groupChannels; n++) seen[k++] = inside ? (x[from + n] ?? 0) - zero : 0;
      }
      for (let o = group * perGroup; o < (group + 1) * perGroup; o++) out[at++] = finish(sumOf(seen, weights, o * window), o);
    }
  }
  return integerTensor(dtype, call.outputShape, out);
}

function connect(call: KernelCall): Tensor {
  const [outputs = 1, depth = 1] = call.constants['weights']?.shape ?? [];
  const x = integers(call.inputs[0]);
  const rows = sizeOf(call.outputShape) / outputs;
  if (x.length !== rows * depth) throw new RequantError('SHAPE_MISMATCH', `${x.length} numbers are not ${rows} rows of ${depth}`);
  const zero = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const { roundings } = v.parse(denseAttributes, call.attrs);
  const { weights, dot: sumOf, finish } = kernelOf(call, outputs, outputs * depth, roundings === 1 ? scaledOnce : scaled);
  const out = newIntegers(dtype, rows * outputs);
  for (let row = 0; row < rows; row++) {
    const seen = Int32Array.from(x.subarray(row * depth, (row + 1) * depth), (q) => q - zero);
    for (let o = 0; o < outputs; o++) out[row * outputs + o] = finish(sumOf(seen, weights, o * depth), o);
  }
  return integerTensor(dtype, call.outputShape, out);
}

/** Proved to stay within 32 bits when the model was made. */
function dot(x: Int32Array, w: Kernel['weights'], from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum = (sum + Math.imul(x[k] as number, w[from + k] as number)) | 0;
  return sum;
}

/** Proved to stay within 48 bits, which a double holds. */
function wideDot(x: Int32Array, w: Kernel['weights'], from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] as number) * (w[from + k] as number);
  return sum;
}

export const tfliteConv2d: TfliteTwin = {
  int16: true,
  operator: twinOperator('tflite_conv2d', 'Conv2D', convolve, (twin) => {
    const g = geometry(v.parse(integerAttributes, twin.attrs), twin.inputs[0]?.shape ?? [], twin.constants['weights']?.shape ?? [], twin);
    return [g.batch, g.rows, g.columns, g.outputs];
  }),
  plan: (node) => plan(node, node.unsigned, v.parse(integerAttributes, node.attrs)),
};
export const tfliteFullyConnected: TfliteTwin = {
  int16: true,
  operator: twinOperator('tflite_fully_connected', 'Dense', connect, (twin) => {
    v.parse(denseAttributes, twin.attrs);
    const [outputs = 0, depth = 0] = twin.constants['weights']?.shape ?? [];
    const shape = twin.inputs[0]?.shape ?? [];
    if (shape.at(-1) !== depth) throw new RequantError('SHAPE_MISMATCH', `rows of ${shape.at(-1) ?? 0} are multiplied with rows of ${depth}`, twin.where);
    return [...shape.slice(0, -1), outputs];
  }),
  plan: (node) => plan(node, true, { roundings: node.unsigned ? 2 : 1 }),
};
