// Quantizing float values for an integer node, on the kernels.
import { quantizeInto } from '../kernels/index.ts';
import type { Quantization } from '../ir/index.ts';
import { INTEGER_RANGE, quantizeTensor } from '../ops/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** What quantizeTensor in core/ops gives, whose errors it raises. */
export function quantizeOnKernels(t: Tensor, q: Quantization): Tensor {
  const { dtype, scale, zeroPoint } = q;
  if (!(t.data instanceof Float32Array) || dtype === 'int32' || typeof scale !== 'number') return quantizeTensor(t, q);
  const [min, max] = INTEGER_RANGE[dtype];
  const data = dtype === 'int8' ? new Int8Array(t.data.length) : new Int16Array(t.data.length);
  // Where a value is no number, the reference says which.
  if (!quantizeInto(data, t.data, { scale, zeroPoint, min, max })) return quantizeTensor(t, q);
  return data instanceof Int8Array ? { dtype: 'int8', shape: t.shape, data } : { dtype: 'int16', shape: t.shape, data };
}
