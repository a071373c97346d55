// Rounding of weights: nearest, or balanced so that the sums of errors stay small.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundWeights, WEIGHT_MAX, type ChannelWeights, type WeightRounding } from './rounding.ts';

const channels = fc.record({ taps: fc.constantFrom(1, 4, 9, 25), inner: fc.integer({ min: 1, max: 12 }), seed: fc.integer({ min: 1, max: 2 ** 31 }), means: fc.boolean() }).map(({ taps, inner, seed, means }): ChannelWeights => {
  let state = seed;
  const noise = (): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
  const run = taps * inner;
  const expected = Float64Array.from({ length: run }, (_, k) => ((k % inner) + 1) * 0.25);
  return { weights: Float32Array.from({ length: run }, () => (noise() - 0.5) * 2), from: 0, run, inner, scale: 1 / 90, ...(means ? { means: expected } : {}) };
});
function rounded(how: WeightRounding, channel: ChannelWeights): { stored: Int8Array; errors: number[] } {
  const stored = new Int8Array(channel.run);
  roundWeights(how, stored, channel);
  return { stored, errors: Array.from(stored, (q, k) => q - (channel.weights[k] ?? 0) / channel.scale) };
}
const weighted = (channel: ChannelWeights, errors: readonly number[]): number => Math.abs(errors.reduce((sum, e, k) => sum + e * (channel.means?.[k] ?? 1), 0));

describe('nearest', () => {
  it('is never more than half a step away', () => {
    fc.assert(fc.property(channels, (channel) => { for (const e of rounded('nearest', channel).errors) expect(Math.abs(e)).toBeLessThanOrEqual(0.5 + 1e-9); }));
  });
});

describe('squant', () => {
  it('takes one of the two stored integers beside the real weight, inside the range of weights', () => {
    fc.assert(fc.property(channels, (channel) => {
      const { stored, errors } = rounded('squant', channel);
      for (const e of errors) expect(Math.abs(e)).toBeLessThan(1);
      for (const q of stored) expect(Math.abs(q)).toBeLessThanOrEqual(WEIGHT_MAX);
    }));
  });

  it('sums the errors of each input channel\'s window to about half a step, before one weight of it may serve the whole', () => {
    fc.assert(fc.property(channels, (channel) => {
      const { errors } = rounded('squant', channel);
      for (let c = 0; c < channel.inner; c++) {
        let sum = 0;
        for (let k = c; k < channel.run; k += channel.inner) sum += errors[k] ?? 0;
        expect(Math.abs(sum)).toBeLessThanOrEqual(1.5 + 1e-9);
      }
    }));
  });

  it('leaves less of the expected error at the output than rounding to nearest', () => {
    let better = 0;
    let runs = 0;
    fc.assert(fc.property(channels, (channel) => {
      runs++;
      if (weighted(channel, rounded('squant', channel).errors) <= weighted(channel, rounded('nearest', channel).errors) + 1e-9) better++;
    }));
    expect(better / runs).toBeGreaterThan(0.9);
  });

  it('leaves weights that lie on the grid as they are', () => {
    const weights = Float32Array.of(-127, -3, 0, 1, 2, 127);
    expect([...rounded('squant', { weights, from: 0, run: 6, inner: 2, scale: 1 }).stored]).toEqual([...weights]);
  });

  it('does not move a clipped weight further out', () => {
    const { stored } = rounded('squant', { weights: Float32Array.of(140, 130, 150, 128), from: 0, run: 4, inner: 1, scale: 1 });
    expect([...stored]).toEqual([127, 127, 127, 127]);
  });
});
