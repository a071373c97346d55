// Frozen TensorFlow graph (GraphDef) -> Graph. Every node is said in ONNX's words (table.ts) and imported as those are.
import { RequantError, type ErrorCode } from '../../errors/index.ts';
import type { Graph, Port } from '../../ir/index.ts';
import type { DType } from '../../tensor/tensor.ts';
import { startBuild } from '../onnx/build.ts';
import { inputPort, outputPort, type InputTensor } from '../onnx/doors.ts';
import { settleInput, type DeclaredDimension, type DeclaredInput, type ImportOptions } from '../shapes.ts';
import { doors, nodeOf, orderedNodes, readNodes, tensorName, type GraphNode } from './graph.ts';
import { isDead, operatorView, type Surroundings } from './operator.ts';
import { decodeGraph, isSavedModel } from './proto.ts';
import { TENSORFLOW_OPERATORS } from './table.ts';
import { dimensionsOf, dtypeOf } from './tensor.ts';

/** Raises FORMAT_CORRUPT, FORMAT_UNSUPPORTED, MODEL_INVALID, SHAPE_UNKNOWN or OPERATOR_UNSUPPORTED, naming node or tensor. */
export function importTensorflow(bytes: Uint8Array, file: string, options: ImportOptions = {}): Graph {
  const { inputShapes = {}, outputNames } = options;
  if (isSavedModel(bytes)) {
    throw new RequantError('FORMAT_UNSUPPORTED', 'this is a SavedModel, whose weights lie in other files', { file }, { hint: 'Freeze it to one .pb file (convert_variables_to_constants_v2), or convert it to ONNX or TFLite.' });
  }
  const nodes = nodesOf(bytes, file);
  /** What the caller calls a tensor, where that differs from the graph. */
  const spelled = new Map([...Object.keys(inputShapes), ...outputNames ?? []].map((name) => [tensorName(name), name]));
  const nameOf = (tensor: string): string => spelled.get(tensor) ?? tensor;
  const ends = doors(nodes, Object.keys(inputShapes).map(tensorName), outputNames?.map(tensorName), file);
  const build = startBuild(file, bytes.length, new Map());
  const surroundings: Surroundings = { nodes, build, fed: new Set(ends.inputs), dead: new Set(), refused: new Map() };

  const order = orderedNodes(nodes, ends, file);
  const image = order.some(readsChannelsFirst);
  const inputs = ends.inputs.map((tensor) => inputPort(build, { ...describeInput(nodes.get(nodeOf(tensor)), nameOf(tensor), options, file), tensor, image }));
  for (const node of order) importTensorflowNode(surroundings, node);
  const outputs = ends.outputs.map((tensor) => openOutput(surroundings, tensor, nameOf(tensor)));
  return { name: file.replace(/\.pb$/i, ''), format: 'tensorflow', inputs, outputs, values: build.values, constants: build.constants, nodes: build.nodes };
}

/** The inputs as the file declares them. */
export function tensorflowInputs(bytes: Uint8Array, file: string, { inputShapes = {} }: ImportOptions): readonly DeclaredInput[] {
  const nodes = nodesOf(bytes, file);
  const spelled = new Map(Object.keys(inputShapes).map((name) => [tensorName(name), name]));
  return doors(nodes, [...spelled.keys()], undefined, file).inputs.map((tensor) => ({ name: spelled.get(tensor) ?? tensor, dimensions: declaredOf(nodes.get(nodeOf(tensor))) }));
}

function nodesOf(bytes: Uint8Array, file: string): ReadonlyMap<string, GraphNode> {
  const nodes = readNodes(decodeGraph(bytes), file);
  if (nodes.size === 0) throw new RequantError('FORMAT_CORRUPT', 'the file holds no graph; it may be no TensorFlow model', { file });
  return nodes;
}

/** Errors of one node, which matter only where somebody needs what it gives. */
const POSTPONED: ReadonlySet<ErrorCode> = new Set(['OPERATOR_UNSUPPORTED', 'FORMAT_UNSUPPORTED']);

function importTensorflowNode(surroundings: Surroundings, node: GraphNode): void {
  const o = operatorView(surroundings, node);
  if (node.op !== 'Merge' && node.inputs.some((tensor) => o.isDead(tensor))) return o.killAll();
  const row = Object.hasOwn(TENSORFLOW_OPERATORS, node.op) ? TENSORFLOW_OPERATORS[node.op] : undefined;
  try {
    if (!row) throw o.fail('this operator is not supported');
    row(o);
  } catch (thrown) {
    if (!(thrown instanceof RequantError) || !POSTPONED.has(thrown.code)) throw thrown;
    surroundings.refused.set(node.name, thrown);
  }
}

/** Attributes that name the type of a node's output, the more telling first. */
const TYPE_OF_OUTPUT = ['DstT', 'output_type', 'out_type', 'dtype', 'T'] as const;

function describeInput(node: GraphNode | undefined, name: string, options: ImportOptions, file: string): Pick<InputTensor, 'name' | 'shape' | 'dtype'> {
  const type = TYPE_OF_OUTPUT.map((attribute) => node?.attrs.get(attribute)?.type).find((found) => found !== undefined);
  const dtype: DType | undefined = type === undefined ? 'float32' : dtypeOf(type);
  if (!dtype) {
    throw new RequantError('FORMAT_UNSUPPORTED', 'this input is no tensor of numbers', { file, tensor: name },
      { hint: 'Start at a tensor further on: give its name and shape, such as --input-shape Mfcc:0=1,49,10.' });
  }
  return { name, shape: settleInput(name, declaredOf(node), options, new Map(), file), dtype };
}

/** A placeholder's dimensions; undefined where not even their number is known, or for another node. */
function declaredOf(node: GraphNode | undefined): readonly DeclaredDimension[] | undefined {
  const declared = isPlaceholder(node) ? dimensionsOf(node.attrs.get('shape')?.shape) ?? dimensionsOf(node.attrs.get('_output_shapes')?.list?.shape?.[0]) : undefined;
  return declared?.map((d) => (d < 0 ? '' : d));
}

const isPlaceholder = (node: GraphNode | undefined): node is GraphNode => node?.op.startsWith('Placeholder') ?? false;
const readsChannelsFirst = (node: GraphNode): boolean => new TextDecoder().decode(node.attrs.get('data_format')?.s).startsWith('NC');

function openOutput({ build, refused, dead }: Surroundings, tensor: string, name: string): Port {
  const refusal = build.entries.has(tensor) ? undefined : refused.get(nodeOf(tensor));
  if (refusal) throw refusal;
  if (isDead(dead, tensor)) throw new RequantError('OPERATOR_UNSUPPORTED', 'the output belongs to a branch that is not taken', { file: build.file, tensor: name });
  return outputPort(build, tensor, name);
}
