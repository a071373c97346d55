// Every form of convolution, pool, mean and resize: imported with these operators, it computes what ONNX Runtime computes on the file.
import { describe, it } from 'vitest';
import { checkForm, noise, type Form } from '../../../test/onnx-form.ts';
import { random, randomTensor } from '../../../test/one-node.ts';
import { int64, node } from '../../../test/small-onnx.ts';
import { float32, type Tensor } from '../../tensor/tensor.ts';

type Attributes = Parameters<typeof node>[3];
const check = checkForm(1e-5);
const one = (op: string, input: readonly number[], output: readonly number[], attributes: Attributes, ops: readonly string[], constants: Record<string, Tensor> = {}, opset = 13): Form =>
  ({ name: `${op} ${JSON.stringify(attributes)}`, nodes: [node(op, ['x', ...Object.keys(constants)], ['y'], attributes)], input, output, ops, constants, opset });

describe('convolutions', () => {
  const conv = (input: readonly number[], w: readonly number[], output: readonly number[], attributes: Attributes, ops: readonly string[] = ['conv2d']): Form =>
    one('Conv', input, output, attributes, ops, { w: noise(...w), b: noise(w[0] ?? 1) });
  it.each([
    conv([1, 6, 7, 5], [4, 3, 3, 2], [1, 4, 7, 5], { group: 2, pads: [1, 0, 1, 1] }),
    conv([1, 3, 7, 6], [6, 1, 3, 3], [1, 6, 5, 4], { group: 3 }),
    conv([1, 2, 9, 8], [3, 2, 3, 2], [1, 3, 5, 4], { dilations: [2, 3], strides: [1, 2], pads: [0, 2, 0, 1] }),
    conv([1, 2, 7, 8], [3, 2, 3, 4], [1, 3, 4, 4], { auto_pad: 'SAME_UPPER', strides: [2, 2] }),
    conv([1, 2, 7, 8], [3, 2, 2, 4], [1, 3, 4, 4], { auto_pad: 'SAME_LOWER', strides: [2, 2] }),
    conv([1, 2, 7, 8], [3, 2, 3, 4], [1, 3, 3, 3], { auto_pad: 'VALID', strides: [2, 2] }),
  ])('$name', check);

  it('rows become an image of height 1 once, stay one through what lies between, and come back once', async () => {
    const constants = { w1: noise(4, 3, 3), b1: noise(4), w2: noise(5, 4, 2), scale: noise(5), bias: noise(5), mean: noise(5), variance: randomTensor([5], random(1), 0.5, 2) };
    await check({
      name: 'rows', constants, input: [1, 3, 11], output: [1, 5, 4], ops: ['transpose', 'reshape', 'conv2d', 'relu', 'max_pool2d', 'conv2d', 'batch_norm', 'reshape', 'transpose'],
      nodes: [
        node('Conv', ['x', 'w1', 'b1'], ['a'], { pads: [1, 1] }), node('Relu', ['a'], ['r']), node('MaxPool', ['r'], ['p'], { kernel_shape: [2], strides: [2] }),
        node('Conv', ['p', 'w2'], ['c']), node('BatchNormalization', ['c', 'scale', 'bias', 'mean', 'variance'], ['y']),
      ],
    });
  });
  it('operators that know no rows read them in the order of the file, and a later convolution reads the image that was there', async () => {
    await check({
      name: 'rows', input: [1, 1, 9], output: [1, 2, 9], constants: { w1: noise(2, 1, 3), w2: noise(2, 2, 1), c: noise(2, 1) },
      nodes: [node('Conv', ['x', 'w1'], ['a'], { pads: [1, 1] }), node('Mul', ['a', 'c'], ['m']), node('Conv', ['a', 'w2'], ['d']), node('Add', ['m', 'd'], ['y'])],
      ops: ['reshape', 'conv2d', 'reshape', 'transpose', 'mul', 'conv2d', 'reshape', 'transpose', 'add'],
    });
  });
  it('weights that the network computes leave it in float', async () => {
    await check({
      name: 'computed', input: [1, 2, 5, 5], output: [1, 2, 3, 3], constants: { s: int64(2, 2, 3, 3), from: int64(0), to: int64(36), flat: int64(-1) },
      nodes: [node('Reshape', ['x', 'flat'], ['f']), node('Slice', ['f', 'from', 'to'], ['part']), node('Reshape', ['part', 's'], ['w']), node('Conv', ['x', 'w'], ['y'])],
      ops: ['transpose', 'reshape', 'slice', 'reshape', 'opaque'],
    });
  });
});

describe('transposed convolutions', () => {
  const conv = (input: readonly number[], w: readonly number[], output: readonly number[], attributes: Attributes, ops: readonly string[] = ['conv_transpose2d']): Form =>
    one('ConvTranspose', input, output, attributes, ops, { w: noise(...w), b: noise((w[1] ?? 1) * Number(attributes?.['group'] ?? 1)) });
  it.each([
    conv([1, 4, 3, 5], [4, 2, 3, 3], [1, 2, 5, 7], {}),
    conv([1, 4, 3, 5], [4, 3, 3, 2], [1, 6, 7, 10], { group: 2, strides: [2, 2], output_padding: [0, 0] }),
    conv([1, 2, 3, 3], [2, 3, 3, 3], [1, 3, 7, 9], { strides: [3, 2], pads: [1, 0, 2, 0], output_padding: [1, 1], dilations: [1, 2] }),
    conv([1, 2, 3, 3], [2, 3, 3, 4], [1, 3, 6, 6], { strides: [2, 2], auto_pad: 'SAME_UPPER' }),
    conv([1, 2, 3, 3], [2, 3, 4, 3], [1, 3, 6, 6], { strides: [2, 2], auto_pad: 'SAME_LOWER' }),
    conv([1, 2, 3, 3], [2, 3, 3, 3], [1, 3, 7, 7], { strides: [2, 2], auto_pad: 'VALID' }),
    conv([1, 2, 3, 3], [2, 3, 3, 3], [1, 3, 6, 8], { strides: [2, 3], output_shape: [6, 8] }),
    conv([1, 2, 4], [2, 3, 3], [1, 3, 9], { strides: [2] }, ['transpose', 'reshape', 'conv_transpose2d', 'reshape', 'transpose']),
  ])('$name', check);
});

describe('pools and means', () => {
  it.each([
    one('MaxPool', [1, 3, 7, 7], [1, 3, 3, 3], { kernel_shape: [2, 3], strides: [2, 2], dilations: [2, 1] }, ['max_pool2d']),
    one('MaxPool', [1, 3, 8, 8], [1, 3, 4, 4], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, ['max_pool2d']),
    one('MaxPool', [1, 3, 8, 8], [1, 3, 4, 4], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' }, ['max_pool2d']),
    one('AveragePool', [1, 3, 8, 8], [1, 3, 4, 4], { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 }, ['avg_pool2d']),
    one('AveragePool', [1, 2, 7, 7], [1, 2, 4, 4], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }, ['avg_pool2d']),
    one('AveragePool', [1, 2, 8, 8], [1, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1, ceil_mode: 1 }, ['pad', 'avg_pool2d'], {}, 19),
    one('AveragePool', [1, 2, 9], [1, 2, 4], { kernel_shape: [3], strides: [2] }, ['transpose', 'reshape', 'avg_pool2d', 'reshape', 'transpose']),
    one('GlobalAveragePool', [1, 4, 5, 6], [1, 4, 1, 1], {}, ['global_avg_pool2d']),
    one('GlobalMaxPool', [1, 4, 5, 6], [1, 4, 1, 1], {}, ['max_pool2d']),
    one('GlobalAveragePool', [1, 4, 5], [1, 4, 1], {}, ['transpose', 'reshape', 'global_avg_pool2d', 'reshape']),
    one('ReduceMean', [1, 4, 5, 6], [1, 4, 5, 1], { axes: [3], keepdims: 1 }, ['mean']),
    one('ReduceMean', [1, 4, 6], [1, 6], { axes: [-2], keepdims: 0 }, ['mean']),
    one('ReduceSum', [1, 4, 6], [1, 4, 1], {}, ['sum'], { axes: int64(2) }),
  ])('$name', check);

  const behindConv = (attributes: Attributes, output: readonly number[], ops: readonly string[]): Form => ({
    name: JSON.stringify(attributes), input: [1, 2, 5, 6], output, ops: ['conv2d', ...ops], constants: { w: noise(3, 2, 1, 1) },
    nodes: [node('Conv', ['x', 'w'], ['c']), node('ReduceMean', ['c'], ['y'], attributes)],
  });
  it.each([
    behindConv({ axes: [2, 3], keepdims: 1 }, [1, 3, 1, 1], ['global_avg_pool2d']),
    behindConv({ axes: [2, 3], keepdims: 0 }, [1, 3], ['global_avg_pool2d', 'reshape']),
    behindConv({ axes: [1], keepdims: 1 }, [1, 1, 5, 6], ['mean']),
    behindConv({ axes: [1], keepdims: 0 }, [1, 5, 6], ['mean']),
    behindConv({ axes: [2], keepdims: 0 }, [1, 3, 6], ['transpose', 'mean']),
    behindConv({ axes: [1, 2], keepdims: 0 }, [1, 6], ['mean']),
  ])('a mean behind a convolution: $name', check);
});

describe('resizing', () => {
  const resize = (attributes: Attributes, scales: readonly number[], output: readonly number[], op: 'resize_nearest' | 'resize_bilinear'): Form => ({
    name: `${JSON.stringify(attributes)} by ${scales.join()}`, input: [1, 2, 5, 4], output, ops: [op], constants: { scales: float32([4], [1, 1, ...scales]) },
    nodes: [node('Resize', ['x', '', 'scales'], ['y'], attributes)],
  });
  const modes = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'];
  it.each(modes.flatMap((mode) => [
    resize({ mode: 'linear', coordinate_transformation_mode: mode }, [2, 3], [1, 2, 10, 12], 'resize_bilinear'),
    resize({ mode: 'linear', coordinate_transformation_mode: mode }, [0.6, 1.7], [1, 2, 3, 6], 'resize_bilinear'),
    ...['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'].flatMap((nearest) => [
      resize({ mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode: nearest }, [2, 3], [1, 2, 10, 12], 'resize_nearest'),
      resize({ mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode: nearest }, [0.6, 1.7], [1, 2, 3, 6], 'resize_nearest'),
    ]),
  ]))('$name', check);

  it.each([
    { name: 'tf_half_pixel_for_nn (opset 11)', input: [1, 2, 5, 4], output: [1, 2, 10, 6], ops: ['resize_nearest'], opset: 11, constants: { scales: float32([4], [1, 1, 2, 1.5]), roi: float32([0], []) },
      nodes: [node('Resize', ['x', 'roi', 'scales'], ['y'], { mode: 'nearest', nearest_mode: 'floor', coordinate_transformation_mode: 'tf_half_pixel_for_nn' })] },
    { name: 'half_pixel_symmetric (opset 19)', input: [1, 2, 5, 4], output: [1, 2, 8, 7], ops: ['resize_bilinear'], opset: 19, constants: { scales: float32([4], [1, 1, 1.7, 1.8]) },
      nodes: [node('Resize', ['x', '', 'scales'], ['y'], { mode: 'linear', coordinate_transformation_mode: 'half_pixel_symmetric' })] },
    { name: 'sizes (opset 13)', input: [1, 2, 5, 4], output: [1, 2, 7, 9], ops: ['resize_bilinear'], constants: { sizes: int64(1, 2, 7, 9) },
      nodes: [node('Resize', ['x', '', '', 'sizes'], ['y'], { mode: 'linear' })] },
    { name: 'an image that lies channels-last in the file', input: [1, 5, 4, 3], output: [1, 10, 8, 3], ops: ['transpose', 'resize_bilinear'], constants: { scales: float32([4], [1, 2, 2, 1]) },
      nodes: [node('Resize', ['x', '', 'scales'], ['y'], { mode: 'linear', coordinate_transformation_mode: 'asymmetric' })] },
    { name: 'Resize of opset 10', input: [1, 2, 5, 4], output: [1, 2, 3, 8], ops: ['resize_nearest'], opset: 10, constants: { scales: float32([4], [1, 1, 0.6, 2]) },
      nodes: [node('Resize', ['x', 'scales'], ['y'], { mode: 'nearest' })] },
    { name: 'Upsample of opset 9', input: [1, 2, 5, 4], output: [1, 2, 10, 12], ops: ['resize_bilinear'], opset: 9, constants: { scales: float32([4], [1, 1, 2, 3]) },
      nodes: [node('Upsample', ['x', 'scales'], ['y'], { mode: 'linear' })] },
    { name: 'cubic stays as it is', input: [1, 2, 5, 4], output: [1, 2, 10, 8], ops: ['transpose', 'opaque'], constants: { scales: float32([4], [1, 1, 2, 2]) },
      nodes: [node('Resize', ['x', '', 'scales'], ['y'], { mode: 'cubic' })] },
    { name: 'rows', input: [1, 2, 5], output: [1, 2, 10], ops: ['transpose', 'reshape', 'resize_bilinear', 'reshape', 'transpose'], constants: { scales: float32([3], [1, 1, 2]) },
      nodes: [node('Resize', ['x', '', 'scales'], ['y'], { mode: 'linear' })] },
  ] satisfies Form[])('$name', check);
});

describe('ArgMax, ArgMin', () => {
  const argument = (op: string, attributes: Attributes, output: readonly number[], ops: readonly string[]): Form => ({
    name: `${op} ${JSON.stringify(attributes)}`, input: [1, 3, 5, 4], output, ops: ['conv2d', ...ops, 'opaque', 'opaque'], constants: { w: noise(6, 3, 1, 1) },
    nodes: [node('Conv', ['x', 'w'], ['c']), node(op, ['c'], ['p'], attributes), node('Cast', ['p'], ['y'], { to: 1 })],
  });
  it.each([
    argument('ArgMax', { axis: 1, keepdims: 0 }, [1, 5, 4], ['arg_max']),
    argument('ArgMin', { axis: -3, select_last_index: 1 }, [1, 1, 5, 4], ['arg_min', 'reshape']),
    argument('ArgMax', { axis: 2 }, [1, 6, 1, 4], ['arg_max', 'transpose']),
    argument('ArgMin', { axis: 3, keepdims: 0 }, [1, 6, 5], ['transpose', 'arg_min']),
  ])('positions on the MLA, the type of the file on the APU: $name', check);
});
