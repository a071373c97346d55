// Average pools as TensorFlow Lite's reference kernels compute them.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { integer, padding, pair } from '../attributes.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { windowSize } from '../window.ts';
import { refuse, stored, storedBounds, twinOperator, type TfliteTwin } from './twin.ts';

const window = { kernel: pair, strides: pair, pads: padding };
const poolAttributes = v.object({ ...window, halves: v.picklist(['away', 'up']), min: integer, max: integer });
/** Farthest apart that the scales of both sides may be: TensorFlow Lite then takes them for one. */
const SAME_SCALE = 1e-6;

/** An int8 sum is divided with halves away from zero; a uint8 one, which has no sign, with halves up. The integers' own sum counts, whatever the zero point. */
export const tfliteAveragePool: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const x = stored(node, 0);
    if (Math.abs(x.scale - node.output.scale) > SAME_SCALE || x.zeroPoint !== node.output.zeroPoint) throw refuse('an average pool that changes the scale');
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
  }, (twin) => {
    const { kernel, strides, pads } = v.parse(poolAttributes, twin.attrs);
    const [batch = 1, height = 1, width = 1, channels = 1] = twin.inputs[0]?.shape ?? [];
    return [batch, windowSize(height, kernel[0], strides[0], 1, pads[0], pads[2], twin.where), windowSize(width, kernel[1], strides[1], 1, pads[1], pads[3], twin.where), channels];
  }),
};

/** sum / count, halves away from zero. */
const divided = (sum: number, count: number): number => Math.sign(sum) * Math.floor((Math.abs(sum) + Math.floor(count / 2)) / count);
