// Top-1 and top-5.
import { describe, expect, it } from 'vitest';
import { float32 } from '../tensor/tensor.ts';
import { percent, rankOf } from './ranking.ts';

describe('rankOf', () => {
  const scores = float32([1, 5], [0.1, 0.4, 0.4, 0.9, NaN]);
  it('counts the classes before the label; of equal scores the earlier stands first', () => {
    expect([0, 1, 2, 3].map((label) => rankOf(scores, label))).toEqual([3, 1, 2, 0]);
  });
  it('never counts NaN as right', () => {
    expect(rankOf(scores, 4)).toBe(5);
  });
  it('refuses a label that the model does not have', () => {
    expect(() => rankOf(scores, 5, { sample: 7 })).toThrow(expect.objectContaining({ code: 'DATA_LABELS', where: { sample: 7 } }));
  });
});

it('rounds percents to two decimals', () => {
  expect([percent(872, 1000), percent(1, 3), percent(0, 5)]).toEqual([87.2, 33.33, 0]);
});
