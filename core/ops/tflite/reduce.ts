// Means, sums, maxima and minima over any dimensions as TensorFlow Lite's reference kernels compute them, and positions of maxima and minima.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { argMax, argMin } from '../arg.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { positive, size } from '../attributes.ts';
import type { KernelCall, Operator, TwinView } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, type IntegerData } from '../rescaling.ts';
import { fixedPoint, scaled } from './fixed-point.ts';
import { factor, factorOf, refuse, stored, twinOperator, type ArrivedView, type TfliteTwin } from './twin.ts';

const axesOnly = v.object({ axes: v.array(size) });
const sumAttributes = v.object({ ...axesOnly.entries, ...factor });
const meanAttributes = v.object({ ...sumAttributes.entries, count: positive });

const countOf = (shape: readonly number[], axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis] ?? 1));
const axesOf = (node: ArrivedView): readonly number[] => {
  const axes = node.attrs['axes'] as readonly number[] | undefined;
  const shape = node.inputs[0]?.shape ?? [];
  const found = axes ?? [1, 2];
  if (2 ** (node.output.dtype === 'int16' ? 16 : 8) * countOf(shape, found) >= 2 ** 31) throw refuse('a sum may pass 32 bits');
  return found;
};

/** The output's shape, with the reduced dimensions as 1 or gone. */
const reduced = (attributes: typeof axesOnly | typeof sumAttributes | typeof meanAttributes) => (twin: TwinView): readonly number[] => {
  const { axes } = v.parse(attributes, twin.attrs);
  const shape = twin.inputs[0]?.shape ?? [];
  if (new Set(axes).size < axes.length || axes.some((axis) => axis >= shape.length)) throw new RequantError('SHAPE_MISMATCH', 'its dimensions are not the input\'s', twin.where);
  const kept = twin.output.shape.length === shape.length;
  return shape.flatMap((d, i) => (axes.includes(i) ? (kept ? [1] : []) : [d]));
};

/** `take` folds stored integers one by one, from `start`; `finish` makes the output of it. */
function fold(call: KernelCall, axes: readonly number[], start: number, take: (total: number, q: number) => number, finish: (total: number) => number): Tensor {
  const shape = call.inputs[0]?.shape ?? [];
  const x: IntegerData = integers(call.inputs[0]);
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const totals = new Array<number>(sizeOf(call.outputShape)).fill(start);
  const strides = new Array<number>(shape.length).fill(0);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) if (!axes.includes(d)) { strides[d] = step; step *= shape[d] ?? 1; }
  for (let i = 0; i < x.length; i++) {
    let [rest, at] = [i, 0];
    for (let d = shape.length - 1; d >= 0; d--) { const dim = shape[d] ?? 1; at += (rest % dim) * (strides[d] ?? 0); rest = Math.floor(rest / dim); }
    totals[at] = take(totals[at] ?? start, x[i] ?? 0);
  }
  const out = newIntegers(dtype, totals.length);
  totals.forEach((total, i) => { out[i] = finish(total); });
  return integerTensor(dtype, call.outputShape, out);
}

function summed(call: KernelCall, { axes, multiplier, shift }: v.InferOutput<typeof sumAttributes>): Tensor {
  const from = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[dtype];
  return fold(call, axes, 0, (total, q) => total + q - from, (total) => Math.max(min, Math.min(max, scaled(total, multiplier, shift) + zeroPoint)));
}

/** The multiplier takes the division in: it is raised as far as the count allows, then divided, rounding down. */
export const tfliteMean: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const axes = axesOf(node);
    const count = countOf(node.inputs[0]?.shape ?? [], axes);
    const whole = fixedPoint(stored(node, 0).scale / node.output.scale);
    const raised = Math.min(Math.floor(Math.log2(count)), 32, 31 + whole.shift);
    const multiplier = Number((BigInt(whole.multiplier) << BigInt(raised)) / BigInt(count));
    return { attrs: { axes, count, multiplier, shift: whole.shift - raised }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator('tflite_mean', 'Mean', (call) => {
    const attrs = v.parse(meanAttributes, call.attrs);
    const count = countOf(call.inputs[0]?.shape ?? [], attrs.axes);
    if (count !== attrs.count) throw new RequantError('MODEL_INVALID', `a mean of ${count}, not ${attrs.count}`);
    return summed(call, attrs);
  }, reduced(meanAttributes)),
};
export const tfliteSum: TfliteTwin = {
  int16: true,
  plan: (node) => ({ attrs: { axes: axesOf(node), ...factorOf(stored(node, 0).scale / node.output.scale) }, constants: {}, output: node.output, activations: [0] }),
  operator: twinOperator('tflite_sum', 'Sum', (call) => summed(call, v.parse(sumAttributes, call.attrs)), reduced(sumAttributes)),
};

const extreme = (name: string, className: string, start: number, take: (a: number, b: number) => number): TfliteTwin => ({
  int16: true,
  plan: (node) => {
    const x = stored(node, 0);
    if (x.scale !== node.output.scale || x.zeroPoint !== node.output.zeroPoint) throw refuse(`a ${node.source} that changes the scale`);
    return { attrs: { axes: reducedAxes(node) }, constants: {}, output: node.output, activations: [0] };
  },
  operator: twinOperator(name, className, (call) => fold(call, v.parse(axesOnly, call.attrs).axes, start, take, (total) => total), reduced(axesOnly)),
});
export const tfliteReduceMax = extreme('tflite_reduce_max', 'ReduceMax', -Infinity, Math.max);
export const tfliteReduceMin = extreme('tflite_reduce_min', 'ReduceMin', Infinity, Math.min);

/** The dimensions as ONNX's attribute has them. */
const reducedAxes = (node: ArrivedView): readonly number[] => {
  const { axes } = v.parse(v.object({ attributes: v.object({ axes: v.array(size) }) }), node.attrs).attributes;
  return axes;
};

/** Of equal ones the first counts, as in our own operator. */
const position = (operator: Operator): TfliteTwin => ({
  plan: (node) => { stored(node, 0); return { attrs: { ...node.attrs }, constants: {}, output: { dtype: 'int32', scale: 1, zeroPoint: 0 }, activations: [0] }; },
  operator,
});
export const tfliteArgMax = position(argMax);
export const tfliteArgMin = position(argMin);
