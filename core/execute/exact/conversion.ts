// Quantize, dequantize and softmax on the kernels.
import * as v from 'valibot';
import { instruction } from '../../kernels/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { isShift } from './bounds.ts';
import { STRANGE, widthOf, type Lowering } from './lowering.ts';

export const lowerQuantize: Lowering = (node) => {
  const q = node.output.quantization;
  const count = sizeOf(node.output.shape);
  if (!q || q.dtype === 'int32' || typeof q.scale !== 'number' || node.inputs[0]?.quantization !== null || sizeOf(node.inputs[0].shape) !== count) return STRANGE;
  const [min, max] = INTEGER_RANGE[q.dtype];
  const { scale, zeroPoint } = q;
  return { cost: count, instructions: ({ inputs: [x = 0], output: y, bad }) => [instruction('quantize', { x, y, scale, count, zeroPoint, min, max, bad })] };
};

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
/** Rows lie in one piece: along another dimension than the last it runs on its reference kernel. */
export const lowerSoftmax: Lowering = (node) => {
  const { axis, multiplier, shift } = v.parse(softmaxAttributes, node.attrs);
  if (sizeOf(node.output.shape.slice(axis + 1)) !== 1) return { reason: 'softmax along a dimension that is not the last' };
  const table = node.constants['table']?.data;
  const input = node.inputs[0];
  const q = node.output.quantization;
  const count = sizeOf(node.output.shape);
  const length = node.output.shape[axis] ?? 1;
  if (!input?.quantization || !q || q.dtype === 'int32' || !(table instanceof Int32Array) || sizeOf(input.shape) !== count || !isShift(shift) || length < 1) return STRANGE;
  const [low, high] = INTEGER_RANGE[input.quantization.dtype];
  if (table.length !== high - low + 1) return STRANGE;
  const address = node.pin(table);
  const [min, max] = INTEGER_RANGE[q.dtype];
  return {
    cost: count * 4,
    instructions: ({ inputs: [x = 0], output: y }) => [instruction('softmax', {
      x, y, table: address, rows: count / length, length, up: multiplier * (shift < 0 ? 2 ** -shift : 1), down: shift > 0 ? 2 ** shift : 1, zeroPoint: q.zeroPoint, min, max,
    })],
  };
};
