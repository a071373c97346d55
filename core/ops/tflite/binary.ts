// add, sub, mul, and the larger or smaller of two, as TensorFlow Lite's reference kernels compute them: operands broadcast, either may be a constant.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import { sameShape, sizeOf, type Tensor } from '../../tensor/tensor.ts';
import { integer, size } from '../attributes.ts';
import { broadcastIndex, broadcastShape } from '../broadcast.ts';
import type { KernelCall, TwinView } from '../operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput } from '../rescaling.ts';
import { roundingShift, scaled } from './fixed-point.ts';
import { powerOfTwo } from './lookup.ts';
import { bounded, factor, factorOf, operandOf, refuse, storedBounds, twinOperator, type ArrivedView, type TfliteTwin } from './twin.ts';

const bits = v.pipe(size, v.maxValue(31));
const zeros = { za: integer, zb: integer };
/** `a`, `b`: what brings each operand to twice the larger scale, raised by `headroom` bits; `y`: from there to the output. */
const sumAttributes = v.object({ a: v.object(factor), b: v.object(factor), y: v.object(factor), headroom: v.picklist([15, 20]), ...zeros, ...bounded });
/** Scales that are powers of two: each operand goes right by so many bits. */
const shiftedAttributes = v.object({ shifts: v.tuple([bits, bits]), ...bounded });
const productAttributes = v.object({ ...factor, ...zeros, ...bounded });
const choiceAttributes = v.object({});

/** The operands, the constant ones among them as constants `a` and `b`. */
function operands(node: ArrivedView) {
  const [a, b] = [operandOf(node, 0), operandOf(node, 1)];
  return {
    a, b, zeros: { za: a.zeroPoint, zb: b.zeroPoint }, output: node.output,
    constants: { ...(a.constant ? { a: a.constant } : {}), ...(b.constant ? { b: b.constant } : {}) },
    activations: [...(a.constant ? [] : [0]), ...(b.constant ? [] : [1])],
  };
}
const sidesOf = <T>(constants: Readonly<Record<string, T>>, inputs: readonly T[]): readonly [T, T] => {
  const [a = inputs[0], b = inputs.at(-1)] = [constants['a'], constants['b']];
  if (!a || !b || inputs.length + Object.keys(constants).length !== 2) throw new RequantError('SHAPE_MISMATCH', 'it has two operands');
  return [a, b];
};

/** `combine` makes one output of two stored integers. */
function pairwise(call: KernelCall, combine: (a: number, b: number) => number): Tensor {
  const [a, b] = sidesOf(call.constants, call.inputs);
  const [x, y] = [integers(a), integers(b)];
  const [atA, atB] = [broadcastIndex(a.shape, call.outputShape), broadcastIndex(b.shape, call.outputShape)];
  const { dtype } = quantizationOfInput(call.outputQuantization);
  const out = newIntegers(dtype, sizeOf(call.outputShape));
  for (let i = 0; i < out.length; i++) out[i] = combine(x[atA(i)] ?? 0, y[atB(i)] ?? 0);
  return integerTensor(dtype, call.outputShape, out);
}
const broadcast = (attributes: v.GenericSchema) => (twin: TwinView): readonly number[] => {
  v.parse(attributes, twin.attrs);
  const [a, b] = sidesOf<{ readonly shape: readonly number[] }>(twin.constants, twin.inputs);
  return broadcastShape(a.shape, b.shape, twin.where);
};

const sum = (name: string, className: string, sign: 1 | -1): TfliteTwin => ({
  int16: true,
  plan: (node) => {
    const { a, b, zeros: points, ...rest } = operands(node);
    const common = 2 * Math.max(a.scale, b.scale);
    const headroom = node.output.dtype === 'int16' ? 15 : 20;
    const shifts = node.attrs['shifts'] === true && headroom === 15 ? shiftsOf(node, a.scale, b.scale) : undefined;
    if (shifts) return { ...rest, attrs: { shifts, ...storedBounds(node.attrs['activation'], node.output) } };
    return {
      ...rest, attrs: {
        a: factorOf(a.scale / common), b: factorOf(b.scale / common), y: factorOf(common / (2 ** headroom * node.output.scale)), headroom,
        ...points, ...storedBounds(node.attrs['activation'], node.output),
      },
    };
  },
  operator: twinOperator(name, className, (call) => {
    const shifted = v.safeParse(shiftedAttributes, call.attrs);
    if (shifted.success) {
      const { shifts: [n, m], min, max } = shifted.output;
      return pairwise(call, (a, b) => Math.max(min, Math.min(max, roundingShift(a, n) + sign * roundingShift(b, m))));
    }
    const { a, b, y, za, zb, headroom, min, max } = v.parse(sumAttributes, call.attrs);
    const { zeroPoint } = quantizationOfInput(call.outputQuantization);
    return pairwise(call, (first, second) => {
      const total = scaled((first - za) * 2 ** headroom, a.multiplier, a.shift) + sign * scaled((second - zb) * 2 ** headroom, b.multiplier, b.shift);
      const q = scaled(total, y.multiplier, y.shift) + zeroPoint;
      return q < min ? min : q > max ? max : q;
    });
  }, broadcast(v.union([shiftedAttributes, sumAttributes]))),
});
/**
 * int16 whose file asks for it (pot_scale_int16, as files do that do not say) and whose scales are powers of two is added by shifts; undefined where they are
 * not. One operand has to be stored as the output, the other more finely, and neither repeats.
 */
function shiftsOf(node: ArrivedView, a: number, b: number): readonly [number, number] | undefined {
  const [x, z, y] = [powerOfTwo(a), powerOfTwo(b), powerOfTwo(node.output.scale)];
  if (x === undefined || z === undefined || y === undefined) return undefined;
  const shifts = [y - x, y - z] as const;
  if (shifts.some((n) => n < 0 || n > 31) || !shifts.includes(0)) throw refuse(`${node.source} by shifts of ${shifts.join(' and ')} bits`);
  if (!sameShape(node.inputs[0]?.shape ?? [], node.inputs[1]?.shape ?? [])) throw refuse(`${node.source} by shifts whose operands repeat`);
  return shifts;
}
export const tfliteAdd = sum('tflite_add', 'Add', 1);
export const tfliteSub = sum('tflite_sub', 'Subtract', -1);

/** The product of the scales, and its quotient by the output's, are rounded to float32. */
export const tfliteMul: TfliteTwin = {
  int16: true,
  plan: (node) => {
    const { a, b, zeros: points, ...rest } = operands(node);
    return { ...rest, attrs: { ...factorOf(Math.fround(Math.fround(a.scale * b.scale) / node.output.scale)), ...points, ...storedBounds(node.attrs['activation'], node.output) } };
  },
  operator: twinOperator('tflite_mul', 'Multiply', (call) => {
    const { multiplier, shift, za, zb, min, max } = v.parse(productAttributes, call.attrs);
    const { zeroPoint } = quantizationOfInput(call.outputQuantization);
    return pairwise(call, (a, b) => {
      const q = scaled((a - za) * (b - zb), multiplier, shift) + zeroPoint;
      return q < min ? min : q > max ? max : q;
    });
  }, broadcast(productAttributes)),
};

/** Stored integers are compared: all three are stored alike. */
const choice = (name: string, className: string, choose: (a: number, b: number) => number): TfliteTwin => ({
  int16: true,
  plan: (node) => {
    const { a, b, constants, activations, output } = operands(node);
    if ([a, b].some((x) => x.scale !== output.scale || x.zeroPoint !== output.zeroPoint)) throw refuse(`a ${node.source} whose operands are stored with different scales`);
    return { attrs: {}, constants, activations, output };
  },
  operator: twinOperator(name, className, (call) => pairwise(call, choose), broadcast(choiceAttributes)),
});
export const tfliteMaximum = choice('tflite_maximum', 'Maximum', Math.max);
export const tfliteMinimum = choice('tflite_minimum', 'Minimum', Math.min);
