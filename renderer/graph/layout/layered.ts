// The layered layout: boxes and edges in, positions and bends out. Deterministic; O((boxes + places) * sweeps).
import { assignLayers } from './layers.ts';
import { orderLayers } from './ordering.ts';
import { placeHorizontally } from './placement.ts';
import type { LayoutRequest } from './request.ts';
import type { Layout } from './result.ts';

const GAP_Y = 44;
const PLACE_WIDTH = 12;

export function layered({ boxes, edges, hint }: Omit<LayoutRequest, 'id'>): Layout {
  const count = boxes.length;
  const proper = edges.filter(([a, b]) => a !== b && a >= 0 && b >= 0 && a < count && b < count);
  const ordered = orderLayers(count, proper, assignLayers(count, proper), hint);
  const widths = Float64Array.from({ length: ordered.total }, (_, v) => boxes[v]?.width ?? PLACE_WIDTH);
  const x = placeHorizontally(count, ordered, widths);

  const tops: number[] = [];
  let top = 0;
  const heights = ordered.layers.map((layer) => layer.reduce((most, v) => Math.max(most, boxes[v]?.height ?? 0), 0));
  for (const height of heights) {
    tops.push(top);
    top += height + GAP_Y;
  }
  let left = Infinity, right = -Infinity;
  for (let v = 0; v < ordered.total; v++) {
    left = Math.min(left, (x[v] ?? 0) - (widths[v] ?? 0) / 2);
    right = Math.max(right, (x[v] ?? 0) + (widths[v] ?? 0) / 2);
  }
  /** The middle line of a vertex's layer. */
  const middle = (v: number): number => {
    const layer = ordered.layerOf[v] ?? 0;
    return (tops[layer] ?? 0) + (heights[layer] ?? 0) / 2;
  };
  let next = 0;
  return {
    positions: boxes.map((box, v) => ({ x: (x[v] ?? 0) - left - box.width / 2, y: middle(v) - box.height / 2 })),
    bends: edges.map(([a, b]) => {
      if (proper[next]?.[0] !== a || proper[next]?.[1] !== b) return [];
      return (ordered.chains[next++] ?? []).map((place) => ({ x: (x[place] ?? 0) - left, y: middle(place) }));
    }),
    width: count === 0 ? 0 : right - left,
    height: Math.max(0, top - GAP_Y),
  };
}
