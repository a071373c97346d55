// Scene: a laid-out drawing as numbers, indexed by row, so that what lies in a piece of it is found without looking at the rest.
import { CARD, PILL, type Drawing, type Vertex } from './derive.ts';
import type { LayoutRequest } from './layout/request.ts';
import { edgePoints, type Layout } from './layout/result.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
export interface Row {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** Vertices from left to right. */
  readonly vertices: readonly number[];
}
export interface Scene {
  readonly drawing: Drawing;
  readonly boxes: readonly Rect[];
  readonly rows: readonly Row[];
  /** Distance from row to row, on average. */
  readonly pitch: number;
  /** Vertices at the ends of the edges: from, to, from, to ... */
  readonly ends: Int32Array;
  /** Points of each edge from top to bottom: x, y, x, y ... */
  readonly edges: readonly Float64Array[];
  /** Edges that touch each piece of {@link EDGE_ROWS} rows. */
  readonly edgesOfPiece: readonly (readonly number[])[];
  /** Edges that pass at least {@link LONG_ROWS} rows: the ones to be seen from far away, longest first. */
  readonly longEdges: readonly number[];
  /** The vertex that stands for a node of the model. */
  readonly vertexOf: ReadonlyMap<string, number>;
  readonly width: number;
  readonly height: number;
}

const EDGE_ROWS = 16;
const LONG_ROWS = 24;

const sizeOf = (vertex: Vertex): { readonly width: number; readonly height: number } =>
  (vertex.kind === 'input' || vertex.kind === 'output' ? PILL : CARD);

/** Vertices at the ends of the links: from, to, from, to ... */
function endsOf({ links }: Drawing): Int32Array<ArrayBuffer> {
  const ends = new Int32Array(2 * links.length);
  links.forEach(({ source, target }, e) => {
    ends[2 * e] = source;
    ends[2 * e + 1] = target;
  });
  return ends;
}

/** What to ask of the layout. `hint`: where the middles of vertices stood before. */
export const layoutOf = (drawing: Drawing, hint?: Float64Array<ArrayBuffer>): Omit<LayoutRequest, 'id'> => ({
  widths: Float64Array.from(drawing.vertices, (vertex) => sizeOf(vertex).width), heights: Float64Array.from(drawing.vertices, (vertex) => sizeOf(vertex).height),
  edges: endsOf(drawing), ...(hint && { hint }),
});

/** `ends`: the edges that the layout was asked for. */
export function createScene(drawing: Drawing, ends: Int32Array, layout: Layout): Scene {
  const boxes = drawing.vertices.map((vertex, i): Rect => {
    const { width, height } = sizeOf(vertex);
    return { x: layout.x[i] ?? 0, y: layout.y[i] ?? 0, width, height };
  });
  const rows = rowsOf(boxes);
  const edges = drawing.links.map((_, e) => edgePoints(layout, e));
  const edgesOfPiece: number[][] = Array.from({ length: Math.ceil(rows.length / EDGE_ROWS) }, () => []);
  const longEdges: number[] = [];
  edges.forEach((points, e) => {
    const first = rowAt(rows, points[1] ?? 0), last = rowAt(rows, points[points.length - 1] ?? 0);
    for (let piece = Math.floor(first / EDGE_ROWS); piece <= Math.floor(last / EDGE_ROWS); piece++) edgesOfPiece[piece]?.push(e);
    if (last - first >= LONG_ROWS) longEdges.push(e);
  });
  longEdges.sort((a, b) => (edges[b]?.length ?? 0) - (edges[a]?.length ?? 0));
  const vertexOf = new Map<string, number>();
  drawing.vertices.forEach(({ names }, i) => { for (const name of names) if (!vertexOf.has(name)) vertexOf.set(name, i); });
  return { drawing, boxes, rows, pitch: rows.length === 0 ? 1 : layout.height / rows.length, ends, edges, edgesOfPiece, longEdges, vertexOf, width: layout.width, height: layout.height };
}

/** Boxes of one layer share their middle line. */
function rowsOf(boxes: readonly Rect[]): Row[] {
  const byMiddle = new Map<number, number[]>();
  boxes.forEach((box, i) => {
    const middle = Math.round(box.y + box.height / 2);
    const row = byMiddle.get(middle);
    if (row) row.push(i);
    else byMiddle.set(middle, [i]);
  });
  return [...byMiddle].sort(([a], [b]) => a - b).map(([, vertices]): Row => {
    let top = Infinity, bottom = -Infinity, left = Infinity, right = -Infinity;
    for (const i of vertices) {
      const box = boxes[i] as Rect; // i is an index of boxes
      top = Math.min(top, box.y);
      bottom = Math.max(bottom, box.y + box.height);
      left = Math.min(left, box.x);
      right = Math.max(right, box.x + box.width);
    }
    return { top, bottom, left, right, vertices: vertices.sort((a, b) => (boxes[a]?.x ?? 0) - (boxes[b]?.x ?? 0)) };
  });
}

/** The first row that ends below `y`, or the last one. */
export function rowAt(rows: readonly Row[], y: number): number {
  let low = 0, high = Math.max(0, rows.length - 1);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle]?.bottom ?? 0) < y) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First and last row that touch a piece of the drawing. */
export const rowsIn = ({ rows }: Scene, { y, height }: Rect): readonly [first: number, last: number] => [rowAt(rows, y), rowAt(rows, y + height)];

export function verticesIn(scene: Scene, rect: Rect): number[] {
  const found: number[] = [];
  const [first, last] = rowsIn(scene, rect);
  for (let r = first; r <= last; r++) {
    const row = scene.rows[r];
    if (!row || row.right < rect.x || row.left > rect.x + rect.width || row.top > rect.y + rect.height || row.bottom < rect.y) continue;
    for (const i of row.vertices) {
      const box = scene.boxes[i];
      if (box && box.x <= rect.x + rect.width && box.x + box.width >= rect.x && box.y <= rect.y + rect.height && box.y + box.height >= rect.y) found.push(i);
    }
  }
  return found;
}

/** Edges that may be seen in these rows, each once. */
export function edgesIn(scene: Scene, [first, last]: readonly [number, number]): Iterable<number> {
  const from = Math.floor(first / EDGE_ROWS), to = Math.floor(last / EDGE_ROWS);
  if (from === to) return scene.edgesOfPiece[from] ?? [];
  const found = new Set<number>();
  for (let piece = from; piece <= to; piece++) for (const e of scene.edgesOfPiece[piece] ?? []) found.add(e);
  return found;
}

/** The vertex at a point, or null. `reach` widens boxes that would be too small to hit. */
export function hit(scene: Scene, x: number, y: number, reach = 0): number | null {
  let best: number | null = null, nearest = Infinity;
  for (const i of verticesIn(scene, { x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach })) {
    const box = scene.boxes[i];
    if (!box) continue;
    const distance = Math.hypot(Math.max(box.x - x, 0, x - box.x - box.width), Math.max(box.y - y, 0, y - box.y - box.height));
    if (distance < nearest) { nearest = distance; best = i; }
  }
  return best;
}
