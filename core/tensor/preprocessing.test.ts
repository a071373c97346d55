// The formula, the channel axis, and what is refused.
import { describe, expect, it } from 'vitest';
import { checkImageSettings, checkPreprocessing, preprocess, UNCHANGED } from './preprocessing.ts';
import { float32, tensor } from './tensor.ts';

describe('preprocess', () => {
  const pixels = tensor('uint8', [1, 1, 2, 2], Uint8Array.of(0, 100, 200, 50));

  it('scales, then takes mean and std of each channel, along the channel axis', () => {
    const settings = { scale: 0.5, mean: [10, 20], std: [2, 4] };
    expect(preprocess(pixels, settings, 3, {})).toEqual(float32([1, 1, 2, 2], [-5, 7.5, 45, 1.25]));
    expect(preprocess(pixels, settings, 2, {})).toEqual(float32([1, 1, 2, 2], [-5, 20, 20, 1.25]));
  });

  it('dequantizes integers first', () => {
    const settings = { ...UNCHANGED, mean: [1], dequantize: { scale: 0.25, zeroPoint: -4 } };
    expect(preprocess(tensor('int8', [2], Int8Array.of(-4, 4)), settings, 0, {})).toEqual(float32([2], [-1, 1]));
    expect(() => preprocess(float32([1], [0]), settings, 0, {})).toThrow('dequantize is for integer data; this is float32');
  });

  it('rounds once: the result is the float32 nearest to the exact value', () => {
    expect(preprocess(tensor('uint8', [1], Uint8Array.of(77)), { scale: 1 / 255, mean: [0.4914], std: [0.2471] }, 0, {}).data[0]).toBe(Math.fround((77 / 255 - 0.4914) / 0.2471));
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s, naming tensor, sample and element', (value) => {
    expect(() => preprocess(float32([3], [1, value, 2]), UNCHANGED, 0, { tensor: 'x', sample: 9 }))
      .toThrow(expect.objectContaining({ code: 'DATA_INVALID', message: `element 1 is ${value}`, where: { tensor: 'x', sample: 9 } }));
  });

  it('refuses a number that leaves the range of float32', () => {
    expect(() => preprocess(float32([1], [1e30]), { ...UNCHANGED, scale: 1e30 }, 0, {})).toThrow('which becomes Infinity');
  });
});

describe('checkPreprocessing', () => {
  it.each([
    [{ ...UNCHANGED, mean: [1, 2] }, 'mean has 2 numbers; the input [1, 4, 4, 3] has 3 channels'],
    [{ ...UNCHANGED, std: [1, 0, 1] }, 'std holds a 0'],
    [{ ...UNCHANGED, scale: NaN }, 'scale is no number'],
    [{ ...UNCHANGED, dequantize: { scale: 0, zeroPoint: 0 } }, 'dequantize takes a scale above 0 and a whole zero point'],
  ])('refuses %j', (settings, message) => {
    expect(() => checkPreprocessing(settings, [1, 4, 4, 3], 3, {})).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
  });
});

describe('checkImageSettings', () => {
  it.each([
    [{ resize: 'crop' }, null, 'resize and channel order are for images; arrays are taken as they are'],
    [{ channelOrder: 'bgr' }, null, 'resize and channel order are for images; arrays are taken as they are'],
    [{ resize: 'fit', keep: 50 }, 3, 'keep is the share of an image that a crop leaves; it goes with resize crop'],
    [{ resize: 'crop', keep: 9 }, 3, 'keep is a number of per cent from 10 to 100'],
    [{ resize: 'crop', keep: NaN }, 3, 'keep is a number of per cent from 10 to 100'],
    [{ resize: 'crop', pad: 114 }, 3, 'pad is the grey beside an image that was fitted; it goes with resize fit'],
    [{ resize: 'fit', pad: 256 }, 3, 'pad is a whole number from 0, black, to 255, white'],
    [{ channelOrder: 'bgr' }, 1, 'the input has one channel, which has no order'],
  ] as const)('refuses %j for %s channels', (settings, channels, message) => {
    expect(() => checkImageSettings({ ...UNCHANGED, ...settings }, channels, {})).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
  });

  it('takes what changes nothing for arrays, too', () => {
    expect(() => checkImageSettings({ ...UNCHANGED, resize: 'stretch', channelOrder: 'rgb' }, null, {})).not.toThrow();
  });
});
