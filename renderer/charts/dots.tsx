// Configurations of a sweep as dots: a line for each method, further right is better. Round: weights per channel, square: per tensor; full: asymmetric.
import type { CalibrationMethodName, SweepRow } from '../../core/contract/index.ts';
import { linear } from './axis.ts';

const WIDTH = 250, LEFT = 112, RIGHT = 242, TOP = 6, LANE = 19, R = 4.5;

interface DotsProps {
  readonly rows: readonly SweepRow[];
  readonly methods: readonly CalibrationMethodName[];
  readonly nameOf: (method: CalibrationMethodName) => string;
  readonly best: SweepRow | null;
  readonly valueOf: (row: SweepRow) => number;
  readonly textOf: (value: number) => string;
  /** What the values are. */
  readonly title: string;
  /** What is drawn, for people who do not see it. */
  readonly label: string;
  /** The float network's value, drawn as a line. */
  readonly float: number | null;
}

const between = (values: readonly number[]): { readonly low: number; readonly high: number } => ({ low: Math.min(...values), high: Math.max(...values) });

function Dot({ row, x, y, best }: { readonly row: SweepRow; readonly x: number; readonly y: number; readonly best: boolean }) {
  const look = `dot ${row.activations}${best ? ' best' : ''}`;
  return row.weights === 'per-channel' ? <circle className={look} cx={x} cy={y} r={R} /> : <rect className={look} x={x - R + 0.5} y={y - R + 0.5} width={2 * R - 1} height={2 * R - 1} />;
}

export function Dots({ rows, methods, nameOf, best, valueOf, textOf, title, label, float }: DotsProps) {
  const known = [...rows.map(valueOf), ...(float === null ? [] : [float])].filter(Number.isFinite);
  if (known.length === 0) return null;
  const { low, high } = between(known), scale = linear(low, high, LEFT + R, RIGHT - R);
  // What has no error at all lies beyond every number.
  const at = (value: number): number => (Number.isFinite(value) ? scale(value) : RIGHT);
  const foot = TOP + methods.length * LANE;
  const yOf = (method: CalibrationMethodName): number => TOP + (methods.indexOf(method) + 0.5) * LANE;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${foot + 18}`} role="img" aria-label={label} data-testid="sweep-dots">
        {methods.map((method) => (
          <g key={method}>
            <line className="dot-lane" x1={LEFT} x2={RIGHT} y1={yOf(method)} y2={yOf(method)} />
            <text className="dot-text" x={LEFT - 8} y={yOf(method) + 4} textAnchor="end">{nameOf(method)}</text>
          </g>
        ))}
        {float !== null && <line className="dot-float" x1={at(float)} x2={at(float)} y1={TOP - 4} y2={foot} />}
        {rows.map((row) => <Dot key={`${row.method} ${row.weights} ${row.activations}`} row={row} x={at(valueOf(row))} y={yOf(row.method)} best={row === best} />)}
        <text className="dot-text" x={LEFT - 8} y={foot + 13} textAnchor="end">{title}</text>
        <text className="dot-text" x={LEFT} y={foot + 13}>{textOf(low)}</text>
        <text className="dot-text" x={RIGHT} y={foot + 13} textAnchor="end">{textOf(high)}</text>
      </svg>
      <figcaption className="field-note">Round: per channel, square: per tensor; full: asymmetric, hollow: symmetric{float !== null && '; dashed: float'}.</figcaption>
    </figure>
  );
}
