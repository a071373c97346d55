// Softmax of int16 as TensorFlow Lite's reference kernel computes it: exp and 1 / (1 + x) on lines between 513 points, fractions of 15 bits.
import * as v from 'valibot';
import type { Tensor } from '../../tensor/tensor.ts';
import { integer } from '../attributes.ts';
import type { KernelCall } from '../operator.ts';
import { integers, integerTensor, newIntegers } from '../rescaling.ts';
import { scaled } from './fixed-point.ts';
import { onLine, points } from './lookup.ts';
import { factor, factorOf, refuse } from './twin.ts';

const exactly = (x: number): number => x;
const FRACTION = { from: (-32768 * 2) / 65535, to: (32767 * 2) / 65535 };
/** exp of [-10, 0]: what lies farther below the maximum does not count. */
const EXPONENTIAL = points(Math.exp, { from: -10, to: 0 }, FRACTION, exactly);
export const RECIPROCAL = points((x) => 1 / (1 + x), { from: 0, to: 1 }, FRACTION, exactly);
const [LOWEST, HIGHEST] = [-32768, 32767];
const within = (x: number): number => Math.max(LOWEST, Math.min(HIGHEST, x));
/** More exponentials than this may pass 31 bits as a sum. */
const LONGEST = 2 ** 16;

/** Brings a distance below the maximum to [-65535, 0] for [-10, 0]. */
export const wideAttributes = v.object({ multiplier: integer, shift: factor.shift });

export function planWide(scale: number, beta: number, depth: number): { readonly attrs: v.InferOutput<typeof wideAttributes> } {
  if (depth >= LONGEST) throw refuse(`a softmax of ${depth} numbers of int16`);
  return { attrs: factorOf((scale * beta) / (10 / 65535)) };
}

/** exp of a stored integer that lies `below` <= 0 above the maximum, as a fraction of 2^15. */
export const widePowerBelow = ({ multiplier, shift }: v.InferOutput<typeof wideAttributes>, below: number): number => onLine(EXPONENTIAL, within(scaled(below, multiplier, shift) + HIGHEST));

export function runWide(call: KernelCall): Tensor {
  const attrs = v.parse(wideAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const depth = call.outputShape.at(-1) ?? 1;
  const out = newIntegers('int16', x.length);
  for (let from = 0; from < x.length; from += depth) {
    const row = x.subarray(from, from + depth);
    let top = LOWEST;
    for (const q of row) top = Math.max(top, q);
    const powers = Array.from(row, (q) => widePowerBelow(attrs, q - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    const headroom = Math.clz32(sum);
    // The sum as 1 + a fraction of 16 bits, which is looked up.
    const fraction = Math.floor((sum * 2 ** (headroom - 1) + 2 ** 13) / 2 ** 14) - 2 ** 15 - 2 ** 16;
    const share = onLine(RECIPROCAL, within(fraction));
    const bits = 31 - headroom;
    powers.forEach((e, i) => { out[from + i] = Math.max(0, Math.min(HIGHEST, Math.floor((e * share + 2 ** (bits - 1)) / 2 ** bits))); });
  }
  return integerTensor('int16', call.outputShape, out);
}
