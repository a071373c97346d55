// Softmax along the last dimension as TensorFlow Lite's reference kernels compute it; of int8 here, by gemmlowp's exponential and reciprocal, no table.
import * as v from 'valibot';
import { integer } from '../attributes.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { doublingHighMul, fixedPoint, roundingShift } from './fixed-point.ts';
import { planWide, runWide, wideAttributes } from './softmax-wide.ts';
import { refuse, stored, twinOperator, type TfliteTwin } from './twin.ts';

/** Integer bits of a distance below the maximum, and of the sum of exponentials. */
const [DISTANCE_BITS, SUM_BITS] = [5, 12];
const attributes = v.object({ multiplier: integer, shift: v.pipe(integer, v.minValue(0), v.maxValue(31)), farthest: integer });
const [LOWEST, HIGHEST] = [-(2 ** 31), 2 ** 31 - 1];

const raised = (x: number, n: number): number => Math.max(LOWEST, Math.min(HIGHEST, x * 2 ** n));

/** exp(-2^k), k from -2 up, as fractions of 2^31: a distance's bits choose among them. */
const EXPONENTIALS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

/** exp(a) as a fraction of 2^31; a <= 0 with 5 integer and 26 fractional bits. */
export function exponential(a: number): number {
  if (a === 0) return HIGHEST;
  const quarter = 2 ** 24;
  const rest = (a & (quarter - 1)) - quarter;
  let result = nearZero(raised(rest, DISTANCE_BITS));
  const left = rest - a;
  EXPONENTIALS.forEach((e, i) => { if ((left & (1 << (24 + i))) !== 0) result = doublingHighMul(result, e); });
  return result;
}

/** exp(a) for a in [-1/4, 0), both as fractions of 2^31: four terms of the series about -1/8. */
function nearZero(a: number): number {
  const x = a + 2 ** 28;
  const square = doublingHighMul(x, x);
  const cube = doublingHighMul(square, x);
  const fourth = doublingHighMul(square, square);
  const higher = roundingShift(doublingHighMul(roundingShift(fourth, 2) + cube, 715827883) + square, 1);
  return 1895147668 + doublingHighMul(1895147668, x + higher);
}

/** 1 / (1 + a) for a in [0, 1), both as fractions of 2^31: three of Newton's steps. */
function reciprocal(a: number): number {
  const sum = a + HIGHEST;
  const half = Math.trunc((sum + 1) / 2);
  let x = 1515870810 + doublingHighMul(half, -1010580540);
  for (let i = 0; i < 3; i++) x += raised(doublingHighMul(x, 2 ** 29 - doublingHighMul(half, x)), 2);
  return raised(x, 1);
}

/** exp of a stored integer that lies `below` <= 0 above the maximum, as a fraction of 2^31; undefined where it counts for nothing. */
export const powerBelow = ({ multiplier, shift, farthest }: v.InferOutput<typeof attributes>, below: number): number | undefined =>
  (below < farthest ? undefined : exponential(doublingHighMul(below * 2 ** shift, multiplier)));

export const tfliteSoftmax: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    if (node.attrs['axis'] !== shape.length - 1) throw refuse('a softmax along another than the last dimension');
    const beta = Number(node.attrs['beta'] ?? 1);
    if (node.output.dtype === 'int16') return { ...planWide(stored(node, 0).scale, beta, shape.at(-1) ?? 1), constants: {}, output: node.output, activations: [0] };
    const { multiplier, shift } = fixedPoint(Math.min(stored(node, 0).scale * beta * 2 ** (31 - DISTANCE_BITS), HIGHEST));
    if (shift < 0) throw refuse('a softmax of so small a scale');
    return {
      attrs: { multiplier, shift, farthest: -Math.floor(((2 ** DISTANCE_BITS - 1) * 2 ** (31 - DISTANCE_BITS)) / 2 ** shift) },
      constants: {}, output: node.output, activations: [0],
    };
  },
  operator: twinOperator('tflite_softmax', 'Softmax', (call) => {
    const { dtype } = quantizationOfInput(call.outputQuantization);
    if (dtype === 'int16') return runWide(call);
    const attrs = v.parse(attributes, call.attrs);
    const x = integers(call.inputs[0]);
    const depth = call.outputShape.at(-1) ?? 1;
    const [min, max] = INTEGER_RANGE[dtype];
    const out = newIntegers(dtype, x.length);
    for (let from = 0; from < x.length; from += depth) {
      const row = x.subarray(from, from + depth);
      let top = min;
      for (const q of row) top = Math.max(top, q);
      const powers = Array.from(row, (q) => powerBelow(attrs, q - top));
      const sum = powers.reduce<number>((total, e) => total + (e === undefined ? 0 : roundingShift(e, SUM_BITS)), 0);
      const headroom = Math.clz32(sum);
      const share = reciprocal(sum * 2 ** headroom - 2 ** 31);
      powers.forEach((e, i) => {
        if (e === undefined) { out[from + i] = min; return; }
        const y = roundingShift(doublingHighMul(share, e), SUM_BITS - headroom + 31 - 8) + min;
        out[from + i] = Math.min(max, Math.max(min, y));
      });
    }
    return integerTensor(dtype, call.outputShape, out);
  }, (twin) => {
    v.parse(twin.output.quantization?.dtype === 'int16' ? wideAttributes : attributes, twin.attrs);
    return twin.inputs[0]?.shape ?? [];
  }),
};
