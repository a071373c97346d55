// Parts of an error ranked and brought to heights: which are the worst, and how tall each stands.
import type { Metric } from '../stores/view.ts';

/** Above 0 where `a` is worse than `b`: a low psnr is bad, a low mae or mse is good. */
export const worse = (metric: Metric, a: number, b: number): number => (metric === 'psnr' ? b - a || 0 : a - b || 0);

/** Indices of the worst values, the worst first; at most `count`. Equal ones stand in their own order. */
export function worstOf(values: ArrayLike<number>, metric: Metric, count: number): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort((a, b) => worse(metric, values[b] ?? 0, values[a] ?? 0) || a - b).slice(0, count);
}

/** The worst of the items from `from` up to `to`. */
export function worstBetween(values: ArrayLike<number>, metric: Metric, from: number, to: number): number {
  let at = from;
  for (let i = from + 1; i < to; i++) if (worse(metric, values[i] ?? 0, values[at] ?? 0) > 0) at = i;
  return at;
}

export interface Span { readonly low: number; readonly high: number }
/** Where the axis begins and ends. Errors begin at 0; decibels have no zero that means anything, so their axis begins a little below the lowest. */
export function spanOf(values: ArrayLike<number>, metric: Metric): Span {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0;
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  return metric === 'psnr' ? { low: Math.floor(low - Math.max(1, (high - low) * 0.25)), high: Math.ceil(high) } : { low: 0, high: high || 1 };
}
/** 0 to 1; no error at all (infinite psnr) reaches the top. */
export const heightIn = (value: number, { low, high }: Span): number => (value === Infinity ? 1 : Math.min(1, Math.max(0, (value - low) / (high - low || 1))));
