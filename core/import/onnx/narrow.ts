// float64, float16 and bfloat16 in operators that stay ONNX: like all of the graph they compute in float32. What holds none of them is returned as it is.
import { dtypeOf, tensorFromProto, tensorToProto, type AttributeProto, type FunctionProto, type GraphProto, type NodeProto, type TensorProto, type TypeProto, type ValueInfoProto } from '../../onnx/index.ts';
import { convert } from '../../tensor/tensor.ts';

const FLOAT = 1, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16;
const NARROWED: ReadonlySet<number> = new Set([FLOAT16, DOUBLE, BFLOAT16]);
/** Attributes that name an element type. */
const TYPE_ATTRIBUTES: ReadonlySet<string> = new Set(['to', 'dtype', 'output_dtype', 'stash_type']);

export const isNarrowed = (elemType: number): boolean => NARROWED.has(elemType);
export const narrowType = (elemType: number): number => (NARROWED.has(elemType) ? FLOAT : elemType);

const narrowTensor = (t: TensorProto): TensorProto =>
  (NARROWED.has(t.dataType ?? 0) && dtypeOf(t.dataType ?? 0) ? tensorToProto(convert(tensorFromProto(t), 'float32'), t.name ?? '') : t);

function narrowTypes(type: TypeProto): TypeProto {
  const { tensorType, sequenceType, optionalType } = type;
  return {
    ...type,
    ...(tensorType ? { tensorType: { ...tensorType, elemType: narrowType(tensorType.elemType ?? 0) } } : {}),
    ...(sequenceType?.elemType ? { sequenceType: { elemType: narrowTypes(sequenceType.elemType) } } : {}),
    ...(optionalType?.elemType ? { optionalType: { elemType: narrowTypes(optionalType.elemType) } } : {}),
  };
}
const narrowInfo = (info: ValueInfoProto): ValueInfoProto => ({ ...info, ...(info.type ? { type: narrowTypes(info.type) } : {}) });

const narrowAttribute = (a: AttributeProto): AttributeProto => ({
  ...a,
  ...(a.i !== undefined && TYPE_ATTRIBUTES.has(a.name ?? '') ? { i: narrowType(a.i) } : {}),
  ...(a.t ? { t: narrowTensor(a.t) } : {}), ...(a.tensors ? { tensors: a.tensors.map(narrowTensor) } : {}),
  ...(a.g ? { g: narrowGraph(a.g) } : {}), ...(a.graphs ? { graphs: a.graphs.map(narrowGraph) } : {}),
  ...(a.tp ? { tp: narrowTypes(a.tp) } : {}), ...(a.typeProtos ? { typeProtos: a.typeProtos.map(narrowTypes) } : {}),
});

const narrowGraph = (g: GraphProto): GraphProto => ({
  ...g, node: (g.node ?? []).map(narrowNode), initializer: (g.initializer ?? []).map(narrowTensor),
  input: (g.input ?? []).map(narrowInfo), output: (g.output ?? []).map(narrowInfo), valueInfo: (g.valueInfo ?? []).map(narrowInfo),
});

export const narrowNode = (node: NodeProto): NodeProto => (node.attribute ? { ...node, attribute: node.attribute.map(narrowAttribute) } : node);
export const narrowFunction = (f: FunctionProto): FunctionProto => ({
  ...f, node: (f.node ?? []).map(narrowNode),
  ...(f.attributeProto ? { attributeProto: f.attributeProto.map(narrowAttribute) } : {}), ...(f.valueInfo ? { valueInfo: f.valueInfo.map(narrowInfo) } : {}),
});
