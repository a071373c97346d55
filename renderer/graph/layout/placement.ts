// Placement: x of every vertex and place. Each moves towards its neighbours; order and gaps on a layer are kept by
// isotonic regression (pool adjacent violators), which gives the closest positions that do not overlap.
// Everything here is numbered as it stands, layer after layer from left to right, so that neighbours in the drawing are neighbours in memory.
import { at, degree, type Adjacency } from './adjacency.ts';
import type { Ordered } from './ordering.ts';

const PASSES = 24;
/** In the last passes a vertex looks both ways, which straightens chains. */
const BOTH_WAYS = 12;
/** Places of long edges pull harder than vertices, so that long edges run straight. */
const PLACE_WEIGHT = 3;
/** Weight of a straightened chain against what stands beside it. */
const CHAIN_WEIGHT = 12;
const GAP = 32;

/** Boxes in rows, and what decides where they go. */
export interface Rows {
  /** Where centres are. */
  readonly centres: Float64Array;
  /** Where they would like to be. */
  readonly wants: Float64Array;
  /** How hard each pulls. */
  readonly weights: Float64Array;
  /** How far right of its row's first centre each is when all stand as close as they may. */
  readonly offsets: Float64Array;
  /** Boxes that move as one while a row settles: weighted sum of their wishes, weight, and how many they are. */
  readonly sums: Float64Array;
  readonly together: Float64Array;
  readonly sizes: Int32Array;
}

/** Rows of boxes with these half widths; `starts`: where each row begins, and where the last one ends. All in the middle. */
export function createRows(starts: Int32Array, halves: Float64Array, weights: Float64Array): Rows {
  const numbers = (): Float64Array => new Float64Array(halves.length);
  const rows = { centres: numbers(), wants: numbers(), weights, offsets: numbers(), sums: numbers(), together: numbers(), sizes: new Int32Array(halves.length) };
  for (let r = 0; r + 1 < starts.length; r++) {
    const from = at(starts, r), to = at(starts, r + 1);
    let edge = 0;
    for (let i = from; i < to; i++) {
      rows.offsets[i] = i === from ? 0 : at(rows.offsets, i - 1) + at(halves, i - 1) + at(halves, i) + GAP;
      rows.centres[i] = edge + at(halves, i);
      edge += 2 * at(halves, i) + GAP;
    }
    for (let i = from; i < to; i++) rows.centres[i] = at(rows.centres, i) - (edge - GAP) / 2;
  }
  return rows;
}

/** Moves a row's boxes to the positions closest to what they want (weighted least squares) that keep their order and leave GAP between them. */
export function settle({ centres, wants, weights, offsets, sums, together, sizes }: Rows, from: number, to: number): void {
  let blocks = 0;
  for (let i = from; i < to; i++) {
    let weight = weights[i] as number, sum = ((wants[i] as number) - (offsets[i] as number)) * weight, size = 1;
    while (blocks > 0 && (sums[blocks - 1] as number) / (together[blocks - 1] as number) > sum / weight) {
      blocks--;
      sum += sums[blocks] as number;
      weight += together[blocks] as number;
      size += sizes[blocks] as number;
    }
    sums[blocks] = sum;
    together[blocks] = weight;
    sizes[blocks] = size;
    blocks++;
  }
  for (let block = 0, i = from; block < blocks; block++) {
    const shift = (sums[block] as number) / (together[block] as number);
    for (const end = i + (sizes[block] as number); i < end; i++) centres[i] = shift + (offsets[i] as number);
  }
}

/** Centres. `widths` holds the width of every vertex and place. */
export function placeHorizontally(count: number, { sequence, starts, ups, downs, total }: Ordered, widths: Float64Array): Float64Array {
  const standing = new Int32Array(total);
  sequence.forEach((v, i) => { standing[v] = i; });
  const above = renumbered(ups, sequence, standing), below = renumbered(downs, sequence, standing);
  const halves = new Float64Array(total), weights = new Float64Array(total);
  sequence.forEach((v, i) => {
    halves[i] = at(widths, v) / 2;
    weights[i] = v < count ? 1 : PLACE_WEIGHT;
  });
  const rows = createRows(starts, halves, weights);
  const layers = starts.length - 1;
  for (let pass = 0; pass < PASSES; pass++) {
    const down = pass % 2 === 0;
    const both = pass >= PASSES - BOTH_WAYS;
    for (let step = 0; step < layers; step++) {
      const layer = down ? step : layers - 1 - step;
      const from = at(starts, layer), to = at(starts, layer + 1);
      wish(rows, both || down ? above : null, both || !down ? below : null, from, to);
      settle(rows, from, to);
    }
  }
  straightenChains(rows, above, below);
  const heavier = { ...rows, weights: weights.map((weight) => weight * CHAIN_WEIGHT) };
  for (let layer = 0; layer < layers; layer++) settle(heavier, at(starts, layer), at(starts, layer + 1));
  const centres = new Float64Array(total);
  sequence.forEach((v, i) => { centres[v] = at(rows.centres, i); });
  return centres;
}

/** The same adjacency among standing numbers. */
function renumbered({ starts, to }: Adjacency, sequence: Int32Array, standing: Int32Array): Adjacency {
  const next = { starts: new Int32Array(starts.length), to: new Int32Array(to.length) };
  let end = 0;
  sequence.forEach((v, i) => {
    for (let k = at(starts, v); k < at(starts, v + 1); k++) next.to[end++] = at(standing, at(to, k));
    next.starts[i + 1] = end;
  });
  return next;
}

/** Each box of a row wants to be in the middle of its neighbours; one without any, where it is. */
function wish({ centres, wants }: Rows, above: Adjacency | null, below: Adjacency | null, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    let sum = 0, sides = 0;
    if (above) for (let k = above.starts[i] as number, end = above.starts[i + 1] as number; k < end; k++, sides++) sum += centres[above.to[k] as number] as number;
    if (below) for (let k = below.starts[i] as number, end = below.starts[i + 1] as number; k < end; k++, sides++) sum += centres[below.to[k] as number] as number;
    wants[i] = sides === 0 ? centres[i] as number : sum / sides;
  }
}

/** Relaxing bends a long chain only slowly straight, so at the end each chain wants to be at the mean of its places. */
function straightenChains({ centres, wants }: Rows, above: Adjacency, below: Adjacency): void {
  wants.fill(NaN);
  const onlyReader = (i: number): number => {
    if (degree(below, i) !== 1) return -1;
    const reader = at(below.to, at(below.starts, i));
    return degree(above, reader) === 1 ? reader : -1;
  };
  for (let head = 0; head < wants.length; head++) {
    if (!Number.isNaN(at(wants, head))) continue;
    let sum = 0, length = 0, end = head;
    // Marked on the way: a cycle would never end otherwise.
    for (let i = head; i >= 0 && Number.isNaN(at(wants, i)); i = onlyReader(i)) {
      wants[i] = 0;
      sum += at(centres, i);
      length++;
      end = i;
    }
    for (let i = head; ; i = onlyReader(i)) {
      wants[i] = sum / length;
      if (i === end) break;
    }
  }
}
