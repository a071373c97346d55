// opaque: an ONNX operator that Requant does not know. It travels through unchanged and runs in float on the APU.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import { define, type OnnxAttribute } from './operator.ts';

const place = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(16));
const attributes = v.object({
  type: v.string(),
  domain: v.string(),
  opset: v.number(),
  /** ONNX attributes as plain data. */
  attributes: v.record(v.string(), v.custom<OnnxAttribute>((value) => value !== undefined)),
  shape: v.array(v.number()),
  /** Which of the operator's outputs the node gives; its only one where this is left out. Another output is another node. */
  among: v.optional(v.object({ at: place, of: place })),
});

export const opaque = define<v.InferOutput<typeof attributes>>({
  name: 'opaque',
  className: 'Opaque',
  attributes,
  traits: [],
  shapes: (node) => [node.attrs.shape],
  parts: (node) => [node.attrs.type.replace(/[^A-Za-z0-9]+/g, '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()],
  precisions: (node) => ({ reason: `${node.attrs.type} has no integer form` }),
  emit: (node, to) => {
    if (node.attrs.domain !== '' && node.attrs.domain !== 'ai.onnx') {
      throw new RequantError('OPERATOR_UNSUPPORTED', `${node.attrs.type} of domain ${node.attrs.domain} cannot run here`, node.where);
    }
    to.output(0, to.node(node.attrs.type, node.inputs.map((operand, i) => (operand ? to.input(i) : '')), node.attrs.attributes, node.attrs.among));
  },
});
