// Tensors of made-up numbers for the constants of small networks.
import { float32, sizeOf, tensor, type Tensor } from '../core/tensor/tensor.ts';

/** -1, -0.75, -0.5 ... 1 and again, each shifted a little by where it stands. */
export const ramp = (...shape: number[]): Tensor<'float32'> => float32(shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 5) % 9) / 4 - 1 + i / 64));

/** A list, or the numbers of a shape that stands first. */
export function int32s(...values: readonly [readonly number[], ...number[]] | readonly number[]): Tensor {
  const [first, ...rest] = values;
  if (Array.isArray(first)) return tensor('int32', first as readonly number[], Int32Array.from(rest as readonly number[]));
  return tensor('int32', [values.length], Int32Array.from(values as readonly number[]));
}
