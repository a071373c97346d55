// concat: joins tensors along one dimension; inputs whose quantization differs from the output's are rescaled (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale } from './arithmetic.ts';
import { size } from './attributes.ts';
import { define, type KernelCall } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, rescaleInto } from './rescaling.ts';

const attributes = v.object({ axis: size });
const planAttributes = v.object({ axis: size, multipliers: v.array(v.number()), shifts: v.array(v.number()) });

export const concat = define<v.InferOutput<typeof attributes>>({
  name: 'concat',
  className: 'Concat',
  attributes,
  traits: [],
  shapes: (node) => {
    const shapes = node.inputs.map((operand) => operand?.shape ?? []);
    const [first = []] = shapes;
    const { axis } = node.attrs;
    const fits = shapes.every((s) => s.length === first.length && s.every((d, i) => i === axis || d === first[i]));
    if (!fits || axis >= first.length) throw new RequantError('SHAPE_MISMATCH', `${shapes.map(showShape).join(', ')} cannot be joined along dimension ${axis}`, node.where);
    return [first.map((d, i) => (i === axis ? shapes.reduce((n, s) => n + (s[axis] ?? 0), 0) : d))];
  },
  parts: () => ['concat'],
  precisions: (node) => node.inputs.some((operand) => operand?.constant) ? { reason: 'it joins a constant' } : ['int8', 'int16'],
  emit: (node, to) => {
    const all = node.inputs.map((_, i) => i);
    const first = node.inputs[0]?.shape.length === 4 && all.every((i) => to.isChannelsFirst(i));
    const axis = first ? ([0, 2, 3, 1][node.attrs.axis] ?? 0) : node.attrs.axis;
    const layout = first ? 'nchw' : 'nhwc';
    to.output(0, to.node('Concat', all.map((i) => to.input(i, layout)), { axis: { int: axis } }), layout);
  },
  quantize: (node) => {
    const steps = node.inputs.map((_, i) => rescale(quantizationOfInput(node.inputQuantization[i] ?? null).scale / node.outputQuantization.scale));
    return {
      attrs: { axis: node.attrs.axis, multipliers: steps.map((s) => s.multiplier), shifts: steps.map((s) => s.shift) },
      constants: {}, output: node.outputQuantization, activations: node.inputs.map((_, i) => i),
    };
  },
  run,
  macs: (node) => node.inputs.reduce((n, operand) => n + sizeOf(operand?.shape ?? []), 0),
});

function run(call: KernelCall): Tensor {
  const { axis, multipliers, shifts } = v.parse(planAttributes, call.attrs);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const out = newIntegers(output.dtype, sizeOf(call.outputShape));
  const outer = sizeOf(call.outputShape.slice(0, axis));
  const stride = sizeOf(call.outputShape.slice(axis));
  let offset = 0;
  call.inputs.forEach((input, i) => {
    const x = integers(input);
    const run = sizeOf(input.shape.slice(axis));
    const step = {
      inputZeroPoint: quantizationOfInput(call.inputQuantization[i]).zeroPoint, outputZeroPoint: output.zeroPoint,
      multiplier: multipliers[i] ?? 0, shift: shifts[i] ?? 0, min, max,
    };
    for (let o = 0; o < outer; o++) rescaleInto(out, o * stride + offset, x.subarray(o * run, (o + 1) * run), step);
    offset += run;
  });
  return integerTensor(output.dtype, call.outputShape, out);
}
