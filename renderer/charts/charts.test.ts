// Numbers behind the charts, and numbers as text.
import { describe, expect, it } from 'vitest';
import { bytesText, countText, durationText, errorText, numberText } from '../controls/number-text.ts';
import { linear } from './axis.ts';
import { barHeight, barsOf } from './bars.ts';
import { widest } from './channels.tsx';
import { compare } from './compare.ts';
import { differences, greys } from './heat.ts';
import { columnsFor } from './strip.tsx';
import { heightIn, spanOf, worstBetween, worstOf } from './worst.ts';

describe('histogram bars', () => {
  it('keep every count when bins are joined', () => {
    const bars = barsOf({ min: 0, max: 1, counts: Array.from({ length: 2048 }, (_, i) => i) }, 100);
    expect(bars).toHaveLength(100);
    expect(bars.reduce((a, b) => a + b, 0)).toBe((2047 * 2048) / 2);
  });
  it('show a single value in a tail of millions', () => {
    expect(barHeight(1, 1e6)).toBeGreaterThan(0.04);
    expect(barHeight(0, 1e6)).toBe(0);
  });
});

it('channels are joined without losing an extreme', () => {
  const channels = Array.from({ length: 400 }, (_, i) => ({ min: -i, max: i === 333 ? 9999 : 1, scale: null }));
  const columns = columnsFor(channels.length, 150);
  expect(columns.length).toBeLessThanOrEqual(150);
  expect([columns[0]?.from, columns.at(-1)?.to]).toEqual([0, 400]);
  const ranges = columns.map(({ from, to }) => widest(channels, from, to));
  expect([Math.min(...ranges.map((r) => r.min)), Math.max(...ranges.map((r) => r.max))]).toEqual([-399, 9999]);
});

describe('the worst parts', () => {
  it.each([['psnr', [2, 0, 3]], ['mse', [3, 0, 1]]] as const)('by %s come first, and no error at all comes last', (metric, order) => {
    const values = metric === 'psnr' ? [30, Infinity, 12, 41] : [0.3, 0.2, 0, 5];
    expect(worstOf(values, metric, 3)).toEqual(order);
    expect(worstBetween(values, metric, 0, 4)).toBe(order[0]);
  });
  it('stand in an axis that holds every finite value', () => {
    const psnr = spanOf([33.2, Infinity, 47.9, -Infinity], 'psnr');
    expect([psnr.low < 33.2, psnr.high >= 47.9, heightIn(Infinity, psnr), heightIn(-Infinity, psnr)]).toEqual([true, true, 1, 0]);
    expect(spanOf([0.1, 0.4], 'mae')).toEqual({ low: 0, high: 0.4 });
    expect(heightIn(0.1, spanOf([0.1, 0.4], 'mae'))).toBe(0.25);
  });
});

it('values are grey, differences have a side, and nothing is drawn where there is no value', () => {
  expect([...greys([0, 1, NaN], 0, 1)]).toEqual([0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0]);
  const [r = 0, , b = 0] = differences([-1], 1, 'light'), [r2 = 0, , b2 = 0] = differences([1], 1, 'light');
  expect([b > r, r2 > b2]).toEqual([true, true]);
});

it('a comparison finds the largest difference and where it is', () => {
  expect(compare(Float32Array.of(1, 2, 3), Float32Array.of(1, 2.5, 3))).toEqual({ low: 1, high: 3, worst: 0.5, worstAt: 1 });
});

it('a scale without width maps to the middle', () => {
  expect(linear(3, 3, 0, 10)(3)).toBe(5);
});

describe('numbers as text', () => {
  it.each([[0, '0'], [0.00012345, '1.23e−4'], [1234567, '1.23e6'], [-3.14159, '−3.142'], [Infinity, '∞']])('%d is %s', (value, text) => { expect(numberText(value)).toBe(text); });
  it('errors have their unit, and none at all is said so', () => {
    expect([errorText(41.234, 'psnr'), errorText(Infinity, 'psnr'), errorText(0.5, 'mae')]).toEqual(['41.2 dB', 'exact', '0.5']);
  });
  it('counts, bytes and times are short', () => {
    expect([countText(12_500_000), countText(7), bytesText(311_000), durationText(4.2), durationText(600)]).toEqual(['12.5 M', '7', '303.7 KiB', '4.2 s', '10 min']);
  });
});
