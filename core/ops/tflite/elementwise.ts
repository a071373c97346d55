// A value stored anew (QUANTIZE, reshape), clamps that stand alone, and prelu, as TensorFlow Lite's reference kernels compute them.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sameShape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import type { Activation } from '../activation.ts';
import { integer } from '../attributes.ts';
import { broadcastIndex, broadcastShape } from '../broadcast.ts';
import type { KernelCall } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { scaled } from './fixed-point.ts';
import { bounded, factor, factorOf, operandOf, refuse, sameAsInput, stored, storedBounds, twinOperator, type TfliteTwin } from './twin.ts';

const storedAgain = v.object(factor);
const clampAttributes = v.object({ ...factor, ...bounded });
const slopeAttributes = v.object({ ...factor, negative: v.object(factor), zeroSlope: integer });

/** One output of each x - zx, before the zero point. */
function each(call: KernelCall, min: number, max: number, rescale: (x: number, i: number) => number): Tensor {
  const x = integers(call.inputs[0]);
  const from = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
  const out = newIntegers(dtype, x.length);
  for (let i = 0; i < out.length; i++) {
    const q = rescale((x[i] ?? 0) - from, i) + zeroPoint;
    out[i] = q < min ? min : q > max ? max : q;
  }
  return integerTensor(dtype, call.outputShape, out);
}
const range = (call: KernelCall): readonly [number, number] => INTEGER_RANGE[quantizationOfInput(call.outputQuantization).dtype];

/** A reshape, or QUANTIZE of what is stored already. Integers pass where both sides are stored alike. */
export const tfliteReshape: TfliteTwin = {
  int16: true,
  plan: (node) => ({ attrs: factorOf(stored(node, 0).scale / node.output.scale), constants: {}, output: node.output, activations: [0] }),
  operator: twinOperator('tflite_reshape', 'Reshape', (call) => {
    const { multiplier, shift } = v.parse(storedAgain, call.attrs);
    return each(call, ...range(call), (x) => scaled(x, multiplier, shift));
  }, (twin) => {
    v.parse(storedAgain, twin.attrs);
    const [from = [], to] = [twin.inputs[0]?.shape, twin.output.shape];
    return sizeOf(from) === sizeOf(to) ? to : from;
  }),
};

/** RELU and its like: stored anew, then clamped. MAXIMUM and MINIMUM of a value and one number compare stored integers, which then are stored alike. */
export const tfliteClamp: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const x = stored(node, 0);
    const { min, max } = node.attrs;
    const compared = node.source === 'MAXIMUM' || node.source === 'MINIMUM';
    if (compared && (x.scale !== node.output.scale || x.zeroPoint !== node.output.zeroPoint)) throw refuse(`a ${node.source} whose sides are stored with different scales`);
    const bounds = min === undefined && max === undefined ? 'relu' : { min, max } as Activation;
    return { attrs: { ...factorOf(Math.fround(x.scale / node.output.scale)), ...storedBounds(bounds, node.output) }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator('tflite_clamp', 'ReLU', (call) => {
    const { multiplier, shift, min, max } = v.parse(clampAttributes, call.attrs);
    return each(call, min, max, (x) => scaled(x, multiplier, shift));
  }, sameAsInput(clampAttributes)),
};

/** The slope is a constant, or another activation. */
export const tflitePrelu: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const [x, slope] = [stored(node, 0), operandOf(node, 1)];
    return {
      attrs: {
        ...factorOf(Math.fround(x.scale / node.output.scale)), negative: factorOf(Math.fround(Math.fround(x.scale * slope.scale) / node.output.scale)), zeroSlope: slope.zeroPoint,
      },
      constants: slope.constant ? { b: slope.constant } : {}, output: node.output, activations: slope.constant ? [0] : [0, 1],
    };
  },
  operator: twinOperator('tflite_prelu', 'PReLU', (call) => {
    const { multiplier, shift, negative, zeroSlope } = v.parse(slopeAttributes, call.attrs);
    const slope = call.constants['b'] ?? call.inputs[1];
    const slopes = integers(slope);
    const at = broadcastIndex(slope?.shape ?? [], call.outputShape);
    return each(call, ...range(call), (x, i) => (x >= 0 ? scaled(x, multiplier, shift) : scaled(x * ((slopes[at(i)] ?? 0) - zeroSlope), negative.multiplier, negative.shift)));
  }, (twin) => {
    v.parse(slopeAttributes, twin.attrs);
    const [x, b] = [twin.inputs[0]?.shape ?? [], (twin.constants['b'] ?? twin.inputs[1])?.shape];
    if (!b || !sameShape(broadcastShape(x, b, twin.where), x)) throw new RequantError('SHAPE_MISMATCH', 'the slope does not fit its input', twin.where);
    return x;
  }),
};
