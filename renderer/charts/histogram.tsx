// A histogram, with the ranges that calibration methods would keep drawn on its own axis. Where one can be picked, a click does.
import { ToggleGroup } from 'radix-ui';
import { useState } from 'react';
import { numberText } from '../controls/number-text.ts';
import { linear } from './axis.ts';
import { barHeight, barsOf, type HistogramView } from './bars.ts';

export interface ClipRange<T extends string = string> {
  readonly id: T;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** The range that is in use. */
  readonly active: boolean;
}
interface HistogramProps<T extends string> {
  readonly label: string;
  readonly histogram: HistogramView;
  readonly ranges?: readonly ClipRange<T>[];
  readonly onPick?: (id: T) => void;
}

const WIDTH = 300, HEIGHT = 92, ROW = 6;

export function Histogram<T extends string>({ label, histogram, ranges = [], onPick }: HistogramProps<T>) {
  const [looked, setLooked] = useState<T | null>(null);
  const bars = barsOf(histogram, 100);
  const most = bars.reduce((a, b) => Math.max(a, b), 0);
  // A method may keep more than was seen; the axis covers the ranges as well.
  const low = ranges.reduce((a, r) => Math.min(a, r.min), histogram.min), high = ranges.reduce((a, r) => Math.max(a, r.max), histogram.max);
  const x = linear(low, high, 0, WIDTH);
  const width = (x(histogram.max) - x(histogram.min)) / bars.length;
  const active = ranges.find((range) => range.active), shown = ranges.find((range) => range.id === looked) ?? active;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: values from ${numberText(histogram.min)} to ${numberText(histogram.max)}`} preserveAspectRatio="none" style={{ height: HEIGHT }}>
        {shown && <rect x={x(shown.min)} y={0} width={Math.max(1, x(shown.max) - x(shown.min))} height={HEIGHT} className="clip-band" />}
        {ranges.flatMap((range) => [range.min, range.max].map((at, i) => <line key={`${range.id}${i}`} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} className="clip-other" />))}
        {bars.map((count, i) => {
          const height = barHeight(count, most) * (HEIGHT - 4);
          return height > 0 && <rect key={i} x={x(histogram.min) + i * width} y={HEIGHT - height} width={Math.max(0.6, width * 0.92)} height={height} className="bar" />;
        })}
        {low < 0 && high > 0 && <line x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} className="zero-line" />}
        {shown && [shown.min, shown.max].map((at, i) => <line key={i} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} className="clip-line" />)}
      </svg>
      <div className="chart-ends"><span>{numberText(low)}</span><span>counts, log</span><span>{numberText(high)}</span></div>
      {ranges.length > 0 && (
        <ToggleGroup.Root
          type="single" orientation="vertical" className="ranges" aria-label="Range that each calibration method keeps" value={active?.id ?? ''} disabled={onPick === undefined}
          onValueChange={(next) => { const range = ranges.find(({ id }) => id === next); if (range) onPick?.(range.id); }} onPointerLeave={() => setLooked(null)}
        >
          {ranges.map((range) => (
            <ToggleGroup.Item key={range.id} value={range.id} className="range" data-testid={`range-${range.id}`} onPointerEnter={() => setLooked(range.id)} onFocus={() => setLooked(range.id)} onBlur={() => setLooked(null)}>
              <span className="range-name">{range.label}</span>
              <span className="range-text">{numberText(range.min)} … {numberText(range.max)}</span>
              <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none" aria-hidden>
                <rect x={0} width={WIDTH} y={ROW / 2 - 0.5} height={1} className="range-axis" />
                <rect x={x(range.min)} y={0} width={Math.max(1.5, x(range.max) - x(range.min))} height={ROW} className="range-bar" />
              </svg>
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      )}
    </figure>
  );
}
