// Outputs of runs, stacked.
import { describe, expect, it } from 'vitest';
import { float32, tensor } from '../tensor/tensor.ts';
import { createStacks } from './stacking.ts';

describe('createStacks', () => {
  it('puts the outputs of each sample one after another, the batch of 1 dropped', () => {
    const stacks = createStacks(2);
    stacks.add({ scores: float32([1, 2], [1, 2]), best: tensor('int64', [3], BigInt64Array.of(1n, 2n, 3n)) }, 0);
    stacks.add({ scores: float32([1, 2], [3, 4]), best: tensor('int64', [3], BigInt64Array.of(4n, 5n, 6n)) }, 1);
    expect(stacks.arrays).toEqual({ scores: float32([2, 2], [1, 2, 3, 4]), best: tensor('int64', [2, 3], BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)) });
  });
  it('refuses an output that changes its shape, and more than memory should hold', () => {
    const stacks = createStacks(2);
    stacks.add({ scores: float32([1, 2], [1, 2]) }, 0);
    expect(() => stacks.add({ scores: float32([1, 1], [1]) }, 1)).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH', where: { tensor: 'scores', sample: 1 } }));
    expect(() => createStacks(2 ** 29).add({ scores: float32([1, 2], [1, 2]) }, 0)).toThrow(expect.objectContaining({ code: 'BUDGET_EXCEEDED' }));
  });
});
