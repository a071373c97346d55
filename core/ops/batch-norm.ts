// batch_norm: inference form, (x - mean) / sqrt(variance + epsilon) * scale + bias over the last dimension.
// Partitioning folds it into a convolution or turns it into one; what stays runs in float.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { define } from './operator.ts';

const attributes = v.object({ epsilon: v.number() });

export const batchNorm = define<v.InferOutput<typeof attributes>>({
  name: 'batch_norm',
  className: 'BatchNorm',
  attributes,
  traits: [],
  shapes: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    if (node.inputs.slice(1).some((operand) => operand?.shape.length !== 1 || operand.shape[0] !== shape.at(-1))) {
      throw new RequantError('SHAPE_MISMATCH', 'batch_norm needs one scale, bias, mean and variance a channel', node.where);
    }
    return [shape];
  },
  parts: () => ['batch_norm'],
  precisions: () => ({ reason: 'a batch norm that cannot be folded runs in float' }),
  emit: (node, to) => {
    const image = node.inputs[0]?.shape.length === 4;
    const names = [to.input(0, image ? 'nchw' : 'nhwc'), ...[1, 2, 3, 4].map((i) => to.input(i))];
    to.output(0, to.node('BatchNormalization', names, { epsilon: { float: node.attrs.epsilon } }), image ? 'nchw' : 'nhwc');
  },
});
