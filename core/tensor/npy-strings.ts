// Strings in a .npy file (NumPy's type U): as many UTF-32 code points for each element as the longest has, filled up with zeros.
import { RequantError, type ErrorPlace } from '../errors/index.ts';

/** Bytes of a code point. */
export const CODE_POINT = 4;
/** What one array may take on disk: one long text makes all others as long. */
const WRITE_LIMIT = 2 ** 30;

/** Zeros at an element's end are padding, as NumPy has it. Raises FORMAT_CORRUPT for a number that is no code point. */
export function readStrings(bytes: Uint8Array, count: number, width: number, where: ErrorPlace): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const points: number[] = [];
  return Array.from({ length: count }, (_, i) => {
    points.length = 0;
    let end = width;
    while (end > 0 && view.getUint32((i * width + end - 1) * CODE_POINT, true) === 0) end--;
    for (let k = 0; k < end; k++) {
      const point = view.getUint32((i * width + k) * CODE_POINT, true);
      if (point > 0x10ffff) throw new RequantError('FORMAT_CORRUPT', `element ${i} holds ${point}, which is no code point`, where);
      points.push(point);
    }
    return textOf(points);
  });
}

/** Code points go to the engine in parts: a call takes only so many arguments. */
function textOf(points: readonly number[]): string {
  let text = '';
  for (let i = 0; i < points.length; i += 4096) text += String.fromCodePoint(...points.slice(i, i + 4096));
  return text;
}

/** Code points that each element gets: those of the longest, at least one. Raises BUDGET_EXCEEDED. */
export function widthOfStrings(texts: readonly string[]): number {
  const width = texts.reduce((most, text) => Math.max(most, [...text].length), 1);
  if (width * texts.length * CODE_POINT > WRITE_LIMIT) throw new RequantError('BUDGET_EXCEEDED', `${texts.length} strings of up to ${width} characters take ${width * texts.length * CODE_POINT} bytes in a .npy file`);
  return width;
}

export function writeStrings(texts: readonly string[], width: number): Uint8Array {
  const bytes = new Uint8Array(texts.length * width * CODE_POINT);
  const view = new DataView(bytes.buffer);
  texts.forEach((text, i) => { [...text].forEach((c, k) => { view.setUint32((i * width + k) * CODE_POINT, c.codePointAt(0) ?? 0, true); }); });
  return bytes;
}
