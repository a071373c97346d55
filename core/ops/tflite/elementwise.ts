// add, and a value stored anew (QUANTIZE), as TensorFlow Lite's reference kernels compute them.
import * as v from 'valibot';
import { sameShape } from '../../tensor/tensor.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integer } from '../attributes.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { fixedPoint, scaled } from './fixed-point.ts';
import { bounded, refuse, stored, storedBounds, twinOperator, type TfliteTwin } from './twin.ts';

const factor = v.object({ multiplier: integer, shift: v.pipe(integer, v.minValue(-31), v.maxValue(31)) });
const sumAttributes = v.object({ a: factor, b: factor, y: factor, ...bounded });
const storedAgain = v.object({ ...factor.entries });

/** Bits that both operands are raised by before they meet at twice the larger scale. */
const HEADROOM = 20;

export const tfliteAdd: TfliteTwin = {
  plan: (node) => {
    const [a, b] = [stored(node, 0), stored(node, 1)];
    if (!sameShape(node.inputs[0]?.shape ?? [], node.inputs[1]?.shape ?? [])) throw refuse('a sum of two shapes');
    const common = 2 * Math.max(a.scale, b.scale);
    return {
      attrs: { a: fixedPoint(a.scale / common), b: fixedPoint(b.scale / common), y: fixedPoint(common / (2 ** HEADROOM * node.output.scale)), ...storedBounds(node.attrs['activation'], node.output) },
      constants: {}, output: node.output, activations: [0, 1],
    };
  },
  operator: twinOperator('tflite_add', 'Add', (call) => {
    const { a, b, y, min, max } = v.parse(sumAttributes, call.attrs);
    const [first, second] = [integers(call.inputs[0]), integers(call.inputs[1])];
    const [za, zb] = [quantizationOfInput(call.inputQuantization[0]).zeroPoint, quantizationOfInput(call.inputQuantization[1]).zeroPoint];
    const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
    const out = newIntegers(dtype, first.length);
    for (let i = 0; i < out.length; i++) {
      const sum = scaled(((first[i] ?? 0) - za) * 2 ** HEADROOM, a.multiplier, a.shift) + scaled(((second[i] ?? 0) - zb) * 2 ** HEADROOM, b.multiplier, b.shift);
      const q = scaled(sum, y.multiplier, y.shift) + zeroPoint;
      out[i] = q < min ? min : q > max ? max : q;
    }
    return integerTensor(dtype, call.outputShape, out);
  }),
};

/** A reshape, or QUANTIZE of what is stored already. Integers pass where both sides are stored alike. */
export const tfliteReshape: TfliteTwin = {
  plan: (node) => ({ attrs: fixedPoint(stored(node, 0).scale / node.output.scale), constants: {}, output: node.output, activations: [0] }),
  operator: twinOperator('tflite_reshape', 'Reshape', (call) => {
    const { multiplier, shift } = v.parse(storedAgain, call.attrs);
    const x = integers(call.inputs[0]);
    const from = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
    const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const out = newIntegers(dtype, x.length);
    for (let i = 0; i < out.length; i++) {
      const q = scaled((x[i] ?? 0) - from, multiplier, shift) + zeroPoint;
      out[i] = q < min ? min : q > max ? max : q;
    }
    return integerTensor(dtype, call.outputShape, out);
  }),
};
