// ONNX message -> bytes.
import { encoder } from '../protobuf/index.ts';
import { MESSAGES, type ModelProto } from './proto.ts';

export const encode = encoder(MESSAGES);
export const encodeModel = (model: ModelProto): Uint8Array => encode('ModelProto', model);
