// concat: joins tensors along one dimension; inputs are rescaled to the output's quantization, constants are
// stored in it (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale } from './arithmetic.ts';
import { size } from './attributes.ts';
import { quantizeTensor } from './conversion.ts';
import { reach, rescaled } from './exact.ts';
import { isByte, liftedConstant } from './integer.ts';
import { define, type FloatEmitter, type KernelCall, type Layout, type NodeView } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, rescaleInto } from './rescaling.ts';

const attributes = v.object({ axis: size });
const planAttributes = v.object({ axis: size, multipliers: v.array(v.number()), shifts: v.array(v.number()) });

const alongBatch = (node: NodeView<v.InferOutput<typeof attributes>>): boolean => node.attrs.axis === 0 && (node.inputs[0]?.shape.length ?? 0) > 1;

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
  // Joined along the batch it is an operator of its own to the MLA, which has it at 8 bits.
  parts: (node) => [alongBatch(node) ? 'concat_batch' : 'concat'],
  precisions: (node) => alongBatch(node) ? ['int8'] : ['int8', 'int16'],
  emit: (node, to) => {
    const { layout, axis } = joinLayout(to, node.inputs, node.attrs.axis);
    to.output(0, to.node('Concat', node.inputs.map((_, i) => to.input(i, layout)), { axis: { int: axis } }), layout);
  },
  quantize: (node) => {
    const out = node.outputQuantization;
    const constants: Record<string, Tensor> = {};
    node.inputs.forEach((operand, i) => { if (operand?.constant) constants[roleOf(i)] = quantizeTensor(operand.constant, out); });
    const activations = node.inputs.flatMap((operand, i) => (operand?.constant ? [] : [i]));
    const steps = activations.map((i) => rescale(quantizationOfInput(node.inputQuantization[i] ?? null).scale / out.scale));
    return { attrs: { axis: node.attrs.axis, multipliers: steps.map((s) => s.multiplier), shifts: steps.map((s) => s.shift) }, constants, output: out, activations };
  },
  run,
  exact: (twin) => {
    const { axis, multipliers, shifts } = v.parse(planAttributes, twin.attrs);
    const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
    const [min, max] = INTEGER_RANGE[dtype];
    const step = (i: number) => ({ multiplier: multipliers[i] ?? 0, shift: shifts[i] ?? 0, min, max });
    const writers = twin.inputs.map(({ quantization }, i) => rescaled(reach(quantization), step(i), zeroPoint));
    const total = twin.inputs.length + Object.keys(twin.constants).length;
    if (writers.includes(undefined)) return undefined;
    return (to) => {
      // Constants lie channels-last.
      const { layout, axis: at } = total > twin.inputs.length ? { layout: 'nhwc' as const, axis } : joinLayout(to, twin.inputs, axis);
      let next = 0;
      const names = Array.from({ length: total }, (_, i) => {
        const constant = twin.constants[roleOf(i)];
        if (constant) return to.constant(float32(constant.shape, Float32Array.from(integers(constant), (q) => q - zeroPoint)));
        const k = next++;
        return writers[k]?.(to, to.input(k, layout)) ?? '';
      });
      to.output(0, to.node('Concat', names, { axis: { int: at } }), layout);
    };
  },
  integer: (twin) => {
    const { axis, multipliers, shifts } = v.parse(planAttributes, twin.attrs);
    const { output } = twin;
    if (![...twin.inputs, output].every(({ quantization }) => isByte(quantization))) return { reason: 'it is not stored as int8' };
    const alike = twin.inputs.every(({ quantization }, i) => (multipliers[i] ?? 0) * 2 ** -(shifts[i] ?? 0) === 1 && quantization?.zeroPoint === output.quantization?.zeroPoint);
    if (!alike) return { reason: 'its parts are stored with different scales' };
    const constants = new Map(Object.entries(twin.constants).map(([role, t]) => [role, liftedConstant(t)]));
    return (to) => {
      const { layout, axis: at } = constants.size > 0 ? { layout: 'nhwc' as const, axis } : joinLayout(to, twin.inputs, axis);
      let next = 0;
      const names = Array.from({ length: twin.inputs.length + constants.size }, (_, i) => { const constant = constants.get(roleOf(i)); return constant ? to.constant(constant) : to.input(next++, layout); });
      to.output(0, to.node('Concat', names, { axis: { int: at } }), layout);
    };
  },
  float: (twin) => {
    const { scale, zeroPoint } = quantizationOfInput(twin.output.quantization);
    let next = 0;
    const inputs = Array.from({ length: twin.inputs.length + Object.keys(twin.constants).length }, (_, i) => { const stored = twin.constants[roleOf(i)]; return stored ? { stored, scale, zeroPoint } : next++; });
    return { attrs: twin.attrs, inputs };
  },
  macs: (node) => node.inputs.reduce((n, operand) => n + sizeOf(operand?.shape ?? []), 0),
});

/** Channels-first where all inputs already are. */
function joinLayout(to: FloatEmitter, inputs: readonly ({ readonly shape: readonly number[] } | undefined)[], axis: number): { readonly layout: Layout; readonly axis: number } {
  const first = inputs[0]?.shape.length === 4 && inputs.every((_, i) => to.isChannelsFirst(i));
  return { layout: first ? 'nchw' : 'nhwc', axis: first ? ([0, 2, 3, 1][axis] ?? 0) : axis };
}

/** Constants are named by their place among the inputs. */
const roleOf = (i: number): string => `input${i}`;

function run(call: KernelCall): Tensor {
  const { axis, multipliers, shifts } = v.parse(planAttributes, call.attrs);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const out = newIntegers(output.dtype, sizeOf(call.outputShape));
  const outer = sizeOf(call.outputShape.slice(0, axis));
  const stride = sizeOf(call.outputShape.slice(axis));
  let offset = 0;
  let next = 0;
  for (let i = 0; i < call.inputs.length + Object.keys(call.constants).length; i++) {
    const constant = call.constants[roleOf(i)];
    const input = constant ?? call.inputs[next];
    const x = integers(input);
    const run = sizeOf(input?.shape.slice(axis) ?? []);
    if (offset + run > stride) throw new RequantError('MODEL_INVALID', 'the parts are larger than the whole');
    if (constant) for (let o = 0; o < outer; o++) out.set(x.subarray(o * run, (o + 1) * run), o * stride + offset);
    else {
      const step = {
        inputZeroPoint: quantizationOfInput(call.inputQuantization[next]).zeroPoint, outputZeroPoint: output.zeroPoint,
        multiplier: multipliers[next] ?? 0, shift: shifts[next] ?? 0, min, max,
      };
      for (let o = 0; o < outer; o++) rescaleInto(out, o * stride + offset, x.subarray(o * run, (o + 1) * run), step);
      next++;
    }
    offset += run;
  }
  return integerTensor(output.dtype, call.outputShape, out);
}
