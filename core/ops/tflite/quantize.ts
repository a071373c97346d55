// QUANTIZE of float32 as TensorFlow Lite's reference kernel computes it: the quotient in float32, halves away from zero.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { cast, elementwise, number, span } from '../exact.ts';
import { define } from '../operator.ts';
import { integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { twinOperator } from './twin.ts';

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
