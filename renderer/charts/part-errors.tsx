// The error of each sample, or of each channel: all of them as columns, the worst ones by name.
import { memo } from 'react';
import type { PartErrors } from '../../core/contract/index.ts';
import { errorText, METRICS } from '../controls/number-text.ts';
import type { Metric } from '../stores/view.ts';
import { Strip } from './strip.tsx';
import { heightIn, spanOf, worstBetween, worstOf } from './worst.ts';

interface PartErrorsProps {
  /** 'sample' or 'channel'. */
  readonly part: string;
  readonly errors: PartErrors;
  readonly metric: Metric;
  readonly marked: number;
  readonly onMark: (index: number) => void;
}

const HEIGHT = 56, NAMED = 3;

export const PartErrorsChart = memo(function PartErrorsChart({ part, errors, metric, marked, onMark }: PartErrorsProps) {
  const values = errors[metric], count = values.length, worst = worstOf(values, metric, Math.min(NAMED, count)), span = spanOf(values, metric);
  const textOf = (index: number): string => `${part} ${index}: ${errorText(values[index] ?? 0, metric)}`;
  return (
    <figure className="chart">
      <Strip
        label={`${METRICS[metric].label} of each ${part}`} count={count} height={HEIGHT} marked={marked} textOf={textOf} onMark={onMark} testId={`errors-by-${part}`}
        meantBy={(from, to) => worstBetween(values, metric, from, to)}
        draw={({ from, to }, x, width) => {
          const at = worstBetween(values, metric, from, to), height = Math.max(1.5, heightIn(values[at] ?? 0, span) * (HEIGHT - 4));
          return <rect x={x} y={HEIGHT - height} width={width} height={height} className={worst.some((w) => w >= from && w < to) ? 'bar-worst' : 'bar'} />;
        }}
      />
      <div className="chart-ends">
        <span>{part} 0 to {count - 1}</span>
        <span>{errorText(span.low, metric)} … {errorText(span.high, metric)}, {metric === 'psnr' ? 'low is bad' : 'high is bad'}</span>
      </div>
      <p className="worst-list">
        <span>Worst</span>
        {worst.map((index) => <button key={index} type="button" className="link" data-testid={`worst-${part}-${index}`} onClick={() => onMark(index)} aria-label={`Look at ${textOf(index)}`}>{index}: {errorText(values[index] ?? 0, metric)}</button>)}
      </p>
      <p className="field-note">Marked: {textOf(marked)}</p>
    </figure>
  );
});
