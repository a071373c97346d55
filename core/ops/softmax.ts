// softmax over the last dimension, with integers only (docs/numerics.md, softmax).
// table[d] = rint(exp(-sx * d) * 2^30) for the distance d below the row's maximum; then one exact rational rounding.
import * as v from 'valibot';
import { sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';
import { BITS, clamp, INTEGER_RANGE, rescale, rint } from './arithmetic.ts';
import { integer } from './attributes.ts';
import { cast, number, settle } from './exact.ts';
import { define, type ExactWriter, type KernelCall, type TwinView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const attributes = v.object({ axis: integer });
const planAttributes = v.object({ multiplier: v.number(), shift: v.number() });
const ONE = 2 ** 30;

export const softmax = define<v.InferOutput<typeof attributes>>({
  name: 'softmax',
  className: 'Softmax',
  attributes,
  traits: [],
  shapes: (node) => [node.inputs[0]?.shape ?? []],
  parts: () => ['softmax'],
  precisions: (node) => node.attrs.axis === (node.inputs[0]?.shape.length ?? 0) - 1
    ? ['int8', 'int16'] : { reason: 'softmax runs on the MLA over the last dimension only' },
  emit: (node, to) => to.output(0, to.node('Softmax', [to.input(0)], { axis: { int: node.attrs.axis } })),
  quantize: (node) => {
    const sx: number = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
    const out = node.outputQuantization;
    const table = Int32Array.from({ length: 2 ** BITS[out.dtype] }, (_, d) => rint(Math.exp(-sx * d) * ONE));
    return {
      attrs: { ...rescale(1 / out.scale) },
      constants: { table: { dtype: 'int32', shape: [table.length], data: table } },
      output: out, activations: [0],
    };
  },
  run,
  exact,
  macs: (node) => 3 * sizeOf(node.inputs[0]?.shape ?? []),
});

/** y = clamp(round(table[d] * m / (sum * 2^n)) + zy), halves up. table * m < 2^45; the divisor stays below 2^53 for rows up to 2^16. */
function run(call: KernelCall): Tensor {
  const { multiplier, shift } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const table = integers(call.constants['table']);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const length = call.outputShape.at(-1) ?? 1;
  const out = newIntegers(output.dtype, x.length);
  const up = shift < 0 ? 2 ** -shift : 1;
  const down = shift > 0 ? 2 ** shift : 1;
  for (let row = 0; row < x.length; row += length) {
    let top = -Infinity;
    for (let i = row; i < row + length; i++) top = Math.max(top, x[i] ?? 0);
    let sum = 0;
    for (let i = row; i < row + length; i++) sum += table[top - (x[i] ?? 0)] ?? 0;
    for (let i = row; i < row + length; i++) {
      out[i] = clamp(divideRounded((table[top - (x[i] ?? 0)] ?? 0) * multiplier * up, sum * down) + output.zeroPoint, min, max);
    }
  }
  return integerTensor(output.dtype, call.outputShape, out);
}

/** The same in float64: rows added up over the last dimension, and the quotient corrected where it rounded across an integer. */
function exact(twin: TwinView): ExactWriter {
  const { multiplier, shift } = v.parse(planAttributes, twin.attrs);
  const table = integers(twin.constants['table']);
  const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
  const [min, max] = INTEGER_RANGE[dtype];
  return (to) => {
    const wide = (x: number): string => number(to, 'float64', x);
    const x = to.input(0);
    // ReduceMax changed its form between opsets; a window over the row has not.
    const length = twin.output.shape.at(-1) ?? 1;
    const shaped = (name: string, shape: readonly number[]): string => to.node('Reshape', [name, to.constant(tensor('int64', [shape.length], BigInt64Array.from(shape, BigInt)))]);
    const top = to.node('MaxPool', [shaped(x, [1, 1, sizeOf(twin.output.shape) / length, length])], { kernel_shape: [1, length], strides: [1, 1] });
    const distance = to.node('Sub', [shaped(top, [...twin.output.shape.slice(0, -1), 1]), x]);
    const e = to.node('Gather', [to.constant(tensor('float64', [table.length], Float64Array.from(table))), cast(to, distance, 'int32')]);
    const sum = to.node('ReduceSum', [e, to.constant(tensor('int64', [1], BigInt64Array.of(-1n)))], { keepdims: { int: 1 } });
    const twice = to.node('Mul', [sum, wide(2 * 2 ** Math.max(shift, 0))]);
    const dividend = to.node('Add', [to.node('Mul', [e, wide(2 * multiplier * 2 ** Math.max(-shift, 0))]), to.node('Mul', [sum, wide(2 ** Math.max(shift, 0))])]);
    const quotient = to.node('Floor', [to.node('Div', [dividend, twice])]);
    const rest = to.node('Sub', [dividend, to.node('Mul', [quotient, twice])]);
    const up = cast(to, to.node('GreaterOrEqual', [rest, twice]), 'float64');
    const down = cast(to, to.node('Less', [rest, wide(0)]), 'float64');
    to.output(0, settle(to, to.node('Sub', [to.node('Add', [quotient, up]), down]), 'float64', min, max, zeroPoint));
  };
}

/** floor((2a + b) / 2b) for whole numbers, a double quotient corrected where it rounded across an integer. */
function divideRounded(a: number, b: number): number {
  const q = Math.floor((2 * a + b) / (2 * b));
  const rest = 2 * a + b - q * 2 * b;
  if (rest < 0) return q - 1;
  return rest >= 2 * b ? q + 1 : q;
}
