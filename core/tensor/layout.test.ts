// Which reading of a sample's dimensions is taken.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, channelAxisOf, imageSizeOf, type InputShape } from './layout.ts';
import { tensor, transpose, type Tensor } from './tensor.ts';

const nchw = (...shape: readonly number[]): InputShape => ({ name: 'in', shape: [1, ...shape], toGraph: [0, 2, 3, 1] });
const nhwc = (...shape: readonly number[]): InputShape => ({ name: 'in', shape: [1, ...shape] });
const counting = (...shape: readonly number[]): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor('uint8', shape, Uint8Array.from({ length: n }, (_, i) => i));
};
const numbers = (t: Tensor | undefined): number[] | undefined => t && Array.from(t.data as Uint8Array);

describe('arrange', () => {
  it('takes a sample in the declared order as it is', () => {
    expect(arrange(counting(2, 3, 4), nchw(2, 3, 4))).toEqual({ ...counting(2, 3, 4), shape: [1, 2, 3, 4] });
  });

  it('permutes channels-last data for a channels-first input, and the reverse', () => {
    const hwc = counting(3, 4, 2);
    const chw = transpose(hwc, [2, 0, 1]);
    expect(numbers(arrange(hwc, nchw(2, 3, 4)))).toEqual(numbers(chw));
    expect(numbers(arrange(chw, nhwc(3, 4, 2)))).toEqual(numbers(hwc));
  });

  it('accepts a missing or a spare dimension of 1', () => {
    for (const shape of [[4, 5], [4, 5, 1], [1, 4, 5], [1, 1, 4, 5]]) {
      expect(numbers(arrange(counting(...shape), nchw(1, 4, 5)))).toEqual(numbers(counting(4, 5)));
    }
  });

  it('lets the user decide where both readings fit', () => {
    const cube = counting(3, 3, 3);
    expect(numbers(arrange(cube, nchw(3, 3, 3)))).toEqual(numbers(cube));
    expect(numbers(arrange(cube, nchw(3, 3, 3), 'nchw'))).toEqual(numbers(cube));
    expect(numbers(arrange(cube, nchw(3, 3, 3), 'nhwc'))).toEqual(numbers(transpose(cube, [2, 0, 1])));
    expect(numbers(arrange(cube, nhwc(3, 3, 3), 'nchw'))).toEqual(numbers(transpose(cube, [1, 2, 0])));
  });

  it('takes the one reading that fits, even against the user', () => {
    expect(numbers(arrange(counting(2, 3, 4), nchw(2, 3, 4), 'nhwc'))).toEqual(numbers(counting(2, 3, 4)));
  });

  it('never reshapes: another order of sizes does not fit', () => {
    expect(arrange(counting(4, 3, 2), nchw(2, 3, 4))).toBeUndefined();
    expect(arrange(counting(24), nchw(2, 3, 4))).toBeUndefined();
  });

  it('loses and invents nothing', () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(fc.property(size, size, size, fc.constantFrom('nhwc' as const, 'nchw' as const, undefined), (h, w, c, layout) => {
      const out = arrange(counting(h, w, c), nchw(c, h, w), layout);
      expect(numbers(out)?.sort((a, b) => a - b)).toEqual(numbers(counting(h, w, c)));
      expect(out?.shape).toEqual([1, c, h, w]);
    }));
  });
});

describe('ports', () => {
  it('know their channel axis and image size in either order', () => {
    expect(channelAxisOf(nchw(3, 8, 9))).toBe(1);
    expect(channelAxisOf(nhwc(8, 9, 3))).toBe(3);
    expect(imageSizeOf(nchw(3, 8, 9))).toEqual({ height: 8, width: 9, channels: 3 });
    expect(imageSizeOf(nhwc(8, 9, 1))).toEqual({ height: 8, width: 9, channels: 1 });
    expect(imageSizeOf(nhwc(8, 9, 7))).toBeUndefined();
    expect(imageSizeOf({ name: 'in', shape: [1, 10] })).toBeUndefined();
  });
});
