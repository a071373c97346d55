// Quantize, dequantize and softmax on the kernels.
import * as v from 'valibot';
import { instruction, type Instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { isShift } from './bounds.ts';
import { copying, stepsOf } from './copying.ts';
import { STRANGE, widthOf, type Lowering } from './lowering.ts';

/** `away`: the quotient in float32 and halves away from zero, as TensorFlow Lite has it. */
export const lowerQuantizeBy = (away: boolean): Lowering => (node) => {
  const q = node.output.quantization;
  const count = sizeOf(node.output.shape);
  if (!q || q.dtype === 'int32' || typeof q.scale !== 'number' || node.inputs[0]?.quantization !== null || sizeOf(node.inputs[0].shape) !== count) return STRANGE;
  const [min, max] = INTEGER_RANGE[q.dtype];
  const { scale, zeroPoint } = q;
  return { cost: count, instructions: ({ inputs: [x = 0], output: y, bad }) => [instruction('quantize', { x, y, scale, count, zeroPoint, min, max, bad, away: Number(away) })] };
};
export const lowerQuantize = lowerQuantizeBy(false);

export const lowerDequantize: Lowering = (node) => {
  const input = node.inputs[0];
  const q = input?.quantization;
  const count = sizeOf(node.output.shape);
  if (!q || node.output.quantization !== null || sizeOf(input.shape) !== count) return STRANGE;
  const scales = typeof q.scale === 'number' ? [q.scale] : q.scale;
  const address = node.pin(Float64Array.from(scales));
  return {
    cost: count,
    instructions: ({ inputs: [x = 0], output: y }) => [instruction('dequantize', { x, y, scales: address, channels: scales.length, count, zeroPoint: q.zeroPoint, width: widthOf(q) })],
  };
};

const softmaxAttributes = v.looseObject({ axis: v.pipe(v.number(), v.safeInteger(), v.minValue(0)), multiplier: v.number(), shift: v.number() });
/** Rows lie in one piece: along another dimension than the last they are copied there and back. */
export const lowerSoftmax: Lowering = (node) => {
  const { axis, multiplier, shift } = v.parse(softmaxAttributes, node.attrs);
  const table = node.constants['table']?.data;
  const input = node.inputs[0];
  const q = node.output.quantization;
  const { shape } = node.output;
  const count = sizeOf(shape);
  const length = shape[axis] ?? 1;
  if (!input?.quantization || !q || q.dtype === 'int32' || !(table instanceof Int32Array) || sizeOf(input.shape) !== count || axis >= shape.length || !isShift(shift) || length < 1) return STRANGE;
  const [low, high] = INTEGER_RANGE[input.quantization.dtype];
  if (table.length !== high - low + 1) return STRANGE;
  const address = node.pin(table);
  const [min, max] = INTEGER_RANGE[q.dtype];
  const alongRows = (x: number, y: number): Instruction => instruction('softmax', {
    x, y, table: address, rows: count / length, length, up: multiplier * (shift < 0 ? 2 ** -shift : 1), down: shift > 0 ? 2 ** shift : 1, zeroPoint: q.zeroPoint, min, max,
  });
  const inner = sizeOf(shape.slice(axis + 1));
  if (inner === 1) return { cost: count * 4, instructions: ({ inputs: [x = 0], output: y }) => [alongRows(x, y)] };
  const turned = [count / length / inner, inner, length];
  const [apart, together] = [[length * inner * 2, 2, inner * 2], stepsOf(turned, 2)];
  const enter = copying(node.pin, turned, apart, together, 2);
  const leave = copying(node.pin, turned, together, apart, 2);
  if (!enter || !leave) return STRANGE;
  return {
    cost: count * 6, temporaries: [count * 2, count * 2],
    instructions: ({ inputs: [x = 0], output: y, temporaries: [rows = 0, results = 0] }) => [enter(x, rows), alongRows(rows, results), leave(results, y)],
  };
};
