// Broadcasting as ONNX and NumPy do it: trailing dimensions line up, a dimension of 1 repeats.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { showShape, sizeOf } from '../tensor/tensor.ts';

export function broadcastShape(a: readonly number[], b: readonly number[], where: ErrorPlace): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1) throw new RequantError('SHAPE_MISMATCH', `${showShape(a)} and ${showShape(b)} do not broadcast`, where);
    return da === 1 ? db : da;
  });
}

/** For each element of `out`, the flat index into a tensor of shape `from` that broadcasts to it. */
export function broadcastIndex(from: readonly number[], out: readonly number[]): (i: number) => number {
  const size = sizeOf(from);
  if (size === sizeOf(out)) return (i) => i;
  if (size === 1) return () => 0;
  // A suffix of the shape (a bias, say) repeats with its own length.
  const trimmed = from.slice(from.findIndex((d) => d !== 1));
  if (trimmed.every((d, i) => d === out[i + out.length - trimmed.length])) return (i) => i % size;
  const rank = out.length;
  const strides = new Array<number>(rank).fill(0);
  let step = 1;
  for (let d = rank - 1; d >= 0; d--) {
    const dim = from[d - rank + from.length] ?? 1;
    strides[d] = dim === 1 ? 0 : step;
    step *= dim;
  }
  return (i) => {
    let rest = i;
    let at = 0;
    for (let d = rank - 1; d >= 0; d--) {
      const dim = out[d] ?? 1;
      at += (rest % dim) * (strides[d] ?? 0);
      rest = Math.floor(rest / dim);
    }
    return at;
  };
}
