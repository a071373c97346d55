// QUANTIZE as TensorFlow Lite's reference kernels compute it: of float32, the quotient in float32, halves away from zero; from int16 to int8, a rescale.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { cast, elementwise, number, span } from '../exact.ts';
import { define } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { scaled } from './fixed-point.ts';
import { factor, factorOf, sameAsInput, twinOperator } from './twin.ts';

/** Stands where `quantize` does, on the edge from float to integers. */
export const tfliteQuantize = define<unknown>({
  ...twinOperator('tflite_quantize', 'Quantize', (call) => {
    const [t] = call.inputs;
    if (!(t?.data instanceof Float32Array)) throw new RequantError('DTYPE_MISMATCH', `tflite_quantize reads float32, not ${t?.dtype ?? 'nothing'}`);
    const { dtype, zeroPoint, scale } = quantizationOfInput(call.outputQuantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const out = newIntegers(dtype, t.data.length);
    const step = Math.fround(scale);
    for (let i = 0; i < out.length; i++) {
      const real = t.data[i] ?? 0;
      if (!Number.isFinite(real)) throw new RequantError('DATA_INVALID', `element ${i} is ${real}`);
      const steps = Math.fround(real / step);
      const q = Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5) + zeroPoint;
      out[i] = q < min ? min : q > max ? max : q;
    }
    return integerTensor(dtype, t.shape, out);
  }, (twin) => twin.inputs[0]?.shape ?? []),
  attributes: v.looseObject({}),
  exact: (twin) => {
    const { scale } = quantizationOfInput(twin.output.quantization);
    const [min, max] = span(twin.output.quantization);
    return elementwise((to, x) => {
      const steps = cast(to, to.node('Div', [x, number(to, 'float32', scale)]), 'float64');
      const away = to.node('Mul', [to.node('Sign', [steps]), to.node('Floor', [to.node('Add', [to.node('Abs', [steps]), number(to, 'float64', 0.5)])])]);
      return cast(to, to.node('Clip', [away, number(to, 'float64', min), number(to, 'float64', max)]), 'float32');
    });
  },
});

const steps = v.object(factor);
export const tfliteRequantizeAttributes = (from: number, to: number): v.InferOutput<typeof steps> => factorOf(from / to);

/** Stands where `requantize` does. */
export const tfliteRequantize = twinOperator('tflite_requantize', 'Requantization', (call) => {
  const { multiplier, shift } = v.parse(steps, call.attrs);
  const x = integers(call.inputs[0]);
  const from = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const out = newIntegers(dtype, x.length);
  for (let i = 0; i < x.length; i++) out[i] = Math.max(min, Math.min(max, scaled((x[i] ?? 0) - from, multiplier, shift) + zeroPoint));
  return integerTensor(dtype, call.outputShape, out);
}, sameAsInput(steps));
