// A histogram with the ranges that calibration methods would keep.
import { barHeight, barsOf, type HistogramView } from './bars.ts';
import { linear } from './axis.ts';
import { numberText } from '../controls/number-text.ts';

export interface ClipRange {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** The range that is in use. */
  readonly active: boolean;
}
interface HistogramProps {
  readonly label: string;
  readonly histogram: HistogramView;
  readonly ranges?: readonly ClipRange[];
}

const WIDTH = 300, HEIGHT = 84, ROW = 15, NAME = 96;

export function Histogram({ label, histogram, ranges = [] }: HistogramProps) {
  const bars = barsOf(histogram, 100);
  const most = bars.reduce((a, b) => Math.max(a, b), 0);
  // A method may keep more than was seen; the axis covers the ranges as well.
  const low = ranges.reduce((a, r) => Math.min(a, r.min), histogram.min), high = ranges.reduce((a, r) => Math.max(a, r.max), histogram.max);
  const x = linear(low, high, 0, WIDTH);
  const width = (x(histogram.max) - x(histogram.min)) / bars.length;
  const active = ranges.find((range) => range.active);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${label}: values from ${numberText(histogram.min)} to ${numberText(histogram.max)}`} preserveAspectRatio="none" style={{ height: HEIGHT }}>
        {active && <rect x={x(active.min)} y={0} width={Math.max(1, x(active.max) - x(active.min))} height={HEIGHT} className="clip-band" />}
        {bars.map((count, i) => {
          const height = barHeight(count, most) * (HEIGHT - 4);
          return height > 0 && <rect key={i} x={x(histogram.min) + i * width} y={HEIGHT - height} width={Math.max(0.6, width * 0.92)} height={height} className="bar" />;
        })}
        {low < 0 && high > 0 && <line x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} className="zero-line" />}
        {active && [active.min, active.max].map((at, i) => <line key={i} x1={x(at)} x2={x(at)} y1={0} y2={HEIGHT} className="clip-line" />)}
      </svg>
      <div className="chart-ends"><span>{numberText(low)}</span><span>counts, log</span><span>{numberText(high)}</span></div>
      {ranges.length > 0 && <p className="field-note">Range that each calibration method keeps</p>}
      {ranges.length > 0 && (
        <ul className="ranges" aria-label="Range that each calibration method keeps">
          {ranges.map((range) => (
            <li key={range.label} className={range.active ? 'active' : ''} title={`${range.label} keeps ${numberText(range.min)} to ${numberText(range.max)}`}>
              <span className="range-name" style={{ width: NAME }}>{range.label}</span>
              <svg viewBox={`0 0 ${WIDTH} ${ROW}`} preserveAspectRatio="none" aria-hidden>
                <line x1={0} x2={WIDTH} y1={ROW / 2} y2={ROW / 2} className="range-axis" />
                <rect x={x(range.min)} y={ROW / 2 - 3} width={Math.max(1.5, x(range.max) - x(range.min))} height={6} className="range-bar" />
              </svg>
              <span className="range-text">{numberText(range.min)} … {numberText(range.max)}</span>
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}
