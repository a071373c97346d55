// Blocks of an image moved into the batch or into the channels and back. Around a convolution that is how TensorFlow 1 says dilation.
import { asFirst, inOrder, isChannelsLast } from '../layout.ts';
import { int, ints, type Row, type TensorflowOperator } from '../operator.ts';
import { convolve, type Padding } from './windows.ts';

/** A list of pairs, one for each of the blocks' dimensions. */
function pairs(o: TensorflowOperator, i: number): Padding {
  const list = o.numbers(i);
  return Array.from({ length: list.length / 2 }, (_, k) => [list[2 * k] ?? 0, list[2 * k + 1] ?? 0]);
}

/** [N, D * b, ...] -> pads -> [N * b, D, ...], by pad, reshape, transpose, reshape. */
export const spaceToBatch: Row = (o) => {
  const x = o.input(0);
  const [block, padding] = [o.numbers(1), pairs(o, 2)];
  const shape = o.shapeOf(x);
  const m = block.length;
  const rest = shape.slice(m + 1);
  const before = [0, ...padding.map((p) => p[0]), ...rest.map(() => 0)];
  const behind = [0, ...padding.map((p) => p[1]), ...rest.map(() => 0)];
  const padded = [...before, ...behind].some((p) => p !== 0) ? o.onnx('Pad', [x, o.list([...before, ...behind]), o.scalar(0, x)]) : x;
  const size = o.shapeOf(padded);
  const [batch = 1] = size;
  const blocks = block.map((b, i) => (size[i + 1] ?? 1) / b);
  if (blocks.some((n) => !Number.isInteger(n))) throw o.fail(`[${size.join(', ')}] is not made of blocks of ${block.join(', ')}`);
  const split = o.onnx('Reshape', [padded, o.list([batch, ...block.flatMap((b, i) => [blocks[i] ?? 1, b]), ...rest])]);
  const perm = [...block.map((_, i) => 2 * i + 2), 0, ...block.map((_, i) => 2 * i + 1), ...rest.map((_, i) => 2 * m + 1 + i)];
  const moved = o.onnx('Transpose', [split], { perm: ints(perm) });
  o.become(o.onnx('Reshape', [moved, o.list([batch * block.reduce((n, b) => n * b, 1), ...blocks, ...rest])], {}, o.output));
};

const uncropped = (o: TensorflowOperator): string => {
  const x = o.input(0);
  const block = o.numbers(1);
  const [batch = 1, ...shape] = o.shapeOf(x);
  const m = block.length;
  const rest = shape.slice(m);
  const images = batch / block.reduce((n, b) => n * b, 1);
  if (!Number.isInteger(images)) throw o.fail(`a batch of ${batch} is not made of blocks of ${block.join(', ')}`);
  const split = o.onnx('Reshape', [x, o.list([...block, images, ...shape])]);
  const perm = [m, ...block.flatMap((_, i) => [m + 1 + i, i]), ...rest.map((_, i) => 2 * m + 1 + i)];
  const moved = o.onnx('Transpose', [split], { perm: ints(perm) });
  return o.onnx('Reshape', [moved, o.list([images, ...block.map((b, i) => b * (shape[i] ?? 1)), ...rest])]);
};

/** The convolution between two moves of the same blocks, dilated by them; nothing where the pattern is another. */
function dilated(o: TensorflowOperator): string | undefined {
  const [block, crops] = [o.numbers(1), pairs(o, 2)];
  const through = (at: TensorflowOperator | undefined, op: string): TensorflowOperator | undefined => (at?.node.op === op ? at : undefined);
  const above = (at: TensorflowOperator | undefined): TensorflowOperator | undefined => at?.producer(at.input(0));
  const bias = through(above(o), 'BiasAdd');
  const squeezed = through(above(bias ?? o), 'Squeeze');
  const conv = above(squeezed ?? bias ?? o);
  const depthwise = conv?.node.op === 'DepthwiseConv2dNative';
  if (!conv || !(depthwise || conv.node.op === 'Conv2D') || conv.text('padding', '') !== 'VALID' || [...conv.ints('strides'), ...conv.ints('dilations')].some((n) => n !== 1)) return undefined;
  const expanded = through(above(conv), 'ExpandDims');
  const start = through(above(expanded ?? conv), 'SpaceToBatchND');
  if (!start || start.numbers(1).join() !== block.join() || !isChannelsLast(conv) || block.length !== (expanded ? 1 : 2)) return undefined;
  const paddings = pairs(start, 2);
  const padding = paddings.map(([a, b], i): readonly [number, number] => [a - (crops[i]?.[0] ?? 0), b - (crops[i]?.[1] ?? 0)]);
  if (padding.flat().some((p) => p < 0)) return undefined;
  const x = start.input(0);
  if (!expanded) {
    const made = convolve(conv, depthwise, { image: x, dilations: block, padding, output: bias ? conv.fresh('dilated') : o.output });
    return bias ? o.onnx('Add', [made, bias.input(1)], {}, o.output) : made;
  }
  // A row of one dimension, made an image for the convolution only.
  const axis = o.shapeOf(expanded.output).findIndex((d, i) => d === 1 && o.shapeOf(expanded.input(0)).toSpliced(i, 0, 1).join() === o.shapeOf(expanded.output).join() && i > 0);
  const [first] = padding;
  const [d] = block;
  if (axis < 1 || axis > 2 || !first || d === undefined) return undefined;
  const beside = <T>(value: T, otherwise: T): readonly T[] => (axis === 1 ? [otherwise, value] : [value, otherwise]);
  const image = o.onnx('Reshape', [x, o.list(o.shapeOf(x).toSpliced(axis, 0, 1))]);
  const made = convolve(conv, depthwise, { image, dilations: beside(d, 1), padding: beside(first, [0, 0] as const), output: conv.fresh('dilated') });
  const flat = o.onnx('Reshape', [made, o.list(o.shapeOf(made).toSpliced(axis, 1))], {}, bias ? undefined : o.output);
  return bias ? o.onnx('Add', [flat, bias.input(1)], {}, o.output) : flat;
}

export const batchToSpace: Row = (o) => {
  const convolved = dilated(o);
  if (convolved !== undefined) return o.become(convolved);
  const whole = uncropped(o);
  const crops = pairs(o, 2);
  const size = o.shapeOf(whole);
  if (crops.flat().every((c) => c === 0)) return o.become(whole);
  const axes = crops.map((_, i) => i + 1);
  o.become(o.onnx('Slice', [whole, o.list(crops.map((c) => c[0])), o.list(crops.map((c, i) => (size[i + 1] ?? 0) - c[1])), o.list(axes)], {}, o.output));
};

/** Both formats put the blocks before the channels. */
export const blocks = (type: 'SpaceToDepth' | 'DepthToSpace'): Row => (o) => {
  const last = isChannelsLast(o);
  o.become(inOrder(o, o.onnx(type, [asFirst(o, o.input(0), last)], { blocksize: int(o.int('block_size', 1)) }, o.output), last));
};
