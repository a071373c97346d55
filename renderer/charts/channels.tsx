// The weights of each output channel, side by side: their range, which shows at once whether one scale for all would waste bits, and their scale.
import { memo } from 'react';
import type { NodeDetail } from '../../core/contract/index.ts';
import { numberText } from '../controls/number-text.ts';
import { linear } from './axis.ts';
import { Strip } from './strip.tsx';

type Channel = NonNullable<NodeDetail['weights']>['channels'][number];

const HEIGHT = 64, SCALES = 34;

/** The widest range of some channels. */
export function widest(channels: readonly Channel[], from: number, to: number): { readonly min: number; readonly max: number } {
  let min = Infinity, max = -Infinity;
  for (let i = from; i < to; i++) {
    min = Math.min(min, channels[i]?.min ?? Infinity);
    max = Math.max(max, channels[i]?.max ?? -Infinity);
  }
  return { min, max };
}
/** The item with the largest value; the first of equal ones. */
export function largest(from: number, to: number, valueOf: (index: number) => number): number {
  let at = from;
  for (let i = from + 1; i < to; i++) if (valueOf(i) > valueOf(at)) at = i;
  return at;
}

interface ChannelsProps {
  readonly channels: readonly Channel[];
  readonly marked: number;
  readonly onMark: (channel: number) => void;
}

export const Channels = memo(function Channels({ channels, marked, onMark }: ChannelsProps) {
  const count = channels.length, whole = widest(channels, 0, count);
  const low = Math.min(0, whole.min), high = Math.max(0, whole.max), y = linear(low, high, HEIGHT - 2, 2);
  const reach = (c: number): number => Math.max(Math.abs(channels[c]?.min ?? 0), Math.abs(channels[c]?.max ?? 0));
  const scale = (c: number): number => channels[c]?.scale ?? 0;
  const scales = channels.flatMap((channel) => channel.scale ?? []), most = scales.reduce((a, b) => Math.max(a, b), 0), least = scales.reduce((a, b) => Math.min(a, b), Infinity);
  const textOf = (c: number): string => {
    const channel = channels[c];
    return channel ? `channel ${c}: ${numberText(channel.min)} … ${numberText(channel.max)}${channel.scale === null ? '' : `, scale ${numberText(channel.scale)}`}` : '';
  };
  const shared = { count, marked, onMark, textOf };
  return (
    <figure className="chart">
      <Strip
        {...shared} label="Range of the weights of each channel" height={HEIGHT} testId="weight-ranges" meantBy={(from, to) => largest(from, to, reach)}
        draw={({ from, to }, x, width) => { const { min, max } = widest(channels, from, to); return <rect x={x} width={width} y={y(max)} height={Math.max(1, y(min) - y(max))} className="bar" />; }}
      >
        <rect x={0} width="100%" y={y(0) - 0.5} height={1} className="range-axis" />
      </Strip>
      <div className="chart-ends"><span>Range of each of {count} channels</span><span>{numberText(low)} … {numberText(high)}</span></div>
      {scales.length === count && (
        <>
          <Strip
            {...shared} label="Scale of the weights of each channel" height={SCALES} testId="weight-scales" meantBy={(from, to) => largest(from, to, scale)}
            draw={({ from, to }, x, width) => { const height = Math.max(1, most > 0 ? (scale(largest(from, to, scale)) / most) * (SCALES - 2) : 0); return <rect x={x} width={width} y={SCALES - height} height={height} className="bar" />; }}
          />
          <div className="chart-ends"><span>Scale of each channel, from 0</span><span>{numberText(least)} … {numberText(most)}</span></div>
        </>
      )}
      <p className="field-note">Marked: {textOf(marked)}</p>
    </figure>
  );
});
