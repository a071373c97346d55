// Fusing a clamp (relu, relu6, clip) into the operator before it.
import { activationOf, boundsOf, intersect, nodeView, operatorOf, type Activation } from '../../ops/index.ts';
import { merged, type Rule } from '../rewrite.ts';

export const fuseActivation: Rule = {
  name: 'fuse a clamp into the operator before it',
  apply: (node, context) => {
    const operator = operatorOf(node);
    const [value = ''] = node.inputs;
    const producer = context.producer(value);
    if (!operator.clampOf || !producer || !context.isPrivate(value) || !operatorOf(producer).traits.includes('fusesActivation')) return undefined;
    const bounds = intersect(boundsOf(producer.attrs['activation'] as Activation), operator.clampOf(nodeView(context, node)));
    return { kind: 'merge', absorbs: [producer], node: merged(producer, node, { attrs: { ...producer.attrs, activation: activationOf(bounds) } }) };
  },
};
