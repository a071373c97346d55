// A strip: many small columns side by side, one of them marked. A click or the arrow keys mark another one. Neighbours share a column where there
// is no room for each.
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';

export const STRIP_WIDTH = 300;
/** More columns than this cannot be told apart. */
const MOST = 150;

/** Items of each column, as ranges of indices. */
export function columnsFor(count: number, most = MOST): readonly { readonly from: number; readonly to: number }[] {
  const size = Math.max(1, Math.ceil(count / most));
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => ({ from: i * size, to: Math.min(count, (i + 1) * size) }));
}

interface StripProps {
  readonly label: string;
  readonly count: number;
  readonly height: number;
  readonly marked: number;
  /** What is to be said of one item. */
  readonly textOf: (index: number) => string;
  /** The item of a column that a click on it means: the one that the column shows. */
  readonly meantBy: (from: number, to: number) => number;
  readonly onMark: (index: number) => void;
  readonly testId?: string;
  /** Draws a column in a box from x, `width` wide. */
  readonly draw: (column: { readonly from: number; readonly to: number }, x: number, width: number) => ReactNode;
  /** Drawn behind the columns. */
  readonly children?: ReactNode;
}

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };

export function Strip({ label, count, height, marked, textOf, meantBy, onMark, testId, draw, children }: StripProps) {
  const columns = columnsFor(count), step = STRIP_WIDTH / Math.max(1, columns.length);
  const at = columns.findIndex(({ from, to }) => marked >= from && marked < to);
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onMark(Math.min(count - 1, Math.max(0, marked + by)));
  };
  const onPointer = (event: PointerEvent<HTMLElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const column = columns[Math.min(columns.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * columns.length)))];
    if (column) onMark(meantBy(column.from, column.to));
  };
  return (
    <div
      className="strip" role="slider" tabIndex={0} aria-label={label} aria-valuemin={0} aria-valuemax={count - 1} aria-valuenow={marked} aria-valuetext={textOf(marked)}
      data-testid={testId} onKeyDown={onKeyDown} onPointerDown={onPointer} onPointerMove={onPointer}
    >
      <svg viewBox={`0 0 ${STRIP_WIDTH} ${height}`} preserveAspectRatio="none" style={{ height }} aria-hidden>
        {children}
        {at >= 0 && <rect x={at * step} y={0} width={step} height={height} className="strip-mark" />}
        {columns.map((column, i) => <g key={column.from}>{draw(column, i * step + step * 0.12, Math.max(0.8, step * 0.76))}</g>)}
        {at >= 0 && <rect x={at * step} y={height - 3} width={step} height={3} className="strip-foot" />}
      </svg>
    </div>
  );
}
