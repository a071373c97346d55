// Writes the trained network as ONNX: NCHW, the batch norms left in, as exporters of training frameworks do it.
import { ATTRIBUTE_TYPE, elemTypeOf, encodeModel, tensorToProto, type AttributeProto, type NodeProto, type TensorProto, type ValueInfoProto } from '../../core/onnx/index.ts';
import { float32, tensor, transpose, type Tensor } from '../../core/tensor/tensor.ts';
import { CHANNELS, SIZE } from './draw.ts';
import { EPSILON, type Block } from './network.ts';
import { LABELS } from './shapes.ts';

export const INPUT = 'image';
export const OUTPUT = 'probabilities';
const OPSET = 17;
/** The IR version that belongs to opset 17 (ONNX 1.12). */
const IR_VERSION = 8;

/** Values of a parameter by name, in the trainer's own layout. */
export type ValuesOf = (name: string) => ArrayLike<number>;

/** What is being written: grows node by node. */
interface Draft {
  readonly nodes: NodeProto[];
  readonly initializers: Map<string, TensorProto>;
  readonly valuesOf: ValuesOf;
}

/** Bytes of a model with input `image` [1, 3, 32, 32] and output `probabilities` [1, 10]. */
export function exportModel(network: readonly Block[], valuesOf: ValuesOf): Uint8Array {
  const draft: Draft = { nodes: [], initializers: new Map(), valuesOf };
  const logits = addBlocks(draft, network, INPUT);
  addNode(draft, 'Softmax', OUTPUT, [logits], [integer('axis', 1)], OUTPUT);
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: 'requant',
    docString: `A small network that names drawn shapes: ${LABELS.join(', ')}.`,
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'shapes',
      node: draft.nodes,
      initializer: [...draft.initializers.values()],
      input: [port(INPUT, [1, CHANNELS, SIZE, SIZE])],
      output: [port(OUTPUT, [1, LABELS.length])],
    },
  });
}

const addBlocks = (draft: Draft, blocks: readonly Block[], input: string): string => blocks.reduce((from, block) => addBlock(draft, block, from), input);

/** Adds the nodes of a block that reads `input`; returns what it produces. */
function addBlock(draft: Draft, block: Block, input: string): string {
  const { name } = block;
  switch (block.kind) {
    case 'convolution': {
      // [kernel, kernel, in, out] -> [out, in, kernel, kernel]
      const weight = transpose(valuesAs(draft, `${name}.weight`, [block.kernel, block.kernel, block.from, block.to]), [3, 2, 0, 1]);
      return addConv(draft, block, input, weight, block.kernel, 1);
    }
    case 'depthwise': {
      // [3, 3, channels, 1] -> [channels, 1, 3, 3]
      const weight = transpose(valuesAs(draft, `${name}.weight`, [3, 3, block.channels, 1]), [2, 3, 0, 1]);
      return addConv(draft, block, input, weight, 3, block.channels);
    }
    case 'maxPool':
      return addNode(draft, 'MaxPool', name, [input], [integers('kernel_shape', [2, 2]), integers('strides', [2, 2])]);
    case 'residual': {
      const sum = addNode(draft, 'Add', `${name}_add`, [addBlocks(draft, block.body, input), input]);
      return addNode(draft, 'Relu', `${name}_relu`, [sum]);
    }
    case 'globalAverage': {
      const average = addNode(draft, 'GlobalAveragePool', name, [input]);
      return addNode(draft, 'Flatten', 'flatten', [average], [integer('axis', 1)]);
    }
    case 'dense': {
      const weight = transpose(valuesAs(draft, `${name}.weight`, [block.from, block.to]), [1, 0]);
      const constants = [constant(draft, `${name}.weight`, weight), constant(draft, `${name}.bias`, valuesAs(draft, `${name}.bias`, [block.to]))];
      return addNode(draft, 'Gemm', name, [input, ...constants], [integer('transB', 1)]);
    }
  }
}

type Conv = Extract<Block, { kind: 'convolution' | 'depthwise' }>;

function addConv(draft: Draft, { name, stride, ceiling }: Conv, input: string, weight: Tensor, kernel: number, group: number): string {
  const pad = kernel >> 1;
  const conv = addNode(draft, 'Conv', `${name}_conv`, [input, constant(draft, `${name}.weight`, weight)], [
    integers('kernel_shape', [kernel, kernel]), integers('strides', [stride, stride]), integers('pads', [pad, pad, pad, pad]), integer('group', group),
  ]);
  const channels = weight.shape[0] ?? 0;
  const norms = ['gamma', 'beta', 'mean', 'variance'].map((role) => constant(draft, `${name}.${role}`, valuesAs(draft, `${name}.${role}`, [channels])));
  const normal = addNode(draft, 'BatchNormalization', `${name}_norm`, [conv, ...norms], [{ name: 'epsilon', type: ATTRIBUTE_TYPE.float, f: EPSILON }]);
  if (ceiling === undefined) return normal;
  if (ceiling === Infinity) return addNode(draft, 'Relu', `${name}_relu`, [normal]);
  return addNode(draft, 'Clip', `${name}_clip`, [normal, scalar(draft, 0), scalar(draft, ceiling)]);
}

function addNode(draft: Draft, opType: string, name: string, input: readonly string[], attribute: readonly AttributeProto[] = [], output = `${name}_out`): string {
  draft.nodes.push({ opType, name, input, output: [output], attribute });
  return output;
}

function constant(draft: Draft, name: string, value: Tensor): string {
  draft.initializers.set(name, tensorToProto(value, name));
  return name;
}

const scalar = (draft: Draft, value: number): string => constant(draft, `constant_${value}`, float32([], [value]));
const valuesAs = (draft: Draft, name: string, shape: readonly number[]): Tensor => tensor('float32', shape, Float32Array.from(draft.valuesOf(name)), { tensor: name });
const integer = (name: string, i: number): AttributeProto => ({ name, type: ATTRIBUTE_TYPE.int, i });
const integers = (name: string, ints: readonly number[]): AttributeProto => ({ name, type: ATTRIBUTE_TYPE.ints, ints });
const port = (name: string, shape: readonly number[]): ValueInfoProto =>
  ({ name, type: { tensorType: { elemType: elemTypeOf('float32'), shape: { dim: shape.map((dimValue) => ({ dimValue })) } } } });
