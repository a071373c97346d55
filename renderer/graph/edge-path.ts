// The path of an edge: smooth from the source's foot through the bends to the target's head, vertical at every point.
import type { Point } from './layout/result.ts';

/** What a path is drawn on: a canvas, or the text of an SVG path. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void;
}

/** Text of an SVG path, to one decimal: nobody sees less. */
export function svgPath(draw: (sink: PathSink) => void): string {
  const n = (value: number): string => String(Math.round(value * 10) / 10);
  let d = '';
  draw({
    moveTo: (x, y) => { d += `M${n(x)},${n(y)}`; },
    lineTo: (x, y) => { d += `L${n(x)},${n(y)}`; },
    bezierCurveTo: (x1, y1, x2, y2, x, y) => { d += `C${n(x1)},${n(y1)} ${n(x2)},${n(y2)} ${n(x)},${n(y)}`; },
  });
  return d;
}

/** Draws an edge given as x, y, x, y ... from top to bottom. */
export function traceEdge(sink: PathSink, points: Float64Array): void {
  let x = points[0] ?? 0, y = points[1] ?? 0;
  sink.moveTo(x, y);
  for (let i = 2; i < points.length; i += 2) {
    const toX = points[i] ?? 0, toY = points[i + 1] ?? 0;
    const middle = (y + toY) / 2;
    if (Math.abs(toX - x) < 0.5) sink.lineTo(toX, toY);
    else sink.bezierCurveTo(x, middle, toX, middle, toX, toY);
    x = toX;
    y = toY;
  }
}

/** Where a label stands: halfway along the last stretch, just above the reader. */
export function labelPoint(points: Float64Array): Point {
  const at = (back: number): number => points[points.length - back] ?? 0;
  return { x: (at(4) + at(2)) / 2, y: (at(3) + at(1)) / 2 };
}
