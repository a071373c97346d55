// A running histogram on a dyadic grid (numerics 3): bin width 2^exponent, edges at whole multiples of it. Widening adds
// neighbouring bins up, so any split and any order of the same values ends in the same histogram.
import type { Histogram } from '../ir/index.ts';

/** The grid is widened just until the range takes at most this many bins; so it takes more than half as many. */
export const MAX_BINS = 32768;
/** Every float32 is a whole multiple of 2^-149, so this start never rounds. */
const FINEST = -149;

export interface MutableHistogram {
  exponent: number;
  /** Grid index of counts[0]; a whole number, exact as a double. */
  first: number;
  /** Bins in use. */
  length: number;
  counts: Float64Array;
}

export const emptyHistogram = (): MutableHistogram => ({ exponent: FINEST, first: 0, length: 0, counts: new Float64Array(MAX_BINS) });

const indexAt = (value: number, exponent: number): number => Math.floor(scaleDown(value, exponent));
/** value / 2^exponent in two exact steps, since 2^149 alone is fine but its reciprocal times a large value must not overflow. */
const scaleDown = (value: number, exponent: number): number => value * 2 ** -exponent;

/** Do [min, max] lie within the bins that the histogram has room for without moving? */
export const isCovered = ({ exponent, first, length }: MutableHistogram, min: number, max: number): boolean => {
  const low = indexAt(min, exponent), high = indexAt(max, exponent);
  return length > 0 && low >= first && high < first + length;
};

/** Widens the grid until [min, max] and what is held fit, then makes room for them. */
export function cover(h: MutableHistogram, min: number, max: number): void {
  let exponent = h.exponent;
  for (;;) {
    const widening = 2 ** (exponent - h.exponent);
    const low = h.length === 0 ? Infinity : Math.floor(h.first / widening);
    const high = h.length === 0 ? -Infinity : Math.floor((h.first + h.length - 1) / widening);
    const first = Math.min(low, indexAt(min, exponent));
    const last = Math.max(high, indexAt(max, exponent));
    if (last - first + 1 <= MAX_BINS) {
      coarsen(h, exponent);
      shift(h, first, last);
      return;
    }
    exponent++;
  }
}

function coarsen(h: MutableHistogram, exponent: number): void {
  const widening = 2 ** (exponent - h.exponent);
  h.exponent = exponent;
  if (h.length === 0 || widening === 1) return;
  const first = Math.floor(h.first / widening);
  const length = Math.floor((h.first + h.length - 1) / widening) - first + 1;
  for (let i = 0; i < h.length; i++) {
    const to = Math.floor((h.first + i) / widening) - first;
    const count = h.counts[i] ?? 0;
    // Never behind i.
    h.counts[i] = 0;
    h.counts[to] = (h.counts[to] ?? 0) + count;
  }
  h.first = first;
  h.length = length;
}

function shift(h: MutableHistogram, first: number, last: number): void {
  if (h.length > 0 && first < h.first) {
    const by = h.first - first;
    h.counts.copyWithin(by, 0, h.length);
    h.counts.fill(0, 0, by);
  }
  h.first = first;
  h.length = last - first + 1;
}

/** The finished histogram, trimmed to the bins in use. */
export const frozen = (h: MutableHistogram): Histogram => ({ exponent: h.exponent, first: h.first, counts: h.counts.slice(0, h.length) });

/** All counts on the finest grid that holds them. Exact: the order of parts does not matter. */
export function merged(parts: readonly Histogram[]): Histogram {
  const held = parts.filter(({ counts }) => counts.length > 0);
  const [only] = held;
  if (only && held.length === 1) return only;
  let exponent = Math.max(FINEST, ...held.map((part) => part.exponent));
  const ends = (): readonly [number, number] => {
    const at = (part: Histogram, bin: number): number => Math.floor((part.first + bin) / 2 ** (exponent - part.exponent));
    return [Math.min(...held.map((part) => at(part, 0))), Math.max(...held.map((part) => at(part, part.counts.length - 1)))];
  };
  if (!only) return { exponent, first: 0, counts: new Float64Array(0) };
  let [first, last] = ends();
  while (last - first + 1 > MAX_BINS) { exponent++; [first, last] = ends(); }
  const counts = new Float64Array(last - first + 1);
  for (const part of held) {
    const narrowing = 2 ** (part.exponent - exponent);
    for (let i = 0; i < part.counts.length; i++) {
      const bin = Math.floor((part.first + i) * narrowing) - first;
      counts[bin] = (counts[bin] ?? 0) + (part.counts[i] ?? 0);
    }
  }
  return { exponent, first, counts };
}

/** `bins` equal bins over [min, max]; a fine bin counts where its centre lies. For methods and for drawing. */
export function rebin(h: Histogram, min: number, max: number, bins: number): Float64Array {
  const out = new Float64Array(bins);
  const width = (max - min) / bins;
  const fine = 2 ** h.exponent;
  for (let i = 0; i < h.counts.length; i++) {
    const count = h.counts[i] ?? 0;
    if (count === 0) continue;
    const centre = (h.first + i + 0.5) * fine;
    const to = width > 0 ? Math.floor((centre - min) / width) : 0;
    const bin = to < 0 ? 0 : to >= bins ? bins - 1 : to;
    out[bin] = (out[bin] ?? 0) + count;
  }
  return out;
}
