// The loops over weights on the kernels: rounding keeps its promises, and everything equals the plain loops to the last bit.
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { plainErrors, plainExpectedError, plainRounding, type ChannelWeights } from '../../test/plain-weights.ts';
import { sharedKernels, useThreads, weightLoops } from './index.ts';

const noiseFrom = (seed: number) => { let state = seed; return (): number => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; }; };

const channels = fc.record({ taps: fc.constantFrom(1, 4, 9, 25), inner: fc.integer({ min: 1, max: 12 }), seed: fc.integer({ min: 1, max: 2 ** 31 }), means: fc.boolean() }).map(({ taps, inner, seed, means }): ChannelWeights => {
  const noise = noiseFrom(seed);
  const run = taps * inner;
  const expected = Float64Array.from({ length: run }, (_, k) => ((k % inner) + 1) * 0.25);
  return { weights: Float32Array.from({ length: run }, () => (noise() - 0.5) * 2), from: 0, run, inner, scale: 1 / 90, ...(means ? { means: expected } : {}) };
});
function rounded(how: 'nearest' | 'squant', channel: ChannelWeights): { stored: Int8Array; errors: number[] } {
  const { weights, run, inner, scale, means } = channel;
  const { stored } = weightLoops.round({ weights, run, means: means && (() => means) }, inner, Float64Array.of(scale), how === 'squant');
  return { stored, errors: Array.from(stored, (q, k) => q - (weights[k] ?? 0) / scale) };
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
      for (const q of stored) expect(Math.abs(q)).toBeLessThanOrEqual(127);
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

/** Layers from one weight to several blocks of places and chunks of pieces; weights on the grid, ties of shares, means that are 0, negative or the same. */
const layers = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 }), outputs: fc.integer({ min: 1, max: 9 }), taps: fc.constantFrom(1, 3, 9), inner: fc.constantFrom(1, 2, 7, 40), groups: fc.constantFrom(0, 1, 3),
  grid: fc.constantFrom(0, 0, 4), meanGrid: fc.constantFrom(0, 2), reach: fc.constantFrom(1, 1e-30, 1e20), clip: fc.constantFrom(1, 1, 0.5),
});
function layerOf({ seed, outputs, taps, inner, groups, grid, meanGrid, reach, clip }: typeof layers extends fc.Arbitrary<infer T> ? T : never) {
  const noise = noiseFrom(seed);
  const run = taps * inner;
  const snapped = (x: number, steps: number): number => (steps > 0 ? Math.round(x * steps) / steps : x);
  const weights = Float32Array.from({ length: outputs * run }, () => (noise() < 0.1 ? -0 : snapped(noise() - 0.5, grid) * reach));
  const sets = Array.from({ length: groups }, () => { const each = Float64Array.from({ length: inner }, () => (noise() < 0.2 ? 0 : snapped(noise() - 0.3, meanGrid))); return Float64Array.from({ length: run }, (_, k) => each[k % inner] ?? 0); });
  const meansOf = (o: number): Float64Array => sets[Math.floor((o * groups) / outputs)] ?? new Float64Array(run);
  const scales = Float64Array.from({ length: outputs }, (_, o) => Math.max(2 ** -100, weights.subarray(o * run, (o + 1) * run).reduce((a, b) => Math.max(a, Math.abs(b)), 0) / 127) * (1 + noise()));
  return { rows: { weights, run, means: groups > 0 ? meansOf : undefined }, run, inner, outputs, scales, rough: scales.map((scale) => scale * clip),
    channel: (o: number, scale: number): ChannelWeights => ({ weights, from: o * run, run, inner, scale, ...(groups > 0 ? { means: meansOf(o) } : {}) }) };
}

describe('equal to the plain loops, bit for bit', () => {
  test('what scales cost', () => {
    fc.assert(fc.property(layers, (given) => {
      const { rows, outputs, scales, channel } = layerOf(given);
      const candidates = [scales, scales.map((scale) => scale * 1.37)];
      const plain = candidates.map((each) => Array.from({ length: outputs }, (_, o) => plainErrors(channel(o, each[o] ?? 1), 0.7)).flat());
      expect(weightLoops.errors(rows, 0.7, candidates).map((each) => [...each])).toEqual(plain);
    }), { numRuns: 300 });
  });

  test('rounded weights and their expected errors', () => {
    fc.assert(fc.property(layers, fc.boolean(), (given, balanced) => {
      const { rows, run, inner, outputs, rough, channel } = layerOf(given);
      const plain = new Int8Array(outputs * run);
      const errors = Array.from({ length: outputs }, (_, o) => {
        plainRounding(balanced, plain, channel(o, rough[o] ?? 1));
        return plainExpectedError(channel(o, rough[o] ?? 1), plain);
      });
      const { stored, errors: found } = weightLoops.round(rows, inner, rough, balanced);
      expect([...stored]).toEqual([...plain]);
      expect([...found]).toEqual(errors);
    }), { numRuns: 300 });
  });

  test('large layers on one thread and on three', async () => {
    const noise = noiseFrom(5);
    const [inner, run, outputs] = [96, 9 * 96, 512];
    const weights = Float32Array.from({ length: outputs * run }, () => noise() - 0.5);
    const each = Float64Array.from({ length: run }, (_, k) => ((k % inner) * 7919) % 101 / 101);
    const rows = { weights, run, means: () => each };
    const scales = new Float64Array(outputs).fill(0.5 / 127);
    const all = () => {
      const { stored, errors } = weightLoops.round(rows, inner, scales, true);
      return [stored, errors, ...weightLoops.errors(rows, 1, Array.from({ length: 17 }, () => scales))].map(({ buffer }) => Buffer.from(buffer));
    };
    try {
      useThreads(1);
      const alone = all();
      useThreads(3);
      await sharedKernels().ready(3);
      expect(all().map((bytes, i) => bytes.equals(alone[i] ?? Buffer.alloc(0)))).toEqual(alone.map(() => true));
    } finally { useThreads(null); }
  });

  test('leave nothing in the kernels\' memory', () => {
    const { used } = sharedKernels().heap;
    weightLoops.round({ weights: Float32Array.of(1, 2), run: 1, means: undefined }, 1, Float64Array.of(1, 1), true);
    weightLoops.errors({ weights: new Float32Array(0), run: 0, means: undefined }, 1, [new Float64Array(0)]);
    expect(sharedKernels().heap.used).toBe(used);
  });
});
