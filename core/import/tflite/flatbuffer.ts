// A bounds-checked reader of FlatBuffers (flatbuffers.dev, internals): tables found through vtables, vectors, strings.
// Every offset of the file is believed only after it was checked; a wrong one is FORMAT_CORRUPT.
import { RequantError } from '../../errors/index.ts';

export interface Table {
  int8(slot: number, otherwise?: number): number;
  uint8(slot: number, otherwise?: number): number;
  int32(slot: number, otherwise?: number): number;
  uint32(slot: number, otherwise?: number): number;
  float32(slot: number, otherwise?: number): number;
  bool(slot: number): boolean;
  text(slot: number): string;
  /** undefined where the field is absent. */
  table(slot: number): Table | undefined;
  tables(slot: number): readonly Table[];
  int32s(slot: number): readonly number[];
  float32s(slot: number): readonly number[];
  /** int64 elements as numbers. */
  int64s(slot: number): readonly number[];
  bytes(slot: number): Uint8Array;
  has(slot: number): boolean;
}

/** Tables that one file may make us visit; a cycle in a hostile file stops here. */
const MAX_TABLES = 2_000_000;

/** Vectors may be shared (weights that two tensors have in common), but not so often that a small file costs much memory. */
const MAX_REREADS = 16;

/** The root table. `identifier` is the four letters at byte 4. */
export function rootTable(data: Uint8Array, identifier: string, file: string): Table {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const fail = (what: string): RequantError => new RequantError('FORMAT_CORRUPT', what, { file });
  let visited = 0;
  let spent = 0;
  const need = (at: number, length: number): number => {
    if (!Number.isInteger(at) || at < 0 || at + length > data.length) throw fail(`an offset points to byte ${at}, outside the file's ${data.length}`);
    return at;
  };
  if (data.length < 8 || new TextDecoder('latin1').decode(data.subarray(4, 8)) !== identifier) throw fail(`the file is cut short or is no ${identifier}`);

  const tableAt = (position: number): Table => {
    if (++visited > MAX_TABLES) throw fail('the file refers to its tables without end');
    const at = need(position, 4);
    const vtable = need(at - view.getInt32(at, true), 4);
    const vtableSize = view.getUint16(vtable, true);
    need(vtable, vtableSize);
    const field = (slot: number, width: number): number | undefined => {
      const entry = 4 + 2 * slot;
      if (entry + 2 > vtableSize) return undefined;
      const offset = view.getUint16(vtable + entry, true);
      return offset === 0 ? undefined : need(at + offset, width);
    };
    /** Start and length of a vector whose elements have `width` bytes. */
    const vector = (slot: number, width: number): readonly [number, number] | undefined => {
      const from = field(slot, 4);
      if (from === undefined) return undefined;
      const start = need(from + view.getUint32(from, true), 4);
      const length = view.getUint32(start, true);
      need(start + 4, length * width);
      spent += length * width;
      if (spent > MAX_REREADS * data.length) throw fail('the file refers to the same bytes again and again');
      return [start + 4, length];
    };
    const list = <T>(slot: number, width: number, read: (at: number) => T): readonly T[] => {
      const found = vector(slot, width);
      return found ? Array.from({ length: found[1] }, (_, i) => read(found[0] + i * width)) : [];
    };
    const scalar = (slot: number, width: number, otherwise: number, read: (at: number) => number): number => {
      const found = field(slot, width);
      return found === undefined ? otherwise : read(found);
    };
    return {
      int8: (slot, otherwise = 0) => scalar(slot, 1, otherwise, (p) => view.getInt8(p)),
      uint8: (slot, otherwise = 0) => scalar(slot, 1, otherwise, (p) => view.getUint8(p)),
      int32: (slot, otherwise = 0) => scalar(slot, 4, otherwise, (p) => view.getInt32(p, true)),
      uint32: (slot, otherwise = 0) => scalar(slot, 4, otherwise, (p) => view.getUint32(p, true)),
      float32: (slot, otherwise = 0) => scalar(slot, 4, otherwise, (p) => view.getFloat32(p, true)),
      bool: (slot) => scalar(slot, 1, 0, (p) => view.getUint8(p)) !== 0,
      text: (slot) => { const found = vector(slot, 1); return found ? new TextDecoder().decode(data.subarray(found[0], found[0] + found[1])) : ''; },
      table: (slot) => { const from = field(slot, 4); return from === undefined ? undefined : tableAt(from + view.getUint32(from, true)); },
      tables: (slot) => list(slot, 4, (p) => tableAt(p + view.getUint32(p, true))),
      int32s: (slot) => list(slot, 4, (p) => view.getInt32(p, true)),
      float32s: (slot) => list(slot, 4, (p) => view.getFloat32(p, true)),
      int64s: (slot) => list(slot, 8, (p) => Number(view.getBigInt64(p, true))),
      bytes: (slot) => { const found = vector(slot, 1); return found ? data.subarray(found[0], found[0] + found[1]) : new Uint8Array(0); },
      has: (slot) => field(slot, 1) !== undefined,
    };
  };
  return tableAt(view.getUint32(0, true));
}
