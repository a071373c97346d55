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

const SWEEPS = 6;

export function orderLayers(count: number, edges: readonly (readonly [number, number])[], layered: Layered): Ordered {
  const layerOf: number[] = Array.from(layered.layer);
  const short: [number, number][] = [];
  const chains = edges.map(([a, b]) => {
    const chain: number[] = [];
    let from = a;
    for (let l = (layerOf[a] ?? 0) + 1; l < (layerOf[b] ?? 0); l++) {
      const place = layerOf.length;
      layerOf.push(l);
      short.push([from, place]);
      chain.push(place);
      from = place;
    }
    short.push([from, b]);
    return chain;
  });
  const total = layerOf.length;
  const { ups, downs } = neighbours(total, short);
  const layers = depthFirst(layered, total, ups, downs, layerOf);
  sweep(layers, total, ups, downs);
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

function sweep(layers: number[][], total: number, ups: readonly (readonly number[])[], downs: readonly (readonly number[])[]): void {
  const position = new Float64Array(total);
  const weight = new Float64Array(total);
  const number = (layer: readonly number[]): void => layer.forEach((v, i) => { position[v] = i; });
  layers.forEach(number);
  for (let s = 0; s < SWEEPS; s++) {
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
