// TFLite operators one by one: small models made here. The expected numbers are those of TensorFlow Lite (2.21) on these very files.
import { describe, expect, it } from 'vitest';
import { int32s, ramp } from '../../../test/numbers.ts';
import { tfliteBytes, type SmallTflite } from '../../../test/small-tflite.ts';
import { createFloatSession } from '../../execute/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { importModel } from '../index.ts';


interface Form extends SmallTflite {
  readonly name: string;
  readonly ops: readonly string[];
  readonly expected: readonly number[];
}
const FORMS: readonly Form[] = [
  { name: 'SAME, stride 2', op: 'TRANSPOSE_CONV', ops: ['conv_transpose2d'], inputs: ['size', 'w', 'x'], input: [1, 2, 2, 2], output: [1, 4, 4, 1], constants: { size: int32s(1, 4, 4, 1), w: ramp(1, 3, 3, 2) }, optionsType: 49, options: [0, 2, 2],
    expected: [1.070557, 0.8640137, 1.521484, 0.8156738, 0.4509277, -0.3532715, 0.1591797, -0.5598145, -0.1088867, -0.2055664, -0.5078125, 0.01416016, 0.9870605, -0.7663574, 0.5986328, -0.9729004] },
  { name: 'VALID with bias and relu', op: 'TRANSPOSE_CONV', ops: ['conv_transpose2d'], inputs: ['size', 'w', 'x', 'b'], input: [1, 2, 1, 2], output: [1, 5, 3, 2], constants: { size: int32s(1, 5, 3, 2), w: ramp(2, 3, 3, 2), b: ramp(2) }, optionsType: 49, options: [1, 1, 2, 1],
    expected: [0.07055664, 1.129639, 0.0, 0.9230957, 0.0, 0.7165527, 0.0, 0.5100098, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1083984, 0.0, 0.0, 0.0, 0.0, 0.0, 0.9362793, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0] },
  { name: 'align_corners', op: 'RESIZE_BILINEAR', ops: ['resize_bilinear'], inputs: ['x', 'size'], input: [1, 2, 3, 1], output: [1, 4, 5, 1], constants: { size: int32s(4, 5) }, optionsType: 15, options: [undefined, undefined, 1, 0],
    expected: [-1.0, -0.3671875, 0.265625, -0.2265625, -0.71875, -0.4843749, -0.2265625, 0.03124999, -0.08593747, -0.2031249, 0.03125003, -0.0859375, -0.203125, 0.05468751, 0.3125001, 0.546875, 0.0546875, -0.4375, 0.1953125, 0.828125] },
  { name: 'half_pixel_centers', op: 'RESIZE_BILINEAR', ops: ['resize_bilinear'], inputs: ['x', 'size'], input: [1, 2, 3, 1], output: [1, 4, 5, 1], constants: { size: int32s(4, 5) }, optionsType: 15, options: [undefined, undefined, 0, 1],
    expected: [-1.0, -0.49375, 0.265625, -0.3250001, -0.71875, -0.6132813, -0.3320312, 0.08984375, -0.1632813, -0.3320312, 0.1601563, -0.00859376, -0.2617188, 0.1601564, 0.4414062, 0.546875, 0.153125, -0.4375, 0.3218752, 0.828125] },
  { name: 'plain', op: 'RESIZE_BILINEAR', ops: ['resize_bilinear'], inputs: ['x', 'size'], input: [1, 3, 2, 1], output: [1, 2, 5, 1], constants: { size: int32s(2, 5) }, optionsType: 15, options: [undefined, undefined, 0, 0],
    expected: [-1.0, -0.49375, 0.01250002, 0.265625, 0.265625, -0.578125, -0.07187501, 0.434375, 0.6875, 0.6875] },
  { name: 'align_corners', op: 'RESIZE_NEAREST_NEIGHBOR', ops: ['resize_nearest'], inputs: ['x', 'size'], input: [1, 2, 4, 1], output: [1, 3, 7, 1], constants: { size: int32s(3, 7) }, optionsType: 74, options: [1, 0],
    expected: [-1.0, 0.265625, 0.265625, -0.71875, -0.71875, 0.546875, 0.546875, -0.4375, 0.828125, 0.828125, -0.15625, -0.15625, 1.109375, 1.109375, -0.4375, 0.828125, 0.828125, -0.15625, -0.15625, 1.109375, 1.109375] },
  { name: 'half_pixel_centers', op: 'RESIZE_NEAREST_NEIGHBOR', ops: ['resize_nearest'], inputs: ['x', 'size'], input: [1, 2, 4, 1], output: [1, 3, 7, 1], constants: { size: int32s(3, 7) }, optionsType: 74, options: [0, 1],
    expected: [-1.0, -1.0, 0.265625, -0.71875, -0.71875, 0.546875, 0.546875, -0.4375, -0.4375, 0.828125, -0.15625, -0.15625, 1.109375, 1.109375, -0.4375, -0.4375, 0.828125, -0.15625, -0.15625, 1.109375, 1.109375] },
  { name: 'plain', op: 'RESIZE_NEAREST_NEIGHBOR', ops: ['resize_nearest'], inputs: ['x', 'size'], input: [1, 5, 4, 1], output: [1, 3, 7, 1], constants: { size: int32s(3, 7) }, optionsType: 74, options: [0, 0],
    expected: [-1.0, -1.0, 0.265625, 0.265625, -0.71875, -0.71875, 0.546875, -0.4375, -0.4375, 0.828125, 0.828125, -0.15625, -0.15625, 1.109375, 0.6875, 0.6875, -0.296875, -0.296875, 0.96875, 0.96875, -0.015625] },
  { name: 'over channels, kept', op: 'MEAN', ops: ['mean'], inputs: ['x', 'axes'], input: [1, 2, 2, 3], output: [1, 2, 2, 1], constants: { axes: int32s(-1) }, optionsType: 27, options: [1],
    expected: [-0.484375, 0.3125, 0.359375, -0.34375] },
  { name: 'over height and width', op: 'MEAN', ops: ['global_avg_pool2d', 'reshape'], inputs: ['x', 'axes'], input: [1, 2, 2, 3], output: [1, 3], constants: { axes: int32s(2, 1) }, optionsType: 27, options: [0],
    expected: [-0.3671875, 0.3359375, -0.0859375] },
  { name: 'over channels, int32', op: 'ARG_MAX', ops: ['arg_max', 'opaque'], inputs: ['x', 'axis'], input: [1, 2, 4], output: [1, 2], constants: { axis: int32s(-1) }, optionsType: 40, options: [2],
    expected: [3, 3] },
  { name: 'over rows, int64', op: 'ARG_MIN', ops: ['arg_min', 'opaque'], inputs: ['x', 'axis'], input: [1, 3, 3], output: [1, 3], constants: { axis: int32s(1) }, optionsType: 57, options: [4],
    expected: [0, 1, 0] },
  { name: 'over rows', op: 'SUM', ops: ['sum'], inputs: ['x', 'axes'], input: [1, 4, 3], output: [1, 3], constants: { axes: int32s(1) }, optionsType: 27, options: [0],
    expected: [-1.46875, 1.34375, -0.34375] },
  { name: 'keep_num_dims', op: 'FULLY_CONNECTED', ops: ['fully_connected'], inputs: ['x', 'w', 'b'], input: [1, 2, 3], output: [1, 2, 2], constants: { w: ramp(2, 3), b: ramp(2) }, optionsType: 8, options: [0, 0, 1],
    expected: [0.5871582, -0.9926758, -2.258301, 1.441895] },
  { name: 'rows of the weights\' depth', op: 'FULLY_CONNECTED', ops: ['reshape', 'fully_connected'], inputs: ['x', 'w'], input: [1, 2, 3], output: [1, 2], constants: { w: ramp(2, 6) }, optionsType: 8, options: [1, 0, 0],
    expected: [2.763428, 0.0] },
  { name: 'weights that are computed', op: 'FULLY_CONNECTED', ops: ['batch_matmul', 'add'], inputs: ['x', 'x', 'b'], input: [1, 4], output: [1, 1], constants: { b: ramp(1) }, optionsType: 8, options: [1, 0, 0],
    expected: [0.8862305] },
  { name: 'adj_y', op: 'BATCH_MATMUL', ops: ['batch_matmul'], inputs: ['x', 'x'], input: [1, 2, 3], output: [1, 2, 2], constants: {}, optionsType: 101, options: [0, 1],
    expected: [1.587158, -1.258301, -1.258301, 1.17627] },
  { name: 'adj_x', op: 'BATCH_MATMUL', ops: ['batch_matmul'], inputs: ['x', 'x'], input: [1, 2, 3], output: [1, 3, 3], constants: {}, optionsType: 101, options: [1, 0],
    expected: [1.299072, -0.5048828, 1.171631, -0.5048828, 0.2619629, -0.5532227, 1.171631, -0.5532227, 1.202393] },
  { name: 'beta', op: 'SOFTMAX', ops: ['softmax'], inputs: ['x'], input: [1, 5], output: [1, 5], constants: {}, optionsType: 9, options: [{ float: 2.5 }],
    expected: [0.0127267, 0.301197, 0.02570864, 0.6084347, 0.05193288] },
  { name: 'by a constant', op: 'BATCH_MATMUL', ops: ['fully_connected'], inputs: ['x', 'w'], input: [1, 2, 3], output: [1, 2, 2], constants: { w: ramp(3, 2) }, optionsType: 101, options: [0, 0],
    expected: [1.123535, -0.7155762, -0.5947266, 0.5917969] },
];

describe('one operator', () => {
  it.each(FORMS)('$op $name', async ({ ops, expected, ...model }) => {
    const graph = importModel(tfliteBytes(model), 'small.tflite');
    expect(graph.nodes.map((node) => node.op)).toEqual(ops);
    const [output] = graph.outputs;
    const session = await createFloatSession(graph, [output?.value ?? '']);
    const y = (await session.run({ x: ramp(...model.input) }))[output?.value ?? ''];
    await session.release();
    expect(y?.shape).toEqual(model.output);
    expected.forEach((value, i) => expect(Number(y?.data[i])).toBeCloseTo(value, 5));
    expect(expected).toHaveLength(sizeOf(model.output));
  });
});
