// Bytes -> ONNX message.
import { decoder } from '../protobuf/index.ts';
import { MESSAGES, type ModelProto } from './proto.ts';

export const decode = decoder(MESSAGES, 'ONNX');
export const decodeModel = (data: Uint8Array): ModelProto => decode('ModelProto', data);
