// Bars of a histogram: as many as the drawing has room for, from however many bins the engine counted.
import type { NodeDetail } from '../../core/contract/index.ts';

export type HistogramView = NonNullable<NodeDetail['weights']>['histogram'];

/** Counts summed into at most `most` bars of equal width. Bins at the rim of a bar go to the bar of their middle. */
export function barsOf({ counts }: HistogramView, most: number): number[] {
  const size = Math.max(1, Math.min(most, counts.length));
  const bars = new Array<number>(size).fill(0);
  counts.forEach((count, i) => {
    const bar = Math.min(size - 1, Math.floor(((i + 0.5) / counts.length) * size));
    bars[bar] = (bars[bar] ?? 0) + count;
  });
  return bars;
}

/** Height of a bar, 0 to 1. Logarithmic: clip ranges are about the tails, which a linear height would hide. */
export function barHeight(count: number, most: number): number {
  return count <= 0 || most <= 0 ? 0 : Math.log1p(count) / Math.log1p(most);
}
