// gather: picks positions along one dimension, by constant indices; any may repeat. Stored integers pass unchanged (numerics 5).
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { allocate, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { size } from './attributes.ts';
import { define, type KernelCall } from './operator.ts';

const attributes = v.object({ axis: size, indices: v.pipe(v.array(size), v.minLength(1)) });

export const gather = define<v.InferOutput<typeof attributes>>({
  name: 'gather',
  className: 'Gather',
  attributes,
  traits: ['passThrough'],
  shapes: (node) => {
    const shape = node.inputs[0]?.shape ?? [];
    const { axis, indices } = node.attrs;
    const outside = indices.find((index) => index >= (shape[axis] ?? 0));
    if (outside !== undefined) throw new RequantError('SHAPE_MISMATCH', `index ${outside} is outside ${shape[axis] ?? 0}`, node.where);
    return [shape.map((d, i) => (i === axis ? indices.length : d))];
  },
  parts: () => ['gather'],
  precisions: () => ['int8', 'int16'],
  emit: (node, to) => {
    const { axis, indices } = node.attrs;
    const at = to.constant({ dtype: 'int64', shape: [indices.length], data: BigInt64Array.from(indices, BigInt) });
    to.output(0, to.node('Gather', [to.input(0), at], { axis: { int: axis } }));
  },
  quantize: (node) => ({ attrs: { ...node.attrs }, constants: {}, output: node.outputQuantization, activations: [0] }),
  run,
});

function run(call: KernelCall): Tensor {
  const { axis, indices } = v.parse(attributes, call.attrs);
  const [x] = call.inputs;
  if (!x) throw new RequantError('MODEL_INVALID', 'gather lacks its input');
  const out = allocate(x.dtype, sizeOf(call.outputShape));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const step = (x.shape[axis] ?? 1) * inner;
  let to = 0;
  for (let block = 0; block < x.data.length; block += step) for (const index of indices) {
    for (let i = block + index * inner; i < block + (index + 1) * inner; i++) out[to++] = x.data[i] ?? 0;
  }
  return { dtype: x.dtype, shape: call.outputShape, data: out };
}
