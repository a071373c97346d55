// Sums, means, maxima, minima and their positions over any dimensions: dimensions that are reduced are brought together, then are the middle of three.
import * as v from 'valibot';
import { instruction, type Instruction } from '../../kernels/index.ts';
import type { Quantization } from '../../ir/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { factor, halfStep, INT32_LIMIT, isShift, reachAbout, reachOf, rounding, roundsExactly } from './bounds.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, UNPROVED, widthOf, type Lowering, type NodeShape, type NotLowered } from './lowering.ts';

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const FORM = { rounded: 0, twice: 1, max: 2, min: 3 } as const;

interface Middle {
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Where the reduced dimensions do not lie together: they are copied to the front. */
  readonly turn?: (x: number, y: number) => Instruction;
}

function middleOf(node: NodeShape, axes: readonly number[]): Middle | undefined {
  const shape = node.inputs[0]?.shape ?? [];
  if (new Set(axes).size !== axes.length || axes.some((axis) => axis >= shape.length) || sizeOf(shape) === 0) return undefined;
  const order = [...axes].sort((a, b) => a - b);
  const kept = shape.flatMap((_, d) => (axes.includes(d) ? [] : [d]));
  const length = sizeOf(order.map((d) => shape[d] ?? 1));
  if (sizeOf(node.output.shape) * length !== sizeOf(shape)) return undefined;
  const [first = shape.length, last = shape.length - 1] = [order[0], order.at(-1)];
  const together = kept.every((d) => d < first || d > last || shape[d] === 1);
  if (together) return { outer: sizeOf(shape.slice(0, first)), length, inner: sizeOf(shape) / length / sizeOf(shape.slice(0, first)) };
  const steps = stepsOf(shape, 2);
  const turned = [...order, ...kept];
  const dims = turned.map((d) => shape[d] ?? 1);
  const turn = copying(node.pin, dims, turned.map((d) => steps[d] ?? 0), stepsOf(dims, 2), 2);
  return turn && { outer: 1, length, inner: sizeOf(shape) / length, turn };
}

interface Fold {
  readonly form: number;
  readonly scale?: number;
  readonly offset?: number;
  readonly multiplier?: number;
  readonly shift?: number;
  /** What the input's zero point adds to a sum. */
  readonly zeros?: number;
}
/** `prove` says how the reduction of so many numbers is finished. */
const reduction = (axesOf: (node: NodeShape) => readonly number[], prove: (node: NodeShape, count: number, input: Quantization, output: Quantization) => Fold | NotLowered): Lowering => (node) => {
  const input = node.inputs[0]?.quantization;
  const output = node.output.quantization;
  const middle = middleOf(node, axesOf(node));
  if (!input || !output || !middle || widthOf(input) !== 2 || widthOf(output) !== 2) return STRANGE;
  const { outer, length, inner, turn } = middle;
  const fold = prove(node, length, input, output);
  if ('reason' in fold) return fold;
  const [min, max] = INTEGER_RANGE[output.dtype];
  const bounds = { min, max };
  const count = outer * length * inner;
  const parameters = {
    scale: 0, offset: 0, multiplier: 0, shift: 0, zeros: 0, ...fold, ...rounding(output.zeroPoint, bounds), ...bounds, zeroPoint: output.zeroPoint,
    outer, length, inner, piece: Math.floor(INT32_LIMIT / reachOf({ ...input, zeroPoint: 0 })),
  };
  return {
    cost: count, temporaries: turn ? [count * 2] : [],
    instructions: ({ inputs: [x = 0], output: y, temporaries: [moved = 0] }) =>
      (turn ? [turn(x, moved), instruction('reduce', { ...parameters, x: moved, y })] : [instruction('reduce', { ...parameters, x, y })]),
  };
};

const axesAttributes = v.looseObject({ axes: v.array(size) });
const axes = (node: NodeShape): readonly number[] => v.parse(axesAttributes, node.attrs).axes;
const rescaled = v.looseObject({ multiplier: v.pipe(v.number(), v.safeInteger()), shift: v.number() });

/** y = clamp(rshr(sum(x - zx) * m, n) + zy) */
export const lowerReduction = reduction(axes, (node, count, input) => {
  const { multiplier, shift } = v.parse(rescaled, node.attrs);
  if (!isShift(shift) || !roundsExactly(reachAbout(input) * count * Math.abs(multiplier))) return UNPROVED;
  const scale = multiplier * 2 ** -shift;
  return { form: FORM.rounded, scale, offset: -count * input.zeroPoint * scale + halfStep(shift) };
});

const twiceAttributes = v.looseObject({ ...factor.entries, count: v.optional(size) });
export const lowerTfliteReduction = reduction(axes, (node, count, input) => {
  const { multiplier, shift, count: stated = count } = v.parse(twiceAttributes, node.attrs);
  if (stated !== count) return STRANGE;
  return reachAbout(input) * count > INT32_LIMIT ? UNPROVED : { form: FORM.twice, multiplier, shift, zeros: count * input.zeroPoint };
});
const extreme = (form: number): Lowering => reduction(axes, (_, __, input, output) => (input.dtype === output.dtype ? { form } : STRANGE));
export const lowerReduceMax = extreme(FORM.max);
export const lowerReduceMin = extreme(FORM.min);

const positionAttributes = v.looseObject({ axis: size, last: v.boolean() });
export const lowerPosition = (sign: 1 | -1): Lowering => (node) => {
  const { axis, last } = v.parse(positionAttributes, node.attrs);
  const middle = middleOf(node, [axis]);
  if (!middle || widthOf(node.inputs[0]?.quantization ?? null) !== 2 || node.output.quantization?.dtype !== 'int32') return STRANGE;
  const { outer, length, inner } = middle;
  return { cost: outer * length * inner, instructions: ({ inputs: [x = 0], output: y }) => [instruction('argument', { x, y, outer, length, inner, sign, last: Number(last) })] };
};
