// Placement: x of every vertex and place. Each moves towards its neighbours; order and gaps on a layer are kept by
// isotonic regression (pool adjacent violators), which gives the closest positions that do not overlap.
import type { Ordered } from './ordering.ts';

const PASSES = 24;
/** In the last passes a vertex looks both ways, which straightens chains. */
const BOTH_WAYS = 12;
/** Places of long edges pull harder than vertices, so that long edges run straight. */
const PLACE_WEIGHT = 3;
const GAP = 32;

/** Centres. `widths` holds the width of every vertex and place. */
export function placeHorizontally(count: number, ordered: Ordered, widths: Float64Array): Float64Array {
  const { layers, ups, downs, total } = ordered;
  const x = new Float64Array(total);
  const half = (v: number): number => (widths[v] ?? 0) / 2;
  for (const layer of layers) {
    let at = 0;
    for (const v of layer) {
      x[v] = at + half(v);
      at += 2 * half(v) + GAP;
    }
    for (const v of layer) x[v] = (x[v] ?? 0) - (at - GAP) / 2;
  }
  for (let pass = 0; pass < PASSES; pass++) {
    const down = pass % 2 === 0;
    const both = pass >= PASSES - BOTH_WAYS;
    for (const layer of down ? layers : layers.toReversed()) {
      const wants = layer.map((v) => {
        const sides = both ? [...(ups[v] ?? []), ...(downs[v] ?? [])] : (down ? ups[v] : downs[v]) ?? [];
        return sides.length === 0 ? (x[v] ?? 0) : sides.reduce((sum, w) => sum + (x[w] ?? 0), 0) / sides.length;
      });
      const settled = keepApart(wants, layer.map(half), layer.map((v) => (v < count ? 1 : PLACE_WEIGHT)));
      layer.forEach((v, i) => { x[v] = settled[i] ?? 0; });
    }
  }
  straightenChains(count, ordered, x, half);
  return x;
}

/** Weight of a straightened chain against what stands beside it. */
const CHAIN_WEIGHT = 12;

/** Relaxing bends a long chain only slowly straight, so at the end each chain is pulled to the mean of its places. */
function straightenChains(count: number, { layers, ups, downs, total }: Ordered, x: Float64Array, half: (v: number) => number): void {
  const line = new Float64Array(total).fill(NaN);
  const onlyReader = (v: number): number | undefined => {
    const [w, ...others] = downs[v] ?? [];
    return w !== undefined && others.length === 0 && ups[w]?.length === 1 ? w : undefined;
  };
  for (const layer of layers) for (const head of layer) {
    if (!Number.isNaN(line[head])) continue;
    const chain: number[] = [];
    // Marked on the way: a cycle would never end otherwise.
    for (let v: number | undefined = head; v !== undefined && Number.isNaN(line[v]); v = onlyReader(v)) {
      line[v] = 0;
      chain.push(v);
    }
    const mean = chain.reduce((sum, v) => sum + (x[v] ?? 0), 0) / chain.length;
    for (const v of chain) line[v] = mean;
  }
  for (const layer of layers) {
    const wants = layer.map((v) => line[v] ?? 0);
    const settled = keepApart(wants, layer.map(half), layer.map((v) => (v < count ? CHAIN_WEIGHT : PLACE_WEIGHT * CHAIN_WEIGHT)));
    layer.forEach((v, i) => { x[v] = settled[i] ?? 0; });
  }
}

/** The positions closest to `wants` (weighted least squares) that keep the order and leave GAP between boxes. */
export function keepApart(wants: readonly number[], halves: readonly number[], weights: readonly number[]): number[] {
  const offsets: number[] = [];
  const blocks: { sum: number; weight: number; size: number }[] = [];
  wants.forEach((want, i) => {
    const before = offsets[i - 1];
    offsets.push(before === undefined ? 0 : before + (halves[i - 1] ?? 0) + (halves[i] ?? 0) + GAP);
    const weight = weights[i] ?? 1;
    let block = { sum: (want - (offsets[i] ?? 0)) * weight, weight, size: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.weight > block.sum / block.weight; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, size: last.size + block.size };
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ sum, weight, size }) => Array.from({ length: size }, () => sum / weight)).map((at, i) => at + (offsets[i] ?? 0));
}
