// A small line: one value a run.
import { linear } from './axis.ts';

interface SparklineProps {
  readonly label: string;
  readonly values: readonly (number | undefined)[];
  /** Index of the value that is marked. */
  readonly marked: number;
}

const WIDTH = 120, HEIGHT = 26, PAD = 4;

export function Sparkline({ label, values, marked }: SparklineProps) {
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  if (known.length < 2) return null;
  const x = linear(0, values.length - 1, PAD, WIDTH - PAD);
  const y = linear(Math.min(...known), Math.max(...known), HEIGHT - PAD, PAD);
  const points = values.flatMap((value, i) => (value !== undefined && Number.isFinite(value) ? [{ i, px: x(i), py: y(value) }] : []));
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <polyline points={points.map(({ px, py }) => `${px},${py}`).join(' ')} fill="none" />
      {points.map(({ i, px, py }) => <circle key={i} cx={px} cy={py} r={i === marked ? 3.2 : 1.8} className={i === marked ? 'marked' : ''} />)}
    </svg>
  );
}
