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
  /** Which of the operator's outputs has that shape, and how many it has; its only one where this is left out. */
  among: v.optional(v.object({ at: place, of: place })),
  /** The operator's other outputs that the node gives, behind that one. */
  further: v.optional(v.array(v.object({ at: place, shape: v.array(v.number()) }))),
});

/** LayerNormalization becomes layer_normalization. */
export const snakeCase = (type: string): string => type.replace(/[^A-Za-z0-9]+/g, '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

export const opaque = define<v.InferOutput<typeof attributes>>({
  name: 'opaque',
  className: 'Opaque',
  attributes,
  traits: ['foreign'],
  shapes: ({ attrs: { shape, further = [] } }) => [shape, ...further.map((other) => other.shape)],
  parts: (node) => [snakeCase(node.attrs.type)],
  precisions: (node) => ({ reason: `${node.attrs.type} has no integer form` }),
  emit: (node, to) => {
    if (node.attrs.domain !== '' && node.attrs.domain !== 'ai.onnx') {
      throw new RequantError('OPERATOR_UNSUPPORTED', `${node.attrs.type} of domain ${node.attrs.domain} cannot run here`, node.where);
    }
    const { type, attributes: given, among = { at: 0, of: 1 }, further = [] } = node.attrs;
    const names = to.several(type, node.inputs.map((operand, i) => (operand ? to.input(i) : '')), given, among.of, node.attrs.opset);
    [among, ...further].forEach(({ at }, i) => {
      const name = names[at];
      if (name === undefined) throw new RequantError('MODEL_INVALID', `${type} has no output ${at}`, node.where);
      to.output(i, name);
    });
  },
});
