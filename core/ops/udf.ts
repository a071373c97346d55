// udf: any elementwise function of one input (exp, sigmoid, tanh ...), quantized as a table over every stored input.
// 256 entries at int8, 65,536 at int16; each entry is the correctly rounded output (numerics 5).
import * as v from 'valibot';
import { float32, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, quantizeValue } from './arithmetic.ts';
import { define, type FloatEmitter, type KernelCall } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

interface ElementwiseFunction {
  readonly real: (x: number) => number;
  readonly emit: (x: string, to: FloatEmitter) => string;
}
const scalar = (to: FloatEmitter, x: number): string => to.constant(float32([], [x]));
const unary = (onnx: string) => (x: string, to: FloatEmitter): string => to.node(onnx, [x]);

/** Abramowitz and Stegun are not enough here: erf by its series and continued fraction, to double precision. */
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

/** Adding a function = a row here. */
const FUNCTIONS = {
  exp: { real: Math.exp, emit: unary('Exp') },
  log: { real: Math.log, emit: unary('Log') },
  sqrt: { real: Math.sqrt, emit: unary('Sqrt') },
  abs: { real: Math.abs, emit: unary('Abs') },
  neg: { real: (x: number) => -x, emit: unary('Neg') },
  sigmoid: { real: (x: number) => 1 / (1 + Math.exp(-x)), emit: unary('Sigmoid') },
  tanh: { real: Math.tanh, emit: unary('Tanh') },
  erf: { real: erf, emit: unary('Erf') },
  softplus: { real: (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), emit: unary('Softplus') },
  elu: { real: (x: number) => (x >= 0 ? x : Math.expm1(x)), emit: unary('Elu') },
  hard_sigmoid: {
    real: (x: number) => Math.min(1, Math.max(0, x / 6 + 0.5)),
    emit: (x: string, to: FloatEmitter) => to.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  },
  hard_swish: {
    real: (x: number) => x * Math.min(1, Math.max(0, x / 6 + 0.5)),
    emit: (x: string, to: FloatEmitter) => to.node('Mul', [x, to.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })]),
  },
  gelu: {
    real: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    emit: (x: string, to: FloatEmitter) => {
      const inner = to.node('Erf', [to.node('Mul', [x, scalar(to, Math.SQRT1_2)])]);
      return to.node('Mul', [to.node('Mul', [x, scalar(to, 0.5)]), to.node('Add', [inner, scalar(to, 1)])]);
    },
  },
} as const satisfies Record<string, ElementwiseFunction>;

export const ELEMENTWISE_FUNCTIONS = Object.keys(FUNCTIONS) as readonly (keyof typeof FUNCTIONS)[];
const attributes = v.object({ function: v.picklist(ELEMENTWISE_FUNCTIONS) });

export const udf = define<v.InferOutput<typeof attributes>>({
  name: 'udf',
  className: 'UDF',
  attributes,
  traits: ['elementwise'],
  shapes: (node) => [node.inputs[0]?.shape ?? []],
  parts: (node) => [node.attrs.function],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const layout = to.isChannelsFirst(0) ? 'nchw' : 'nhwc';
    to.output(0, FUNCTIONS[node.attrs.function].emit(to.input(0, layout), to), layout);
  },
  quantize: (node) => {
    const input = quantizationOfInput(node.inputQuantization[0] ?? null);
    const out = node.outputQuantization;
    const [first, last] = INTEGER_RANGE[input.dtype];
    const table = newIntegers(out.dtype, last - first + 1);
    const real: (x: number) => number = FUNCTIONS[node.attrs.function].real;
    for (let q = first; q <= last; q++) {
      const y = real(input.scale * (q - input.zeroPoint));
      // Outside a function's domain (log of a negative) the nearest value that it has is 0.
      table[q - first] = quantizeValue(Number.isNaN(y) ? 0 : y, out);
    }
    return { attrs: { function: node.attrs.function }, constants: { table: integerTensor(out.dtype, [table.length], table) }, output: out, activations: [0] };
  },
  run,
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

function run(call: KernelCall): Tensor {
  const x = integers(call.inputs[0]);
  const table = integers(call.constants['table']);
  const first = INTEGER_RANGE[quantizationOfInput(call.inputQuantization[0]).dtype][0];
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const out = newIntegers(dtype, x.length);
  for (let i = 0; i < x.length; i++) out[i] = table[(x[i] ?? 0) - first] ?? 0;
  return integerTensor(dtype, call.outputShape, out);
}
