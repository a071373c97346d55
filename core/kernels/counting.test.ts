// The loops of calibration on the kernels against the plain ones, to the last bit; and what the packaged studio has to bring along.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pieceOf, plainCounter } from '../calibrate/counter.ts';
import { createObserver } from '../calibrate/observer.ts';
import { createCounting } from './index.ts';

/** Samples of whole rows; scales from subnormal to huge, many zeros of both signs, constants. */
const data = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), channels: fc.integer({ min: 1, max: 37 }), rows: fc.integer({ min: 1, max: 40 }), samples: fc.integer({ min: 1, max: 3 }),
  exponent: fc.constantFrom<number[]>(-148, -130, -120, -40, -3, 0, 7, 60, 100), offset: fc.constantFrom<number[]>(0, 0, 0.5, 1e6), zeros: fc.constantFrom<number[]>(0, 0.5, 1), sign: fc.constantFrom<number[]>(-1, 0, 1),
});
function samplesOf({ seed, channels, rows, samples, exponent, offset, zeros, sign }: typeof data extends fc.Arbitrary<infer T> ? T : never): Float32Array[] {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const value = (): number => {
    if (next() < zeros) return next() < 0.5 ? 0 : -0;
    const x = (offset + next()) * 2 ** exponent * next() ** 8;
    return sign === 0 ? x * (next() < 0.5 ? -1 : 1) : x * sign;
  };
  return Array.from({ length: samples }, () => Float32Array.from({ length: rows * channels }, value));
}

/** `where`: values are observed in the counters' memory, or copied there piece by piece. */
function both(samples: readonly Float32Array[], channels: number, where: 'in place' | 'copied'): void {
  const { counters: [counter], spaces: [space] = [] } = countingOf(channels, samples[0]?.length ?? 0);
  const plain = createObserver('v', channels, plainCounter(channels));
  const fast = createObserver('v', channels, counter);
  samples.forEach((sample, i) => {
    space?.set(sample);
    expect(fast.observe(where === 'in place' && space ? space : sample, i)).toEqual(plain.observe(sample, i));
  });
  const [a, b] = [plain.part(), fast.part()];
  expect(Buffer.from(b.histogram.counts.buffer).equals(Buffer.from(a.histogram.counts.buffer))).toBe(true);
  expect({ ...b, histogram: { ...b.histogram, counts: 0 } }).toEqual({ ...a, histogram: { ...a.histogram, counts: 0 } });
}
const countingOf = (channels: number, length: number) => createCounting([{ channels, length, piece: pieceOf(channels) }]);

describe('observing on the kernels', () => {
  test('gives the statistics of the plain loops, bit for bit', () => {
    fc.assert(fc.property(data, fc.constantFrom('in place' as const, 'copied' as const), (d, where) => both(samplesOf(d), d.channels, where)), { numRuns: 60 });
  });

  test('and over several pieces', () => {
    for (const where of ['in place', 'copied'] as const) for (const channels of [3, 64, 20001]) both(samplesOf({ seed: 7, channels, rows: Math.ceil(70000 / channels), samples: 2, exponent: 2, offset: 0, zeros: 0.5, sign: 0 }), channels, where);
  });

  test('and far from zero, up to the last bin numbers that float32 arithmetic holds and beyond', () => {
    for (const offset of [0.9, 100, 255, 256, 300, 511, 700, -1.9, -101, -256, -257, -600]) {
      let state = 7;
      const sample = (): Float32Array => Float32Array.from({ length: 3000 }, () => offset + (state = (state * 48271) % 2147483647) / 2147483647);
      both([sample(), sample()], 3, 'in place');
    }
  });

  test.each([NaN, Infinity, -Infinity])('%s anywhere is refused', (bad) => {
    const { counters: [counter] } = countingOf(5, 50);
    const fast = createObserver('v', 5, counter);
    fast.observe(new Float32Array(50).fill(1), 0);
    for (const at of [0, 17, 49]) expect(() => fast.observe(new Float32Array(50).fill(2).fill(bad, at, at + 1), 1)).toThrow(/NaN or an infinity/);
  });

  test('tensors that do not fit their memory have no room in it and are copied there', () => {
    const channels = 4, samples = samplesOf({ seed: 7, channels, rows: 10, samples: 2, exponent: 2, offset: 0, zeros: 0.5, sign: 0 });
    const { counters: [counter], spaces } = createCounting([{ channels, length: 2 ** 31, piece: pieceOf(channels) }]);
    expect(spaces).toBeUndefined();
    const [plain, fast] = [createObserver('v', channels), createObserver('v', channels, counter)];
    samples.forEach((sample, i) => expect(fast.observe(sample, i)).toEqual(plain.observe(sample, i)));
    expect(fast.part()).toEqual(plain.part());
  });
});

test('the packaged studio holds the compiled kernels', () => {
  expect(readFileSync(resolve(import.meta.dirname, '../../electron-builder.yml'), 'utf8')).toMatch(/^files:\n(?: {2}.*\n)* {2}- dist\/core\/kernels\/\*\.wasm$/m);
});
