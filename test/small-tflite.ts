// Small TFLite models made in a test: one operator from x to y with its constants and options, as a FlatBuffer written here.
import { BUILTIN, TENSOR_TYPES } from '../core/import/tflite/schema.ts';
import type { Tensor } from '../core/tensor/tensor.ts';

/** A field of a table: a number in a slot of four bytes, or something that lies further on. */
type Field = number | Part | undefined;
type Part =
  | { readonly table: readonly Field[] }
  | { readonly tables: readonly Part[] }
  | { readonly bytes: ArrayLike<number> }
  | { readonly int32s: readonly number[] };

const uint32 = (value: number): number[] => [...new Uint8Array(Int32Array.of(value).buffer)];

function flatbuffer(root: Part, identifier: string): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0, ...new TextEncoder().encode(identifier)];
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
      bytes.push(...uint32(start - vtable), ...table.flatMap((field) => uint32(typeof field === 'number' ? field : 0)));
      table.forEach((field, i) => { if (field !== undefined && typeof field !== 'number') refer(start + 4 + 4 * i, place(field)); });
      return start;
    }
    // The length stands in front of a start that is aligned for every element type.
    bytes.push(0, 0, 0, 0);
    const start = bytes.length;
    if ('tables' in part) {
      bytes.push(...uint32(part.tables.length), ...new Array<number>(4 * part.tables.length).fill(0));
      part.tables.forEach((item, i) => refer(start + 4 + 4 * i, place(item)));
    } else if ('int32s' in part) bytes.push(...uint32(part.int32s.length), ...part.int32s.flatMap(uint32));
    else bytes.push(...uint32(part.bytes.length), ...Array.from(part.bytes));
    return start;
  };
  refer(0, place(root));
  align();
  return Uint8Array.from(bytes);
}

export interface SmallTflite {
  readonly op: string;
  /** Names of what it reads: x and constants, in its order. */
  readonly inputs: readonly string[];
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Which member of BuiltinOptions, and its slots. */
  readonly optionsType?: number;
  readonly options?: readonly (number | undefined)[];
}

export function tfliteBytes({ op, inputs, input, output, constants = {}, optionsType = 0, options = [] }: SmallTflite): Uint8Array {
  const names = ['x', 'y', ...Object.keys(constants)];
  const code = Number(Object.entries(BUILTIN).find(([, name]) => name === op)?.[0]);
  const text = (value: string): Part => ({ bytes: new TextEncoder().encode(value) });
  const tensor = (name: string, shape: readonly number[], type: number, buffer: number): Part => ({ table: [{ int32s: shape }, type, buffer, text(name)] });
  const given = Object.entries(constants);
  return flatbuffer({
    table: [
      3,
      { tables: [{ table: [Math.min(code, 127), undefined, 1, code] }] },
      { tables: [{ table: [
        { tables: [tensor('x', input, 0, 0), tensor('y', output, 0, 0), ...given.map(([name, t], i) => tensor(name, t.shape, TENSOR_TYPES.indexOf(t.dtype), i + 1))] },
        { int32s: [0] }, { int32s: [1] },
        { tables: [{ table: [0, { int32s: inputs.map((name) => names.indexOf(name)) }, { int32s: [1] }, optionsType, { table: options }] }] },
      ] }] },
      undefined,
      { tables: [{ table: [] }, ...given.map(([, { data }]): Part => ({ table: [{ bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }] }))] },
    ],
  }, 'TFL3');
}
