// concat: joins tensors along one dimension; inputs whose quantization differs from the output's are rescaled (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale } from './arithmetic.ts';
import { size } from './attributes.ts';
import { reach, rescaled } from './exact.ts';
import { define, type FloatEmitter, type KernelCall, type Layout } from './operator.ts';
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
    const { layout, axis } = joinLayout(to, node.inputs, node.attrs.axis);
    to.output(0, to.node('Concat', node.inputs.map((_, i) => to.input(i, layout)), { axis: { int: axis } }), layout);
  },
  quantize: (node) => {
    const steps = node.inputs.map((_, i) => rescale(quantizationOfInput(node.inputQuantization[i] ?? null).scale / node.outputQuantization.scale));
    return {
      attrs: { axis: node.attrs.axis, multipliers: steps.map((s) => s.multiplier), shifts: steps.map((s) => s.shift) },
      constants: {}, output: node.outputQuantization, activations: node.inputs.map((_, i) => i),
    };
  },
  run,
  exact: (twin) => {
    const { axis, multipliers, shifts } = v.parse(planAttributes, twin.attrs);
    const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const writers = twin.inputs.map(({ quantization }, i) => rescaled(reach(quantization), { multiplier: multipliers[i] ?? 0, shift: shifts[i] ?? 0, min, max }, zeroPoint));
    if (writers.includes(undefined)) return undefined;
    return (to) => {
      const { layout, axis: at } = joinLayout(to, twin.inputs, axis);
      to.output(0, to.node('Concat', writers.map((write, i) => write?.(to, to.input(i, layout)) ?? ''), { axis: { int: at } }), layout);
    };
  },
  macs: (node) => node.inputs.reduce((n, operand) => n + sizeOf(operand?.shape ?? []), 0),
});

/** Channels-first where all inputs already are. */
function joinLayout(to: FloatEmitter, inputs: readonly ({ readonly shape: readonly number[] } | undefined)[], axis: number): { readonly layout: Layout; readonly axis: number } {
  const first = inputs[0]?.shape.length === 4 && inputs.every((_, i) => to.isChannelsFirst(i));
  return { layout: first ? 'nchw' : 'nhwc', axis: first ? ([0, 2, 3, 1][axis] ?? 0) : axis };
}

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
