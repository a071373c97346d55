// Ordering: who stands left of whom on each layer, so that few edges cross. Long edges get a place on every layer
// they pass. Barycentre sweeps after a depth-first start (Sugiyama, Tagawa and Toda, 1981).
import { at, degree, neighbours, type Adjacency } from './adjacency.ts';
import type { Layered } from './layers.ts';

export interface Ordered {
  /** Vertices from left to right, layer after layer. Indices from `count` on are places of long edges. */
  readonly sequence: Int32Array;
  /** Where each layer begins in the sequence, and where the last one ends. */
  readonly starts: Int32Array;
  readonly ups: Adjacency;
  readonly downs: Adjacency;
  /** Vertices and places together. */
  readonly total: number;
  readonly layerOf: Int32Array;
  /** The places that an edge passes are the first `passed[edge]` of those of its source, from top to bottom. */
  readonly trunks: ReadonlyMap<number, readonly number[]>;
  readonly passed: Int32Array;
}

/** Beyond this many places edges are drawn straight: a file may be made to ask for any number. */
const MOST_PLACES = 400_000;
const SWEEPS = 6;
/** Enough to settle what a change has brought in, few enough to leave the rest where it was. */
const SWEEPS_AFTER_CHANGE = 2;
/** Up to this many are sorted in place. */
const FEW = 32;

/** Edges are from, to, from, to ... between different vertices. */
export function orderLayers(count: number, edges: Int32Array, layered: Layered, hint?: Float64Array): Ordered {
  const { layerOf, short, trunks, passed } = placed(count, edges, layered.layer);
  const total = layerOf.length;
  const { ups, downs } = neighbours(total, short);
  const starts = new Int32Array(layered.layers + 1);
  for (let v = 0; v < total; v++) starts[at(layerOf, v) + 1] = at(starts, at(layerOf, v) + 1) + 1;
  for (let l = 0; l < layered.layers; l++) starts[l + 1] = at(starts, l + 1) + at(starts, l);
  const sequence = depthFirst(layered, starts, ups, downs, layerOf);
  if (hint) orderByHint(sequence, starts, placesToo(hint, total, edges, trunks, passed));
  sweep(sequence, starts, ups, downs, hint ? SWEEPS_AFTER_CHANGE : SWEEPS);
  return { sequence, starts, ups, downs, total, layerOf, trunks, passed };
}

/** Gives long edges their places. Those from one vertex share them and part where they must: a value that the whole network reads is one line, not many. */
function placed(count: number, edges: Int32Array, layer: Int32Array): Pick<Ordered, 'layerOf' | 'trunks' | 'passed'> & { readonly short: Int32Array } {
  const layerOf = Array.from(layer);
  const short: number[] = [];
  const trunks = new Map<number, number[]>();
  const passed = new Int32Array(edges.length / 2);
  for (let e = 0; 2 * e < edges.length; e++) {
    const a = at(edges, 2 * e), b = at(edges, 2 * e + 1);
    const span = Math.max(0, at(layer, b) - at(layer, a) - 1);
    if (span === 0) { short.push(a, b); continue; }
    let trunk = trunks.get(a);
    if (!trunk) trunks.set(a, (trunk = []));
    if (layerOf.length + span - trunk.length > count + MOST_PLACES) continue;
    while (trunk.length < span) {
      const place = layerOf.length;
      layerOf.push(at(layer, a) + 1 + trunk.length);
      short.push(trunk.at(-1) ?? a, place);
      trunk.push(place);
    }
    passed[e] = span;
    short.push(trunk[span - 1] ?? a, b);
  }
  return { layerOf: Int32Array.from(layerOf), short: Int32Array.from(short), trunks, passed };
}

/** A first order: branches stay together, chains come out straight. */
function depthFirst({ order }: Layered, starts: Int32Array, ups: Adjacency, downs: Adjacency, layerOf: Int32Array): Int32Array {
  const total = layerOf.length;
  const sequence = new Int32Array(total);
  const next = starts.slice();
  const seen = new Uint8Array(total);
  const stack: number[] = [];
  const walk = (from: number): void => {
    stack.push(from);
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      if (seen[v]) continue;
      seen[v] = 1;
      const layer = at(layerOf, v);
      sequence[at(next, layer)] = v;
      next[layer] = at(next, layer) + 1;
      for (let k = at(downs.starts, v + 1) - 1; k >= at(downs.starts, v); k--) if (!seen[at(downs.to, k)]) stack.push(at(downs.to, k));
    }
  };
  for (const v of order) if (degree(ups, v) === 0) walk(v);
  // Vertices on cycles have no start above them.
  for (const v of order) walk(v);
  return sequence;
}

/** Hints for the places of long edges: on the line between the edge's ends. */
function placesToo(hint: Float64Array, total: number, edges: Int32Array, trunks: Ordered['trunks'], passed: Int32Array): Float64Array {
  const all = new Float64Array(total).fill(NaN);
  all.set(hint);
  passed.forEach((span, e) => {
    const a = at(edges, 2 * e), from = at(hint, a), to = at(hint, at(edges, 2 * e + 1));
    const start = Number.isNaN(from) ? to : from, end = Number.isNaN(to) ? from : to;
    const trunk = trunks.get(a) ?? [];
    for (let i = 0; i < span; i++) all[trunk[i] ?? 0] = start + ((end - start) * (i + 1)) / (span + 1);
  });
  return all;
}

/** Who has a hint goes by it; who has none stays beside the neighbour it has now. */
function orderByHint(sequence: Int32Array, starts: Int32Array, hint: Float64Array): void {
  const keys = new Float64Array(sequence.length);
  for (let l = 0; l + 1 < starts.length; l++) {
    let before = -Infinity;
    for (let i = at(starts, l); i < at(starts, l + 1); i++) {
      const v = at(sequence, i), own = at(hint, v);
      before = Number.isNaN(own) ? before : own;
      keys[v] = before;
    }
    sortRange(sequence, at(starts, l), at(starts, l + 1), keys);
  }
}

/** Sorts a piece of the sequence by the keys of what stands there; equal keys stay in their order. */
function sortRange(sequence: Int32Array, from: number, to: number, keys: Float64Array): void {
  if (to - from > FEW) {
    sequence.subarray(from, to).sort((a, b) => (at(keys, a) < at(keys, b) ? -1 : at(keys, a) > at(keys, b) ? 1 : 0));
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const v = at(sequence, i), key = at(keys, v);
    let j = i;
    while (j > from && at(keys, at(sequence, j - 1)) > key) { sequence[j] = at(sequence, j - 1); j--; }
    sequence[j] = v;
  }
}

function sweep(sequence: Int32Array, starts: Int32Array, ups: Adjacency, downs: Adjacency, sweeps: number): void {
  const layers = starts.length - 1;
  const position = new Float64Array(sequence.length);
  const weight = new Float64Array(sequence.length);
  const number = (from: number, to: number): void => { for (let i = from; i < to; i++) position[at(sequence, i)] = i - from; };
  for (let l = 0; l < layers; l++) number(at(starts, l), at(starts, l + 1));
  for (let s = 0; s < sweeps; s++) {
    const down = s % 2 === 0;
    const sides = down ? ups : downs;
    for (let step = 0; step < layers; step++) {
      const layer = down ? step : layers - 1 - step;
      const from = at(starts, layer), to = at(starts, layer + 1);
      if (to - from < 2) continue;
      for (let i = from; i < to; i++) {
        const v = at(sequence, i), first = at(sides.starts, v), end = at(sides.starts, v + 1);
        let sum = 0;
        for (let k = first; k < end; k++) sum += at(position, at(sides.to, k));
        weight[v] = first === end ? at(position, v) : sum / (end - first);
      }
      sortRange(sequence, from, to, weight);
      number(from, to);
    }
  }
}
