// Tensor: a shape, a type and a flat typed array in row-major (C) order. Nothing else.
import { RequantError, type ErrorPlace } from '../errors/index.ts';

const ARRAYS = {
  float32: Float32Array, float64: Float64Array,
  int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array,
  int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

export interface DataOf {
  float32: Float32Array; float64: Float64Array;
  int8: Int8Array; uint8: Uint8Array; int16: Int16Array; uint16: Uint16Array;
  int32: Int32Array; uint32: Uint32Array; int64: BigInt64Array; uint64: BigUint64Array; bool: Uint8Array;
}

/** Element type of a tensor. `bool` is stored as bytes 0 and 1; float16 is widened to float32 when read. */
export type DType = keyof DataOf;
export type TensorData = DataOf[DType];
/** Element type of a value of a network: a number's, or a string. */
export type ElementType = DType | 'string';
/** Row-major data of `shape`; a scalar has shape []. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataOf[D];
}

/** Text instead of numbers: tokens, class names. It is never quantized; ONNX Runtime computes with it. */
export interface StringTensor {
  readonly dtype: 'string';
  readonly shape: readonly number[];
  readonly data: readonly string[];
}

export const DTYPES = Object.keys(ARRAYS) as readonly DType[];
export const ELEMENT_TYPES: readonly ElementType[] = [...DTYPES, 'string'];
export const bytesOf = (dtype: DType): number => ARRAYS[dtype].BYTES_PER_ELEMENT;
/** Number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
export const showShape = (shape: readonly number[]): string => `[${shape.join(', ')}]`;

/** May a tensor of `shape` stand where `open` is declared? -1 is any size, [-1] alone any shape. */
export const isOpenTo = (open: readonly number[], shape: readonly number[]): boolean =>
  (open.length === 1 && open[0] === -1) || (open.length === shape.length && open.every((d, i) => d === -1 || d === shape[i]));

/** A zero-filled array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): Tensor<D>['data'] {
  return new ARRAYS[dtype](length) as Tensor<D>['data'];
}

/** A view of `length` elements of `dtype` on `buffer` from `byteOffset`; copies only where alignment demands it. */
export function viewOf<D extends DType>(dtype: D, bytes: Uint8Array, byteOffset: number, length: number): Tensor<D>['data'] {
  const width = bytesOf(dtype);
  const start = bytes.byteOffset + byteOffset;
  const Ctor = ARRAYS[dtype];
  if (start % width === 0) return new Ctor(bytes.buffer as ArrayBuffer, start, length) as Tensor<D>['data'];
  // A Buffer's own slice is a view; this one copies whatever it is given.
  const copy = Uint8Array.prototype.slice.call(bytes, byteOffset, byteOffset + length * width);
  return new Ctor(copy.buffer, copy.byteOffset, length) as Tensor<D>['data'];
}

/** Builds a tensor and checks that data and shape agree. Raises SHAPE_MISMATCH. */
export function tensor<D extends DType>(dtype: D, shape: readonly number[], data: Tensor<D>['data'], where: ErrorPlace = {}): Tensor<D> {
  if (data.length !== sizeOf(shape)) {
    throw new RequantError('SHAPE_MISMATCH', `${data.length} elements do not fill shape ${showShape(shape)}`, where);
  }
  return { dtype, shape, data };
}

/** A float32 tensor of `shape`, row-major; a Float32Array is kept, other numbers are copied. Raises SHAPE_MISMATCH. */
export const float32 = (shape: readonly number[], data: Float32Array | readonly number[]): Tensor<'float32'> =>
  tensor('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data));

export const isFloat32 = (t: Tensor): t is Tensor<'float32'> => t.dtype === 'float32';

/** The same values as numbers of another type; integers are truncated towards zero, as a cast does. */
export function convert<D extends DType>(t: Tensor, dtype: D): Tensor<D> {
  if (t.dtype === dtype) return t as unknown as Tensor<D>;
  const out = allocate(dtype, t.data.length) as TensorData;
  const big = dtype === 'int64' || dtype === 'uint64';
  for (let i = 0; i < out.length; i++) {
    const v = t.data[i] as number | bigint;
    if (dtype === 'bool') out[i] = v ? 1 : 0;
    else out[i] = (big ? BigInt(typeof v === 'bigint' ? v : Math.trunc(v)) : Number(v));
  }
  return { dtype, shape: t.shape, data: out as Tensor<D>['data'] };
}

/** Values as plain numbers; int64 beyond 2^53 loses precision and is only good for clamping (slice ends). */
export const numbersOf = (t: Tensor): number[] => Array.from(t.data as ArrayLike<number | bigint>, Number);

/** A tensor whose data are worked out when they are first read: many of a network's weights are wanted only once it runs. */
export function deferred<D extends DType>(dtype: D, shape: readonly number[], work: () => Tensor<D>['data']): Tensor<D> {
  return {
    dtype, shape,
    get data() {
      const data = work();
      Object.defineProperty(this, 'data', { value: data, enumerable: true });
      moved.delete(this);
      return data;
    },
  };
}

/** Tensors to be moved when they are read -> what they are moved from. */
const moved = new WeakMap<Tensor, Tensor>();
/** The numbers of a tensor in whatever order they lie, without moving them: for questions that order does not touch. */
export const inAnyOrder = <D extends DType>(t: Tensor<D>): Tensor<D>['data'] => (moved.get(t) ?? t).data as Tensor<D>['data'];

/** {@link transpose}, done when the result is read. */
export function transposeLater<D extends DType>(t: Tensor<D>, perm: readonly number[]): Tensor<D> {
  if (isInPlace(runsOf(t.shape, perm))) return transpose(t, perm);
  const later = deferred(t.dtype, perm.map((p) => t.shape[p] ?? 0), () => transpose(t, perm).data);
  moved.set(later, t);
  return later;
}

/** Dimension order changed: out.shape[i] = t.shape[perm[i]]. Where no element moves, the result shares the data of `t`. */
export function transpose<D extends DType>(t: Tensor<D>, perm: readonly number[]): Tensor<D> {
  if (perm.every((p, i) => p === i)) return t;
  const shape = perm.map((p) => t.shape[p] ?? 0);
  const runs = runsOf(t.shape, perm);
  if (isInPlace(runs)) return { dtype: t.dtype, shape, data: t.data };
  const out = allocate(t.dtype, t.data.length);
  copyRuns(out, t.data, runs);
  return { dtype: t.dtype, shape, data: out };
}

/** Elements of a source that stand one behind another in the result, `step` apart; the last run the fastest. */
interface Run {
  readonly size: number;
  readonly step: number;
}

/** Does the result hold the elements in the order in which they lie? */
const isInPlace = (runs: readonly Run[]): boolean => runs.length === 0 || (runs.length === 1 && runs[0]?.step === 1);

function runsOf(from: readonly number[], perm: readonly number[]): readonly Run[] {
  // Dimensions of one element say nothing, and neighbours that stay together are one: a 1 x 1 kernel's layouts are the same bytes.
  const runs: Run[] = [];
  const strides = new Array<number>(perm.length).fill(1);
  for (let i = perm.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] ?? 1) * (from[i + 1] ?? 1);
  for (const p of perm) {
    const size = from[p] ?? 0, step = strides[p] ?? 0, before = runs.at(-1);
    if (size === 1) continue;
    if (before?.step === step * size) runs[runs.length - 1] = { size: before.size * size, step };
    else runs.push({ size, step });
  }
  return runs;
}

/** Fills `out` in order with the elements that lie `step` apart along each run, the last run the fastest. */
function copyRuns(out: TensorData, source: TensorData, runs: readonly Run[]): void {
  const { size, step } = runs.at(-1) ?? ONE;
  const rows = runs.at(-2) ?? ONE;
  const outer = runs.slice(0, -2);
  const index = new Array<number>(outer.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length;) {
    for (let row = 0, start = from; row < rows.size; row++, start += rows.step, to += size) {
      if (step === 1) (out as Float32Array).set(source.subarray(start, start + size) as Float32Array, to);
      else for (let k = 0, at = start; k < size; k++, at += step) out[to + k] = source[at] as never;
    }
    for (let d = outer.length - 1; d >= 0; d--) {
      const run = outer[d] ?? ONE;
      const next = (index[d] ?? 0) + 1;
      from += run.step;
      if (next < run.size) { index[d] = next; break; }
      from -= run.step * next;
      index[d] = 0;
    }
  }
}
const ONE = { size: 1, step: 1 };

/** Every channel of the last dimension times (`power` 1) or divided by (-1) its factor. */
export function scaleChannels(data: Float32Array, factors: ArrayLike<number>, power: 1 | -1): Float32Array {
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const factor = factors[i % factors.length] ?? 1;
    out[i] = power === 1 ? (data[i] ?? 0) * factor : (data[i] ?? 0) / factor;
  }
  return out;
}

/** The first NaN or infinite element as [index, value], or undefined. */
export function firstNonFinite(t: Tensor): readonly [number, number] | undefined {
  if (t.dtype !== 'float32' && t.dtype !== 'float64') return undefined;
  const data = t.data as Float32Array | Float64Array;
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return [i, data[i] ?? NaN];
  return undefined;
}

/** What is fed to a model or comes out of it: one tensor a name. */
export type NamedTensors = Readonly<Record<string, Tensor>>;
/** Where strings may be among them: only operators that stay ONNX read or give strings. */
export type NamedValues = Readonly<Record<string, Tensor | StringTensor>>;

/** Bytes that it takes in memory; of strings, about so many. */
export const memoryOf = (t: Tensor | StringTensor): number => (t.dtype === 'string' ? t.data.reduce((sum, text) => sum + 2 * text.length + 16, 0) : t.data.byteLength);

/** The tensor, known to hold numbers. Raises DTYPE_MISMATCH for strings. */
export function numeric(t: Tensor | StringTensor, where: ErrorPlace = {}): Tensor {
  if (t.dtype === 'string') throw new RequantError('DTYPE_MISMATCH', 'it holds strings, where numbers are needed', where);
  return t;
}
/** All of them, known to hold numbers. Raises DTYPE_MISMATCH, naming one that holds strings. */
export const allNumeric = (values: NamedValues): NamedTensors => Object.fromEntries(Object.entries(values).map(([name, t]) => [name, numeric(t, { tensor: name })]));
