// Ordering: who stands left of whom on each layer, so that few edges cross. Long edges get a place on every layer
// they pass. Barycentre sweeps after a depth-first start (Sugiyama, Tagawa and Toda, 1981).
import { neighbours, type Layered } from './layers.ts';

export interface Ordered {
  /** Vertices of each layer from left to right. Indices from `count` on are places of long edges. */
  readonly layers: readonly (readonly number[])[];
  readonly ups: readonly (readonly number[])[];
  readonly downs: readonly (readonly number[])[];
  /** Vertices and places together. */
  readonly total: number;
  readonly layerOf: Int32Array;
  /** For each edge its places from top to bottom. */
  readonly chains: readonly (readonly number[])[];
}

/** Beyond this many places edges are drawn straight: a file may be made to ask for any number. */
const MOST_PLACES = 400_000;
const SWEEPS = 6;
/** Enough to settle what a change has brought in, few enough to leave the rest where it was. */
const SWEEPS_AFTER_CHANGE = 2;

export function orderLayers(count: number, edges: readonly (readonly [number, number])[], layered: Layered, hint?: readonly number[]): Ordered {
  const layerOf: number[] = Array.from(layered.layer);
  const short: [number, number][] = [];
  // Long edges from one vertex share their places and part where they must: a value that the whole network reads is one line, not many.
  const trunks = new Map<number, number[]>();
  const chains = edges.map(([a, b]) => {
    const span = (layerOf[b] ?? 0) - (layerOf[a] ?? 0) - 1;
    let trunk = trunks.get(a);
    if (!trunk) trunks.set(a, (trunk = []));
    if (layerOf.length + span - trunk.length > count + MOST_PLACES) return [];
    while (trunk.length < span) {
      const place = layerOf.length;
      layerOf.push((layerOf[a] ?? 0) + 1 + trunk.length);
      short.push([trunk.at(-1) ?? a, place]);
      trunk.push(place);
    }
    const chain = trunk.slice(0, Math.max(0, span));
    short.push([chain.at(-1) ?? a, b]);
    return chain;
  });
  const total = layerOf.length;
  const { ups, downs } = neighbours(total, short);
  const layers = depthFirst(layered, total, ups, downs, layerOf);
  if (hint) orderByHint(layers, placesToo(hint, edges, chains));
  sweep(layers, total, ups, downs, hint ? SWEEPS_AFTER_CHANGE : SWEEPS);
  return { layers, ups, downs, total, layerOf: Int32Array.from(layerOf), chains };
}

/** A first order: branches stay together, chains come out straight. */
function depthFirst(layered: Layered, total: number, ups: readonly (readonly number[])[], downs: readonly (readonly number[])[], layerOf: readonly number[]): number[][] {
  const layers: number[][] = Array.from({ length: layered.layers }, () => []);
  const seen = new Uint8Array(total);
  // Vertices on cycles have no start above them; listing all vertices behind the true starts reaches them too.
  const starts = layered.order.filter((v) => (ups[v]?.length ?? 0) === 0);
  const stack = [...starts, ...layered.order].toReversed();
  for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
    if (seen[v]) continue;
    seen[v] = 1;
    layers[layerOf[v] ?? 0]?.push(v);
    for (const w of (downs[v] ?? []).toReversed()) if (!seen[w]) stack.push(w);
  }
  return layers;
}

/** Hints for the places of long edges: on the line between the edge's ends. */
function placesToo(hint: readonly number[], edges: readonly (readonly [number, number])[], chains: readonly (readonly number[])[]): readonly number[] {
  const all = [...hint];
  edges.forEach(([a, b], e) => {
    const from = hint[a] ?? NaN, to = hint[b] ?? NaN;
    const start = Number.isNaN(from) ? to : from, end = Number.isNaN(to) ? from : to;
    const chain = chains[e] ?? [];
    chain.forEach((place, i) => { all[place] = start + ((end - start) * (i + 1)) / (chain.length + 1); });
  });
  return all;
}

/** Who has a hint goes by it; who has none stays beside the neighbour it has now. */
function orderByHint(layers: number[][], hint: readonly number[]): void {
  for (const layer of layers) {
    const key = new Map<number, number>();
    let before = -Infinity;
    for (const v of layer) {
      const own = hint[v] ?? NaN;
      before = Number.isNaN(own) ? before : own;
      key.set(v, before);
    }
    layer.sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0) || 0);
  }
}

function sweep(layers: number[][], total: number, ups: readonly (readonly number[])[], downs: readonly (readonly number[])[], sweeps: number): void {
  const position = new Float64Array(total);
  const weight = new Float64Array(total);
  const number = (layer: readonly number[]): void => layer.forEach((v, i) => { position[v] = i; });
  layers.forEach(number);
  for (let s = 0; s < sweeps; s++) {
    const down = s % 2 === 0;
    const sides = down ? ups : downs;
    for (const layer of down ? layers : layers.toReversed()) {
      if (layer.length < 2) continue;
      for (const v of layer) {
        const side = sides[v] ?? [];
        weight[v] = side.length === 0 ? (position[v] ?? 0) : side.reduce((sum, w) => sum + (position[w] ?? 0), 0) / side.length;
      }
      layer.sort((a, b) => (weight[a] ?? 0) - (weight[b] ?? 0) || (position[a] ?? 0) - (position[b] ?? 0));
      number(layer);
    }
  }
}
