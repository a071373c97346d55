// The error overlay: each node in the colour of its error in the shown run. The scale spans all runs of the model, so
// that colours of two runs can be compared.
import type { ErrorView, RunView } from '../../../core/contract/index.ts';
import { errorText, METRICS } from '../../controls/number-text.ts';
import { runName } from '../../stores/session.ts';
import { errorOf } from '../../stores/run-index.ts';
import type { Feed, Metric } from '../../stores/view.ts';
import type { Overlay } from './overlay.ts';
import { decadesOf, inDecades, middleDecade, type Domain } from './decades.ts';
import { inkOn, scaleColour, scaleGradient, type Ground } from './scale.ts';

const usable = (value: number, metric: Metric): boolean => Number.isFinite(value) && (metric === 'psnr' || value > 0);

const PSNR_STEP = 10;
/** Every psnr scale covers at least this, so that a node that gets better has somewhere to go. */
const PSNR_USUAL = { low: 40, high: 60 };

/**
 * The range of a scale for these errors, out to round numbers: tens of decibels, decades of mae and mse. A small change
 * of one node then leaves the scale, and so all other colours, as they were. Null when there is nothing to show.
 */
export function domainOf(rows: readonly ErrorView[], metric: Metric): Domain | null {
  let low = Infinity, high = -Infinity;
  for (const row of rows) {
    if (!usable(row[metric], metric)) continue;
    low = Math.min(low, row[metric]);
    high = Math.max(high, row[metric]);
  }
  if (low > high) return null;
  if (metric !== 'psnr') return decadesOf(low, high);
  return {
    low: Math.min(PSNR_USUAL.low, Math.floor(low / PSNR_STEP) * PSNR_STEP),
    high: Math.max(PSNR_USUAL.high, Math.ceil(high / PSNR_STEP) * PSNR_STEP),
  };
}

/** How bad an error is within the domain, 0 to 1: decibels are linear, mae and mse logarithmic. */
export function badness(value: number, metric: Metric, domain: Domain): number {
  if (Number.isNaN(value)) return 1;
  if (metric === 'psnr') return value === Infinity ? 0 : Math.min(1, Math.max(0, (domain.high - value) / (domain.high - domain.low)));
  if (value === 0) return 0;
  return inDecades(value, domain);
}

/** The value in the middle of the scale. */
const middleOf = (metric: Metric, domain: Domain): number => (metric === 'psnr' ? (domain.low + domain.high) / 2 : middleDecade(domain));

const FEED_TEXT: Readonly<Record<Feed, string>> = {
  local: 'Each node alone, fed with float values',
  cumulative: 'With the errors of all nodes before it',
};

export function errorOverlay(runs: readonly RunView[], shown: RunView, metric: Metric, feed: Feed, ground: Ground): Overlay {
  const title = `${METRICS[metric].label}, ${feed}`;
  const domain = domainOf(runs.flatMap((run) => run[feed]), metric);
  if (!domain) return { colourOf: () => undefined, legend: { kind: 'text', title, note: 'No node of this run has an error.' } };
  const [good, bad] = metric === 'psnr' ? [domain.high, domain.low] : [domain.low, domain.high];
  return {
    colourOf: (name) => {
      const value = errorOf(shown, feed, metric, name);
      if (value === undefined) return undefined;
      const t = badness(value, metric, domain);
      return { colour: scaleColour(t, ground), ink: inkOn(t, ground), text: errorText(value, metric), weight: t };
    },
    legend: {
      kind: 'scale', title, gradient: scaleGradient(ground),
      good: errorText(good, metric), bad: errorText(bad, metric), middle: errorText(middleOf(metric, domain), metric),
      note: `${runName(shown)}${runs.length === 1 ? '' : `, scale over ${runs.length} runs`}. ${FEED_TEXT[feed]}.`,
    },
  };
}
