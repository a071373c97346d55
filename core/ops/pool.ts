// max_pool2d, avg_pool2d, global_avg_pool2d over [1, H, W, C].
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale, rshr } from './arithmetic.ts';
import { none, padding, pair, type Pair, type Padding } from './attributes.ts';
import { carrierOf, half, number, reach, settle, widen } from './exact.ts';
import { isByte } from './integer.ts';
import { byteConvolution } from './integer-weighted.ts';
import { define, sameAsFloat, type ExactWriter, type FloatEmitter, type KernelCall, type NodeView, type QuantizeView, type TwinView, type IntegerWriter, type Unproved } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';
import { MOST_SUMMED, tooMany } from './reduce.ts';
import { windowSize } from './window.ts';

const windowAttributes = v.object({ kernel: pair, strides: pair, pads: padding });
const maxAttributes = v.object({ ...windowAttributes.entries, dilations: v.optional(pair) });
const avgAttributes = v.object({ ...windowAttributes.entries, countIncludePad: v.boolean() });
interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly pads: Padding;
  /** Of max pools only; 1 where absent. */
  readonly dilations?: Pair | undefined;
}
const CLOSE: Pair = [1, 1];

function image(node: NodeView<unknown>): readonly [number, number, number, number] {
  const [n, h, w, c] = node.inputs[0]?.shape ?? [];
  if (n === undefined || h === undefined || w === undefined || c === undefined) {
    throw new RequantError('SHAPE_MISMATCH', `pooling needs a 4-D input, not ${showShape(node.inputs[0]?.shape ?? [])}`, node.where);
  }
  return [n, h, w, c];
}
const pooled = (node: NodeView<Window>): readonly number[] => {
  const [n, h, w, c] = image(node);
  const { kernel, strides, pads, dilations = CLOSE } = node.attrs;
  return [n, windowSize(h, kernel[0], strides[0], dilations[0], pads[0], pads[2], node.where), windowSize(w, kernel[1], strides[1], dilations[1], pads[1], pads[3], node.where), c];
};

export const maxPool2d = define<v.InferOutput<typeof maxAttributes>>({
  name: 'max_pool2d',
  className: 'MaxPool',
  attributes: maxAttributes,
  traits: ['passThrough', 'homogeneous'],
  shapes: (node) => [pooled(node)],
  parts: () => ['max_pool2d'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { kernel, strides, pads, dilations = CLOSE } = node.attrs;
    to.output(0, to.node('MaxPool', [to.input(0, 'nchw')], { kernel_shape: kernel, strides, pads, dilations }), 'nchw');
  },
  integer: ({ attrs, inputs }) => {
    if (!isByte(inputs[0]?.quantization)) return { reason: 'it is not stored as int8' };
    const { kernel, strides, pads, dilations = CLOSE } = v.parse(maxAttributes, attrs);
    return (to) => to.output(0, to.node('com.microsoft.NhwcMaxPool', [to.input(0)], { kernel_shape: kernel, strides, pads, dilations }));
  },
  quantize: (node) => ({ attrs: { ...node.attrs }, constants: {}, output: node.outputQuantization, activations: [0] }),
  run: (call) => {
    const { dtype } = quantizationOfInput(call.inputQuantization[0]);
    const floor = INTEGER_RANGE[dtype][0];
    return pool(call, v.parse(maxAttributes, call.attrs), floor, Math.max, (value) => value);
  },
  macs: (node) => sizeOf(pooled(node)) * node.attrs.kernel[0] * node.attrs.kernel[1],
});

/** y = rshr(sum(x - zx) * m, n) + zy, (m, n) for each number of values that a window can hold. sum < 2^16 * window, m < 2^15. */
function averagePlan(node: QuantizeView<unknown>, window: number, attrs: Readonly<Record<string, unknown>>) {
  const sx = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
  const steps = Array.from({ length: window }, (_, i) => rescale(sx / (node.outputQuantization.scale * (i + 1))));
  return {
    attrs, output: node.outputQuantization, activations: [0],
    constants: {
      multiplier: { dtype: 'int32' as const, shape: [window], data: Int32Array.from(steps, (s) => s.multiplier) },
      shift: { dtype: 'int32' as const, shape: [window], data: Int32Array.from(steps, (s) => s.shift) },
    },
  };
}

export const avgPool2d = define<v.InferOutput<typeof avgAttributes>>({
  name: 'avg_pool2d',
  className: 'AvgPool',
  attributes: avgAttributes,
  traits: ['homogeneous'],
  shapes: (node) => [pooled(node)],
  parts: () => ['avg_pool2d'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { kernel, strides, pads, countIncludePad } = node.attrs;
    to.output(0, to.node('AveragePool', [to.input(0, 'nchw')], { kernel_shape: kernel, strides, pads, count_include_pad: { int: countIncludePad ? 1 : 0 } }), 'nchw');
  },
  quantize: (node) => averagePlan(node, node.attrs.kernel[0] * node.attrs.kernel[1], { ...node.attrs }),
  run: (call) => {
    const attrs = v.parse(avgAttributes, call.attrs);
    return average(call, attrs, attrs.countIncludePad);
  },
  exact: (twin) => {
    const attrs = v.parse(avgAttributes, twin.attrs);
    return exactAverage(twin, attrs, attrs.countIncludePad);
  },
  integer: (twin) => {
    const attrs = v.parse(avgAttributes, twin.attrs);
    return integerAverage(twin, attrs, attrs.countIncludePad);
  },
  float: sameAsFloat,
  macs: (node) => sizeOf(pooled(node)) * node.attrs.kernel[0] * node.attrs.kernel[1],
});

export const globalAvgPool2d = define<Record<string, never>>({
  name: 'global_avg_pool2d',
  className: 'GlobalAvgPool',
  attributes: none,
  traits: ['homogeneous'],
  shapes: (node) => { const [n, , , c] = image(node); return [[n, 1, 1, c]]; },
  parts: () => ['global_avg_pool2d'],
  precisions: (node) => { const [, h, w] = image(node); return h * w > MOST_SUMMED ? tooMany : ['int8', 'int16']; },
  emit: (_node, to) => to.output(0, to.node('GlobalAveragePool', [to.input(0, 'nchw')]), 'nchw'),
  quantize: (node) => { const [, h, w] = image(node); return averagePlan(node, h * w, {}); },
  run: (call) => {
    const [, h = 1, w = 1] = call.inputs[0]?.shape ?? [];
    return average(call, { kernel: [h, w], strides: [1, 1], pads: [0, 0, 0, 0] }, false);
  },
  exact: (twin) => {
    const [, h = 1, w = 1] = twin.inputs[0]?.shape ?? [];
    return exactAverage(twin, { kernel: [h, w], strides: [1, 1], pads: [0, 0, 0, 0] }, false);
  },
  integer: (twin) => {
    const [, h = 1, w = 1] = twin.inputs[0]?.shape ?? [];
    return integerAverage(twin, { kernel: [h, w], strides: [1, 1], pads: [0, 0, 0, 0] }, false);
  },
  float: sameAsFloat,
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

function average(call: KernelCall, window: Window, countIncludePad: boolean): Tensor {
  const input = quantizationOfInput(call.inputQuantization[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const multiplier = integers(call.constants['multiplier']);
  const shift = integers(call.constants['shift']);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const whole = window.kernel[0] * window.kernel[1];
  return pool(call, window, 0, (sum, x) => sum + x - input.zeroPoint, (sum, count) => {
    const i = (countIncludePad ? whole : count) - 1;
    const y = rshr(sum * (multiplier[i] ?? 0), shift[i] ?? 0) + output.zeroPoint;
    return y < min ? min : y > max ? max : y;
  });
}

/** Window sums by a depthwise convolution with ones; multiplier and shift by the number of values at each position, in float64. */
function exactAverage(twin: TwinView, { kernel, strides, pads }: Window, countIncludePad: boolean): ExactWriter | undefined {
  const [, height = 1, width = 1, channels = 1] = twin.inputs[0]?.shape ?? [];
  const [, rows = 1, columns = 1] = twin.output.shape;
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const whole = kernel[0] * kernel[1];
  if (carrierOf(whole * reach(twin.inputs[0]?.quantization ?? null)) !== 'float32') return undefined;
  const multiplier = integers(twin.constants['multiplier']);
  const shift = integers(twin.constants['shift']);
  const inside = (at: number, step: number, pad: number, size: number, length: number): number => Math.min(at * step - pad + size, length) - Math.max(at * step - pad, 0);
  const index = Array.from({ length: rows * columns }, (_, i) => (countIncludePad ? whole
    : inside(Math.floor(i / columns), strides[0], pads[0], kernel[0], height) * inside(i % columns, strides[1], pads[1], kernel[1], width)) - 1);
  const at = (of: (i: number) => number, to: FloatEmitter): string => number(to, 'float64', index.map(of), [rows, columns]);
  return (to) => {
    const ones = float32([channels, 1, kernel[0], kernel[1]], new Float32Array(channels * whole).fill(1));
    const sums = to.node('Conv', [to.input(0, 'nchw'), to.constant(ones)], { strides, pads, group: { int: channels } });
    const scaled = to.node('Mul', [widen(to, sums, 'float64'), at((i) => (multiplier[i] ?? 0) * 2 ** -(shift[i] ?? 0), to)]);
    to.output(0, settle(to, to.node('Add', [scaled, at((i) => half(shift[i] ?? 0), to)]), 'float64', min, max, zeroPoint), 'nchw');
  };
}

/** A depthwise convolution with ones, where all windows hold as many values. */
function integerAverage(twin: TwinView, { kernel, strides, pads }: Window, countIncludePad: boolean): IntegerWriter | Unproved {
  const channels = twin.inputs[0]?.shape[3] ?? 1;
  const whole = kernel[0] * kernel[1];
  if (![twin.inputs[0], twin.output].every((value) => isByte(value?.quantization))) return { reason: 'it is not stored as int8' };
  if (!countIncludePad && pads.some((n) => n > 0)) return { reason: 'its windows do not all hold as many values' };
  const at = (role: string): readonly number[] => [integers(twin.constants[role])[whole - 1] ?? 0];
  const layer = byteConvolution(twin, {
    weights: tensor('int8', [channels, 1, kernel[0], kernel[1]], new Int8Array(channels * whole).fill(1)), arrange: (ones) => ones, bias: new Int32Array(channels),
    multiplier: at('multiplier'), shift: at('shift'), strides, pads, dilations: CLOSE, groups: channels,
  }, 0, 255);
  return 'reason' in layer ? layer : (to, runtime) => to.output(0, layer(to, to.input(0), runtime));
}

/** Folds every window, padding left out, and finishes with the number of values it held. */
function pool(call: KernelCall, { kernel, strides, pads, dilations = CLOSE }: Window, start: number, fold: (state: number, x: number) => number, finish: (state: number, count: number) => number): Tensor {
  const x = integers(call.inputs[0]);
  const [batch = 1, height = 1, width = 1, channels = 1] = call.inputs[0]?.shape ?? [];
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const [, rows = 1, columns = 1] = call.outputShape;
  const out = newIntegers(dtype, sizeOf(call.outputShape));
  let at = 0;
  for (let b = 0; b < batch; b++) for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
    const ys = taps(row * strides[0] - pads[0], kernel[0], dilations[0], height);
    const xs = taps(column * strides[1] - pads[1], kernel[1], dilations[1], width);
    for (let c = 0; c < channels; c++, at++) {
      let state = start;
      for (const y of ys) for (const xx of xs) state = fold(state, x[((b * height + y) * width + xx) * channels + c] ?? 0);
      out[at] = finish(state, ys.length * xs.length);
    }
  }
  return integerTensor(dtype, call.outputShape, out);
}

/** The positions inside [0, size) that a window from `first` on covers. */
function taps(first: number, count: number, dilation: number, size: number): readonly number[] {
  const inside: number[] = [];
  for (let i = 0; i < count; i++) { const at = first + i * dilation; if (at >= 0 && at < size) inside.push(at); }
  return inside;
}
