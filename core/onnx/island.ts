// A part of a model that ONNX Runtime runs as the file has it: a small ONNX model of its own. What it must be, wherever it comes from.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { decodeModel } from './decode.ts';
import type { AttributeProto, GraphProto, ModelProto, NodeProto, SparseTensorProto, TensorProto, ValueInfoProto } from './proto.ts';

export interface IslandDoor {
  readonly name: string;
  /** TensorProto.DataType */
  readonly elemType: number;
}
export interface Island {
  readonly inputs: readonly IslandDoor[];
  readonly outputs: readonly IslandDoor[];
}

/** Raises FORMAT_CORRUPT, FORMAT_TOO_LARGE, or MODEL_INVALID for a model that is none or would read other files. */
export function readIsland(bytes: Uint8Array, where: ErrorPlace): Island {
  let model: ModelProto;
  try { model = decodeModel(bytes); } catch (thrown) { throw RequantError.from(thrown).within(where); }
  checkSelfContained(model, where);
  const doors = (infos: readonly ValueInfoProto[] = []): readonly IslandDoor[] => infos.map(({ name = '', type }) => ({ name, elemType: type?.tensorType?.elemType ?? 0 }));
  return { inputs: doors(model.graph?.input), outputs: doors(model.graph?.output) };
}

/** ONNX Runtime would open whatever file a tensor names, so none may name any. Raises MODEL_INVALID. */
export function checkSelfContained(model: ModelProto, where: ErrorPlace): void {
  if ((model.graph?.node ?? []).length === 0) throw new RequantError('MODEL_INVALID', 'it holds no ONNX operators', where);
  const check = ({ name = '', dataLocation = 0, externalData = [] }: TensorProto): void => {
    if (dataLocation !== 0 || externalData.length > 0) throw new RequantError('MODEL_INVALID', `the data of ${name || 'a tensor'} lies in a second file`, where);
  };
  for (const t of tensorsOf(model)) check(t);
}

function* tensorsOf(model: ModelProto): Iterable<TensorProto> {
  if (model.graph) yield* inGraph(model.graph);
  for (const f of model.functions ?? []) {
    yield* inNodes(f.node ?? []);
    for (const a of f.attributeProto ?? []) yield* inAttribute(a);
  }
}
function* inGraph({ node = [], initializer = [], sparseInitializer = [] }: GraphProto): Iterable<TensorProto> {
  yield* initializer;
  for (const sparse of sparseInitializer) yield* inSparse(sparse);
  yield* inNodes(node);
}
function* inNodes(nodes: readonly NodeProto[]): Iterable<TensorProto> {
  for (const { attribute = [] } of nodes) for (const a of attribute) yield* inAttribute(a);
}
function* inAttribute({ t, tensors = [], g, graphs = [], sparseTensor, sparseTensors = [] }: AttributeProto): Iterable<TensorProto> {
  if (t) yield t;
  yield* tensors;
  for (const sparse of sparseTensor ? [sparseTensor, ...sparseTensors] : sparseTensors) yield* inSparse(sparse);
  for (const graph of g ? [g, ...graphs] : graphs) yield* inGraph(graph);
}
function* inSparse({ values, indices }: SparseTensorProto): Iterable<TensorProto> {
  if (values) yield values;
  if (indices) yield indices;
}
