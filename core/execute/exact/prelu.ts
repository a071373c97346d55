// prelu on the kernels: one slope for all is a table; slopes of their own go along the last dimensions.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { broadcastIndex, clamp, INTEGER_RANGE, rshr } from '../../ops/index.ts';
import { sameShape, sizeOf } from '../../tensor/tensor.ts';
import { halfStep, isShift, reachAbout, rounding, roundsExactly } from './bounds.ts';
import { eights, STRANGE, UNPROVED, type Lowering } from './lowering.ts';

const attributes = v.looseObject({ multiplier: v.pipe(v.number(), v.safeInteger()), shift: v.number() });
/** A row of slopes takes no more: 16 bytes each. */
const LONGEST = 2 ** 20;

export const lowerPrelu: Lowering = (node) => {
  const { multiplier, shift } = v.parse(attributes, node.attrs);
  const [input, output] = [node.inputs[0]?.quantization, node.output.quantization];
  const { shape } = node.output;
  const slopes = node.constants['multiplier'];
  const shifts = node.constants['shift']?.data;
  if (!input || !output || input.dtype === 'int32' || output.dtype === 'int32' || !slopes || !(slopes.data instanceof Int32Array) || !(shifts instanceof Int32Array)
    || shifts.length !== slopes.data.length || slopes.shape.length > shape.length || !sameShape(node.inputs[0]?.shape ?? [], shape) || sizeOf(shape) === 0) return STRANGE;
  const multipliers = slopes.data;
  const aligned = [...new Array<number>(shape.length - slopes.shape.length).fill(1), ...slopes.shape];
  if (aligned.some((d, i) => d !== 1 && d !== shape[i]) || sizeOf(aligned) !== multipliers.length || !isShift(shift) || !shifts.every(isShift)) return STRANGE;
  const most = multipliers.reduce((n, m) => Math.max(n, Math.abs(m)), Math.abs(multiplier));
  if (!roundsExactly(reachAbout(input) * most)) return UNPROVED;
  const first = aligned.findIndex((d) => d !== 1);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const count = sizeOf(shape);
  if (first < 0) {
    const [low, high] = INTEGER_RANGE[input.dtype];
    const [m = 0, n = 0] = [multipliers[0], shifts[0]];
    const entry = (q: number): number => {
      const d = q - input.zeroPoint;
      return clamp((d < 0 ? rshr(d * m, n) : rshr(d * multiplier, shift)) + output.zeroPoint, min, max);
    };
    const table = node.pin(Int16Array.from({ length: high - low + 1 }, (_, i) => entry(low + i)));
    return { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('table', { x, y, table, count, first: low })] };
  }
  const row = shape.slice(first);
  const run = sizeOf(row);
  if (run > LONGEST) return STRANGE;
  const at = broadcastIndex(aligned.slice(first), row);
  const list = (make: (k: number) => number): number => node.pin(eights(run, (i) => make(at(i))));
  const bounds = { min, max };
  const parameters = {
    scale: multiplier * 2 ** -shift, offset: halfStep(shift), ...rounding(output.zeroPoint, bounds), ...bounds, rows: count / run, run, zero: input.zeroPoint,
    scales: list((k) => (multipliers[k] ?? 0) * 2 ** -(shifts[k] ?? 0)), offsets: list((k) => halfStep(shifts[k] ?? 0)),
  };
  return { cost: count, instructions: ({ inputs: [x = 0], output: y }) => [instruction('slope', { ...parameters, x, y })] };
};
