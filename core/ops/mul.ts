// mul: y = rshr((a - za) * (b - zb) * m, n) + zy with m * 2^-n = sa * sb / sy. |product| < 2^32, times m < 2^47: exact.
import * as v from 'valibot';
import { rescale, rshr } from './arithmetic.ts';
import { binary } from './binary.ts';
import { carrierOf, half, number, rounding } from './exact.ts';

const attributes = v.looseObject({ multiplier: v.number(), shift: v.number() });

export const mul = binary({
  name: 'mul',
  onnx: 'Mul',
  real: (a, b) => a * b,
  plan: (sa, sb, sy) => ({ ...rescale((sa * sb) / sy) }),
  scaleOfConstant: (raw, _role, other, sy) => {
    const { multiplier, shift } = v.parse(attributes, raw);
    return (multiplier * 2 ** -shift * sy) / other;
  },
  exact: (raw, boundA, boundB) => {
    const { multiplier, shift } = v.parse(attributes, raw);
    const type = carrierOf(boundA * boundB * multiplier + rounding(shift), shift);
    return type && { type, write: (to, a, b) =>
      to.node('Add', [to.node('Mul', [to.node('Mul', [a, b]), number(to, type, multiplier * 2 ** -shift)]), number(to, type, half(shift))]) };
  },
  combine: (raw) => {
    const { multiplier, shift } = v.parse(attributes, raw);
    return (a, b) => rshr(a * b * multiplier, shift);
  },
});
