// Image files as tensors: lists a folder, decodes .png, .jpg and .webp to RGB, BGR or grey bytes at the size that a model takes.
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Sharp } from 'sharp';
import { RequantError } from '../errors/index.ts';
import { readFailure, readWhole } from './files.ts';
import type { Preprocessing } from './preprocessing.ts';
import { tensor, type Tensor } from './tensor.ts';

export const IMAGE_EXTENSIONS: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp'];
export const isImageName = (name: string): boolean => IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());

const FILE_LIMIT = 2 ** 28;
const PIXEL_LIMIT = 10 ** 8;
const MOST_IMAGES = 100_000;

/** An image, and its path within the folder that was asked for, written with `/`: folders in it may be classes. */
export interface FoundImage {
  readonly path: string;
  readonly name: string;
}

/**
 * The images in `folder` and below, sorted by name. What a link stands for counts as a file where it lies inside; other links, and whatever begins
 * with a dot, are left out. Raises DATA_EMPTY, BUDGET_EXCEEDED.
 */
export async function listImages(folder: string): Promise<readonly FoundImage[]> {
  try {
    const home = (await realpath(folder)) + sep;
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const candidates = entries.filter((entry) => isImageName(entry.name) && (entry.isFile() || entry.isSymbolicLink()))
      .map((entry) => ({ link: entry.isSymbolicLink(), name: relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/') }))
      .filter(({ name }) => !name.split('/').some((part) => part.startsWith('.')));
    const stays = await Promise.all(candidates.map(async ({ link, name }) => !link || await leadsTo(join(folder, name), home)));
    const names = candidates.filter((_, i) => stays[i]).map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1));
    if (names.length === 0) throw new RequantError('DATA_EMPTY', `the folder holds no image (${IMAGE_EXTENSIONS.join(', ')})`, { file: folder });
    if (names.length > MOST_IMAGES) throw new RequantError('BUDGET_EXCEEDED', `the folder holds ${names.length} images; at most ${MOST_IMAGES} can be opened`, { file: folder });
    return names.map((name) => ({ path: join(folder, name), name }));
  } catch (error) {
    throw readFailure(error, folder);
  }
}

/** Does the link end at a file inside? */
async function leadsTo(link: string, home: string): Promise<boolean> {
  try { const real = await realpath(link); return real.startsWith(home) && (await stat(real)).isFile(); } catch { return false; }
}

/** What the bytes themselves say; a decoder for anything else (SVG, PDF ...) is never started on a file from a stranger. */
function isKnownImage(bytes: Uint8Array): boolean {
  const starts = (at: number, text: string): boolean => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  return starts(0, '\x89PNG\r\n\x1a\n') || starts(0, '\xff\xd8\xff') || (starts(0, 'RIFF') && starts(8, 'WEBP'));
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

type Placing = Pick<Preprocessing, 'resize' | 'keep' | 'pad' | 'channelOrder'>;

/** Brings an upright image to the size: interpolated linearly, cropped or padded about the centre. */
function placed(image: Sharp, { width, height }: ImageSize, { resize = 'stretch', keep = 100, pad = 0 }: Placing): Sharp {
  const kernel = 'linear';
  switch (resize) {
    case 'stretch': return image.resize(width, height, { fit: 'fill', kernel });
    case 'fit': return image.resize(width, height, { fit: 'contain', background: { r: pad, g: pad, b: pad }, kernel });
    case 'crop': {
      // The size that the centre is cut from: 256 x 256 for 224 x 224 at 87.5 %.
      const [wide, high] = [Math.round((width * 100) / keep), Math.round((height * 100) / keep)];
      const covered = image.resize(wide, high, { fit: 'cover', position: 'centre', kernel });
      return covered.extract({ left: Math.floor((wide - width) / 2), top: Math.floor((high - height) / 2), width, height });
    }
  }
}

/** Red and blue of each pixel change places. */
function swapRedAndBlue(pixels: Uint8Array): void {
  for (let i = 0; i + 2 < pixels.length; i += 3) [pixels[i], pixels[i + 2]] = [pixels[i + 2] ?? 0, pixels[i] ?? 0];
}

/** One image as uint8 [height, width, channels], upright, transparency dropped, brought to the size as `placing` says. */
export async function decodeImage(file: string, size: ImageSize, placing: Placing = {}): Promise<Tensor<'uint8'>> {
  const bytes = await readWhole(file, FILE_LIMIT);
  if (!isKnownImage(bytes)) throw new RequantError('FORMAT_UNKNOWN', 'this is not a PNG, JPEG or WebP image', { file }, { hint: 'Convert it to PNG, JPEG or WebP.' });
  // Loaded when the first image is: the native library would slow every other start.
  const { default: sharp } = await import('sharp');
  try {
    const upright = sharp(bytes, { limitInputPixels: PIXEL_LIMIT, failOn: 'error' }).autoOrient().removeAlpha();
    const coloured = size.channels === 1 ? upright.greyscale().toColourspace('b-w') : upright.toColourspace('srgb');
    const { data, info } = await placed(coloured, size, placing).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const shape = [info.height, info.width, info.channels];
    if (info.channels !== size.channels) throw new RequantError('DATA_INVALID', `it decodes to ${info.channels} channels, not ${size.channels}`, { file });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (placing.channelOrder === 'bgr') swapRedAndBlue(pixels);
    return tensor('uint8', shape, pixels, { file });
  } catch (error) {
    if (error instanceof RequantError) throw error;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new RequantError(/pixel limit|out of range/.test(reason) ? 'FORMAT_TOO_LARGE' : 'FORMAT_CORRUPT', `the image cannot be decoded: ${reason}`, { file }, { cause: error });
  }
}
