// Adjacency: who is joined to whom, as two arrays of numbers; a graph of many thousands of vertices then takes no object a vertex.

/** The neighbours of v are to[starts[v]] up to but without to[starts[v + 1]], in the order of the edges. */
export interface Adjacency {
  readonly starts: Int32Array;
  readonly to: Int32Array;
}

/** Edges are from, to, from, to ... */
export function neighbours(count: number, edges: Int32Array): { readonly ups: Adjacency; readonly downs: Adjacency } {
  return { ups: grouped(count, edges, 1), downs: grouped(count, edges, 0) };
}

/** The other ends of edges by the end at `side`: 0 from, 1 to. */
function grouped(count: number, edges: Int32Array, side: 0 | 1): Adjacency {
  const starts = new Int32Array(count + 1);
  for (let i = side; i < edges.length; i += 2) add(starts, at(edges, i) + 1, 1);
  for (let v = 0; v < count; v++) add(starts, v + 1, at(starts, v));
  const next = starts.slice();
  const to = new Int32Array(edges.length / 2);
  for (let i = 0; i < edges.length; i += 2) {
    const v = at(edges, i + side);
    to[at(next, v)] = at(edges, i + 1 - side);
    add(next, v, 1);
  }
  return { starts, to };
}

/** An element whose index is known to be within. */
export const at = (values: Int32Array | Float64Array, i: number): number => values[i] as number;
const add = (values: Int32Array, i: number, by: number): void => { values[i] = at(values, i) + by; };

export const degree = ({ starts }: Adjacency, v: number): number => at(starts, v + 1) - at(starts, v);
