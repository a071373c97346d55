// Reshapes and transposes that do nothing, meet one another, or move constants; and padding that a convolution can do itself.
import { sameShape, transpose } from '../../tensor/tensor.ts';
import { merged, type Rule } from '../rewrite.ts';

const numbers = (attribute: unknown): readonly number[] => (Array.isArray(attribute) ? attribute.map(Number) : []);

export const moveConstants: Rule = {
  name: 'move constants ahead of time',
  apply: (node, context) => {
    const constant = context.constants.get(node.inputs[0] ?? '');
    if (!constant) return undefined;
    if (node.op === 'reshape') return { kind: 'constant', tensor: { ...constant, shape: numbers(node.attrs['shape']) } };
    return node.op === 'transpose' ? { kind: 'constant', tensor: transpose(constant, numbers(node.attrs['perm'])) } : undefined;
  },
};

export const dropIdentityMovement: Rule = {
  name: 'drop reshapes and transposes that change nothing',
  apply: (node, context) => {
    const [value = ''] = node.inputs;
    const [output = ''] = node.outputs;
    const before = context.values.get(value)?.shape;
    // An output of the graph keeps its name, and so its node.
    if (!before || !context.values.has(output) || context.isOutput(output)) return undefined;
    if (node.op === 'reshape' && sameShape(before, numbers(node.attrs['shape']))) return { kind: 'alias', value };
    if (node.op === 'transpose' && numbers(node.attrs['perm']).every((p, i) => p === i)) return { kind: 'alias', value };
    return undefined;
  },
};

export const mergeReshapes: Rule = {
  name: 'one reshape instead of two',
  apply: (node, context) => {
    const [value = ''] = node.inputs;
    const before = context.producer(value);
    if (node.op !== 'reshape' || before?.op !== 'reshape' || !context.isPrivate(value)) return undefined;
    return { kind: 'merge', absorbs: [before], node: merged(before, node, { attrs: node.attrs }) };
  },
};

/** Spatial zero padding before a convolution moves into the convolution. */
export const padIntoConvolution: Rule = {
  name: 'let the convolution do its own padding',
  apply: (node, context) => {
    const [value = ''] = node.inputs;
    const before = context.producer(value);
    if (node.op !== 'conv2d' || before?.op !== 'pad' || !context.isPrivate(value) || before.attrs['value'] !== 0) return undefined;
    const amounts = (Array.isArray(before.attrs['pads']) ? before.attrs['pads'] : []).map(numbers);
    const [batch = [], rows = [], columns = [], channels = []] = amounts;
    if (amounts.length !== 4 || [...batch, ...channels].some((p) => p !== 0)) return undefined;
    const [top = 0, left = 0, bottom = 0, right = 0] = numbers(node.attrs['pads']);
    const pads = [top + (rows[0] ?? 0), left + (columns[0] ?? 0), bottom + (rows[1] ?? 0), right + (columns[1] ?? 0)];
    return {
      kind: 'merge', absorbs: [before],
      node: { ...node, attrs: { ...node.attrs, pads }, inputs: [before.inputs[0] ?? '', ...node.inputs.slice(1)], sources: [...before.sources, ...node.sources] },
    };
  },
};
