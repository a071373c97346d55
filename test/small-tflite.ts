// TFLite models made in a test: tensors and operators described in a few lines, written as a FlatBuffer here.
import { BUILTIN, TENSOR_TYPES } from '../core/import/tflite/schema.ts';
import type { DType, Tensor } from '../core/tensor/tensor.ts';

/** A field of a table: a number in a slot of four bytes, or something that lies further on. */
type Field = number | { readonly float: number } | Part | undefined;
type Part =
  | { readonly table: readonly Field[] }
  | { readonly tables: readonly Part[] }
  | { readonly bytes: ArrayLike<number> }
  | { readonly int32s: readonly number[] }
  | { readonly int64s: readonly number[] }
  | { readonly float32s: readonly number[] };

/** Where in a file an attacker would write: offsets to tables and vectors, lengths of vectors, and whole numbers (shapes, indices, codes, options). */
export interface Spots {
  readonly offsets: number[];
  readonly lengths: number[];
  readonly numbers: number[];
}
export interface TfliteFile {
  readonly bytes: Uint8Array;
  readonly spots: Spots;
}

const uint32 = (value: number): number[] => [...new Uint8Array(Int32Array.of(value).buffer)];
const float32 = (value: number): number[] => [...new Uint8Array(Float32Array.of(value).buffer)];
const int64 = (value: number): number[] => [...new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)];
const isReference = (field: Field): field is Part => field !== undefined && typeof field !== 'number' && !('float' in field);

function flatbuffer(root: Part, identifier: string): TfliteFile {
  const bytes: number[] = [0, 0, 0, 0, ...new TextEncoder().encode(identifier)];
  const spots: Spots = { offsets: [0], lengths: [], numbers: [] };
  const patch = (at: number, value: number): void => { uint32(value).forEach((b, i) => { bytes[at + i] = b; }); };
  const refer = (at: number, to: number): void => patch(at, to - at);
  const align = (): void => { while (bytes.length % 8 !== 0) bytes.push(0); };
  /** Appends a part and all that it refers to; returns where it lies. */
  const place = (part: Part): number => {
    align();
    if ('table' in part) {
      const { table } = part;
      const vtable = bytes.length;
      const size = 4 + 2 * table.length;
      bytes.push(size & 255, size >> 8, 0, 0, ...table.flatMap((field, i) => { const at = field === undefined ? 0 : 4 + 4 * i; return [at & 255, at >> 8]; }));
      align();
      const start = bytes.length;
      spots.offsets.push(start);
      bytes.push(...uint32(start - vtable), ...table.flatMap((field) => (typeof field === 'number' ? uint32(field) : field && 'float' in field ? float32(field.float) : uint32(0))));
      table.forEach((field, i) => {
        const at = start + 4 + 4 * i;
        if (typeof field === 'number') spots.numbers.push(at);
        else if (isReference(field)) { spots.offsets.push(at); refer(at, place(field)); }
      });
      return start;
    }
    // The length stands in front of a start that is aligned for every element type.
    bytes.push(0, 0, 0, 0);
    const start = bytes.length;
    spots.lengths.push(start);
    if ('tables' in part) {
      bytes.push(...uint32(part.tables.length), ...new Array<number>(4 * part.tables.length).fill(0));
      part.tables.forEach((item, i) => { spots.offsets.push(start + 4 + 4 * i); refer(start + 4 + 4 * i, place(item)); });
    } else if ('int32s' in part) {
      bytes.push(...uint32(part.int32s.length), ...part.int32s.flatMap(uint32));
      part.int32s.forEach((_, i) => { spots.numbers.push(start + 4 + 4 * i); });
    } else if ('int64s' in part) bytes.push(...uint32(part.int64s.length), ...part.int64s.flatMap(int64));
    else if ('float32s' in part) bytes.push(...uint32(part.float32s.length), ...part.float32s.flatMap(float32));
    else bytes.push(...uint32(part.bytes.length), ...Array.from(part.bytes));
    return start;
  };
  refer(0, place(root));
  align();
  return { bytes: Uint8Array.from(bytes), spots };
}

export interface TensorSpec {
  readonly shape: readonly number[];
  /** float32 where absent, or the constant's. */
  readonly dtype?: DType;
  readonly constant?: Tensor;
  /** One scale, or one an index of `dimension`. */
  readonly scales?: readonly number[];
  /** As many as there are scales; zeros where absent. */
  readonly zeroPoints?: readonly number[];
  readonly dimension?: number;
}
export interface OperatorSpec {
  readonly op: string;
  /** Names of tensors; '' where an optional one is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Which member of BuiltinOptions, and its slots; fractions are written as float32, lists as vectors of int32. */
  readonly optionsType?: number;
  readonly options?: readonly (number | { readonly float: number } | readonly number[] | undefined)[];
}
export interface ModelSpec {
  readonly tensors: Readonly<Record<string, TensorSpec>>;
  readonly operators: readonly OperatorSpec[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A file of one graph, and where it may be attacked. */
export function tfliteFile({ tensors, operators, inputs, outputs }: ModelSpec): TfliteFile {
  const names = Object.keys(tensors);
  const indices = (list: readonly string[]): Part => ({ int32s: list.map((name) => names.indexOf(name)) });
  const kinds = [...new Set(operators.map(({ op }) => op))];
  const codeOf = (op: string): number => Number(Object.entries(BUILTIN).find(([, name]) => name === op)?.[0]);
  const constants = Object.values(tensors).flatMap(({ constant }) => constant ?? []);
  const tensor = ([name, t]: [string, TensorSpec]): Part => {
    const { scales, zeroPoints = scales?.map(() => 0) ?? [], dimension = 0 } = t;
    const quantization: Part | undefined = scales && { table: [undefined, undefined, { float32s: scales }, { int64s: zeroPoints }, undefined, undefined, dimension] };
    return { table: [{ int32s: t.shape }, TENSOR_TYPES.indexOf(t.constant?.dtype ?? t.dtype ?? 'float32'), t.constant ? constants.indexOf(t.constant) + 1 : 0, { bytes: new TextEncoder().encode(name) }, quantization] };
  };
  const option = (value: NonNullable<OperatorSpec['options']>[number]): Field => (Array.isArray(value) ? { int32s: value as readonly number[] } : value as Field);
  return flatbuffer({
    table: [
      3,
      { tables: kinds.map((op) => ({ table: [Math.min(codeOf(op), 127), undefined, 1, codeOf(op)] })) },
      { tables: [{ table: [
        { tables: Object.entries(tensors).map(tensor) }, indices(inputs), indices(outputs),
        { tables: operators.map((o) => ({ table: [kinds.indexOf(o.op), indices(o.inputs), indices(o.outputs), o.optionsType ?? 0, { table: (o.options ?? []).map(option) }] })) },
      ] }] },
      undefined,
      { tables: [{ table: [] }, ...constants.map(({ data }): Part => ({ table: [{ bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }] }))] },
    ],
  }, 'TFL3');
}

export interface SmallTflite extends Pick<OperatorSpec, 'op' | 'optionsType' | 'options'> {
  /** Names of what it reads: x and constants, in its order. */
  readonly inputs: readonly string[];
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, Tensor>>;
}

/** One float operator from x to y. */
export function tfliteBytes({ input, output, constants = {}, ...operator }: SmallTflite): Uint8Array {
  const given = Object.entries(constants).map(([name, constant]) => [name, { shape: constant.shape, constant }] as const);
  return tfliteFile({
    tensors: { x: { shape: input }, y: { shape: output }, ...Object.fromEntries(given) }, operators: [{ ...operator, outputs: ['y'] }], inputs: ['x'], outputs: ['y'],
  }).bytes;
}
