// A tensor put together from indices along each dimension: what slice, pad, resize_nearest and broadcast_to do to stored integers.
import { allocate, sizeOf, type Tensor } from '../tensor/tensor.ts';

/** out[i, j, ...] = x[at[0][i], at[1][j], ...]; no list leaves a dimension as it is, an index outside of it (-1) gives `outside`. */
export function pick(x: Tensor, at: readonly (readonly number[] | undefined)[], outside: number): Tensor {
  const lists = x.shape.map((size, d) => at[d] ?? Array.from({ length: size }, (_, i) => i));
  const shape = lists.map((list) => list.length);
  const strides = x.shape.map((_, d) => sizeOf(x.shape.slice(d + 1)));
  const out = allocate(x.dtype, sizeOf(shape));
  const last = lists.length - 1;
  let to = 0;
  const fill = (d: number, from: number): void => {
    const size = x.shape[d] ?? 1;
    for (const i of lists[d] ?? [0]) {
      const at = from < 0 || i < 0 || i >= size ? -1 : from + i * (strides[d] ?? 1);
      if (d < last) fill(d + 1, at);
      else out[to++] = at < 0 ? outside : x.data[at] ?? 0;
    }
  };
  fill(0, 0);
  return { dtype: x.dtype, shape, data: out };
}
