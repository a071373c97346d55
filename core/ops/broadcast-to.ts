// broadcast_to: a tensor repeated along dimensions of 1, and along new ones in front, to a shape. Stored integers pass unchanged (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { sameShape, showShape, tensor } from '../tensor/tensor.ts';
import { size } from './attributes.ts';
import { broadcastShape } from './broadcast.ts';
import { define } from './operator.ts';
import { pick } from './pick.ts';

const attributes = v.object({ shape: v.array(size) });

export const broadcastTo = define<v.InferOutput<typeof attributes>>({
  name: 'broadcast_to',
  className: 'Broadcast',
  attributes,
  traits: ['passThrough'],
  shapes: (node) => {
    const from = node.inputs[0]?.shape ?? [];
    if (!sameShape(broadcastShape(from, node.attrs.shape, node.where), node.attrs.shape)) {
      throw new RequantError('SHAPE_MISMATCH', `${showShape(from)} cannot be broadcast to ${showShape(node.attrs.shape)}`, node.where);
    }
    return [node.attrs.shape];
  },
  parts: () => ['broadcast_to'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { shape } = node.attrs;
    to.output(0, to.node('Expand', [to.input(0), to.constant(tensor('int64', [shape.length], BigInt64Array.from(shape, BigInt)))]));
  },
  quantize: (node) => ({ attrs: { ...node.attrs }, constants: {}, output: node.outputQuantization, activations: [0] }),
  run: (call) => {
    const [x] = call.inputs;
    if (!x) throw new RequantError('MODEL_INVALID', 'broadcast_to lacks its input');
    const { outputShape: shape } = call;
    const from = [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
    return pick({ ...x, shape: from }, shape.map((count, d) => Array.from({ length: count }, (_, i) => (from[d] === 1 ? 0 : i))), 0);
  },
});
