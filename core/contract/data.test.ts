// What is said of images: checked on arrival, and absent from projects saved before it could be said.
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { NO_PREPROCESSING, Preprocessing, RawLayout } from './data.ts';
import { ProjectContent } from './project.ts';

describe('preprocessing', () => {
  it.each([[{}], [{ resize: 'fit' }], [{ resize: 'fit', pad: 114 }], [{ resize: 'crop', keep: 87.5, channelOrder: 'bgr' }]])('takes %j', (images) => {
    expect(v.parse(Preprocessing, { ...NO_PREPROCESSING, ...images })).toEqual({ ...NO_PREPROCESSING, ...images });
  });
  it.each([[{ resize: 'tile' }], [{ keep: 9 }], [{ keep: 101 }], [{ keep: NaN }], [{ pad: 256 }], [{ pad: 0.5 }], [{ channelOrder: 'gbr' }]])('refuses %j', (images) => {
    expect(v.is(Preprocessing, { ...NO_PREPROCESSING, ...images })).toBe(false);
  });
});

it.each([[{ type: 'int3' }], [{ shape: [] }], [{ shape: [0] }], [{ shape: [1.5] }], [{ shape: [2 ** 53] }], [{ shape: new Array<number>(33).fill(1) }]])('a raw file is not described by %j', (raw) => {
  expect(v.is(RawLayout, raw)).toBe(false);
});

it('a project of before opens with what was then the only way', () => {
  const choice = { files: [], labels: null, key: '', labelsKey: '', scale: '1', mean: '0', std: '1', layout: '', dequantize: '' };
  const { data } = ProjectContent.entries;
  const opened = { ...choice, resize: 'stretch', keep: '100', pad: '0', channelOrder: 'rgb', rawType: '', rawShape: '' };
  expect(v.parse(data, { calibration: choice, evaluation: choice })).toEqual({ calibration: opened, evaluation: opened });
});
