// A set of labelled pictures: classes take turns, every picture has a stream of its own, so sets never share one.
import { draw, IMAGE_BYTES } from './draw.ts';
import { randomOf } from './random.ts';
import { LABELS } from './shapes.ts';

export interface Pictures {
  readonly count: number;
  /** count x 32 x 32 x 3 bytes. */
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

/** Pictures `from` to `from + count` of the set `name`. */
export function picturesOf(name: string, from: number, count: number): Pictures {
  const pixels = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const label = (from + i) % LABELS.length;
    labels[i] = label;
    pixels.set(draw(label, randomOf(name, from + i)), i * IMAGE_BYTES);
  }
  return { count, pixels, labels };
}
