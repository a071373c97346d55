// Layers: puts every vertex on a layer below all its sources (longest path), then pulls it down towards its readers.
import { at, degree, neighbours, type Adjacency } from './adjacency.ts';

export interface Layered {
  /** Layer of each vertex. */
  readonly layer: Int32Array;
  readonly layers: number;
  /** Vertices in topological order; vertices on a cycle come last. */
  readonly order: Int32Array;
}

/** Edges are from, to, from, to ... */
export function assignLayers(count: number, edges: Int32Array): Layered {
  const { ups, downs } = neighbours(count, edges);
  const layer = new Int32Array(count);
  const open = Int32Array.from({ length: count }, (_, v) => degree(ups, v));
  const order = new Int32Array(count);
  let known = 0;
  for (let v = 0; v < count; v++) if (open[v] === 0) order[known++] = v;
  // `order` grows while it is walked: it is the queue as well.
  for (let i = 0; i < known; i++) {
    const v = at(order, i);
    for (let k = at(downs.starts, v); k < at(downs.starts, v + 1); k++) {
      const w = at(downs.to, k);
      layer[w] = Math.max(at(layer, w), at(layer, v) + 1);
      open[w] = at(open, w) - 1;
      if (open[w] === 0) order[known++] = w;
    }
  }
  // What waits still lies on a cycle, or behind one.
  if (known < count) for (let v = 0; v < count; v++) if (at(open, v) > 0) order[known++] = v;
  pullDown(layer, order, ups, downs);
  return { layer, layers: layer.reduce((most, l) => Math.max(most, l + 1), 0), order };
}

/** A vertex with one source at most moves next to its readers, so that side branches do not hang high above their use. */
function pullDown(layer: Int32Array, order: Int32Array, ups: Adjacency, downs: Adjacency): void {
  for (let i = order.length - 1; i >= 0; i--) {
    const v = at(order, i);
    if (degree(downs, v) === 0 || degree(ups, v) > 1) continue;
    let lowest = Infinity;
    for (let k = at(downs.starts, v); k < at(downs.starts, v + 1); k++) lowest = Math.min(lowest, at(layer, at(downs.to, k)) - 1);
    if (lowest > at(layer, v)) layer[v] = lowest;
  }
}
