// Integer arrays in and out of kernels: allocation by type, and the elementwise rescale that operators without weights share.
import { RequantError } from '../errors/index.ts';
import type { IntegerDType, Quantization } from '../ir/index.ts';
import { allocate, type Tensor } from '../tensor/tensor.ts';
import { rshr } from './arithmetic.ts';

export type IntegerData = Int8Array | Int16Array | Int32Array;
export type IntegerTensor = Tensor<IntegerDType>;

export function integers(t: Tensor | undefined): IntegerData {
  if (t && (t.data instanceof Int8Array || t.data instanceof Int16Array || t.data instanceof Int32Array)) return t.data;
  throw new RequantError('DTYPE_MISMATCH', `a kernel expected stored integers, not ${t?.dtype ?? 'nothing'}`);
}

export const newIntegers = (dtype: IntegerDType, length: number): IntegerData => allocate(dtype, length);

export function integerTensor(dtype: IntegerDType, shape: readonly number[], data: IntegerData): Tensor {
  return { dtype, shape, data };
}

/** The per-tensor scale of a stored tensor. Raises INTERNAL for a per-channel accumulator, which no integer operator reads. */
export function scaleOf(q: Quantization | null | undefined): number {
  if (q && typeof q.scale === 'number') return q.scale;
  throw new RequantError('INTERNAL', 'an integer operator was given a tensor without a single scale');
}
export function quantizationOfInput(q: Quantization | null | undefined): Quantization & { readonly scale: number } {
  return { ...requirePresent(q), scale: scaleOf(q) };
}
function requirePresent(q: Quantization | null | undefined): Quantization {
  if (q) return q;
  throw new RequantError('INTERNAL', 'an integer operator was given a float tensor');
}

export interface Rescale {
  readonly inputZeroPoint: number;
  readonly outputZeroPoint: number;
  readonly multiplier: number;
  readonly shift: number;
  readonly min: number;
  readonly max: number;
}

/** y = clamp(rshr((x - zx) * m, n) + zy), element by element, into `out` from `at`. |x - zx| * m < 2^16 * 2^15, exact. */
export function rescaleInto(out: IntegerData, at: number, x: IntegerData, r: Rescale): void {
  for (let i = 0; i < x.length; i++) {
    const y = rshr(((x[i] ?? 0) - r.inputZeroPoint) * r.multiplier, r.shift) + r.outputZeroPoint;
    out[at + i] = y < r.min ? r.min : y > r.max ? r.max : y;
  }
}
