// Colours: errors on a scale that keeps its order, precision and placement as categories.
import { describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE } from '../../../core/contract/index.ts';
import { ADD, CONV, FLOAT, LAST, MODEL, NODES } from '../../../test/studio/sample-views.ts';
import { runView } from '../../../test/studio/sample-views.ts';
import { withPrecision } from '../../stores/recipe-edit.ts';
import { costOverlay } from './cost.ts';
import { badness, domainOf, errorOverlay } from './error.ts';
import { differenceOverlay, worsening } from './difference.ts';
import { placementOverlay } from './placement.ts';
import { precisionOverlay } from './precision.ts';
import { luminance, scaleColour, scaleRgb, type Ground } from './scale.ts';

describe.each(['light', 'dark'] as Ground[])('the scale on the %s ground', (ground) => {
  it('changes its luminance in one direction, so that its order needs no colour', () => {
    const steps = Array.from({ length: 33 }, (_, i) => luminance(scaleRgb(i / 32, ground)));
    for (let i = 1; i < steps.length; i++) {
      const step = (steps[i] ?? 0) - (steps[i - 1] ?? 0);
      expect(ground === 'light' ? step : -step).toBeLessThan(0);
    }
  });
  it('holds on to its ends for what lies outside', () => {
    expect(scaleColour(-1, ground)).toBe(scaleColour(0, ground));
    expect(scaleColour(7, ground)).toBe(scaleColour(1, ground));
  });
});

describe('badness', () => {
  it('of psnr: low is bad, no error at all is best', () => {
    const domain = { low: 20, high: 60 };
    expect([badness(20, 'psnr', domain), badness(40, 'psnr', domain), badness(60, 'psnr', domain), badness(Infinity, 'psnr', domain)]).toEqual([1, 0.5, 0, 0]);
  });
  it('of mae and mse: logarithmic, zero is best', () => {
    const domain = { low: 1e-4, high: 1 };
    expect(badness(1e-2, 'mae', domain)).toBeCloseTo(0.5);
    expect(badness(0, 'mse', domain)).toBe(0);
  });
  it('ignores what no scale can show', () => {
    expect(domainOf(runView(1, { a: Infinity, b: 30 }).local, 'psnr')).toEqual({ low: 30, high: 60 });
    expect(domainOf([], 'mae')).toBeNull();
  });
  it('has a scale that ends at round numbers and stays when one node changes a little', () => {
    expect(domainOf(runView(1, { a: 37.2, b: 49.7 }).local, 'psnr')).toEqual({ low: 30, high: 60 });
    expect(domainOf(runView(2, { a: 36.8, b: 51 }).local, 'psnr')).toEqual({ low: 30, high: 60 });
    expect(domainOf([{ name: 'a', psnr: 0, mse: 0, mae: 0.03 }, { name: 'b', psnr: 0, mse: 0, mae: 0.4 }], 'mae')).toEqual({ low: 0.01, high: 1 });
    expect(domainOf([{ name: 'a', psnr: 0, mse: 0, mae: 0.1 }], 'mae')).toEqual({ low: 0.1, high: 1 });
  });
});

describe('error overlay', () => {
  const first = runView(1, { [CONV.name]: 40, [ADD.name]: 20 });
  const second = runView(2, { [CONV.name]: 80, [ADD.name]: 40 });
  it('is neutral for nodes without an error', () => {
    expect(errorOverlay([first], first, 'psnr', 'local', 'light').colourOf(FLOAT.name)).toBeUndefined();
  });
  it('shows the same error in the same colour in every run', () => {
    const a = errorOverlay([first, second], first, 'psnr', 'local', 'light'), b = errorOverlay([first, second], second, 'psnr', 'local', 'light');
    expect(a.colourOf(CONV.name)).toEqual(b.colourOf(ADD.name));
    expect(a.legend).toMatchObject({ kind: 'scale', good: '80.0 dB', bad: '20.0 dB' });
  });
  it('changes a node\'s colour when its error changes', () => {
    const a = errorOverlay([first, second], first, 'psnr', 'local', 'light'), b = errorOverlay([first, second], second, 'psnr', 'local', 'light');
    expect(a.colourOf(CONV.name)?.colour).not.toBe(b.colourOf(CONV.name)?.colour);
  });
});

describe('difference overlay', () => {
  const before = runView(1, { [CONV.name]: 40, [ADD.name]: 40, [LAST.name]: 40 });
  const now = runView(2, { [CONV.name]: 50, [ADD.name]: 30, [LAST.name]: 40 });
  it('is blue where a node got better, orange where it got worse, and counts both', () => {
    const { colourOf, legend } = differenceOverlay(now, before, 'psnr', 'local', 'light');
    expect([CONV, ADD, LAST].map(({ name }) => colourOf(name)?.text)).toEqual(['+10.0 dB', '−10.0 dB', 'same']);
    expect(new Set([CONV, ADD, LAST].map(({ name }) => colourOf(name)?.colour)).size).toBe(3);
    expect(legend).toMatchObject({ note: '1 better, 1 worse, 1 the same.' });
    expect(colourOf(FLOAT.name)).toBeUndefined();
  });
  it('agrees over the metrics about what is worse', () => {
    for (const metric of ['psnr', 'mae', 'mse'] as const) {
      expect(worsening(metric, now.local[1]?.[metric] ?? 0, before.local[1]?.[metric] ?? 0)).toBeCloseTo(10);
      expect(worsening(metric, now.local[0]?.[metric] ?? 0, before.local[0]?.[metric] ?? 0)).toBeCloseTo(-10);
    }
  });
});

describe('cost overlay', () => {
  const costs = [{ ...CONV, macs: 1_000_000 }, { ...ADD, macs: 1000 }, { ...LAST, macs: 100 }, { ...FLOAT, macs: 0 }];
  it('is a scale of decades, and neutral where nothing is multiplied', () => {
    const { colourOf, legend } = costOverlay(costs, 'light');
    expect([CONV, ADD, LAST].map(({ name }) => colourOf(name)?.weight)).toEqual([1, 0.25, 0]);
    expect(colourOf(CONV.name)?.text).toBe('1.00 M MACs');
    expect(colourOf(FLOAT.name)).toBeUndefined();
    expect(legend).toMatchObject({ kind: 'scale', good: '100', bad: '1.00 M', ends: ['fewer', 'more'], note: '1.00 M in all; one node takes 99.9 % of them.' });
  });
  it('says so where no node multiplies', () => {
    expect(costOverlay([FLOAT].map((node) => ({ ...node, macs: 0 })), 'dark').legend).toMatchObject({ kind: 'text', note: 'No node of this network multiplies.' });
  });
});

describe('categories', () => {
  it('precision counts what the next run will use and what has changed', () => {
    const { legend, colourOf } = precisionOverlay(NODES, withPrecision(DEFAULT_RECIPE, [CONV, LAST], 'int16'), runView(1, {}));
    expect(legend).toMatchObject({ items: [{ label: 'int8', count: 2 }, { label: 'int16', count: 2 }, { label: 'float', count: 1 }], note: '2 nodes changed since run 1.' });
    expect(colourOf(CONV.name)?.text).toBe('int16');
  });
  it('placement counts units that are in use', () => {
    const { legend } = placementOverlay(MODEL.nodes);
    expect(legend.kind === 'categories' && legend.items.map((item) => item.count)).toEqual([4, 1]);
  });
});
