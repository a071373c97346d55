// The searches of the mse and the entropy method against plain ones, which judge every candidate bin by bin as numerics 3 says it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { searchLoops } from '../kernels/index.ts';
import { BITS, quantizationOf } from '../ops/index.ts';
import { entropyRange } from './entropy.ts';
import { mseRange } from './mse.ts';
import { expressible, type BinnedRange, type Range, type RangeScheme } from './range.ts';

/** Integral of the squared error over [a, b], level by level: of (x - r)^2, r the real number that the values between two halves become. */
function plainSquaredError({ min, max, counts }: BinnedRange, candidate: Range, scheme: RangeScheme): number {
  const q = quantizationOf(candidate.min, candidate.max, scheme.precision, scheme.asymmetric);
  const reach = expressible(q);
  const width = (max - min) / counts.length;
  const power = (a: number, b: number, r: number): number => ((b - r) ** 3 - (a - r) ** 3) / 3;
  let error = 0;
  counts.forEach((count, i) => {
    if (count === 0) return;
    const b = min + (i + 1) * width;
    let integral = 0;
    for (let a = min + i * width; a < b;) {
      const level = Math.min(Math.round(reach.max / q.scale), Math.max(Math.round(reach.min / q.scale), Math.floor(a / q.scale + 0.5 + 1e-9)));
      const half = (level + 0.5) * q.scale;
      const end = half > a && half < reach.max ? Math.min(b, half) : b;
      integral += power(a, end, level * q.scale);
      a = end;
    }
    error += (count * integral) / width;
  });
  return error;
}

/** KL(P || Q) from the whole of both distributions. */
function plainDivergence(counts: Float64Array, from: number, to: number, levels: number): number {
  const p = counts.slice(from, to);
  const bins = p.length;
  p[0] = counts.subarray(0, from + 1).reduce((a, b) => a + b, 0);
  p[bins - 1] = counts.subarray(to - 1).reduce((a, b) => a + b, 0);
  const q = new Float64Array(bins);
  for (let level = 0; level < levels; level++) {
    const [a, b] = [level, level + 1].map((edge) => Math.floor((edge * bins) / levels + 1e-9)) as [number, number];
    const sum = counts.subarray(from + a, from + b).reduce((x, y) => x + y, 0);
    const filled = p.subarray(a, b).filter((count) => count > 0).length;
    for (let i = a; i < b; i++) if ((p[i] ?? 0) > 0) q[i] = sum / filled;
  }
  const [totalP, totalQ] = [p, q].map((list) => list.reduce((a, b) => a + b, 0)) as [number, number];
  if (totalQ === 0) return Infinity;
  return p.reduce((sum, count, i) => sum + (count > 0 ? (count / totalP) * Math.log(count / totalP / Math.max((q[i] ?? 0) / totalQ, 1e-4 / totalP)) : 0), 0);
}

interface Found { readonly range: Range; readonly cost: number }
/** The first of the candidates with the least cost, if that is less than `known`. */
const leastOf = (candidates: readonly Range[], cost: (range: Range) => number, known: Found): Found =>
  candidates.reduce((best, range) => { const c = cost(range); return c < best.cost ? { range, cost: c } : best; }, known);

function plainMse(binned: BinnedRange, scheme: RangeScheme): Found {
  const { min, max } = binned;
  const cost = (range: Range): number => plainSquaredError(binned, range, scheme);
  const shares = Array.from({ length: 128 }, (_, i) => 1 - i / 128);
  let best = leastOf(shares.map((share) => ({ min: min * share, max: max * share })), cost, { range: binned, cost: cost(binned) });
  for (let round = 0; scheme.asymmetric && round < 2; round++) {
    const { min: low } = best.range;
    if (max > 0) best = leastOf(shares.map((share) => ({ min: low, max: max * share })), cost, best);
    const { max: high } = best.range;
    if (min < 0) best = leastOf(shares.map((share) => ({ min: min * share, max: high })), cost, best);
  }
  return best;
}

function plainEntropy({ min, max, counts }: BinnedRange, scheme: RangeScheme): Found {
  const bins = counts.length;
  const levels = 2 ** BITS[scheme.precision] - 1;
  const width = (max - min) / bins;
  const zero = Math.min(bins - 1, Math.max(0, Math.floor(-min / width)));
  const cost = ({ min: a, max: b }: Range): number => plainDivergence(counts, a, b, levels);
  const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  const wideEnough = ({ min: a, max: b }: Range): boolean => b - a >= levels;
  let best: Found = { range: { min: 0, max: bins }, cost: cost({ min: 0, max: bins }) };
  for (let round = 0; round < 3; round++) {
    const { min: a } = best.range;
    best = leastOf(upTo(bins - zero).map((i) => ({ min: a, max: bins - i })).filter(wideEnough), cost, best);
    const { max: b } = best.range;
    best = leastOf(upTo(zero + 1).map((i) => ({ min: i, max: b })).filter(wideEnough), cost, best);
  }
  return { range: { min: min + best.range.min * width, max: min + best.range.max * width }, cost: best.cost };
}

/** Bells, spikes and gaps: counts that fall off from a peak at some share of the range, with stray values and empty stretches. */
const binned = (sizes: readonly number[]) => fc.record({
  min: fc.double({ min: -9, max: 0, noNaN: true }), max: fc.double({ min: 0.1, max: 30, noNaN: true }), size: fc.constantFrom(...sizes),
  peak: fc.double({ min: 0, max: 1, noNaN: true }), spread: fc.double({ min: 0.01, max: 0.3, noNaN: true }), values: fc.integer({ min: 5, max: 3000 }),
  noise: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 17 }), strays: fc.array(fc.nat(), { maxLength: 5 }),
}).map(({ min, max, size, peak, spread, values, noise, strays }): BinnedRange => {
  const counts = Float64Array.from({ length: size }, (_, i) => Math.floor(values * Math.exp(-(((i / size - peak) / spread) ** 2)) * (noise[i % noise.length] ?? 0)));
  for (const at of strays) counts[at % size] = (counts[at % size] ?? 0) + 1;
  counts[size - 1] = (counts[size - 1] ?? 0) + 1;
  return { min, max, counts };
});
const schemes = fc.constantFrom<RangeScheme>({ precision: 'int8', asymmetric: true }, { precision: 'int8', asymmetric: false });
const close = (found: number, least: number): void => { expect(Math.abs(found - least)).toBeLessThanOrEqual(1e-9 * Math.abs(least) + 1e-12); };

describe('the loop of the mse search', () => {
  test('gives the sums of its formula, bit for bit, from one candidate on', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 9 }), (seed, edges, candidates) => {
      let state = seed;
      const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647 - 0.4;
      const [at, drops] = [0, 1].map(() => Float64Array.from({ length: edges }, () => next() * 30)) as [Float64Array, Float64Array];
      const list = Array.from({ length: candidates }, () => [next() * 9, Math.floor(next() * 128), Math.floor(200 * next() + 80)] as const);
      const plain = list.map(([steps, low, high]) => at.reduce((sum, edge, e) => {
        const t = edge * steps, level = Math.max(low, Math.min(high, Math.floor(t + 0.5))), rest = t - level;
        return sum + (drops[e] ?? 0) * (level + 4 * rest * rest * rest);
      }, 0));
      expect([...searchLoops.squaredErrors(at, drops, Float64Array.from(list.flat()))]).toEqual(plain);
    }));
  });
});

describe('the fast searches choose what plain ones choose, or a range of the same cost', () => {
  test('mse', () => {
    fc.assert(fc.property(binned([64, 300]), schemes, (values, scheme) => {
      const range = mseRange(values, scheme, searchLoops);
      const plain = plainMse(values, scheme);
      if (range.min !== plain.range.min || range.max !== plain.range.max) close(plainSquaredError(values, range, scheme), plain.cost);
    }), { numRuns: 25 });
  });
  test('entropy', () => {
    fc.assert(fc.property(binned([256, 300, 520]), schemes, (values, scheme) => {
      const range = entropyRange(values, scheme);
      const plain = plainEntropy(values, scheme);
      if (range.min === plain.range.min && range.max === plain.range.max) return;
      const width = (values.max - values.min) / values.counts.length;
      const [from, to] = [range.min, range.max].map((end) => Math.round((end - values.min) / width)) as [number, number];
      close(plainDivergence(values.counts, from, to, 255), plain.cost);
    }), { numRuns: 12 });
  });
  test('a wider range wins a tie: what no candidate improves keeps its full range', () => {
    const counts = new Float64Array(512);
    counts[511] = 7;
    expect(entropyRange({ min: 0, max: 2, counts }, { precision: 'int8', asymmetric: true })).toEqual({ min: 0, max: 2 });
    expect(entropyRange({ min: -1, max: 2, counts: new Float64Array(200).fill(3) }, { precision: 'int8', asymmetric: true })).toEqual({ min: -1, max: 2 });
    expect(entropyRange({ min: -1, max: 2, counts: counts.fill(3) }, { precision: 'int16', asymmetric: false })).toEqual({ min: -1, max: 2 });
  });
});
