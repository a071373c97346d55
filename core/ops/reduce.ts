// mean and sum over any axes of a tensor: the exact sum of the stored integers, then one rescale (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { float32, showShape, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { clamp, INTEGER_RANGE, rescale, rshr } from './arithmetic.ts';
import { size } from './attributes.ts';
import { carrierOf, reach, rescaled } from './exact.ts';
import { define, sameAsFloat, type FloatEmitter, type KernelCall, type NodeView, type Operator } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from './rescaling.ts';

const attributes = v.object({ axes: v.array(size), keepDims: v.boolean() });
type Attributes = v.InferOutput<typeof attributes>;
const planAttributes = v.object({ axes: v.array(size), multiplier: v.number(), shift: v.number() });
/** Numbers that one sum may take in: |x - zx| * count * m then stays below 2^16 * 2^21 * 2^15 = 2^52. */
export const MOST_SUMMED = 2 ** 21;

const shapeIn = (node: NodeView<unknown>): readonly number[] => node.inputs[0]?.shape ?? [];
const summed = (shape: readonly number[], axes: readonly number[]): number => sizeOf(axes.map((axis) => shape[axis] ?? 1));
export const tooMany = { reason: `it adds up more than ${MOST_SUMMED} numbers` };

/** `of`: what the sum of `count` numbers is multiplied by. */
function reduction(name: 'mean' | 'sum', of: (count: number) => number): Operator {
  return define<Attributes>({
    name,
    className: name === 'mean' ? 'Mean' : 'Sum',
    attributes,
    traits: [],
    shapes: (node) => {
      const shape = shapeIn(node);
      const { axes, keepDims } = node.attrs;
      if (new Set(axes).size !== axes.length || axes.some((axis) => axis >= shape.length)) {
        throw new RequantError('SHAPE_MISMATCH', `${name} over dimensions ${showShape(axes)} of ${showShape(shape)}`, node.where);
      }
      return [shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]))];
    },
    parts: () => [name],
    precisions: (node) => summed(shapeIn(node), node.attrs.axes) > MOST_SUMMED ? tooMany : ['int8', 'int16'],
    emit: (node, to) => {
      const { axes, keepDims } = node.attrs;
      if (axes.length === 0) { to.output(0, to.node('Identity', [to.input(0)])); return; }
      // ReduceMean takes its axes in another way from opset 18 on; ReduceSum does not.
      const total = to.node('ReduceSum', [to.input(0), axesConstant(axes, to)], { keepdims: { int: keepDims ? 1 : 0 } });
      const factor = of(summed(shapeIn(node), axes));
      to.output(0, factor === 1 ? total : to.node('Mul', [total, to.constant(float32([], [factor]))]));
    },
    quantize: (node) => {
      const { axes, keepDims } = node.attrs;
      const sx = quantizationOfInput(node.inputQuantization[0] ?? null).scale;
      return { attrs: { axes, keepDims, ...rescale((sx * of(summed(shapeIn(node), axes))) / node.outputQuantization.scale) }, constants: {}, output: node.outputQuantization, activations: [0] };
    },
    run,
    exact: (twin) => {
      const { axes, multiplier, shift } = v.parse(planAttributes, twin.attrs);
      const input = twin.inputs[0];
      const { dtype, zeroPoint } = quantizationOfInput(twin.output.quantization);
      const [min, max] = INTEGER_RANGE[dtype];
      const bound = summed(input?.shape ?? [], axes) * reach(input?.quantization ?? null);
      const write = carrierOf(bound) === 'float32' ? rescaled(bound, { multiplier, shift, min, max }, zeroPoint) : undefined;
      return write && ((to) => {
        const total = axes.length === 0 ? to.input(0) : to.node('ReduceSum', [to.input(0), axesConstant(axes, to)], { keepdims: { int: twin.output.shape.length === input?.shape.length ? 1 : 0 } });
        to.output(0, write(to, total));
      });
    },
    float: sameAsFloat,
    macs: (node) => sizeOf(shapeIn(node)),
  });
}

const axesConstant = (axes: readonly number[], to: FloatEmitter): string => to.constant({ dtype: 'int64', shape: [axes.length], data: BigInt64Array.from(axes, BigInt) });

export const mean = reduction('mean', (count) => 1 / count);
export const sum = reduction('sum', () => 1);

/** y = clamp(rshr(sum(x - zx) * m, n) + zy) */
function run(call: KernelCall): Tensor {
  const { axes, multiplier, shift } = v.parse(planAttributes, call.attrs);
  const x = integers(call.inputs[0]);
  const shape = call.inputs[0]?.shape ?? [];
  const zx = quantizationOfInput(call.inputQuantization[0]).zeroPoint;
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  // Steps of the output along each dimension of the input: 0 where it is summed over.
  const steps = new Array<number>(shape.length).fill(0);
  let size = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (axes.includes(d)) continue;
    steps[d] = size;
    size *= shape[d] ?? 1;
  }
  const sums = new Float64Array(size);
  const index = new Array<number>(shape.length).fill(0);
  let to = 0;
  for (const q of x) {
    sums[to] = (sums[to] ?? 0) + q - zx;
    for (let d = shape.length - 1; d >= 0; d--) {
      const next = (index[d] ?? 0) + 1;
      to += steps[d] ?? 0;
      if (next < (shape[d] ?? 0)) { index[d] = next; break; }
      to -= (steps[d] ?? 0) * next;
      index[d] = 0;
    }
  }
  const out = newIntegers(output.dtype, size);
  sums.forEach((total, i) => { out[i] = clamp(rshr(total * multiplier, shift) + output.zeroPoint, min, max); });
  return integerTensor(output.dtype, call.outputShape, out);
}
