// Max and average pooling on the kernels.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { halfStep, isShift, outputBounds, rounding, roundsExactly } from './bounds.ts';
import { STRANGE, UNPROVED, widthOf, type Lowering, type NodeShape } from './lowering.ts';

const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const pair = v.tuple([positive, positive]);
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const windowAttributes = v.looseObject({ kernel: pair, strides: pair, pads: v.tuple([size, size, size, size]), countIncludePad: v.optional(v.boolean()), dilations: v.optional(pair) });
type Window = v.InferOutput<typeof windowAttributes>;

/** More values than this in a window and 32 bits might not hold their sum. */
const MOST_VALUES = 65535;

/** Sizes of the pool as the kernel takes them, checked against both shapes. */
function geometry(node: NodeShape, { kernel, strides, pads, dilations = [1, 1] }: Window) {
  const [batch, inputH, inputW, channels] = node.inputs[0]?.shape ?? [];
  const [outBatch, outputH, outputW, outChannels] = node.output.shape;
  if (!batch || !inputH || !inputW || !channels || !outputH || !outputW || outBatch !== batch || outChannels !== channels || node.output.shape.length !== 4) return undefined;
  return {
    batch, inputH, inputW, channels, outputH, outputW,
    kernelH: kernel[0], kernelW: kernel[1], strideH: strides[0], strideW: strides[1], dilationH: dilations[0], dilationW: dilations[1], padTop: pads[0], padLeft: pads[1],
  };
}

export const lowerMaxPool: Lowering = (node) => {
  const window = v.parse(windowAttributes, node.attrs);
  const g = geometry(node, window);
  const q = node.inputs[0]?.quantization;
  if (!g || !q || widthOf(q) !== 2 || q.dtype !== node.output.quantization?.dtype) return STRANGE;
  const [min, max] = INTEGER_RANGE[q.dtype];
  return {
    cost: sizeOf(node.output.shape) * g.kernelH * g.kernelW,
    instructions: ({ inputs: [x = 0], output: y }) => [instruction('maxPool', { ...g, x, y, min, max, steps: 0, whole: 0, lower: 0, upper: 0, magic: 0 })],
  };
};

/** Every window must hold a value: there is no mean of none. */
const neverEmpty = (g: NonNullable<ReturnType<typeof geometry>>, { kernel, strides, pads }: Window): boolean => {
  const holds = (input: number, output: number, d: 0 | 1): boolean => pads[d] < kernel[d] && (output - 1) * strides[d] - pads[d] < input;
  return holds(g.inputH, g.outputH, 0) && holds(g.inputW, g.outputW, 1);
};

const lowerAverage = (node: NodeShape, window: Window): ReturnType<Lowering> => {
  const g = geometry(node, window);
  const input = node.inputs[0]?.quantization;
  const output = node.output.quantization;
  const multipliers = node.constants['multiplier']?.data;
  const shifts = node.constants['shift']?.data;
  const whole = window.kernel[0] * window.kernel[1];
  if (!g || !input || !output || widthOf(input) !== 2 || widthOf(output) !== 2 || !(multipliers instanceof Int32Array) || !(shifts instanceof Int32Array)
    || whole > MOST_VALUES || !neverEmpty(g, window) || window.dilations !== undefined || multipliers.length !== whole || shifts.length !== whole) return STRANGE;
  const steps = new Float64Array(whole * 2);
  for (let count = 1; count <= whole; count++) {
    const at = (window.countIncludePad ? whole : count) - 1;
    const m = multipliers[at] ?? 0;
    const n = shifts[at] ?? 0;
    if (!isShift(n) || !roundsExactly((32768 + Math.abs(input.zeroPoint)) * count * Math.abs(m))) return UNPROVED;
    const unit = m * 2 ** -n;
    steps.set([unit, -count * input.zeroPoint * unit + halfStep(n)], (count - 1) * 2);
  }
  const address = node.pin(steps);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const bounds = { min, max };
  return {
    cost: sizeOf(node.output.shape) * whole,
    instructions: ({ inputs: [x = 0], output: y }) => [instruction('averagePool', {
      ...g, x, y, steps: address, whole: Number(window.countIncludePad ?? false), ...rounding(output.zeroPoint, bounds), ...bounds,
    })],
  };
};

/** TensorFlow Lite's: the sum of the stored integers, divided; halves go up or away from zero. */
export const lowerDividedPool = (node: NodeShape, up: boolean): ReturnType<Lowering> => {
  const window = v.parse(windowAttributes, node.attrs);
  const g = geometry(node, window);
  const [input, output] = [node.inputs[0]?.quantization, node.output.quantization];
  const bounds = output ? outputBounds(output, node.attrs['min'], node.attrs['max']) : undefined;
  const whole = window.kernel[0] * window.kernel[1];
  if (!g || !input || !bounds || widthOf(input) !== 2 || input.dtype !== output?.dtype || whole > MOST_VALUES || !neverEmpty(g, window) || window.dilations !== undefined) return STRANGE;
  return {
    cost: sizeOf(node.output.shape) * whole,
    instructions: ({ inputs: [x = 0], output: y }) => [instruction('tfliteAveragePool', { ...g, x, y, steps: 0, whole: Number(up), lower: 0, upper: 0, magic: 0, ...bounds })],
  };
};

export const lowerAveragePool: Lowering = (node) => lowerAverage(node, v.parse(windowAttributes, node.attrs));
export const lowerGlobalAverage: Lowering = (node) => {
  const [, h = 0, w = 0] = node.inputs[0]?.shape ?? [];
  return h * w > 0 ? lowerAverage(node, { kernel: [h, w], strides: [1, 1], pads: [0, 0, 0, 0] }) : STRANGE;
};
