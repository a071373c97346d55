// Layers: puts every vertex on a layer below all its sources (longest path), then pulls it down towards its readers.

export interface Layered {
  /** Layer of each vertex. */
  readonly layer: Int32Array;
  readonly layers: number;
  /** Vertices in topological order; vertices on a cycle come last. */
  readonly order: readonly number[];
}

export function neighbours(count: number, edges: readonly (readonly [number, number])[]): { readonly ups: number[][]; readonly downs: number[][] } {
  const ups: number[][] = Array.from({ length: count }, () => []);
  const downs: number[][] = Array.from({ length: count }, () => []);
  for (const [a, b] of edges) {
    downs[a]?.push(b);
    ups[b]?.push(a);
  }
  return { ups, downs };
}

export function assignLayers(count: number, edges: readonly (readonly [number, number])[]): Layered {
  const { ups, downs } = neighbours(count, edges);
  const layer = new Int32Array(count);
  const open = Int32Array.from(ups, (list) => list.length);
  const order: number[] = [];
  for (let v = 0; v < count; v++) if (open[v] === 0) order.push(v);
  // `order` grows while it is walked: it is the queue as well.
  for (let i = 0; i < order.length; i++) {
    const v = order[i] as number; // i < length
    for (const w of downs[v] ?? []) {
      layer[w] = Math.max(layer[w] ?? 0, (layer[v] ?? 0) + 1);
      open[w] = (open[w] ?? 0) - 1;
      if (open[w] === 0) order.push(w);
    }
  }
  if (order.length < count) {
    const reached = new Set(order);
    for (let v = 0; v < count; v++) if (!reached.has(v)) order.push(v);
  }
  pullDown(layer, order, ups, downs);
  return { layer, layers: count === 0 ? 0 : Math.max(...chunkMax(layer)) + 1, order };
}

/** A vertex with one source at most moves next to its readers, so that side branches do not hang high above their use. */
function pullDown(layer: Int32Array, order: readonly number[], ups: readonly (readonly number[])[], downs: readonly (readonly number[])[]): void {
  for (const v of order.toReversed()) {
    const readers = downs[v] ?? [];
    if (readers.length === 0 || (ups[v]?.length ?? 0) > 1) continue;
    let lowest = Infinity;
    for (const w of readers) lowest = Math.min(lowest, (layer[w] ?? 0) - 1);
    if (lowest > (layer[v] ?? 0)) layer[v] = lowest;
  }
}

/** Maxima of slices: spreading a very long array into Math.max would overflow the stack. */
function chunkMax(values: Int32Array): number[] {
  const maxima: number[] = [0];
  for (let i = 0; i < values.length; i += 4096) maxima.push(Math.max(...values.subarray(i, i + 4096)));
  return maxima;
}
