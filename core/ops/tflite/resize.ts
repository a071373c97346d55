// RESIZE_BILINEAR as TensorFlow Lite's reference kernels compute it: int8 and int16 in whole 1024ths of a pixel, uint8 in float32.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { size } from '../attributes.ts';
import { resizeRule } from '../resize.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { refuse, stored, twinOperator, type TfliteTwin } from './twin.ts';

type Rule = v.InferOutput<typeof resizeRule>;
const attributes = v.object({ rows: size, columns: size, rule: resizeRule, unsigned: v.boolean() });
const f = Math.fround;

/** Between which two pixels a row or column lies, and what each of the two weighs. */
export interface Place {
  readonly low: number;
  readonly high: number;
  readonly weights: readonly [low: number, high: number];
}
const ONE = 1024;

/** In 1024ths; divisions of integers cut towards zero. */
function wholePlaces(from: number, to: number, rule: Rule): readonly Place[] {
  const corners = rule === 'corners' && to > 1;
  const step = corners ? Math.trunc((ONE * (from - 1) + Math.trunc((to - 1) / 2)) / (to - 1)) : Math.trunc((ONE * from + Math.trunc(to / 2)) / to);
  return Array.from({ length: to }, (_, i) => {
    const at = i * step + (rule === 'centres' ? Math.trunc(step / 2) - ONE / 2 : 0);
    const low = Math.max(0, Math.trunc(at / ONE));
    return { low, high: Math.min(from - 1, Math.trunc((at + ONE - 1) / ONE)), weights: [ONE - (at - ONE * low), at - ONE * low] };
  });
}
/** In float32, rounded at every step. */
function realPlaces(from: number, to: number, rule: Rule): readonly Place[] {
  const step = rule === 'corners' && to > 1 ? f((from - 1) / (to - 1)) : f(from / to);
  return Array.from({ length: to }, (_, i) => {
    const at = rule === 'centres' ? f(f(f(i + 0.5) * step) - 0.5) : f(i * step);
    const low = Math.max(0, Math.floor(at));
    return { low, high: Math.min(from - 1, Math.ceil(at)), weights: [f(1 - f(at - low)), f(at - low)] };
  });
}

/** For each row or column of the output. */
export const placesOf = (unsigned: boolean, from: number, to: number, rule: Rule): readonly Place[] => (unsigned ? realPlaces : wholePlaces)(from, to, rule);

/** Halves away from zero. */
const settled = (sum: number): number => Math.trunc((sum + (sum > 0 ? 2 ** 19 : -(2 ** 19))) / 2 ** 20);
/** A uint8 number lies 128 above its int8. */
const UNSIGNED = 128;

export const tfliteResizeBilinear: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const x = stored(node, 0);
    const { rows, columns, rule } = node.attrs;
    if (x.scale !== node.output.scale || x.zeroPoint !== node.output.zeroPoint) throw refuse('a resize whose sides are stored with different scales');
    if (!Array.isArray(rows) || !Array.isArray(columns) || rule === undefined) throw refuse('a resize by another rule');
    return { attrs: { rows: rows.length, columns: columns.length, rule, unsigned: node.unsigned }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator('tflite_resize_bilinear', 'Upscale', (call) => {
    const { rows, columns, rule, unsigned } = v.parse(attributes, call.attrs);
    const [batch = 1, height = 1, width = 1, channels = 1] = call.inputs[0]?.shape ?? [];
    const length = batch * rows * columns * channels;
    if (length !== sizeOf(call.outputShape)) throw new RequantError('MODEL_INVALID', `it resizes to ${rows} by ${columns}`);
    const x = integers(call.inputs[0]);
    const { dtype } = quantizationOfInput(call.outputQuantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const out = newIntegers(dtype, length);
    const [down, across] = [placesOf(unsigned, height, rows, rule), placesOf(unsigned, width, columns, rule)];
    let at = 0;
    for (let b = 0; b < batch; b++) for (const r of down) for (const c of across) for (let k = 0; k < channels; k++) {
      const read = (row: number, column: number): number => x[((b * height + row) * width + column) * channels + k] ?? 0;
      const corners = [[r.low, c.low, r.weights[0], c.weights[0]], [r.high, c.low, r.weights[1], c.weights[0]], [r.low, c.high, r.weights[0], c.weights[1]], [r.high, c.high, r.weights[1], c.weights[1]]] as const;
      const q = unsigned
        ? Math.trunc(f(corners.reduce((sum, [row, column, p, q]) => f(sum + f(f((read(row, column) + UNSIGNED) * p) * q)), 0) + 0.5)) - UNSIGNED
        : settled(corners.reduce((sum, [row, column, p, q]) => sum + read(row, column) * p * q, 0));
      out[at++] = q < min ? min : q > max ? max : q;
    }
    return integerTensor(dtype, call.outputShape, out);
  }, (twin) => {
    const { rows, columns } = v.parse(attributes, twin.attrs);
    const [batch = 1, , , channels = 1] = twin.inputs[0]?.shape ?? [];
    return [batch, rows, columns, channels];
  }),
};
