// What ONNX operators of one opset are in a later one. Most keep their form; some say with an input what an attribute said; a few mean something else.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';
import { ATTRIBUTE_TYPE, type AttributeProto, type GraphProto, type NodeProto } from './proto.ts';
import { tensorToProto } from './tensor.ts';

/** Operators that mean something else from an opset on, or were dropped in it. */
const CHANGED: Readonly<Record<string, number>> = {
  Scan: 9, Upsample: 10, Resize: 11, Scatter: 11, Softmax: 13, LogSoftmax: 13, Hardmax: 13, GridSample: 20, DFT: 20, GroupNormalization: 21,
};
/** Attributes that became inputs, in the inputs' order from the second on, with the opset in which they did. */
const MOVED: Readonly<Record<string, { readonly since: number; readonly attributes: readonly string[] }>> = {
  Slice: { since: 10, attributes: ['starts', 'ends', 'axes'] }, TopK: { since: 10, attributes: ['k'] },
  Pad: { since: 11, attributes: ['pads', 'value'] }, Clip: { since: 11, attributes: ['min', 'max'] }, Dropout: { since: 12, attributes: ['ratio'] },
  Squeeze: { since: 13, attributes: ['axes'] }, Unsqueeze: { since: 13, attributes: ['axes'] }, Split: { since: 13, attributes: ['split'] }, ReduceSum: { since: 13, attributes: ['axes'] },
  ...Object.fromEntries(['Max', 'Min', 'Mean', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((name) => [`Reduce${name}`, { since: 18, attributes: ['axes'] }])),
};
/** Since this opset Split says into how many parts, where it does not say how long they are. */
const SPLIT_COUNTS = 18;
/** Attributes that opset 7 gave up: what they said is no longer possible, or goes without saying. */
const GIVEN_UP = 7;
/** Before this opset most operators had other forms. */
const OLDEST = 6;
const OLD_ATTRIBUTES: ReadonlySet<string> = new Set(['broadcast', 'consumed_inputs', 'is_test']);

/** The last opset after `from`, and up to `to`, in which an operator got another form; undefined where it kept its form. */
export function changedIn(type: string, from: number, to: number): number | undefined {
  const since = Object.hasOwn(CHANGED, type) ? CHANGED[type] : Object.hasOwn(MOVED, type) ? MOVED[type]?.since : undefined;
  return since !== undefined && from < since && since <= to ? since : undefined;
}

/**
 * A node of opset `from`, and the graphs inside it, as opset `to` says it: itself, behind constants where attributes became inputs. Raises
 * OPERATOR_UNSUPPORTED where the operator means something else there, or `to` is older.
 */
export function inOpset(node: NodeProto, from: number, to: number, where: ErrorPlace): readonly NodeProto[] {
  const { domain = '', opType = '', attribute = [] } = node;
  if (from === to) return [node];
  const inner = attribute.some(({ g, graphs }) => g ?? graphs) ? { ...node, attribute: attribute.map((a) => withGraphs(a, from, to, where)) } : node;
  if (domain !== '' && domain !== 'ai.onnx') return [inner];
  const refuse = (why: string): never => {
    throw new RequantError('OPERATOR_UNSUPPORTED', `${opType} of opset ${from} ${why} in opset ${to}`, where, { hint: `Convert the model to opset ${to} first.` });
  };
  if (from > to) refuse('has no form');
  if (Object.hasOwn(CHANGED, opType) && changedIn(opType, from, to) !== undefined) refuse('means something else');
  if (from < OLDEST) refuse('may have another form');
  if (from < GIVEN_UP && attribute.some(({ name = '' }) => OLD_ATTRIBUTES.has(name))) refuse('has an attribute that is gone');
  return withInputs(inner, from, to);
}

function withInputs(node: NodeProto, from: number, to: number): readonly NodeProto[] {
  const { opType = '', attribute = [], input = [], output = [] } = node;
  const moved = changedIn(opType, from, to) === undefined ? undefined : MOVED[opType]?.attributes ?? [];
  const counts = opType === 'Split' && from < SPLIT_COUNTS && to >= SPLIT_COUNTS && input[1] === undefined && !attribute.some(({ name }) => name === 'split' || name === 'num_outputs');
  const kept = [
    ...attribute.filter(({ name = '' }) => !moved?.includes(name)),
    ...(counts ? [{ name: 'num_outputs', type: ATTRIBUTE_TYPE.int, i: output.length }] : []),
  ];
  if (!moved) return [counts ? { ...node, attribute: kept } : node];
  const constants: NodeProto[] = [];
  const read = moved.map((name) => {
    const found = attribute.find((a) => a.name === name);
    if (!found) return '';
    const constant = `${output.find((each) => each !== '') ?? opType}:${name}`;
    constants.push({ opType: 'Constant', output: [constant], attribute: [{ name: 'value', type: ATTRIBUTE_TYPE.tensor, t: tensorToProto(tensorOf(found), '') }] });
    return constant;
  });
  while (read.at(-1) === '') read.pop();
  return [...constants, { ...node, attribute: kept, input: [...input, ...read] }];
}

/** A number is a scalar, but for TopK's k, which is a list of one. */
function tensorOf({ name, type, f = 0, i = 0, ints = [] }: AttributeProto): Tensor {
  if (type === ATTRIBUTE_TYPE.float) return float32([], [f]);
  const list = name === 'k' ? [i] : ints;
  return { dtype: 'int64', shape: [list.length], data: BigInt64Array.from(list, BigInt) };
}

const withGraphs = (a: AttributeProto, from: number, to: number, where: ErrorPlace): AttributeProto => {
  const graph = (g: GraphProto): GraphProto => ({ ...g, node: (g.node ?? []).flatMap((node) => inOpset(node, from, to, where)) });
  return { ...a, ...(a.g ? { g: graph(a.g) } : {}), ...(a.graphs ? { graphs: a.graphs.map(graph) } : {}) };
};
