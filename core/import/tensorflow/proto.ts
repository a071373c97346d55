// The messages of a frozen TensorFlow graph, as data. Source: tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape,types}.proto
// and core/protobuf/saved_model.proto; fields not listed are skipped.
import { decoder, type MessageOf, type Schema } from '../../protobuf/index.ts';

export const MESSAGES = {
  GraphDef: { node: [1, 'NodeDef', 'repeated'], library: [2, 'FunctionDefLibrary'] },
  NodeDef: { name: [1, 'string'], op: [2, 'string'], input: [3, 'string', 'repeated'], attr: [5, 'AttrEntry', 'repeated'] },
  /** One entry of the map NodeDef.attr. */
  AttrEntry: { key: [1, 'string'], value: [2, 'AttrValue'] },
  AttrValue: {
    list: [1, 'ListValue'], s: [2, 'bytes'], i: [3, 'int64'], f: [4, 'float'], b: [5, 'int32'], type: [6, 'int32'],
    shape: [7, 'TensorShapeProto'], tensor: [8, 'TensorProto'],
  },
  ListValue: { s: [2, 'bytes', 'repeated'], i: [3, 'int64', 'repeated'], f: [4, 'float', 'repeated'], type: [6, 'int32', 'repeated'], shape: [7, 'TensorShapeProto', 'repeated'] },
  TensorShapeProto: { dim: [2, 'Dim', 'repeated'], unknownRank: [3, 'int32'] },
  Dim: { size: [1, 'int64'] },
  TensorProto: {
    dtype: [1, 'int32'], tensorShape: [2, 'TensorShapeProto'], tensorContent: [4, 'bytes'],
    floatVal: [5, 'float', 'repeated'], doubleVal: [6, 'double', 'repeated'], intVal: [7, 'int32', 'repeated'], int64Val: [10, 'exactInt64', 'repeated'],
    boolVal: [11, 'int32', 'repeated'], halfVal: [13, 'int32', 'repeated'], uint32Val: [16, 'exactUint64', 'repeated'], uint64Val: [17, 'exactUint64', 'repeated'],
  },
  FunctionDefLibrary: { function: [1, 'FunctionDef', 'repeated'] },
  FunctionDef: { signature: [1, 'OpDef'] },
  OpDef: { name: [1, 'string'] },
} as const satisfies Schema;

export type GraphDef = MessageOf<typeof MESSAGES, 'GraphDef'>;
export type NodeDef = MessageOf<typeof MESSAGES, 'NodeDef'>;
export type AttrValue = MessageOf<typeof MESSAGES, 'AttrValue'>;
export type TensorProto = MessageOf<typeof MESSAGES, 'TensorProto'>;
export type TensorShapeProto = MessageOf<typeof MESSAGES, 'TensorShapeProto'>;

const decode = decoder(MESSAGES, 'TensorFlow');
export const decodeGraph = (bytes: Uint8Array): GraphDef => decode('GraphDef', bytes);

/** A SavedModel's first field is its schema version, a number; a GraphDef has no number among its first fields that a writer would put first. */
export const isSavedModel = (bytes: Uint8Array): boolean => bytes[0] === 0x08 && (bytes[1] ?? 0) < 0x80 && bytes[2] === 0x12;
