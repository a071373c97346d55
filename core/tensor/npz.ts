// .npz: named .npy arrays in a zip archive. Opening lists the names; an array is unpacked only when it is read.
import { zipSync, type Zippable } from 'fflate';
import { RequantError } from '../errors/index.ts';
import { DEFAULT_LIMIT, replaceFile } from './files.ts';
import { formatNpy, parseNpyValues } from './npy.ts';
import { memoryOf, numeric, type NamedValues, type StringTensor, type Tensor } from './tensor.ts';
import { openZip } from './zip.ts';

/** NumPy's archive of arrays, opened; arrays are unpacked when read. */
export interface Npz {
  /** Its path. */
  readonly file: string;
  /** Names of the arrays, numeric or not, in the file's order. */
  readonly keys: readonly string[];
  /** One array. Raises DATA_KEY_MISSING, and DTYPE_MISMATCH where the array holds no numbers. */
  read(key: string): Promise<Tensor>;
  /** One array, of numbers or strings. */
  readValues(key: string): Promise<Tensor | StringTensor>;
}

/** Opens an .npz; no array may unpack to more than `limit` bytes. */
export async function openNpz(file: string, limit = DEFAULT_LIMIT): Promise<Npz> {
  const archive = await openZip(file, limit);
  const keys = archive.names.filter((name) => name.endsWith('.npy')).map((name) => name.slice(0, -4));
  const readValues = async (key: string): Promise<Tensor | StringTensor> => {
    if (!keys.includes(key)) throw new RequantError('DATA_KEY_MISSING', `there is no array ${key}; the file holds ${keys.join(', ') || 'none'}`, { file });
    return parseNpyValues(await archive.read(`${key}.npy`), { file, tensor: key });
  };
  return { file, keys, read: async (key) => numeric(await readValues(key), { file, tensor: key }), readValues };
}

/** fflate reads the local clock's fields, so this date is the same bytes in every time zone. */
const FIXED_TIME = new Date(1980, 0, 1);
/** fflate writes no ZIP64, whose absence limits an archive to 4 GiB. */
const WRITE_LIMIT = 2 ** 32 - 2 ** 20;

/** Bytes of an .npz. The same arrays always give the same bytes. */
export function formatNpz(arrays: NamedValues, options: { readonly compress?: boolean } = {}): Uint8Array {
  const total = Object.values(arrays).reduce((sum, t) => sum + memoryOf(t), 0);
  if (total > WRITE_LIMIT) throw new RequantError('BUDGET_EXCEEDED', `${total} bytes are more than an .npz can hold here`, {}, { hint: 'Write fewer samples at a time.' });
  const files: Zippable = Object.fromEntries(Object.entries(arrays).map(([key, t]) => [`${key}.npy`, formatNpy(t)]));
  return zipSync(files, { level: options.compress ? 6 : 0, mtime: FIXED_TIME });
}

/** Writes an .npz under a temporary name and renames it into place. */
export async function writeNpz(file: string, arrays: NamedValues, options: { readonly compress?: boolean } = {}): Promise<void> {
  await replaceFile(file, formatNpz(arrays, options));
}
