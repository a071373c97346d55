// The product of two stored matrices, either of which may be constant, as TensorFlow Lite's reference kernel computes it.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { INTEGER_RANGE } from '../arithmetic.ts';
import { integer } from '../attributes.ts';
import { geometry } from '../batch-matmul.ts';
import { broadcastIndex } from '../broadcast.ts';
import type { KernelCall, TwinView } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { scaled, scaledReduced, WIDE } from './fixed-point.ts';
import { factor, factorOf, operandOf, refuse, twinOperator, type TfliteTwin } from './twin.ts';

const attributes = v.object({ transposeA: v.boolean(), transposeB: v.boolean(), za: integer, zb: integer, ...factor });
type Attributes = v.InferOutput<typeof attributes>;
interface Shaped { readonly shape: readonly number[] }

const sides = <T extends Shaped>(constants: Readonly<Record<string, T>>, inputs: readonly T[]): readonly [T, T] => {
  const [a = inputs[0], b = inputs.at(-1)] = [constants['a'], constants['b']];
  if (!a || !b) throw new RequantError('SHAPE_MISMATCH', 'it has two operands');
  return [a, b];
};
/** Farthest that two stored integers lie from their zero points, multiplied; and what their sum has to stay below. */
const LIMITS = { int8: [255 * 255, 2 ** 31], int16: [2 ** 30, WIDE] } as const;

/** Sums of int16 have 64 bits, and are scaled once with the upper 16 bits of the multiplier. */
export const tfliteBatchMatmul: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const [a, b] = [operandOf(node, 0), operandOf(node, 1)];
    const { transposeA, transposeB } = node.attrs as unknown as Attributes;
    const [x, w] = node.inputs;
    if (!x || !w) throw refuse('a product without two operands');
    const [most, limit] = LIMITS[node.output.dtype];
    const real = Math.fround(a.scale * b.scale) / node.output.scale;
    const reach = most * geometry({ transposeA, transposeB }, x.shape, w.shape, { where: {} }).inner;
    if (reach >= limit) throw refuse(`a sum may pass ${limit === WIDE ? 48 : 32} bits`);
    const scaling = factorOf(real);
    if (limit === WIDE && scaling.shift > 7) throw refuse('a sum of 64 bits times 128 or more');
    return {
      attrs: { transposeA, transposeB, za: a.zeroPoint, zb: b.zeroPoint, ...scaling }, output: node.output,
      constants: { ...(a.constant ? { a: a.constant } : {}), ...(b.constant ? { b: b.constant } : {}) }, activations: [...(a.constant ? [] : [0]), ...(b.constant ? [] : [1])],
    };
  },
  operator: twinOperator('tflite_batch_matmul', 'BatchMatMul', multiply, (twin: TwinView) => {
    const [a, b] = sides<Shaped>(twin.constants, twin.inputs);
    const { rows, columns, batch } = geometry(v.parse(attributes, twin.attrs), a.shape, b.shape, twin);
    return [...batch, rows, columns];
  }),
};

function multiply(call: KernelCall): Tensor {
  const attrs = v.parse(attributes, call.attrs);
  const [a, b] = sides(call.constants, call.inputs);
  const g = geometry(attrs, a.shape, b.shape, { where: {} });
  const [x, w] = [integers(a), integers(b)];
  const { dtype, zeroPoint } = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[dtype];
  const rescaled = dtype === 'int16' ? scaledReduced : scaled;
  const out = newIntegers(dtype, sizeOf(call.outputShape));
  const [atA, atB] = [broadcastIndex(a.shape.slice(0, -2), g.batch), broadcastIndex(b.shape.slice(0, -2), g.batch)];
  const [rowStep, stepA] = attrs.transposeA ? [1, g.rows] : [g.inner, 1];
  const [stepB, columnStep] = attrs.transposeB ? [1, g.inner] : [g.columns, 1];
  let to = 0;
  for (let batch = 0; batch < sizeOf(g.batch); batch++) for (let r = 0; r < g.rows; r++) for (let c = 0; c < g.columns; c++, to++) {
    const from = atA(batch) * g.rows * g.inner + r * rowStep;
    const beside = atB(batch) * g.inner * g.columns + c * columnStep;
    let sum = 0;
    for (let k = 0; k < g.inner; k++) sum += ((x[from + k * stepA] ?? 0) - attrs.za) * ((w[beside + k * stepB] ?? 0) - attrs.zb);
    const q = rescaled(sum, attrs.multiplier, attrs.shift) + zeroPoint;
    out[to] = q < min ? min : q > max ? max : q;
  }
  return integerTensor(dtype, call.outputShape, out);
}
