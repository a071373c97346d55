// The path of an edge: smooth from the source's foot through the bends to the target's head, vertical at every point.
import type { Point } from './layout/result.ts';

export function edgePath(from: Point, bends: readonly Point[], to: Point): string {
  let d = `M${from.x},${from.y}`;
  let at = from;
  for (const next of [...bends, to]) {
    const middle = (at.y + next.y) / 2;
    d += `C${at.x},${middle} ${next.x},${middle} ${next.x},${next.y}`;
    at = next;
  }
  return d;
}

/** Where a label stands: halfway along the last stretch, just above the reader. */
export function labelPoint(from: Point, bends: readonly Point[], to: Point): Point {
  const last = bends.at(-1) ?? from;
  return { x: (last.x + to.x) / 2, y: (last.y + to.y) / 2 };
}
