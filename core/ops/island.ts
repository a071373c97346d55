// island: ONNX operators of the file that stay together and run in ONNX Runtime as they are: what has no shape before it runs, loops and branches,
// operators of other domains or older forms. Its last input is a constant: the bytes of an ONNX model whose inputs and outputs are the node's, in order.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { define, type NodeView } from './operator.ts';
import { snakeCase } from './opaque.ts';

const attributes = v.object({
  /** Types of the operators in it, in the order of the file. */
  types: v.pipe(v.array(v.string()), v.minLength(1)),
  /** Shapes of the outputs; -1 for a dimension that the data decide, [-1] alone where not even the number of dimensions is known. */
  shapes: v.array(v.array(v.pipe(v.number(), v.integer(), v.minValue(-1)))),
});
/** Types that its name tells. */
const NAMED = 3;

function modelOf({ inputs, where }: Pick<NodeView<unknown>, 'inputs' | 'where'>): Uint8Array {
  const stored = inputs.at(-1)?.constant?.data;
  if (!(stored instanceof Uint8Array)) throw new RequantError('MODEL_INVALID', 'an island lacks its operators', where);
  return stored;
}

export const island = define<v.InferOutput<typeof attributes>>({
  name: 'island',
  className: 'Island',
  attributes,
  traits: ['foreign'],
  shapes: (node) => node.attrs.shapes,
  parts: ({ attrs: { types } }) => [...types.slice(0, NAMED).map(snakeCase), ...(types.length > NAMED ? ['more'] : [])],
  precisions: ({ attrs: { types } }) => ({ reason: `${[...new Set(types)].slice(0, NAMED).join(', ')}${types.length > NAMED ? ' and more' : ''} run as one in ONNX Runtime` }),
  model: modelOf,
  emit: (node, to) => {
    const outputs = to.model(modelOf(node), node.inputs.slice(0, -1).map((_, i) => to.input(i)));
    node.attrs.shapes.forEach((_, i) => { to.output(i, outputs[i] ?? ''); });
  },
});
