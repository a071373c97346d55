// Float against quantized output of one sample: every element a point; on the diagonal they agree. Short vectors as pairs of bars.
import { memo, useEffect, useRef, useSyncExternalStore } from 'react';
import type { NodeOutput } from '../../core/contract/index.ts';
import { numberText } from '../controls/number-text.ts';
import { readGround, watchGround } from '../theme/theme.ts';
import { linear } from './axis.ts';
import { compare } from './compare.ts';

type Pair = Pick<NodeOutput, 'float' | 'quantized'>;
const SIZE = 300, SHORT = 32;

function Bars({ pair }: { readonly pair: Pair }) {
  const { low, high } = compare(pair.float, pair.quantized);
  const height = 110, y = linear(Math.min(0, low), Math.max(0, high), height - 2, 2), step = SIZE / pair.float.length;
  const bar = (value: number, x: number, width: number, name: string) => <rect x={x} width={width} y={Math.min(y(0), y(value))} height={Math.max(1, Math.abs(y(value) - y(0)))} className={name} />;
  return (
    <svg viewBox={`0 0 ${SIZE} ${height}`} preserveAspectRatio="none" style={{ height }} role="img" aria-label="Float and quantized value of each element">
      {Array.from(pair.float, (value, i) => (
        <g key={i}>
          {bar(value, i * step + step * 0.1, step * 0.38, 'bar-float')}
          {bar(pair.quantized[i] ?? 0, i * step + step * 0.5, step * 0.38, 'bar')}
        </g>
      ))}
      <line x1={0} x2={SIZE} y1={y(0)} y2={y(0)} className="zero-line" />
    </svg>
  );
}

function Points({ pair }: { readonly pair: Pair }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const ground = useSyncExternalStore(watchGround, readGround);
  useEffect(() => {
    const element = canvas.current, pen = element?.getContext('2d');
    if (!element || !pen) return;
    const ratio = Math.max(2, window.devicePixelRatio), height = 170;
    element.width = SIZE * ratio;
    element.height = height * ratio;
    pen.scale(ratio, ratio);
    const style = getComputedStyle(element);
    const { low, high } = compare(pair.float, pair.quantized);
    const x = linear(low, high, 4, SIZE - 4), y = linear(low, high, height - 4, 4);
    pen.strokeStyle = style.getPropertyValue('--border-strong');
    pen.beginPath();
    pen.moveTo(x(low), y(low));
    pen.lineTo(x(high), y(high));
    pen.stroke();
    pen.fillStyle = style.getPropertyValue('--accent');
    pen.globalAlpha = 0.45;
    pair.float.forEach((value, i) => pen.fillRect(x(value) - 1, y(pair.quantized[i] ?? 0) - 1, 2, 2));
  }, [pair, ground]);
  return <canvas ref={canvas} className="scatter" role="img" aria-label="Float value (across) against quantized value (up) of each element" />;
}

export const Comparison = memo(function Comparison({ pair }: { readonly pair: Pair }) {
  if (pair.float.length === 0) return null;
  const { low, high, worst, worstAt } = compare(pair.float, pair.quantized);
  const short = pair.float.length <= SHORT;
  return (
    <figure className="chart">
      {short ? <Bars pair={pair} /> : <Points pair={pair} />}
      <div className="chart-ends">
        <span>{numberText(low)}</span>
        <span>{short ? <><i className="key-float" /> float <i className="key-quantized" /> quantized</> : 'float → , quantized ↑'}</span>
        <span>{numberText(high)}</span>
      </div>
      <p className="field-note">
        Largest difference <span className="mono">{numberText(worst)}</span> at element {worstAt.toLocaleString('en')} of the first {pair.float.length.toLocaleString('en')}.
      </p>
    </figure>
  );
});
