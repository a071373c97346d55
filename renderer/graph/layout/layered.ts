// The layered layout: boxes and edges in, positions and lines out. Deterministic; O((boxes + places) * sweeps).
import { at } from './adjacency.ts';
import { assignLayers } from './layers.ts';
import { orderLayers } from './ordering.ts';
import { placeHorizontally } from './placement.ts';
import type { LayoutRequest } from './request.ts';
import type { Layout } from './result.ts';

const GAP_Y = 44;
const PLACE_WIDTH = 12;
/** Beyond this many numbers edges are drawn straight: those that share a long way list it one by one. */
const MOST_POINTS = 2 ** 23;

export function layered({ widths, heights, edges, hint }: Omit<LayoutRequest, 'id'>): Layout {
  const count = widths.length;
  const between = joining(count, edges);
  const ordered = orderLayers(count, between, assignLayers(count, between), hint);
  const { sequence, starts, layerOf, total, trunks, passed } = ordered;
  const across = new Float64Array(total).fill(PLACE_WIDTH);
  across.set(widths);
  const centres = placeHorizontally(count, ordered, across);

  /** The middle line of each layer. */
  const middles = new Float64Array(starts.length - 1);
  let top = 0;
  middles.forEach((_, layer) => {
    let height = 0;
    for (let i = at(starts, layer); i < at(starts, layer + 1); i++) if (at(sequence, i) < count) height = Math.max(height, at(heights, at(sequence, i)));
    middles[layer] = top + height / 2;
    top += height + GAP_Y;
  });
  let left = Infinity, right = -Infinity;
  for (let v = 0; v < total; v++) {
    left = Math.min(left, at(centres, v) - at(across, v) / 2);
    right = Math.max(right, at(centres, v) + at(across, v) / 2);
  }
  const middleOf = (v: number): number => at(middles, at(layerOf, v));
  const x = Float64Array.from(widths, (width, v) => at(centres, v) - left - width / 2);
  const y = Float64Array.from(heights, (height, v) => middleOf(v) - height / 2);

  // Each edge from the middle of its source's foot through its bends to the middle of its target's head.
  const points: number[] = [];
  const pointsFrom = new Int32Array(edges.length / 2 + 1);
  for (let e = 0, proper = 0; 2 * e < edges.length; e++) {
    const a = at(edges, 2 * e), b = at(edges, 2 * e + 1);
    if (a >= 0 && a < count) points.push(at(x, a) + at(widths, a) / 2, at(y, a) + at(heights, a));
    if (joins(count, a, b)) {
      const span = at(passed, proper++), trunk = trunks.get(a);
      if (trunk && points.length + 2 * span < MOST_POINTS) for (let i = 0; i < span; i++) { const place = trunk[i] ?? a; points.push(at(centres, place) - left, middleOf(place)); }
    }
    if (b >= 0 && b < count) points.push(at(x, b) + at(widths, b) / 2, at(y, b));
    pointsFrom[e + 1] = points.length;
  }
  return { x, y, points: Float64Array.from(points), pointsFrom, width: count === 0 ? 0 : right - left, height: Math.max(0, top - GAP_Y) };
}

const joins = (count: number, a: number, b: number): boolean => a !== b && a >= 0 && b >= 0 && a < count && b < count;

/** Edges between two boxes: not from one to itself, and not to where none is. */
function joining(count: number, edges: Int32Array): Int32Array {
  const kept: number[] = [];
  for (let i = 0; i < edges.length; i += 2) if (joins(count, at(edges, i), at(edges, i + 1))) kept.push(at(edges, i), at(edges, i + 1));
  return Int32Array.from(kept);
}
