// Raw files: numbers without a header, little-endian, samples one after the other. What they are is said beside the file, or taken from the model's
// input. A sample is read when it is asked for, so that a file may be larger than memory.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { readAt, withFile } from './files.ts';
import { elementsOf, storedBytes, STORED_TYPES, type StoredType } from './npy.ts';
import { showShape, sizeOf, type Tensor } from './tensor.ts';

/** Types that a raw file may hold; float16 becomes float32 when read, and any byte but 0 is a true bool. */
export const RAW_TYPES = STORED_TYPES;
export type RawType = StoredType;
/** Larger ranks are no sample of anything. */
const RANK_LIMIT = 32;

/** What the numbers of a raw file are. */
export interface RawLayout {
  readonly type: RawType;
  /** One sample's shape as it lies in the file. */
  readonly shape: readonly number[];
}

/** A raw file, measured; nothing of it is read yet. */
export interface RawFile {
  readonly samples: number;
  /** Raises FORMAT_CORRUPT where the file has become shorter since. */
  at(index: number): Promise<Tensor>;
}

const HINT = 'Say what one sample is: its type with --raw-type, its shape with --raw-shape; in the studio both stand under Preprocessing.';

/** Measures a file against its layout. Raises CONFIG_INVALID for an impossible shape, DATA_EMPTY, DATA_INVALID where the file is no whole number of samples. */
export async function openRaw(file: string, { type, shape }: RawLayout, place: ErrorPlace = {}): Promise<RawFile> {
  const where: ErrorPlace = { ...place, file };
  if (shape.length > RANK_LIMIT || !shape.every((d) => Number.isSafeInteger(d) && d > 0)) throw new RequantError('CONFIG_INVALID', `${showShape(shape)} is no shape of a sample`, where, { hint: HINT });
  const bytes = sizeOf(shape) * storedBytes(type);
  const size = await withFile(file, (_, length) => Promise.resolve(length));
  if (size === 0) throw new RequantError('DATA_EMPTY', 'the file is empty', where);
  // Also where the product is beyond whole numbers: no file is that large.
  if (!(bytes <= size) || size % bytes !== 0) {
    throw new RequantError('DATA_INVALID', `it holds ${size} bytes, which is no whole number of samples: one of ${showShape(shape)} in ${type} takes ${bytes}`, where, { hint: HINT });
  }
  return {
    samples: size / bytes,
    at: async (index) => {
      const taken = await withFile(file, (handle) => readAt(handle, index * bytes, bytes, { ...where, sample: index }));
      return elementsOf(type, taken, 0, shape);
    },
  };
}
