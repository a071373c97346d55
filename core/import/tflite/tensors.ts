// Tensors of a TFLite subgraph: shapes, types, and the constants among them as float32 or integers.
import { RequantError } from '../../errors/index.ts';
import { widenFloat16 } from '../../onnx/index.ts';
import { bytesOf, sizeOf, viewOf, type DType, type Tensor } from '../../tensor/tensor.ts';
import type { StoredQuantization } from '../../ir/index.ts';
import type { Names } from '../names.ts';
import type { Table } from './flatbuffer.ts';
import { BUFFER, MODEL, QUANTIZATION, SUBGRAPH, TENSOR, TENSOR_TYPES } from './schema.ts';

export interface TfliteTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Dimensions that the file leaves open. */
  readonly open: readonly number[];
  readonly dtype: DType;
  /** Present for constants; weights stored as int8 or float16 are real numbers already. */
  readonly constant?: Tensor;
  /** Present where the tensor has a scale: its integers stand for real numbers. */
  readonly quantization?: StoredQuantization;
  /** Weights stored as int8 with one scale: the file asks for hybrid kernels. */
  readonly hybrid?: boolean;
}

const MAX_RANK = 8;

export function readTensors(model: Table, subgraph: Table, file: string, names: Names): readonly TfliteTensor[] {
  const buffers = model.tables(MODEL.buffers);
  return subgraph.tables(SUBGRAPH.tensors).map((tensor, i) => {
    // ONNX Runtime ends a name where a NUL stands.
    const name = names.take(tensor.text(TENSOR.name).replace(/\p{Cc}/gu, '') || `tensor_${i}`);
    const where = { file, tensor: name };
    const stored = TENSOR_TYPES[tensor.int8(TENSOR.type)];
    if (stored === undefined) throw new RequantError('FORMAT_UNSUPPORTED', `tensors of type ${tensor.int8(TENSOR.type)} are not read`, where);
    if (tensor.has(TENSOR.sparsity)) throw new RequantError('FORMAT_UNSUPPORTED', 'sparse tensors are not read', where);
    const signature = tensor.int32s(TENSOR.shapeSignature);
    const open = signature.flatMap((d, k) => (d === -1 ? [k] : []));
    // A dimension that the signature leaves open is the batch when it comes first; the shape then says 1.
    const shape = tensor.int32s(TENSOR.shape).map((d, k) => (signature[k] === -1 && k === 0 ? 1 : d));
    if (shape.length > MAX_RANK || shape.some((d) => d < 0)) throw new RequantError('MODEL_INVALID', `shape [${shape.join(', ')}] is not possible`, where);
    const buffer = buffers[tensor.uint32(TENSOR.buffer)];
    if (buffer?.has(BUFFER.offset)) throw new RequantError('FORMAT_UNSUPPORTED', 'buffers outside the FlatBuffer are not read', where);
    const bytes = buffer?.bytes(BUFFER.data) ?? new Uint8Array(0);
    const dtype: DType = stored === 'float16' ? 'float32' : stored;
    const scales = tensor.table(TENSOR.quantization)?.float32s(QUANTIZATION.scale) ?? [];
    const zeroPoints = tensor.table(TENSOR.quantization)?.int64s(QUANTIZATION.zeroPoint) ?? [];
    // The size of a constant is checked before its bytes are looked at again.
    const constant = bytes.length === 0 ? undefined : readConstant(bytes, stored, shape, tensor.table(TENSOR.quantization), where);
    const integers = (stored === 'int32' || stored === 'int64') && constant ? { integers: { dtype: stored, shape, data: viewOf(stored, bytes, 0, sizeOf(shape)) } } : {};
    const quantization = scales.length > 0 && stored !== 'float16' ? { quantization: { dtype: stored, scales, zeroPoints, ...integers } } : {};
    if (!constant) return { name, shape, open, dtype, ...quantization };
    return { name, shape, open, dtype: constant.dtype, constant, ...quantization, hybrid: stored === 'int8' && scales.length === 1 };
  });
}

function readConstant(bytes: Uint8Array, stored: DType | 'float16', shape: readonly number[], quantization: Table | undefined, where: { file: string; tensor: string }): Tensor {
  const size = sizeOf(shape);
  const width = stored === 'float16' ? 2 : bytesOf(stored);
  if (size * width !== bytes.length) throw new RequantError('FORMAT_CORRUPT', `${bytes.length} bytes do not fill shape [${shape.join(', ')}] of ${stored}`, where);
  if (stored === 'float16') return { dtype: 'float32', shape, data: widenFloat16(viewOf('uint16', bytes, 0, size)) };
  const data = viewOf(stored, bytes, 0, size);
  const scales = quantization?.float32s(QUANTIZATION.scale) ?? [];
  if (scales.length === 0) return { dtype: stored, shape, data };
  return { dtype: 'float32', shape, data: dequantize(data, shape, scales, quantization?.int64s(QUANTIZATION.zeroPoint) ?? [], quantization?.int32(QUANTIZATION.dimension) ?? 0, where) };
}

/** real = scale * (stored - zeroPoint), one pair for all or one for each index of `dimension`. */
function dequantize(data: ArrayLike<number | bigint>, shape: readonly number[], scales: readonly number[], zeroPoints: readonly number[], dimension: number, where: { file: string; tensor: string }): Float32Array {
  const channels = shape[dimension] ?? 0;
  if (scales.length !== 1 && scales.length !== channels) throw new RequantError('MODEL_INVALID', `${scales.length} scales for ${channels} channels`, where);
  const inner = sizeOf(shape.slice(dimension + 1));
  const out = new Float32Array(data.length);
  for (let i = 0; i < out.length; i++) {
    const c = scales.length === 1 ? 0 : Math.floor(i / inner) % channels;
    out[i] = (scales[c] ?? 1) * (Number(data[i]) - (zeroPoints[zeroPoints.length === 1 ? 0 : c] ?? 0));
  }
  return out;
}
