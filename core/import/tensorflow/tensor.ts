// TensorProto -> Tensor. A tensor lies in tensor_content as bytes, or in the list of its type, whose last number stands for all that follow.
import { RequantError, type ErrorPlace } from '../../errors/index.ts';
import { widenBfloat16, widenFloat16 } from '../../onnx/index.ts';
import { allocate, bytesOf, showShape, sizeOf, viewOf, type DType, type Tensor, type TensorData } from '../../tensor/tensor.ts';
import type { TensorProto, TensorShapeProto } from './proto.ts';

type ListField = 'floatVal' | 'doubleVal' | 'intVal' | 'int64Val' | 'boolVal' | 'halfVal' | 'uint32Val' | 'uint64Val';
interface DataType {
  readonly stored: DType;
  readonly field: ListField;
  readonly widen?: (bits: Uint16Array) => Float32Array;
}

/** DataType of types.proto, and the list of tensor.proto that holds it. */
const DATA_TYPES: ReadonlyMap<number, DataType> = new Map<number, DataType>([
  [1, { stored: 'float32', field: 'floatVal' }], [2, { stored: 'float64', field: 'doubleVal' }],
  [3, { stored: 'int32', field: 'intVal' }], [4, { stored: 'uint8', field: 'intVal' }], [5, { stored: 'int16', field: 'intVal' }], [6, { stored: 'int8', field: 'intVal' }],
  [9, { stored: 'int64', field: 'int64Val' }], [10, { stored: 'bool', field: 'boolVal' }],
  [14, { stored: 'uint16', field: 'halfVal', widen: widenBfloat16 }], [17, { stored: 'uint16', field: 'intVal' }], [19, { stored: 'uint16', field: 'halfVal', widen: widenFloat16 }],
  [22, { stored: 'uint32', field: 'uint32Val' }], [23, { stored: 'uint64', field: 'uint64Val' }],
]);

/** Our type for a DataType; half, bfloat16 and double compute as float32. Undefined for strings, resources and the like. */
export function dtypeOf(type: number): DType | undefined {
  const found = DATA_TYPES.get(type);
  return found?.widen || found?.stored === 'float64' ? 'float32' : found?.stored;
}

/** Dimensions with -1 where open; undefined where not even their number is known. */
export const dimensionsOf = (shape: TensorShapeProto | undefined): readonly number[] | undefined =>
  shape === undefined || (shape.unknownRank ?? 0) !== 0 ? undefined : (shape.dim ?? []).map((d) => d.size ?? 0);

/** Elements that a list may fill up to: a repeated number costs the file nothing, so the memory must be bounded here. */
const MAX_REPEATED = 2 ** 24;

/** Raises FORMAT_UNSUPPORTED, FORMAT_CORRUPT or FORMAT_TOO_LARGE. */
export function tensorFromProto(proto: TensorProto, where: ErrorPlace): Tensor {
  const type = DATA_TYPES.get(proto.dtype ?? 0);
  if (!type) throw new RequantError('FORMAT_UNSUPPORTED', `constants of TensorFlow's type ${proto.dtype ?? 0} are not read`, where);
  const shape = (proto.tensorShape?.dim ?? []).map((d) => d.size ?? 0);
  const size = sizeOf(shape);
  if (shape.some((d) => !Number.isSafeInteger(d) || d < 0) || !Number.isSafeInteger(size)) throw new RequantError('FORMAT_CORRUPT', `${showShape(shape)} is not a shape`, where);
  const data = elements(proto, type, size, where);
  if (type.widen) return { dtype: 'float32', shape, data: type.widen(data as Uint16Array) };
  return { dtype: type.stored, shape, data: type.stored === 'bool' ? Uint8Array.from(data as Uint8Array, (b) => (b ? 1 : 0)) : data };
}

function elements(proto: TensorProto, { stored, field }: DataType, size: number, where: ErrorPlace): TensorData {
  const raw = proto.tensorContent;
  if (raw && raw.length > 0) {
    const held = raw.length / bytesOf(stored);
    // One element for all is written as bytes, too.
    if (held === 1 && size > 1) return filled(stored, [viewOf(stored, raw, 0, 1)[0] ?? 0], size, where);
    if (held !== size) throw new RequantError(held < size ? 'FORMAT_TOO_LARGE' : 'FORMAT_CORRUPT', `${size} elements are declared, the file holds ${held}`, where);
    return viewOf(stored, raw, 0, size);
  }
  const list = proto[field] ?? [];
  if (list.length > size) throw new RequantError('FORMAT_CORRUPT', `${size} elements are declared, the file holds ${list.length}`, where);
  return filled(stored, list, size, where);
}

/** The list, its last number repeated up to `size`; an empty list is all zero. Wider fields wrap into narrower types as the format intends. */
function filled(dtype: DType, list: readonly (number | bigint)[], size: number, where: ErrorPlace): TensorData {
  if (size > list.length && size > MAX_REPEATED) throw new RequantError('FORMAT_TOO_LARGE', `${list.length} numbers stand for ${size}`, where);
  const data: TensorData = allocate<DType>(dtype, size);
  const big = dtype === 'int64' || dtype === 'uint64';
  const cast = (x: number | bigint): number | bigint => (big ? BigInt(x) : Number(x));
  list.forEach((x, i) => { data[i] = cast(x); });
  const last = list.at(-1);
  if (last !== undefined) data.fill(cast(last) as never, list.length);
  return data;
}
