// The table of elementwise functions that udf knows: parameters with their defaults, the value in double precision, the
// float ONNX form (opset 17). Adding a function = a row here and one in each importer's table.
import { float32 } from '../tensor/tensor.ts';
import { rint } from './arithmetic.ts';
import type { FloatEmitter, OnnxAttribute } from './operator.ts';

export type Parameters = Readonly<Record<string, number>>;

export interface ElementwiseFunction {
  /** Names and defaults of the function's parameters. */
  readonly parameters: Parameters;
  /** NaN outside the domain, an infinity at a pole. */
  readonly real: (x: number, parameters: Parameters) => number;
  readonly emit: (x: string, to: FloatEmitter, parameters: Parameters) => string;
}
/** A row under the precise type of its parameters. */
const row = <P extends Parameters>(parameters: P, real: (x: number, p: P) => number, emit: (x: string, to: FloatEmitter, p: P) => string): ElementwiseFunction =>
  ({ parameters, real, emit } as unknown as ElementwiseFunction);

const scalar = (to: FloatEmitter, x: number): string => to.constant(float32([], [x]));
const named = (p: Parameters): Record<string, OnnxAttribute> => Object.fromEntries(Object.entries(p).map(([name, value]) => [name, { float: value }]));
/** A function that is one ONNX operator, its parameters being the operator's attributes. */
const direct = <P extends Parameters>(onnx: string, parameters: P, real: (x: number, p: P) => number): ElementwiseFunction =>
  row(parameters, real, (x, to, p) => to.node(onnx, [x], named(p)));
const plain = (onnx: string, real: (x: number) => number): ElementwiseFunction => direct(onnx, {}, real);

/** erf by its series and its continued fraction, to double precision. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  let sum = a;
  let term = a;
  if (a < 3) {
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && n < 200; n++) {
      term *= -(a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI));
  }
  let fraction = a;
  for (let k = 60; k >= 1; k--) fraction = a + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / (fraction * Math.sqrt(Math.PI)));
}
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const hardSigmoid = (x: number, { alpha, beta }: { readonly alpha: number; readonly beta: number }): number => Math.min(1, Math.max(0, alpha * x + beta));
const SIXTH = { alpha: 1 / 6, beta: 0.5 };
/** sqrt(2 / pi) and the weight of the cube in gelu's approximation by tanh. */
const GELU = { scale: Math.sqrt(2 / Math.PI), cube: 0.044715 };

const FUNCTIONS = {
  exp: plain('Exp', Math.exp),
  expm1: row({}, Math.expm1, (x, to) => to.node('Sub', [to.node('Exp', [x]), scalar(to, 1)])),
  log: plain('Log', Math.log),
  log1p: row({}, Math.log1p, (x, to) => to.node('Log', [to.node('Add', [x, scalar(to, 1)])])),
  sqrt: plain('Sqrt', Math.sqrt),
  rsqrt: row({}, (x) => 1 / Math.sqrt(x), (x, to) => to.node('Reciprocal', [to.node('Sqrt', [x])])),
  square: row({}, (x) => x * x, (x, to) => to.node('Mul', [x, x])),
  pow: row({ exponent: 2 }, (x, p) => x ** p.exponent, (x, to, p) => to.node('Pow', [x, scalar(to, p.exponent)])),
  reciprocal: row({ numerator: 1 }, (x, p) => p.numerator / x, (x, to, p) => to.node('Div', [scalar(to, p.numerator), x])),
  abs: plain('Abs', Math.abs),
  neg: plain('Neg', (x) => -x),
  sign: plain('Sign', Math.sign),
  ceil: plain('Ceil', Math.ceil),
  floor: plain('Floor', Math.floor),
  round: plain('Round', rint),
  sin: plain('Sin', Math.sin), cos: plain('Cos', Math.cos), tan: plain('Tan', Math.tan),
  asin: plain('Asin', Math.asin), acos: plain('Acos', Math.acos), atan: plain('Atan', Math.atan),
  sinh: plain('Sinh', Math.sinh), cosh: plain('Cosh', Math.cosh), tanh: plain('Tanh', Math.tanh),
  asinh: plain('Asinh', Math.asinh), acosh: plain('Acosh', Math.acosh), atanh: plain('Atanh', Math.atanh),
  erf: plain('Erf', erf),
  sigmoid: plain('Sigmoid', sigmoid),
  softplus: plain('Softplus', softplus),
  softsign: plain('Softsign', (x) => x / (1 + Math.abs(x))),
  elu: direct('Elu', { alpha: 1 }, (x, p) => (x >= 0 ? x : p.alpha * Math.expm1(x))),
  celu: direct('Celu', { alpha: 1 }, (x, p) => Math.max(0, x) + Math.min(0, p.alpha * Math.expm1(x / p.alpha))),
  selu: direct('Selu', { alpha: 1.67326319217681884765625, gamma: 1.05070102214813232421875 }, (x, p) => p.gamma * (x > 0 ? x : p.alpha * Math.expm1(x))),
  leaky_relu: direct('LeakyRelu', { alpha: 0.01 }, (x, p) => (x >= 0 ? x : p.alpha * x)),
  thresholded_relu: direct('ThresholdedRelu', { alpha: 1 }, (x, p) => (x > p.alpha ? x : 0)),
  shrink: direct('Shrink', { lambd: 0.5, bias: 0 }, (x, p) => (x < -p.lambd ? x + p.bias : x > p.lambd ? x - p.bias : 0)),
  hard_sigmoid: direct('HardSigmoid', SIXTH, hardSigmoid),
  hard_swish: row({}, (x) => x * hardSigmoid(x, SIXTH), (x, to) => to.node('Mul', [x, to.node('HardSigmoid', [x], named(SIXTH))])),
  silu: row({ alpha: 1 }, (x, p) => x * sigmoid(p.alpha * x), (x, to, p) =>
    to.node('Mul', [x, to.node('Sigmoid', [p.alpha === 1 ? x : to.node('Mul', [x, scalar(to, p.alpha)])])])),
  mish: row({}, (x) => x * Math.tanh(softplus(x)), (x, to) => to.node('Mul', [x, to.node('Tanh', [to.node('Softplus', [x])])])),
  gelu: row({}, (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)), (x, to) => {
    const inner = to.node('Erf', [to.node('Mul', [x, scalar(to, Math.SQRT1_2)])]);
    return to.node('Mul', [to.node('Mul', [x, scalar(to, 0.5)]), to.node('Add', [inner, scalar(to, 1)])]);
  }),
  gelu_tanh: row({}, (x) => 0.5 * x * (1 + Math.tanh(GELU.scale * (x + GELU.cube * x ** 3))), (x, to) => {
    const cube = to.node('Mul', [to.node('Mul', [x, x]), to.node('Mul', [x, scalar(to, GELU.cube)])]);
    const inner = to.node('Tanh', [to.node('Mul', [to.node('Add', [x, cube]), scalar(to, GELU.scale)])]);
    return to.node('Mul', [to.node('Mul', [x, scalar(to, 0.5)]), to.node('Add', [inner, scalar(to, 1)])]);
  }),
} as const satisfies Record<string, ElementwiseFunction>;

export type FunctionName = keyof typeof FUNCTIONS;
export const ELEMENTWISE_FUNCTIONS = Object.keys(FUNCTIONS) as readonly FunctionName[];
/** The row of a function. */
export const elementwiseFunction = (name: FunctionName): ElementwiseFunction => FUNCTIONS[name];
