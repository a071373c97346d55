// Reading a .zip archive by its central directory (PKWARE APPNOTE 4.3, with ZIP64): entries are listed at once and
// read one at a time, so a large archive costs only what is asked of it. Every declared size is checked before use.
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { DEFAULT_LIMIT, readAt, withFile } from './files.ts';

interface ZipEntry {
  readonly name: string;
  readonly encrypted: boolean;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

export interface ZipArchive {
  /** Names of the files inside, in the archive's order. */
  readonly names: readonly string[];
  /** The size that a file declares, 0 for one that is not there; reading holds it to that. */
  sizeOf(name: string): number;
  /** One file, unpacked and checked against its size and CRC. */
  read(name: string): Promise<Uint8Array>;
}

const inflate = promisify<Uint8Array, { maxOutputLength: number; chunkSize: number }, Buffer>(inflateRaw);
const END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50, CENTRAL = 0x02014b50, LOCAL = 0x04034b50;
const DIRECTORY_LIMIT = 2 ** 24;

const viewOn = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const corrupt = (message: string, where: ErrorPlace): RequantError => new RequantError('FORMAT_CORRUPT', message, where);

/** Opens an archive; no file inside may unpack to more than `limit` bytes. Raises FORMAT_UNKNOWN, FORMAT_CORRUPT, FORMAT_TOO_LARGE, FORMAT_UNSUPPORTED. */
export async function openZip(path: string, limit = DEFAULT_LIMIT): Promise<ZipArchive> {
  const entries = await withFile(path, async (handle, fileSize) => {
    const where = { file: path };
    const tailStart = Math.max(0, fileSize - 65557 - 20);
    const tail = await readAt(handle, tailStart, fileSize - tailStart, where);
    const end = findEnd(tail);
    if (end === undefined) {
      const begun = fileSize >= 4 && viewOn(await readAt(handle, 0, 4, where)).getUint32(0, true) === LOCAL;
      throw begun ? corrupt('the archive is cut short', where) : new RequantError('FORMAT_UNKNOWN', 'this is not a zip archive', where);
    }
    const view = viewOn(tail);
    let count = view.getUint16(end + 10, true), size = view.getUint32(end + 12, true), offset = view.getUint32(end + 16, true);
    if (end >= 20 && view.getUint32(end - 20, true) === LOCATOR64) {
      const at = Number(view.getBigUint64(end - 12, true));
      if (!(at + 56 <= fileSize)) throw corrupt('the zip64 record lies outside the file', where);
      const record = viewOn(await readAt(handle, at, 56, where));
      if (record.getUint32(0, true) !== END64) throw corrupt('the zip64 record is missing', where);
      count = Number(record.getBigUint64(32, true)); size = Number(record.getBigUint64(40, true)); offset = Number(record.getBigUint64(48, true));
    }
    if (size > DIRECTORY_LIMIT) throw new RequantError('FORMAT_TOO_LARGE', `the archive's directory declares ${size} bytes`, where);
    if (offset + size > fileSize || count * 46 > size) throw corrupt("the archive's directory lies outside the file", where);
    return readDirectory(await readAt(handle, offset, size, where), count, where);
  });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size !== entries.length) throw corrupt('the archive names a file twice', { file: path });
  return {
    names: [...byName.keys()],
    sizeOf: (name) => byName.get(name)?.size ?? 0,
    read: async (name) => {
      const entry = byName.get(name);
      if (!entry) throw new RequantError('DATA_KEY_MISSING', `the archive has no ${name}`, { file: path });
      return readEntry(path, entry, limit);
    },
  };
}

function findEnd(tail: Uint8Array): number | undefined {
  const view = viewOn(tail);
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) <= tail.length) return at;
  }
  return undefined;
}

function readDirectory(bytes: Uint8Array, count: number, where: ErrorPlace): readonly ZipEntry[] {
  const view = viewOn(bytes);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) throw corrupt("the archive's directory is damaged", where);
    const nameLength = view.getUint16(at + 28, true), extraLength = view.getUint16(at + 30, true), commentLength = view.getUint16(at + 32, true);
    const extraAt = at + 46 + nameLength;
    if (extraAt + extraLength + commentLength > bytes.length) throw corrupt("the archive's directory is damaged", where);
    const [size, compressedSize, headerOffset] = wideFields(view, extraAt, extraLength,
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)], where);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, extraAt));
    if (!name.endsWith('/')) {
      entries.push({ name, encrypted: (view.getUint16(at + 8, true) & 1) !== 0, method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true), size, compressedSize, headerOffset });
    }
    at = extraAt + extraLength + commentLength;
  }
  return entries;
}

/** ZIP64 extra field (id 1): holds, in this order, only those of the three numbers that are all ones in the entry itself. */
function wideFields(view: DataView, start: number, length: number, narrow: readonly [number, number, number], where: ErrorPlace): readonly [number, number, number] {
  if (!narrow.includes(0xffffffff)) return narrow;
  for (let at = start; at + 4 <= start + length;) {
    const id = view.getUint16(at, true), end = at + 4 + view.getUint16(at + 2, true);
    if (id === 1 && end <= start + length) {
      let field = at + 4;
      const wide = (value: number): number => {
        if (value !== 0xffffffff) return value;
        if (field + 8 > end) throw corrupt('a zip64 field is cut short', where);
        field += 8;
        return Number(view.getBigUint64(field - 8, true));
      };
      return [wide(narrow[0]), wide(narrow[1]), wide(narrow[2])];
    }
    at = end;
  }
  throw corrupt('a zip64 field is missing', where);
}

async function readEntry(path: string, entry: ZipEntry, limit: number): Promise<Uint8Array> {
  const where = { file: path, tensor: entry.name };
  if (entry.encrypted || (entry.method !== 0 && entry.method !== 8)) {
    throw new RequantError('FORMAT_UNSUPPORTED', entry.encrypted ? 'it is encrypted' : `it is packed by method ${entry.method}; stored and deflated are known`, where);
  }
  if (entry.size > limit) throw new RequantError('FORMAT_TOO_LARGE', `it declares ${entry.size} bytes; the limit is ${limit}`, where);
  const packed = await withFile(path, async (handle, fileSize) => {
    if (entry.headerOffset + 30 > fileSize) throw corrupt('it starts outside the file', where);
    const header = viewOn(await readAt(handle, entry.headerOffset, 30, where));
    if (header.getUint32(0, true) !== LOCAL) throw corrupt('its header is damaged', where);
    const start = entry.headerOffset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + entry.compressedSize > fileSize) throw corrupt('it ends outside the file', where);
    return readAt(handle, start, entry.compressedSize, where);
  });
  const bytes = entry.method === 0 ? packed : await unpack(packed, entry.size, where);
  if (bytes.length !== entry.size) throw corrupt(`it declares ${entry.size} bytes but unpacks to ${bytes.length}`, where);
  if (crc32(bytes) !== entry.crc) throw corrupt('its checksum is wrong', where);
  return bytes;
}

async function unpack(packed: Uint8Array, size: number, where: ErrorPlace): Promise<Uint8Array> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(size, 1), chunkSize: Math.min(Math.max(size, 64), 2 ** 20) });
  } catch (error) {
    const tooLong = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    throw tooLong
      ? new RequantError('FORMAT_TOO_LARGE', `it unpacks to more than the ${size} bytes that it declares`, where)
      : new RequantError('FORMAT_CORRUPT', 'it does not unpack', where, { cause: error });
  }
}
