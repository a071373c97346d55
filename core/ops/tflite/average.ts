// Average pools and the mean over height and width as TensorFlow Lite's reference kernels compute them.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integer, padding, pair, positive } from '../attributes.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { windowSize } from '../window.ts';
import { fixedPoint, scaled } from './fixed-point.ts';
import { refuse, stored, storedBounds, twinOperator, type TfliteTwin } from './twin.ts';

const window = { kernel: pair, strides: pair, pads: padding };
const poolAttributes = v.object({ ...window, halves: v.picklist(['away', 'up']), min: integer, max: integer });
const meanAttributes = v.object({ count: positive, multiplier: integer, shift: integer });

/** An int8 sum is divided with halves away from zero; a uint8 one, which has no sign, with halves up. The integers' own sum counts, whatever the zero point. */
export const tfliteAveragePool: TfliteTwin = {
  plan: (node) => {
    const x = stored(node, 0);
    if (x.scale !== node.output.scale || x.zeroPoint !== node.output.zeroPoint) throw refuse('an average pool that changes the scale');
    const { kernel, strides, pads } = v.parse(v.object(window), node.attrs);
    return { attrs: { kernel, strides, pads, halves: node.unsigned ? 'up' : 'away', ...storedBounds('none', node.output) }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator('tflite_avg_pool2d', 'AveragePooling2D', (call) => {
    const { kernel, strides, pads, halves, min, max } = v.parse(poolAttributes, call.attrs);
    const [batch = 1, height = 1, width = 1, channels = 1] = call.inputs[0]?.shape ?? [];
    const rows = windowSize(height, kernel[0], strides[0], 1, pads[0], pads[2], {});
    const columns = windowSize(width, kernel[1], strides[1], 1, pads[1], pads[3], {});
    const x = integers(call.inputs[0]);
    const { dtype } = quantizationOfInput(call.outputQuantization);
    const out = newIntegers(dtype, batch * rows * columns * channels);
    let at = 0;
    for (let b = 0; b < batch; b++) for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) {
      const [top, left] = [row * strides[0] - pads[0], column * strides[1] - pads[1]];
      const [r0, r1] = [Math.max(0, top), Math.min(height, top + kernel[0])];
      const [c0, c1] = [Math.max(0, left), Math.min(width, left + kernel[1])];
      const count = (r1 - r0) * (c1 - c0);
      if (r1 <= r0 || c1 <= c0) throw new RequantError('MODEL_INVALID', 'a window lies outside its image');
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let r = r0; r < r1; r++) for (let k = c0; k < c1; k++) sum += x[((b * height + r) * width + k) * channels + c] ?? 0;
        const y = halves === 'up' ? Math.floor((sum + Math.floor(count / 2)) / count) : divided(sum, count);
        out[at++] = y < min ? min : y > max ? max : y;
      }
    }
    return integerTensor(dtype, call.outputShape, out);
  }),
};

/** sum / count, halves away from zero. */
const divided = (sum: number, count: number): number => Math.sign(sum) * Math.floor((Math.abs(sum) + Math.floor(count / 2)) / count);

/** The multiplier takes the division in: it is raised as far as the count allows, then divided, rounding down. */
export const tfliteMean: TfliteTwin = {
  plan: (node) => {
    const [, height = 1, width = 1] = node.inputs[0]?.shape ?? [];
    const count = height * width;
    const whole = fixedPoint(stored(node, 0).scale / node.output.scale);
    const raised = Math.min(Math.floor(Math.log2(count)), 32, 31 + whole.shift);
    if (255 * count >= 2 ** 31) throw refuse('the sum of a mean may pass 32 bits');
    const multiplier = Number((BigInt(whole.multiplier) << BigInt(raised)) / BigInt(count));
    return { attrs: { count, multiplier, shift: whole.shift - raised }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator('tflite_mean', 'GlobalAveragePooling2D', (call) => {
    const { count, multiplier, shift } = v.parse(meanAttributes, call.attrs);
    const [batch = 1, height = 1, width = 1, channels = 1] = call.inputs[0]?.shape ?? [];
    if (height * width !== count) throw new RequantError('MODEL_INVALID', `a mean of ${height * width}, not ${count}`);
    const x = integers(call.inputs[0]);
    const from = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
    const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const out = newIntegers(dtype, batch * channels);
    for (let b = 0; b < batch; b++) for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += (x[(b * count + i) * channels + c] ?? 0) - from;
      const y = scaled(sum, multiplier, shift) + zeroPoint;
      out[b * channels + c] = y < min ? min : y > max ? max : y;
    }
    return integerTensor(dtype, call.outputShape, out);
  }),
};
