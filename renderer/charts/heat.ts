// Values as colours of pixels: greys for values, blue over the ground to orange for differences, nothing where there is no value.
import { divergingRgb, type Ground } from '../graph/overlays/scale.ts';

const rgba = (count: number, at: (i: number) => readonly [number, number, number] | null): Uint8ClampedArray<ArrayBuffer> => {
  const pixels = new Uint8ClampedArray(count * 4);
  for (let i = 0; i < count; i++) {
    const rgb = at(i);
    if (rgb) pixels.set([...rgb, 255], i * 4);
  }
  return pixels;
};

/** Black at `low`, white at `high`. */
export function greys(values: ArrayLike<number>, low: number, high: number): Uint8ClampedArray<ArrayBuffer> {
  return rgba(values.length, (i) => {
    const value = values[i] ?? NaN;
    if (Number.isNaN(value)) return null;
    const grey = high > low ? ((value - low) / (high - low)) * 255 : 128;
    return [grey, grey, grey];
  });
}

/** Blue at -`most`, orange at `most`, the ground's own grey at 0. */
export function differences(values: ArrayLike<number>, most: number, ground: Ground): Uint8ClampedArray<ArrayBuffer> {
  return rgba(values.length, (i) => { const value = values[i] ?? NaN; return Number.isNaN(value) ? null : divergingRgb(most > 0 ? value / most : 0, ground); });
}
