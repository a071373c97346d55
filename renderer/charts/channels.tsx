// The range of each output channel's weights, side by side: shows at once whether one scale for all would waste bits.
import { numberText } from '../controls/number-text.ts';
import type { NodeDetail } from '../../core/contract/index.ts';
import { linear } from './axis.ts';

type Channel = NonNullable<NodeDetail['weights']>['channels'][number];

const WIDTH = 300, HEIGHT = 64;
/** More columns than this cannot be told apart; neighbours are then drawn as one. */
const MOST = 150;

/** At most `most` columns, each with the widest range of the channels in it. */
export function columnsOf(channels: readonly Channel[], most: number): { readonly min: number; readonly max: number }[] {
  const size = Math.ceil(channels.length / most);
  const columns: { min: number; max: number }[] = [];
  for (let i = 0; i < channels.length; i += size) {
    const group = channels.slice(i, i + size);
    columns.push({ min: group.reduce((a, c) => Math.min(a, c.min), Infinity), max: group.reduce((a, c) => Math.max(a, c.max), -Infinity) });
  }
  return columns;
}

export function Channels({ channels }: { readonly channels: readonly Channel[] }) {
  const columns = columnsOf(channels, MOST);
  const low = columns.reduce((a, c) => Math.min(a, c.min), 0), high = columns.reduce((a, c) => Math.max(a, c.max), 0);
  const y = linear(low, high, HEIGHT - 2, 2);
  const step = WIDTH / Math.max(1, columns.length);
  const scales = channels.flatMap((channel) => channel.scale ?? []);
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" style={{ height: HEIGHT }} role="img" aria-label={`Range of ${channels.length} channels, from ${numberText(low)} to ${numberText(high)}`}>
        <line x1={0} x2={WIDTH} y1={y(0)} y2={y(0)} className="zero-line" />
        {columns.map((column, i) => <rect key={i} x={i * step + step * 0.12} width={Math.max(0.8, step * 0.76)} y={y(column.max)} height={Math.max(1, y(column.min) - y(column.max))} className="bar" />)}
      </svg>
      <div className="chart-ends">
        <span>{channels.length === 1 ? 'Range of 1 channel' : `Range of each of ${channels.length} channels`}</span>
        <span>{numberText(low)} … {numberText(high)}</span>
      </div>
      {scales.length > 0 && <p className="field-note">Scales of the channels {numberText(scales.reduce((a, b) => Math.min(a, b)))} … {numberText(scales.reduce((a, b) => Math.max(a, b)))}</p>}
    </figure>
  );
}
