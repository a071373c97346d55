// TensorProto <-> Tensor. Declared sizes are checked against the bytes in the file before anything is allocated.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { bytesOf, showShape, sizeOf, viewOf, type DType, type ElementType, type Tensor, type TensorData } from '../tensor/tensor.ts';
import { widenBfloat16, widenFloat16 } from './half.ts';
import type { TensorProto } from './proto.ts';

type TypedField = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data';
interface DataType {
  readonly number: number;
  /** How an element is stored in rawData. */
  readonly stored: DType;
  readonly field: TypedField;
  readonly widen?: (bits: Uint16Array) => Float32Array;
}

/** TensorProto.DataType; the field that holds each type is given in the comments of onnx.proto. */
const DATA_TYPES: Readonly<Record<string, DataType>> = {
  float32: { number: 1, stored: 'float32', field: 'floatData' },
  uint8: { number: 2, stored: 'uint8', field: 'int32Data' },
  int8: { number: 3, stored: 'int8', field: 'int32Data' },
  uint16: { number: 4, stored: 'uint16', field: 'int32Data' },
  int16: { number: 5, stored: 'int16', field: 'int32Data' },
  int32: { number: 6, stored: 'int32', field: 'int32Data' },
  int64: { number: 7, stored: 'int64', field: 'int64Data' },
  bool: { number: 9, stored: 'bool', field: 'int32Data' },
  float16: { number: 10, stored: 'uint16', field: 'int32Data', widen: widenFloat16 },
  float64: { number: 11, stored: 'float64', field: 'doubleData' },
  uint32: { number: 12, stored: 'uint32', field: 'uint64Data' },
  uint64: { number: 13, stored: 'uint64', field: 'uint64Data' },
  bfloat16: { number: 16, stored: 'uint16', field: 'int32Data', widen: widenBfloat16 },
};
const STRING = 8;
const BY_NUMBER: ReadonlyMap<number, readonly [string, DataType]> = new Map(Object.entries(DATA_TYPES).map(([name, type]) => [type.number, [name, type]]));

/** Our type for an ONNX element type; float16 and bfloat16 are widened. Undefined for types without one (float8 ...). */
export function dtypeOf(elemType: number): DType | undefined {
  const type = BY_NUMBER.get(elemType)?.[1];
  return type?.widen ? 'float32' : type?.stored;
}
/** Also for strings, which are no tensor of numbers: they stay in the file's own messages. */
export const elementTypeOf = (elemType: number): ElementType | undefined => (elemType === STRING ? 'string' : dtypeOf(elemType));
/** The ONNX element type of one of ours. */
export const elemTypeOf = (dtype: ElementType): number => (dtype === 'string' ? STRING : DATA_TYPES[dtype]?.number ?? 0);

/** Reads a tensor. Raises FORMAT_UNSUPPORTED, FORMAT_CORRUPT, FORMAT_TOO_LARGE. */
export function tensorFromProto(proto: TensorProto, place: ErrorPlace = {}): Tensor {
  const where: ErrorPlace = proto.name ? { ...place, tensor: proto.name } : place;
  if (proto.dataLocation === 1 || (proto.externalData?.length ?? 0) > 0) {
    throw new RequantError('FORMAT_UNSUPPORTED', 'its data lies in a second file', where, { hint: 'Save the model as one file (onnx.save with save_as_external_data=False).' });
  }
  const [, type] = BY_NUMBER.get(proto.dataType ?? 0) ?? [];
  if (!type) throw new RequantError('FORMAT_UNSUPPORTED', `element type ${proto.dataType ?? 0} is not supported`, where);
  const shape = proto.dims ?? [];
  const size = sizeOf(shape);
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || !Number.isSafeInteger(size)) {
    throw new RequantError('FORMAT_CORRUPT', `${showShape(shape)} is not a shape`, where);
  }
  const width = bytesOf(type.stored);
  const raw = proto.rawData;
  const typed: readonly (number | bigint)[] = proto[type.field] ?? [];
  const held = raw && raw.length > 0 ? raw.length / width : typed.length;
  if (held !== size) {
    throw new RequantError(held < size ? 'FORMAT_TOO_LARGE' : 'FORMAT_CORRUPT', `shape ${showShape(shape)} declares ${size} elements, the file holds ${held}`, where);
  }
  const data = raw && raw.length > 0 ? viewOf(type.stored, raw, 0, size) : fromTyped(type.stored, typed);
  if (type.widen) return { dtype: 'float32', shape, data: type.widen(data as Uint16Array) };
  return { dtype: type.stored, shape, data: type.stored === 'bool' ? Uint8Array.from(data as Uint8Array, (b) => (b ? 1 : 0)) : data };
}

/** Bytes that a tensor's raw data has. Raises FORMAT_UNSUPPORTED or FORMAT_CORRUPT. */
export function byteLengthOf({ dataType = 0, dims = [] }: TensorProto, where: ErrorPlace): number {
  const [, type] = BY_NUMBER.get(dataType) ?? [];
  if (!type) throw new RequantError('FORMAT_UNSUPPORTED', `element type ${dataType} is not supported`, where);
  const bytes = sizeOf(dims) * bytesOf(type.stored);
  if (dims.some((d) => !Number.isSafeInteger(d) || d < 0) || !Number.isSafeInteger(bytes)) throw new RequantError('FORMAT_CORRUPT', `${showShape(dims)} is not a shape`, where);
  return bytes;
}

/** Elements that are stored one by one; wider fields wrap into narrower types as the format intends. */
function fromTyped(dtype: DType, list: readonly (number | bigint)[]): TensorData {
  const numbers = list as readonly number[];
  const bigints = list as readonly bigint[];
  switch (dtype) {
    case 'float32': return Float32Array.from(numbers);
    case 'float64': return Float64Array.from(numbers);
    case 'int8': return Int8Array.from(numbers);
    case 'uint8': case 'bool': return Uint8Array.from(numbers);
    case 'int16': return Int16Array.from(numbers);
    case 'uint16': return Uint16Array.from(numbers);
    case 'int32': return Int32Array.from(numbers);
    case 'uint32': return Uint32Array.from(bigints, Number);
    case 'int64': return BigInt64Array.from(bigints);
    case 'uint64': return BigUint64Array.from(bigints);
  }
}

/** Writes a tensor with its data raw (little-endian, as every platform that runs us). */
export function tensorToProto(t: Tensor, name: string): TensorProto {
  const rawData = new Uint8Array(t.data.buffer as ArrayBuffer, t.data.byteOffset, t.data.byteLength);
  return { name, dims: t.shape, dataType: elemTypeOf(t.dtype), rawData };
}
