// .npy: NumPy's array file, versions 1 to 3 (numpy.lib.format). Bytes in, a tensor out, and back.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { allocate, bytesOf, numeric, showShape, sizeOf, tensor, transpose, viewOf, DTYPES, type DType, type StringTensor, type Tensor } from './tensor.ts';
import { parseNpyDictionary } from './npy-dictionary.ts';
import { CODE_POINT, readStrings, widthOfStrings, writeStrings } from './npy-strings.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** NumPy itself writes headers of about a hundred bytes; more than this only with structured types, which are refused. */
const HEADER_LIMIT = 65536;
const RANK_LIMIT = 32;
/** Strings without a character take no bytes in the file: their number is all that bounds them. */
const MOST_STRINGS = 2 ** 22;

/** Types of numbers in files. */
export type StoredType = DType | 'float16';
export const STORED_TYPES: readonly StoredType[] = [...DTYPES, 'float16'];
/** Bytes that a number takes in a file. */
export const storedBytes = (stored: StoredType): number => (stored === 'float16' ? 2 : bytesOf(stored));

/** Type codes of the header's `descr`, without its byte order. f2 is widened to float32 when read. */
const CODES: Readonly<Record<string, StoredType>> = {
  f2: 'float16', f4: 'float32', f8: 'float64', b1: 'bool',
  i1: 'int8', i2: 'int16', i4: 'int32', i8: 'int64',
  u1: 'uint8', u2: 'uint16', u4: 'uint32', u8: 'uint64',
};
const CODE_OF: Readonly<Record<DType, string>> = {
  float32: '<f4', float64: '<f8', bool: '|b1',
  int8: '|i1', int16: '<i2', int32: '<i4', int64: '<i8',
  uint8: '|u1', uint16: '<u2', uint32: '<u4', uint64: '<u8',
};

export interface NpyHeader {
  /** Element type as stored; float16 becomes float32 in the tensor. */
  readonly stored: StoredType | 'string';
  /** Bytes of an element. */
  readonly width: number;
  readonly shape: readonly number[];
  readonly fortranOrder: boolean;
  readonly bigEndian: boolean;
  /** Where the elements start, and how many bytes they take. */
  readonly dataOffset: number;
  readonly dataBytes: number;
}

const corrupt = (message: string, where: ErrorPlace): RequantError => new RequantError('FORMAT_CORRUPT', message, where);

/** Reads the header. Raises FORMAT_UNKNOWN, FORMAT_CORRUPT, FORMAT_UNSUPPORTED, FORMAT_TOO_LARGE, or DTYPE_MISMATCH where the array holds neither numbers nor strings. */
export function readNpyHeader(bytes: Uint8Array, where: ErrorPlace = {}): NpyHeader {
  if (bytes.length < MAGIC.length || !MAGIC.every((byte, i) => bytes[i] === byte)) throw new RequantError('FORMAT_UNKNOWN', 'this is not a .npy array', where);
  const version = bytes[6] ?? 0;
  if (bytes.length >= 8 && (version < 1 || version > 3)) throw new RequantError('FORMAT_UNSUPPORTED', `.npy version ${version} is not known`, where);
  const lengthBytes = version === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  if (bytes.length < start) throw corrupt('the .npy header is cut short', where);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > HEADER_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `the .npy header declares ${length} bytes`, where);
  if (bytes.length < start + length) throw corrupt('the .npy header is cut short', where);
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  const { descr, fortranOrder, shape } = parseNpyDictionary(text, where);

  const match = /^([<>|=])([a-zA-Z])(\d+)$/.exec(descr);
  const [, , letter = '', digits = ''] = match ?? [];
  const stored = letter === 'U' ? 'string' : CODES[`${letter}${digits}`];
  if (!match || stored === undefined) throw new RequantError('DTYPE_MISMATCH', `this is not a numeric array (its type is ${descr.slice(0, 40)})`, where);
  if (shape.length > RANK_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `the array has ${shape.length} dimensions`, where);
  const width = stored === 'string' ? Number(digits) * CODE_POINT : storedBytes(stored);
  const dataBytes = sizeOf(shape) * width;
  // Every partial product must stay exact, also where a later 0 makes the whole product small.
  if (!Number.isSafeInteger(sizeOf(shape.map((d) => Math.max(d, 1))) * Math.max(width, 1)) || sizeOf(shape) > MOST_STRINGS && stored === 'string') throw new RequantError('FORMAT_TOO_LARGE', `shape ${showShape(shape)} is impossible`, where);
  return { stored, width, shape, fortranOrder, bigEndian: match[1] === '>' && width > 1, dataOffset: start + length, dataBytes };
}

/** The array of a .npy file, in row-major order. A view on `bytes` where type, order and alignment allow it. Raises DTYPE_MISMATCH for strings, too. */
export const parseNpy = (bytes: Uint8Array, where: ErrorPlace = {}): Tensor => numeric(parseNpyValues(bytes, where), where);

/** The array of a .npy file, numbers or strings. */
export function parseNpyValues(bytes: Uint8Array, where: ErrorPlace = {}): Tensor | StringTensor {
  const header = readNpyHeader(bytes, where);
  const held = bytes.length - header.dataOffset;
  if (held !== header.dataBytes) {
    throw new RequantError(held < header.dataBytes ? 'FORMAT_CORRUPT' : 'FORMAT_UNSUPPORTED',
      `the header declares ${header.dataBytes} bytes of elements (shape ${showShape(header.shape)}) but the file holds ${held}`, where);
  }
  const elements = header.bigEndian ? swapped(bytes, header) : { source: bytes, offset: header.dataOffset };
  if (header.stored === 'string') return stringsOf(header, elements, where);
  if (!header.fortranOrder) return elementsOf(header.stored, elements.source, elements.offset, header.shape);
  const reversed = elementsOf(header.stored, elements.source, elements.offset, [...header.shape].reverse());
  return transpose(reversed, header.shape.map((_, axis) => header.shape.length - 1 - axis));
}

/** The numbers of `bytes` from `offset`, little-endian and row-major: a view where type and alignment allow it. They must be there. */
export function elementsOf(stored: StoredType, bytes: Uint8Array, offset: number, shape: readonly number[]): Tensor {
  const count = sizeOf(shape);
  if (stored === 'float16') return tensor('float32', shape, widen(viewOf('uint16', bytes, offset, count)));
  const data = viewOf(stored, bytes, offset, count);
  return tensor(stored, shape, stored === 'bool' ? (data as Uint8Array).map((byte) => (byte ? 1 : 0)) : data);
}

interface Elements {
  readonly source: Uint8Array;
  readonly offset: number;
}

/** Strings in row-major order; where the file has another, the places of numbers say how they move. */
function stringsOf({ shape, width, fortranOrder }: NpyHeader, { source, offset }: Elements, where: ErrorPlace): StringTensor {
  const data = readStrings(source.subarray(offset), sizeOf(shape), width / CODE_POINT, where);
  if (!fortranOrder) return { dtype: 'string', shape, data };
  const axes = shape.map((_, axis) => shape.length - 1 - axis);
  const places = transpose(tensor('int32', [...shape].reverse(), Int32Array.from(data, (_, i) => i)), axes);
  return { dtype: 'string', shape, data: Array.from(places.data, (place) => data[place] ?? '') };
}

function swapped(bytes: Uint8Array, header: NpyHeader): Elements {
  const source = bytes.slice(header.dataOffset);
  const width = header.stored === 'string' ? CODE_POINT : header.width;
  for (let i = 0; i < source.length; i += width) source.subarray(i, i + width).reverse();
  return { source, offset: 0 };
}

/** IEEE 754 binary16 to float32, exactly. */
function widen(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** A .npy file, version 1, little-endian and row-major; the elements start at a multiple of 64 bytes as NumPy's do. */
export function formatNpy(t: Tensor | StringTensor): Uint8Array {
  const strings = t.dtype === 'string' ? widthOfStrings(t.data) : 0;
  const data = t.dtype === 'string' ? writeStrings(t.data, strings) : new Uint8Array(t.data.buffer, t.data.byteOffset, t.data.byteLength);
  const shape = `(${t.shape.join(', ')}${t.shape.length === 1 ? ',' : ''})`;
  const text = `{'descr': '${t.dtype === 'string' ? `<U${strings}` : CODE_OF[t.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`;
  const dataOffset = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = allocate('uint8', dataOffset + data.byteLength);
  bytes.set(MAGIC);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, dataOffset - 10, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(dataOffset - 11)}\n`), 10);
  bytes.set(data, dataOffset);
  return bytes;
}
