// Calibration: the histogram merges exactly, one pass answers all methods, each method does what it says.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CalibrationMethod, Histogram, ValueStatistics } from '../ir/index.ts';
import { CalibrationMethod as byName, HistogramMSEMethod, HistogramPercentileMethod } from '../ir/index.ts';
import { searchLoops } from '../kernels/index.ts';
import { createExactSums } from './exact-sum.ts';
import { MAX_BINS, merged, rebin } from './histogram.ts';
import { calibrate as calibrateWith, rangeOf as rangeWith } from './methods.ts';
import type { RangeScheme } from './range.ts';
import { createGathering } from './gathering.ts';
import { collectStatistics } from './index.ts';
import { createObserver } from './observer.ts';
import { createSampleObserver } from './sample-observer.ts';

const calibrate = (statistics: ValueStatistics, method: CalibrationMethod, scheme: RangeScheme) => calibrateWith(statistics, method, scheme, searchLoops);
const rangeOf = (statistics: ValueStatistics, method: CalibrationMethod, scheme: RangeScheme) => rangeWith(statistics, method, scheme, searchLoops);
/** Statistics of samples that were dealt out in turn to so many observers. */
const observe = (samples: readonly Float32Array[], channels = 1, crew = 1): ValueStatistics => {
  const observers = Array.from({ length: crew }, () => createObserver('v', channels));
  const gathering = createGathering('v', channels);
  samples.forEach((sample, i) => { const { min, max } = observers[i % crew]?.observe(sample, i) ?? { min: NaN, max: NaN }; gathering.follow(min, max); });
  return gathering.result(observers.map((observer) => observer.part()));
};
const histogramOf = (...parts: Float32Array[]): Histogram => observe(parts).histogram;
/** Structural equality on 32,768 counts is slow; their bytes say the same. */
const same = (a: Histogram, b: Histogram): boolean =>
  a.exponent === b.exponent && a.first === b.first && Buffer.from(a.counts.buffer).equals(Buffer.from(b.counts.buffer));
const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 60 }).map((list) => Float32Array.from(list));

describe('the histogram', () => {
  test('is the same for any split and order of the values', () => {
    fc.assert(fc.property(floats, fc.nat(), (values, cut) => {
      const at = cut % values.length;
      const whole = histogramOf(values);
      const reversed = histogramOf(Float32Array.from(values).reverse());
      expect(same(reversed, whole)).toBe(true);
      if (at > 0) expect(same(histogramOf(values.slice(at), values.slice(0, at)), whole)).toBe(true);
    }));
  });
  test('merges exactly with another', () => {
    fc.assert(fc.property(floats, floats, (a, b) => {
      expect(same(merged([histogramOf(a), histogramOf(b)]), histogramOf(a, b))).toBe(true);
    }));
  });
  test('takes more than half of the bins it may have over the final range', () => {
    const h = histogramOf(Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 3.7));
    expect(h.counts.length).toBeGreaterThan(MAX_BINS / 2);
    expect(h.counts.length).toBeLessThanOrEqual(MAX_BINS);
  });
  test('rebinning keeps every value', () => {
    const h = histogramOf(Float32Array.from({ length: 999 }, (_, i) => Math.cos(i)));
    expect(rebin(h, -1, 1, 100).reduce((a, b) => a + b, 0)).toBe(999);
  });
});

/** A bell of values with a few far outliers: what the clever methods are for. */
function observed(outlier: number) {
  const samples: Float32Array[] = [];
  let state = 1;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  for (let sample = 0; sample < 10; sample++) {
    const values = Float32Array.from({ length: 40000 }, () => uniform() + uniform() + uniform() + uniform() - 2);
    if (sample === 5) values[0] = outlier;
    samples.push(values);
  }
  return observe(samples);
}
const int8 = { precision: 'int8' as const, asymmetric: true };

describe('the five methods, from one pass', () => {
  const statistics = observed(8);
  test('min-max takes what was seen', () => expect(rangeOf(statistics, byName.fromStr('min_max'), int8)).toEqual({ min: statistics.min, max: 8 }));
  test('moving average starts at the first sample and follows by a hundredth', () => {
    expect(rangeOf(observe([Float32Array.of(-1, 1), Float32Array.of(-2, 3)]), byName.fromStr('moving_average'), int8)).toEqual({ min: -1.01, max: 1.02 });
  });
  test('mse, entropy and percentile cut off a lone outlier', () => {
    for (const name of ['mse', 'entropy', 'percentile']) {
      const { max } = rangeOf(statistics, byName.fromStr(name), int8);
      expect(max, name).toBeLessThan(5);
      // The entropy method cannot go below as many of its 512 bins as int8 has levels.
      expect(max, name).toBeGreaterThan(1);
    }
  });
  test('mse finds a smaller squared error than min-max, measured on the values themselves', () => {
    const error = (method: CalibrationMethod): number => {
      const q = calibrate(statistics, method, int8);
      let sum = 0;
      let state = 1;
      const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
      for (let i = 0; i < 40000; i++) {
        const x = uniform() + uniform() + uniform() + uniform() - 2;
        const stored = Math.min(127, Math.max(-128, Math.round(x / q.scale) + q.zeroPoint));
        sum += (x - q.scale * (stored - q.zeroPoint)) ** 2;
      }
      return sum;
    };
    expect(error(HistogramMSEMethod())).toBeLessThan(error(byName.fromStr('min_max')) / 2);
  });
  test('percentile 100 keeps everything', () => {
    const { min, max } = rangeOf(statistics, HistogramPercentileMethod(100), int8);
    expect(max).toBeCloseTo(8, 1);
    expect(min).toBeCloseTo(statistics.min, 1);
  });
  test('a constant tensor gets scale 1 and zero point 0, whatever the method', () => {
    const zeros = observe([Float32Array.of(0, 0)]);
    for (const name of ['mse', 'min_max', 'moving_average', 'entropy', 'percentile']) {
      expect(calibrate(zeros, byName.fromStr(name), int8)).toEqual({ dtype: 'int8', scale: 1, zeroPoint: 0 });
    }
  });
});

describe('parameters do not depend on how the data was split', () => {
  const samples = fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -50, max: 50 }), { minLength: 4, maxLength: 4 }).map((list) => Float32Array.from(list)), { minLength: 2, maxLength: 12 });
  const observe2 = (list: readonly Float32Array[]): ValueStatistics => observe(list, 2);
  const parameters = (statistics: ValueStatistics, methods: readonly string[]) => methods.flatMap((name) => (['int8', 'int16'] as const).map((precision) =>
    calibrate(statistics, byName.fromStr(name), { precision, asymmetric: precision === 'int8' })));

  test('histograms, minima and maxima of two parts, put together, answer every method that knows no order as the whole does', () => {
    fc.assert(fc.property(samples, fc.nat(), (list, cut) => {
      const at = 1 + (cut % (list.length - 1));
      const [whole, first, second] = [observe2(list), observe2(list.slice(0, at)), observe2(list.slice(at))];
      const histogram = merged([second.histogram, first.histogram]);
      const together = { ...whole, min: Math.min(first.min, second.min), max: Math.max(first.max, second.max), histogram };
      const methods = ['min_max', 'mse', 'entropy', 'percentile'];
      expect(parameters(together, methods)).toEqual(parameters(whole, methods));
    }), { numRuns: 12 });
  });
  test('several observers, put together, give the whole statistics to the last bit, moving averages among them', () => {
    fc.assert(fc.property(samples, fc.integer({ min: 2, max: 4 }), (list, crew) => {
      const { histogram, ...rest } = observe2(list);
      const { histogram: merged, ...other } = observe(list, 2, crew);
      expect(other).toEqual(rest);
      expect(same(merged, histogram)).toBe(true);
    }));
  });
  test('any order of the samples gives the same statistics to the last bit, but for the moving average, which follows the order', () => {
    fc.assert(fc.property(samples, (list) => {
      const { averageMin: _, averageMax: __, histogram, ...rest } = observe2(list);
      const { averageMin: ___, averageMax: ____, histogram: reversed, ...other } = observe2([...list].reverse());
      expect(other).toEqual(rest);
      expect(same(reversed, histogram)).toBe(true);
    }));
    const [up, down] = [[0, 1, 2], [2, 1, 0]].map((maxima) => observe2(maxima.map((max) => Float32Array.of(-1, max, 0, 0))).averageMax);
    expect(up).not.toBe(down);
  });
});

describe('samples under way at once', () => {
  const values = [{ name: 'v', channels: 1 }];
  const feed = (numbers: readonly number[]) => numbers.map((x) => ({ x: { dtype: 'float32' as const, shape: [1], data: Float32Array.of(x) } }));
  /** A crew whose members answer in an order of their own: the later a sample came, the sooner. */
  function crewOf(room: number) {
    const observer = createSampleObserver(values, { execute: (inputs) => Promise.resolve({ v: inputs['x'] ?? { dtype: 'float32', shape: [], data: new Float32Array(0) } }) });
    let underWay = 0;
    let most = 0;
    return {
      room, most: () => most,
      observe: async (sample: ReturnType<typeof feed>[number], index: number) => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => { setTimeout(resolve, 8 - (index % 8)); });
        return observer.observe(sample, index).finally(() => { underWay--; });
      },
      parts: async () => [await observer.parts()],
    };
  }
  const collect = (numbers: readonly number[], room: number, onSample?: (done: number) => void) =>
    collectStatistics(values, feed(numbers), { crew: crewOf(room), channelEqualization: false, ...(onSample ? { onSample } : {}) });
  const numbers = Array.from({ length: 20 }, (_, i) => Math.sin(i * 7) * i);

  test('are followed in their order, and counted in it', async () => {
    const done: number[] = [];
    expect(await collect(numbers, 6, (count) => done.push(count))).toEqual(await collect(numbers, 1));
    expect(done).toEqual(numbers.map((_, i) => i + 1));
  });
  test('are as many as there is room for, and no more', async () => {
    const crew = crewOf(3);
    await collectStatistics(values, feed(numbers), { crew, channelEqualization: false });
    expect(crew.most()).toBe(3);
  });
  test('the first bad sample is the one that is named, before what the data itself raises later', async () => {
    const bad = { code: 'DATA_INVALID', where: { tensor: 'v', sample: 2 } };
    await expect(collect([0, 1, NaN, 2, Infinity, 3], 6)).rejects.toMatchObject(bad);
    const failing = (function* () { yield* feed([0, 1, NaN]); throw new Error('no more data'); })();
    await expect(collectStatistics(values, failing, { crew: crewOf(6), channelEqualization: false })).rejects.toMatchObject(bad);
    const fine = (function* () { yield* feed([0, 1]); throw new Error('no more data'); })();
    await expect(collectStatistics(values, fine, { crew: crewOf(6), channelEqualization: false })).rejects.toThrow('no more data');
  });
  test('what stops between samples stops the data too', async () => {
    let given = 0;
    const data = (function* () { for (const sample of feed(numbers)) { given++; yield sample; } })();
    await expect(collectStatistics(values, data, { crew: crewOf(2), channelEqualization: false, onSample: (done) => { if (done === 3) throw new Error('enough'); } })).rejects.toThrow('enough');
    expect(given).toBeLessThan(7);
  });
  test('no samples are an error', () => expect(collect([], 2)).rejects.toMatchObject({ code: 'DATA_EMPTY' }));
});

describe('the exact sum', () => {
  test('is the true sum, whatever the order and however much cancels', () => {
    const sumsOf = (terms: readonly number[]) => { const totals = createExactSums(3); for (const x of terms) totals.add(Float64Array.of(1, x, -x)); return totals; };
    const sum = (terms: readonly number[]): number => {
      const totals = sumsOf(terms);
      // Of sums side by side none shows in another; cut anywhere and put together again they are the same.
      const cut = sumsOf(terms.slice(0, terms.length / 3));
      cut.merge(sumsOf(terms.slice(terms.length / 3)).parts());
      expect([...totals.values()]).toEqual([terms.length, totals.values()[1], 0 - (totals.values()[1] ?? 0)]);
      expect(cut.values()).toEqual(totals.values());
      return totals.values()[1] ?? NaN;
    };
    expect(sum([1e100, 1, -1e100])).toBe(1);
    expect(sum([1, 2 ** -53, 2 ** -106])).toBe(1 + 2 ** -52);
    fc.assert(fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 })), (terms) => {
      expect(sum([...terms].reverse())).toBe(sum(terms));
      expect(sum([...terms, ...terms.map((x) => -x)])).toBe(0);
    }));
  });
});

describe('bad data', () => {
  test('NaN and infinities are refused, naming tensor and sample', () => {
    const observer = createObserver('conv', 2);
    observer.observe(Float32Array.of(1, 2), 0);
    for (const bad of [NaN, Infinity, -Infinity]) {
      expect(() => observer.observe(Float32Array.of(1, bad), 1)).toThrow(expect.objectContaining({ code: 'DATA_INVALID', where: { tensor: 'conv', sample: 1 } }));
    }
  });
  test('a method that does not exist is refused', () => expect(() => byName.fromStr('best')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' })));
});
