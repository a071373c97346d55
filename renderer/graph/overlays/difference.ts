// The difference overlay: how much better or worse each node is in the shown run than in the one it is compared with.
import type { RunView } from '../../../core/contract/index.ts';
import { METRICS, numberText } from '../../controls/number-text.ts';
import { errorOf } from '../../stores/run-index.ts';
import { runName } from '../../stores/session.ts';
import type { Feed, Metric } from '../../stores/view.ts';
import type { Overlay } from './overlay.ts';
import { divergingGradient, divergingRgb, inkOnRgb, type Ground } from './scale.ts';

/** PSNR in decibels; mae and mse as a factor in decibels of their own, so that one scale serves all. Positive is worse. */
export function worsening(metric: Metric, now: number, before: number): number {
  if (now === before) return 0;
  if (metric === 'psnr') return before - now;
  return (metric === 'mae' ? 20 : 10) * Math.log10(now / before);
}

/** A difference as it is read: with its sign, in decibels; more is better for psnr only. */
export function differenceText(metric: Metric, now: number, before: number): string {
  const worse = worsening(metric, now, before);
  if (worse === 0) return 'same';
  if (!Number.isFinite(worse)) return worse > 0 ? 'was exact' : 'exact now';
  if (metric === 'psnr') return `${now > before ? '+' : '−'}${Math.abs(worse).toFixed(1)} dB`;
  return `×${numberText(now / before)}`;
}

/** The scale ends at this many decibels at least, so that noise is not painted as news. */
const LEAST = 3;

export function differenceOverlay(shown: RunView, compared: RunView, metric: Metric, feed: Feed, ground: Ground): Overlay {
  const both = shown[feed].flatMap(({ name, [metric]: now }) => { const before = errorOf(compared, feed, metric, name); return before === undefined ? [] : [{ name, now, before, worse: worsening(metric, now, before) }]; });
  const byName = new Map(both.map((row) => [row.name, row]));
  const most = both.reduce((a, { worse }) => (Number.isFinite(worse) ? Math.max(a, Math.abs(worse)) : a), LEAST);
  const count = (test: (worse: number) => boolean): number => both.filter(({ worse }) => test(worse)).length;
  const end = metric === 'psnr' ? `${most.toFixed(1)} dB` : `×${numberText(10 ** (most / (metric === 'mae' ? 20 : 10)))}`;
  return {
    colourOf: (name) => {
      const row = byName.get(name);
      if (!row) return undefined;
      const t = Number.isFinite(row.worse) ? row.worse / most : Math.sign(row.worse), rgb = divergingRgb(t, ground);
      return { colour: `rgb(${rgb.join(', ')})`, ink: inkOnRgb(rgb), text: differenceText(metric, row.now, row.before), weight: Math.abs(t) };
    },
    legend: {
      kind: 'scale', title: `${METRICS[metric].label}, ${feed}: ${runName(shown)} against ${runName(compared)}`, gradient: divergingGradient(ground), good: end, bad: end, middle: 'same',
      note: `${count((worse) => worse < 0)} better, ${count((worse) => worse > 0)} worse, ${count((worse) => worse === 0)} the same.`,
    },
  };
}
