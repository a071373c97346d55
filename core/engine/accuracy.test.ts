// Top-1 and top-5.
import { describe, expect, it } from 'vitest';
import { float32, type NamedValues } from '../tensor/tensor.ts';
import { measureAccuracy, rankOf } from './accuracy.ts';

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

describe('measureAccuracy', () => {
  const execute = (inputs: NamedValues): Promise<NamedValues> => Promise.resolve(inputs);
  const sample = (best: number): NamedValues => ({ out: float32([1, 3], [0, 1, 2].map((c) => (c === best ? 1 : 0))) });
  it('gives percents to two decimals', async () => {
    expect(await measureAccuracy(execute, 'out', { samples: [sample(0), sample(1), sample(2)], labels: [0, 0, 0] })).toEqual({ samples: 3, top1: 33.33, top5: 100 });
  });
  it('refuses to say anything about no samples', async () => {
    await expect(measureAccuracy(execute, 'out', { samples: [], labels: [] })).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
});
