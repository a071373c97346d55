// Elementwise functions of one value. TensorFlow Lite fills a table, or computes what depends on one stored integer alone: both become the table of a udf
// node, entry by entry as its reference kernels would.
import { quantizationOfInput, integerTensor, newIntegers } from '../rescaling.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import type { ActivationQuantization } from '../../ir/index.ts';
import { elementwiseFunction } from '../functions.ts';
import { udf } from '../udf.ts';
import { roundingShift, scaled } from './fixed-point.ts';
import { onLine, points, powerOfTwo, sigmoidOf, storedSpan, tanhOf } from './lookup.ts';
import { factorOf, refuse, stored, type ArrivedView, type TfliteTwin } from './twin.ts';

const f = Math.fround;
/** From a stored integer, as the file has it less its zero point, to the output before the zero point is added. */
type Entry = (centred: number) => number;
type Rule = (x: ActivationQuantization, y: ActivationQuantization, parameters: Readonly<Record<string, number>>) => Entry;

const roundAway = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/** A function in float32 between a product with the input's scale and one with the output's reciprocal. */
const inFloat32 = (real: (x: number) => number): Rule => (x, y) => {
  const inverse = f(1 / y.scale);
  return (q) => roundAway(f(f(real(f(x.scale * q))) * inverse));
};

/** The identity above zero and a slope below, each with its factor; quotients in float32. */
const leakyRelu: Rule = (x, y, { alpha = 0 }) => {
  const [above, below] = [factorOf(f(x.scale / y.scale)), factorOf(f(f(x.scale * f(alpha)) / y.scale))];
  return (q) => { const { multiplier, shift } = q >= 0 ? above : below; return scaled(q, multiplier, shift); };
};

const LIMIT = 2 ** 15;
const within16 = (x: number): number => Math.max(-LIMIT, Math.min(LIMIT - 1, x));
/** round(a * b / 2^15) of 16 bits, halves away from zero but for negative ones, which go up. */
const high16 = (a: number, b: number): number => (a === -LIMIT && b === -LIMIT ? LIMIT - 1 : Math.trunc((a * b + (a * b >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / LIMIT));
/** A real factor as 16-bit multiplier and shift. */
function factor16(real: number): { readonly multiplier: number; readonly shift: number } {
  const { multiplier, shift } = factorOf(real);
  return { multiplier: multiplier >= 2 ** 31 - LIMIT ? LIMIT - 1 : (multiplier + LIMIT) >> 16, shift };
}
/** x raised by 7 bits, times a share of [0, 1] that is x on the scale of 3 / 32768, all in 16 bits. */
const hardSwish: Rule = (x, y) => {
  const fine = f(f(1 / 128) * x.scale);
  const output = factor16(f(fine / y.scale));
  const share = factor16(f(fine / f(3 / 32768)));
  if (output.shift > 0) throw refuse('a hard swish whose output scale is less than a 128th of the input\'s');
  return (q) => {
    const raised = q * 128;
    const lifted = share.shift > 0 ? within16(raised * 2 ** (share.shift - 1)) : raised;
    const near = high16(lifted, share.multiplier);
    const placed = share.shift > 0 ? within16(near * 2) : roundingShift(near, -share.shift);
    const product = Math.trunc((((placed + LIMIT) >> 1) * high16(raised, output.multiplier)) / LIMIT);
    return roundingShift(product, -output.shift);
  };
};

/** Without a rescale where both sides have one scale. */
const abs: Rule = (x, y) => {
  const { multiplier, shift } = factorOf(f(x.scale / y.scale));
  return (q) => (x.scale === y.scale ? Math.abs(q) : scaled(Math.abs(q), multiplier, shift));
};
/** Outside its domain the smallest number that the output holds. */
const log = (rule: (real: (x: number) => number) => Rule): Rule => (x, y, parameters) => {
  const lowest = f((INTEGER_RANGE[y.dtype][0] - y.zeroPoint) * y.scale);
  return rule((real) => (real > 0 ? Math.log(real) : lowest))(x, y, parameters);
};
const gelu = (name: 'gelu' | 'gelu_tanh'): ((x: number) => number) => { const { real } = elementwiseFunction(name); return (x) => real(x, {}); };

const sigmoid = (x: number): number => f(1 / f(1 + f(Math.exp(f(-x)))));
const RULES: Readonly<Record<string, Rule>> = {
  sigmoid: inFloat32(sigmoid), tanh: inFloat32(Math.tanh), exp: inFloat32(Math.exp),
  leaky_relu: leakyRelu, hard_swish: hardSwish, abs, log: log(inFloat32), gelu: inFloat32(gelu('gelu')), gelu_tanh: inFloat32(gelu('gelu_tanh')),
};

/** Of int16, on lines between points that are found in float32. */
const onLines = (real: (x: number) => number): Rule => (x, y) => {
  const table = points(real, storedSpan(x.scale, x.zeroPoint, f), storedSpan(y.scale, y.zeroPoint, f), f);
  return (q) => onLine(table, q);
};
/** The output of int16 has to have a scale of 2^-15. */
const asFraction = (of: (scale: number) => Entry): Rule => (x, y) => {
  if (powerOfTwo(y.scale) !== -15) throw refuse(`an output of int16 stored with ${y.scale}, not 2^-15`);
  return of(x.scale);
};
const WIDE_RULES: Readonly<Record<string, Rule>> = { sigmoid: asFraction(sigmoidOf), tanh: asFraction(tanhOf), exp: onLines(Math.exp), leaky_relu: leakyRelu, abs, log: log(onLines), gelu: onLines(gelu('gelu')), gelu_tanh: onLines(gelu('gelu_tanh')) };

export const tfliteFunction: TfliteTwin = {
  operator: udf,
  int16: true,
  plan: (node: ArrivedView) => {
    const name = String(node.attrs['function']);
    const [x, output] = [stored(node, 0), node.output];
    const rules = x.dtype === 'int16' ? WIDE_RULES : RULES;
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (!rule || node.source === 'PRELU') throw refuse(`${node.source} of ${x.dtype} has no form yet`);
    const parameters = (node.attrs['parameters'] ?? {}) as Readonly<Record<string, number>>;
    const entry = rule(x, output, parameters);
    const [first, last] = INTEGER_RANGE[quantizationOfInput(x).dtype];
    const [min, max] = INTEGER_RANGE[output.dtype];
    const table = newIntegers(output.dtype, last - first + 1);
    for (let q = first; q <= last; q++) table[q - first] = Math.max(min, Math.min(max, entry(q - x.zeroPoint) + output.zeroPoint));
    return { attrs: { function: name, parameters }, constants: { table: integerTensor(output.dtype, [table.length], table) }, output, activations: [0] };
  },
};
