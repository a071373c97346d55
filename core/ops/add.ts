// add and sub: y = rshr((a - za) * ma +- (b - zb) * mb, n) + zy, one n for both, the larger multiplier in [2^14, 2^15).
import * as v from 'valibot';
import { rescale, rint, rshr } from './arithmetic.ts';
import { binary } from './binary.ts';
import { carrierOf, half, number, rounding } from './exact.ts';
import { provedSum, qlinearAdd } from './integer-add.ts';

const attributes = v.looseObject({ ma: v.number(), mb: v.number(), shift: v.number() });

/** One shift for both operands, set by the larger ratio. |a - za| < 2^16 and m < 2^15: sums stay below 2^33. */
function plan(sa: number, sb: number, sy: number): { ma: number; mb: number; shift: number } {
  const { shift } = rescale(Math.max(sa, sb) / sy);
  return { ma: rint((sa / sy) * 2 ** shift), mb: rint((sb / sy) * 2 ** shift), shift };
}

const rule = (name: string, onnx: string, sign: 1 | -1) => binary({
  name, onnx, plan,
  real: (a, b) => a + sign * b,
  scaleOfConstant: (raw, role, _other, sy) => {
    const { ma, mb, shift } = v.parse(attributes, raw);
    return (role === 'a' ? ma : mb) * 2 ** -shift * sy;
  },
  exact: (raw, boundA, boundB) => {
    const { ma, mb, shift } = v.parse(attributes, raw);
    const type = carrierOf(boundA * ma + boundB * mb + rounding(shift), shift);
    return type && { type, write: (to, a, b) => {
      const scaled = (x: string, m: number): string => to.node('Mul', [x, number(to, type, m * 2 ** -shift)]);
      return to.node('Add', [to.node(onnx, [scaled(a, ma), scaled(b, mb)]), number(to, type, half(shift))]);
    } };
  },
  // There is no QLinearSub.
  ...(sign === 1 ? {
    integer: (raw, za, zb, zero) => {
      const sum = { ...v.parse(attributes, raw), za, zb, zero };
      const scales = provedSum(sum);
      return scales && ((to, a, b) => qlinearAdd(to, a, b, sum, scales));
    },
  } : {}),
  combine: (raw) => {
    const { ma, mb, shift } = v.parse(attributes, raw);
    return (a, b) => rshr(a * ma + sign * b * mb, shift);
  },
});

export const add = rule('add', 'Add', 1);
export const sub = rule('sub', 'Sub', -1);
