// The messages of the ONNX file format that Requant reads and writes, as data. Source: onnx.proto (ONNX IR version 10);
// names are its own in camelCase; fields not listed are skipped.
import type { MessageOf, Schema } from '../protobuf/index.ts';

export const MESSAGES = {
  ModelProto: {
    irVersion: [1, 'int64'], producerName: [2, 'string'], producerVersion: [3, 'string'], domain: [4, 'string'],
    modelVersion: [5, 'int64'], docString: [6, 'string'], graph: [7, 'GraphProto'],
    opsetImport: [8, 'OperatorSetIdProto', 'repeated'], metadataProps: [14, 'StringStringEntryProto', 'repeated'],
    functions: [25, 'FunctionProto', 'repeated'],
  },
  OperatorSetIdProto: { domain: [1, 'string'], version: [2, 'int64'] },
  StringStringEntryProto: { key: [1, 'string'], value: [2, 'string'] },
  FunctionProto: {
    name: [1, 'string'], input: [4, 'string', 'repeated'], output: [5, 'string', 'repeated'], attribute: [6, 'string', 'repeated'],
    node: [7, 'NodeProto', 'repeated'], docString: [8, 'string'], opsetImport: [9, 'OperatorSetIdProto', 'repeated'], domain: [10, 'string'],
    attributeProto: [11, 'AttributeProto', 'repeated'], valueInfo: [12, 'ValueInfoProto', 'repeated'], overload: [13, 'string'],
  },
  GraphProto: {
    node: [1, 'NodeProto', 'repeated'], name: [2, 'string'], initializer: [5, 'TensorProto', 'repeated'],
    docString: [10, 'string'], input: [11, 'ValueInfoProto', 'repeated'], output: [12, 'ValueInfoProto', 'repeated'],
    valueInfo: [13, 'ValueInfoProto', 'repeated'], sparseInitializer: [15, 'SparseTensorProto', 'repeated'],
  },
  NodeProto: {
    input: [1, 'string', 'repeated'], output: [2, 'string', 'repeated'], name: [3, 'string'], opType: [4, 'string'],
    attribute: [5, 'AttributeProto', 'repeated'], docString: [6, 'string'], domain: [7, 'string'], overload: [8, 'string'],
  },
  AttributeProto: {
    name: [1, 'string'], f: [2, 'float'], i: [3, 'int64'], s: [4, 'bytes'], t: [5, 'TensorProto'], g: [6, 'GraphProto'],
    floats: [7, 'float', 'repeated'], ints: [8, 'int64', 'repeated'], strings: [9, 'bytes', 'repeated'],
    tensors: [10, 'TensorProto', 'repeated'], graphs: [11, 'GraphProto', 'repeated'], docString: [13, 'string'],
    tp: [14, 'TypeProto'], typeProtos: [15, 'TypeProto', 'repeated'], type: [20, 'int32'], refAttrName: [21, 'string'],
    sparseTensor: [22, 'SparseTensorProto'], sparseTensors: [23, 'SparseTensorProto', 'repeated'],
  },
  TensorProto: {
    dims: [1, 'int64', 'repeated'], dataType: [2, 'int32'], floatData: [4, 'float', 'repeated'],
    int32Data: [5, 'int32', 'repeated'], stringData: [6, 'bytes', 'repeated'], int64Data: [7, 'exactInt64', 'repeated'], name: [8, 'string'],
    rawData: [9, 'bytes'], doubleData: [10, 'double', 'repeated'], uint64Data: [11, 'exactUint64', 'repeated'],
    docString: [12, 'string'], externalData: [13, 'StringStringEntryProto', 'repeated'], dataLocation: [14, 'int32'],
  },
  SparseTensorProto: { values: [1, 'TensorProto'], indices: [2, 'TensorProto'], dims: [3, 'int64', 'repeated'] },
  ValueInfoProto: { name: [1, 'string'], type: [2, 'TypeProto'], docString: [3, 'string'] },
  TypeProto: {
    tensorType: [1, 'TensorTypeProto'], sequenceType: [4, 'ElementTypeProto'], mapType: [5, 'MapTypeProto'], denotation: [6, 'string'],
    sparseTensorType: [8, 'TensorTypeProto'], optionalType: [9, 'ElementTypeProto'],
  },
  /** TypeProto.Sequence and TypeProto.Optional */
  ElementTypeProto: { elemType: [1, 'TypeProto'] },
  /** TypeProto.Map */
  MapTypeProto: { keyType: [1, 'int32'], valueType: [2, 'TypeProto'] },
  /** TypeProto.Tensor */
  TensorTypeProto: { elemType: [1, 'int32'], shape: [2, 'TensorShapeProto'] },
  TensorShapeProto: { dim: [1, 'DimensionProto', 'repeated'] },
  /** TensorShapeProto.Dimension */
  DimensionProto: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
} as const satisfies Schema;

export type MessageName = keyof typeof MESSAGES;

/** A message as plain data. Every field may be absent; an empty repeated field is. */
export type Message<N extends MessageName> = MessageOf<typeof MESSAGES, N>;

export type ModelProto = Message<'ModelProto'>;
export type GraphProto = Message<'GraphProto'>;
export type NodeProto = Message<'NodeProto'>;
export type AttributeProto = Message<'AttributeProto'>;
export type TensorProto = Message<'TensorProto'>;
export type ValueInfoProto = Message<'ValueInfoProto'>;
export type TypeProto = Message<'TypeProto'>;
export type SparseTensorProto = Message<'SparseTensorProto'>;
export type FunctionProto = Message<'FunctionProto'>;

/** AttributeProto.AttributeType. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, typeProto: 13 } as const;
