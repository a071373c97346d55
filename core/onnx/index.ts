// The ONNX file format: messages, bytes, tensors.
export * from './proto.ts';
export { decode, decodeModel } from './decode.ts';
export { encode, encodeModel } from './encode.ts';
export { byteLengthOf, dtypeOf, elementTypeOf, elemTypeOf, tensorFromProto, tensorToProto } from './tensor.ts';
export { checkSelfContained, readIsland, type Island, type IslandDoor } from './island.ts';
export { changedIn, inOpset } from './versions.ts';
export { widenBfloat16, widenFloat16 } from './half.ts';
