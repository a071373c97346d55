// Batch norm and local response norm.
import { sizeOf } from '../../../tensor/tensor.ts';
import { asFirst, inOrder, isChannelsLast } from '../layout.ts';
import { outputName } from '../graph.ts';
import { float, int, ints, type Row } from '../operator.ts';

/** With the statistics of training, or, in a graph that was frozen while it trained, with those of what it is fed. */
export const fusedBatchNorm: Row = (o) => {
  const last = isChannelsLast(o);
  const x = asFirst(o, o.input(0), last);
  const [scale, offset, epsilon] = [o.input(1), o.input(2), { epsilon: float(o.float('epsilon', 1e-4)) }];
  if (!o.flag('is_training', true)) return o.become(inOrder(o, o.onnx('BatchNormalization', [x, scale, offset, o.input(3), o.input(4)], epsilon, o.output), last));
  const [batch = 1, channels = 1, ...size] = o.shapeOf(x);
  const others = [batch, channels, ...size].flatMap((_, i) => (i === 1 ? [] : [i]));
  const average = (tensor: string): string => o.onnx('ReduceMean', [tensor], { axes: ints(others), keepdims: int(1) });
  const mean = average(x);
  const distance = o.onnx('Sub', [x, mean]);
  const variance = average(o.onnx('Mul', [distance, distance]));
  // The second and third output: mean and variance, the latter divided by one less than the number of values.
  const count = batch * sizeOf(size);
  [mean, o.onnx('Mul', [variance, o.scalar(count / Math.max(1, count - 1), x)])].forEach((statistic, i) => {
    o.become(o.onnx('Reshape', [statistic, o.list([channels])], {}, outputName(o.output, i + 1)), i + 1);
  });
  // Of one image, these are its own statistics: what ONNX calls instance normalization.
  if (batch === 1) return o.become(inOrder(o, o.onnx('InstanceNormalization', [x, scale, offset], epsilon, o.output), last));
  const beside = (tensor: string): string => o.onnx('Reshape', [tensor, o.list([channels, ...size.map(() => 1)])]);
  const deviation = o.onnx('Sqrt', [o.onnx('Add', [variance, o.scalar(o.float('epsilon', 1e-4), x)])]);
  const scaled = o.onnx('Mul', [o.onnx('Div', [distance, deviation]), beside(scale)]);
  o.become(inOrder(o, o.onnx('Add', [scaled, beside(offset)], {}, o.output), last));
};

/** TensorFlow's alpha is a factor of each square, ONNX's of their mean; the window goes `depth_radius` to either side. */
export const localResponseNorm: Row = (o) => {
  const size = 2 * o.int('depth_radius', 5) + 1;
  const made = o.onnx('LRN', [asFirst(o, o.input(0), true)], {
    size: int(size), alpha: float(o.float('alpha', 1) * size), beta: float(o.float('beta', 0.5)), bias: float(o.float('bias', 1)),
  }, o.output);
  o.become(inOrder(o, made, true));
};
