// A picture as PNG: the SVG, drawn by the browser. Twice its size, so that text stays sharp; less where that would be more than a picture may hold.
import { RequantError } from '../../core/errors/index.ts';

/** Browsers and image viewers refuse more pixels a side; the area bounds the memory at 160 MB. */
export const MOST_SIDE = 16_384, MOST_PIXELS = 40_000_000;
const SHARP = 2;

/** Pixels of the picture for each unit of the drawing. */
export const pngScale = (width: number, height: number): number => Math.min(SHARP, MOST_SIDE / Math.max(width, height, 1), Math.sqrt(MOST_PIXELS / Math.max(1, width * height)));

/** Below this the names on the cards cannot be read. */
export const READABLE_SCALE = 0.6;

export interface Png {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly scale: number;
}

/** `svg` has a width and a height of its own. Raises INTERNAL where the browser cannot draw it. */
export async function pngOf(svg: string, { width, height }: { readonly width: number; readonly height: number }): Promise<Png> {
  const scale = pngScale(width, height);
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale)));
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('no canvas');
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await canvas.convertToBlob({ type: 'image/png' });
    return { bytes: new Uint8Array(await blob.arrayBuffer()), scale };
  } catch (cause) {
    throw new RequantError('INTERNAL', 'The graph could not be drawn as a picture', {}, { hint: 'Export it as SVG: that has no limit of size.', cause });
  } finally {
    URL.revokeObjectURL(url);
  }
}
