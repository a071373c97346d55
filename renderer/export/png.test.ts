// The size of an exported picture: sharp where there is room, bounded however large the graph is.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MOST_PIXELS, MOST_SIDE, pngScale } from './png.ts';

it('is twice the drawing, for graphs of a usual size', () => { expect(pngScale(800, 4000)).toBe(2); });

it('never has a side or an area that cannot be held', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.integer({ min: 1, max: 5_000_000 }), (width, height) => {
    const scale = pngScale(width, height), w = Math.floor(width * scale), h = Math.floor(height * scale);
    expect(scale).toBeGreaterThan(0);
    expect(Math.max(w, h)).toBeLessThanOrEqual(MOST_SIDE);
    expect(w * h).toBeLessThanOrEqual(MOST_PIXELS);
  }));
});
