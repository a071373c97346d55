// ONNX message -> bytes.
import { encoder } from '../protobuf/index.ts';
import { MESSAGES, type ModelProto } from './proto.ts';

export const encode = encoder(MESSAGES);
/** The file lies in memory that `allocate` gives. */
export const encodeModel = (model: ModelProto, allocate?: (bytes: number) => Uint8Array): Uint8Array => encode('ModelProto', model, allocate);
