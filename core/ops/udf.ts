// udf: any elementwise function of one input (functions.ts), quantized as a table over every stored input.
// 256 entries at int8, 65,536 at int16; each entry is the correctly rounded output (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, quantizeValue } from './arithmetic.ts';
import { carried, cast, elementwise, number, span } from './exact.ts';
import { ELEMENTWISE_FUNCTIONS, elementwiseFunction, type Parameters } from './functions.ts';
import { isByte, liftedConstant } from './integer.ts';
import { define, sameAsFloat, type KernelCall } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const attributes = v.pipe(
  v.object({
    function: v.picklist(ELEMENTWISE_FUNCTIONS),
    /** What the function is given beside x; absent ones have the function's defaults. */
    parameters: v.optional(v.record(v.string(), v.pipe(v.number(), v.finite()))),
  }),
  v.check(({ function: name, parameters = {} }) => Object.keys(parameters).every((key) => Object.hasOwn(elementwiseFunction(name).parameters, key)), 'the function has no parameter of this name'),
);
type Attributes = v.InferOutput<typeof attributes>;

const parametersOf = (attrs: Attributes): Parameters => ({ ...elementwiseFunction(attrs.function).parameters, ...attrs.parameters });
const realOf = (attrs: Attributes): ((x: number) => number) => {
  const { real } = elementwiseFunction(attrs.function);
  const parameters = parametersOf(attrs);
  return (x) => real(x, parameters);
};

export const udf = define<Attributes>({
  name: 'udf',
  className: 'UDF',
  attributes,
  traits: ['elementwise'],
  shapes: (node) => [node.inputs[0]?.shape ?? []],
  parts: (node) => [node.attrs.function],
  precisions: () => ['int8', 'int16'],
  real: (node) => realOf(node.attrs),
  emit: (node, to) => {
    const layout = to.isChannelsFirst(0) ? 'nchw' : 'nhwc';
    to.output(0, elementwiseFunction(node.attrs.function).emit(to.input(0, layout), to, parametersOf(node.attrs)), layout);
  },
  quantize: (node) => {
    const input = quantizationOfInput(node.inputQuantization[0] ?? null);
    const out = node.outputQuantization;
    const [first, last] = INTEGER_RANGE[input.dtype];
    const table = newIntegers(out.dtype, last - first + 1);
    const real = realOf(node.attrs);
    for (let q = first; q <= last; q++) {
      const y = real(input.scale * (q - input.zeroPoint));
      // Outside a function's domain (log of a negative) the entry stands for 0.
      table[q - first] = quantizeValue(Number.isNaN(y) ? 0 : y, out);
    }
    return {
      attrs: { function: node.attrs.function, parameters: parametersOf(node.attrs) },
      constants: { table: integerTensor(out.dtype, [table.length], table) }, output: out, activations: [0],
    };
  },
  run,
  exact: (twin) => {
    const table = twin.constants['table'];
    if (!table) throw new RequantError('MODEL_INVALID', 'its table is missing', twin.where);
    const values = float32(table.shape, carried(table, quantizationOfInput(twin.output.quantization).zeroPoint));
    const [first] = span(twin.inputs[0]?.quantization ?? null);
    return elementwise((to, x) => to.node('Gather', [to.constant(values), cast(to, to.node('Sub', [x, number(to, 'float32', first)]), 'int32')]));
  },
  integer: (twin) => {
    const table = twin.constants['table'];
    if (!table) throw new RequantError('MODEL_INVALID', 'its table is missing', twin.where);
    if (![twin.inputs[0], twin.output].every((value) => isByte(value?.quantization))) return { reason: 'it is not stored as int8' };
    const values = liftedConstant(table);
    return elementwise((to, x) => to.node('Gather', [to.constant(values), cast(to, x, 'int32')]));
  },
  float: sameAsFloat,
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
