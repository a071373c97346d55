// Paint: the scene on a canvas, as coarse as the zoom asks for. Close up the edges with their labels and every card that is not mounted;
// further out named blocks; from far away one band for the rows that fall on one line of pixels. What is painted never exceeds what a
// screen can show, whatever the size of the graph.
import type { Viewport } from '@xyflow/react';
import { labelPoint, traceEdge } from './edge-path.ts';
import type { Size } from './camera.ts';
import type { Palette } from './palette.ts';
import { edgesIn, rowsIn, verticesIn, type Rect, type Scene } from './scene.ts';

export interface Look {
  readonly colour: string;
  readonly ink: string;
  /** How much it should stand out where several share one pixel. */
  readonly weight: number;
}
/** How the parts of a scene look now. */
export interface Looks {
  readonly of: (vertex: number) => Look | undefined;
  readonly titleOf: (vertex: number) => string;
  readonly edgeText: (edge: number) => string;
  readonly selected: ReadonlySet<number>;
  /** Edges that touch the selection, while it is small enough to make them out. */
  readonly lit: ReadonlySet<number>;
  /** Vertices that stand there as live cards. */
  readonly mounted: ReadonlySet<number>;
  readonly palette: Palette;
  readonly tintOf: (vertex: number) => string | null;
}

/** From this zoom on vertices near the view are live cards. */
export const LIVE_ZOOM = 0.45;
const LABEL_ZOOM = 0.72;
const CURVE_ZOOM = 0.2;
const NAME_ZOOM = 0.17;
/** Rows closer than this many pixels are painted as bands. */
const BAND_PIXELS = 1.5;
const MOST_LONG = 600;
export const LABEL_HEIGHT = 11;

export function paint(pen: CanvasRenderingContext2D, scene: Scene, view: Viewport, size: Size, ratio: number, looks: Looks): void {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, size.width * ratio, size.height * ratio);
  const { zoom } = view;
  const seen: Rect = { x: -view.x / zoom, y: -view.y / zoom, width: size.width / zoom, height: size.height / zoom };
  pen.setTransform(ratio * zoom, 0, 0, ratio * zoom, view.x * ratio, view.y * ratio);
  if (scene.pitch * zoom < BAND_PIXELS) {
    paintBands(pen, scene, seen, zoom, looks);
    return;
  }
  if (zoom >= CURVE_ZOOM) paintTints(pen, scene, seen, looks);
  paintEdges(pen, scene, seen, zoom, looks);
  paintBoxes(pen, scene, seen, zoom, looks);
  if (zoom >= LABEL_ZOOM) paintLabels(pen, scene, seen, looks);
}

/** One rectangle a line of pixels, in the colour of what stands out most among its rows. */
function paintBands(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, zoom: number, looks: Looks): void {
  const step = Math.max(1, Math.ceil(1 / (scene.pitch * zoom)));
  const [first, last] = rowsIn(scene, seen);
  const neutral = looks.palette('var(--border-strong)');
  const marks: Rect[] = [];
  for (let r = first - (first % step); r <= last; r += step) {
    let left = Infinity, right = -Infinity, colour = neutral, weight = -1, marked = false;
    for (const row of scene.rows.slice(r, r + step)) {
      left = Math.min(left, row.left);
      right = Math.max(right, row.right);
      for (const i of row.vertices) {
        const look = looks.of(i);
        if (look && look.weight > weight) { weight = look.weight; colour = look.colour; }
        if (looks.selected.has(i)) marked = true;
      }
    }
    const box = { x: left, y: scene.rows[r]?.top ?? 0, width: Math.max(right - left, 3 / zoom), height: Math.max(0.8 / zoom, scene.pitch * step * 0.75) };
    pen.fillStyle = colour;
    pen.fillRect(box.x, box.y, box.width, box.height);
    if (marked) marks.push(box);
  }
  pen.strokeStyle = looks.palette('var(--edge)');
  pen.lineWidth = 0.7 / zoom;
  pen.beginPath();
  // A bend every few pixels, and the longest edges first: beyond that many they are a grey area anyway.
  const every = Math.max(8, Math.ceil(4 / (scene.pitch * zoom)));
  for (const e of scene.longEdges.slice(0, MOST_LONG)) line(pen, scene.edges[e], every);
  pen.stroke();
  pen.fillStyle = looks.palette('var(--accent)');
  for (const { x, y, width, height } of marks) {
    for (const at of [x - 6 / zoom, x + width + 2 / zoom]) pen.fillRect(at, y, 4 / zoom, Math.max(height, 3 / zoom));
  }
}

function line(pen: CanvasRenderingContext2D, points: Float64Array | undefined, every: number): void {
  if (!points) return;
  pen.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let i = 2 * every; i < points.length - 2; i += 2 * every) pen.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  pen.lineTo(points[points.length - 2] ?? 0, points[points.length - 1] ?? 0);
}

/** The ground of each partition, row by row: neighbours of one partition share a rectangle. */
export function tintRuns(scene: Scene, [first, last]: readonly [number, number], tintOf: Looks['tintOf']): { readonly tint: string; readonly rect: Rect }[] {
  const runs: { readonly tint: string; readonly rect: Rect }[] = [];
  for (let r = first; r <= last; r++) {
    const row = scene.rows[r];
    if (!row) continue;
    let from = 0;
    const tints = row.vertices.map((i) => tintOf(i));
    for (let k = 1; k <= tints.length; k++) {
      if (k < tints.length && tints[k] === tints[from]) continue;
      const tint = tints[from], start = scene.boxes[row.vertices[from] ?? 0], end = scene.boxes[row.vertices[k - 1] ?? 0];
      if (tint !== null && tint !== undefined && start && end) {
        runs.push({ tint, rect: { x: start.x - 14, y: row.top - 22, width: end.x + end.width - start.x + 28, height: row.bottom - row.top + 44 } });
      }
      from = k;
    }
  }
  return runs;
}

function paintTints(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, looks: Looks): void {
  pen.globalAlpha = 0.09;
  for (const { tint, rect } of tintRuns(scene, rowsIn(scene, seen), looks.tintOf)) {
    pen.fillStyle = tint;
    pen.fillRect(rect.x, rect.y, rect.width, rect.height);
  }
  pen.globalAlpha = 1;
}

function paintEdges(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, zoom: number, looks: Looks): void {
  const bottom = seen.y + seen.height;
  const lit: number[] = [];
  pen.strokeStyle = looks.palette('var(--edge)');
  pen.lineWidth = Math.max(0.7 / zoom, 1.4);
  pen.beginPath();
  for (const e of edgesIn(scene, rowsIn(scene, seen))) {
    const points = scene.edges[e];
    if (!points || (points[points.length - 1] ?? 0) < seen.y || (points[1] ?? 0) > bottom) continue;
    if (looks.lit.has(e)) lit.push(e);
    else if (zoom >= CURVE_ZOOM) traceEdge(pen, points);
    else line(pen, points, zoom < 0.08 ? 4 : 1);
  }
  pen.stroke();
  if (zoom >= CURVE_ZOOM) paintArrows(pen, scene, seen, looks, lit);
  if (lit.length === 0) return;
  pen.strokeStyle = looks.palette('var(--accent)');
  pen.lineWidth = Math.max(1.4 / zoom, 2);
  pen.beginPath();
  for (const e of lit) traceEdge(pen, scene.edges[e] ?? new Float64Array());
  pen.stroke();
}

function paintArrows(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, looks: Looks, lit: readonly number[]): void {
  const head = (e: number): void => {
    const points = scene.edges[e];
    const x = points?.at(-2) ?? 0, y = points?.at(-1) ?? 0;
    if (y < seen.y - 10 || y > seen.y + seen.height + 10) return;
    pen.moveTo(x, y);
    pen.lineTo(x - 4, y - 8);
    pen.lineTo(x + 4, y - 8);
  };
  const fill = (edges: Iterable<number>, colour: string): void => {
    pen.fillStyle = looks.palette(colour);
    pen.beginPath();
    for (const e of edges) head(e);
    pen.fill();
  };
  fill(edgesIn(scene, rowsIn(scene, seen)), 'var(--edge)');
  if (lit.length > 0) fill(lit, 'var(--accent)');
}

function paintBoxes(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, zoom: number, looks: Looks): void {
  const [first, last] = rowsIn(scene, seen);
  const neutral: Look = { colour: looks.palette('var(--hover)'), ink: looks.palette('var(--text)'), weight: 0 };
  const right = seen.x + seen.width;
  const named = zoom >= NAME_ZOOM;
  const marked: Rect[] = [];
  // The font's size is that of the cards' far name, but never too small or too large to read.
  const font = Math.min(Math.max(20 * zoom, 9), 15) / zoom;
  pen.font = `600 ${font}px system-ui, sans-serif`;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  pen.lineWidth = 1 / zoom;
  pen.strokeStyle = looks.palette('var(--border-strong)');
  for (let r = first; r <= last; r++) for (const i of scene.rows[r]?.vertices ?? []) {
    const box = scene.boxes[i];
    if (!box || looks.mounted.has(i) || box.x > right || box.x + box.width < seen.x) continue;
    const { colour, ink } = looks.of(i) ?? neutral;
    pen.fillStyle = colour;
    pen.fillRect(box.x, box.y, box.width, box.height);
    if (zoom < NAME_ZOOM && colour === neutral.colour) pen.strokeRect(box.x, box.y, box.width, box.height);
    if (named) {
      pen.strokeRect(box.x, box.y, box.width, box.height);
      pen.fillStyle = ink;
      pen.fillText(fitText(looks.titleOf(i), box.width - 0.8 * font, font), box.x + 0.4 * font, box.y + box.height / 2);
    }
    if (looks.selected.has(i)) marked.push(box);
  }
  if (marked.length === 0) return;
  pen.strokeStyle = looks.palette('var(--accent)');
  pen.lineWidth = 3 / zoom;
  for (const { x, y, width, height } of marked) pen.strokeRect(x - 1 / zoom, y - 1 / zoom, width + 2 / zoom, height + 2 / zoom);
}

/** As much of a text as fits, by the width of an average letter: measuring thousands of names would cost more than it gives. */
export function fitText(text: string, width: number, font: number): string {
  const most = Math.floor(width / (0.56 * font));
  return text.length <= most ? text : most < 2 ? '' : `${text.slice(0, most - 1)}…`;
}

function paintLabels(pen: CanvasRenderingContext2D, scene: Scene, seen: Rect, looks: Looks): void {
  pen.font = '10px ui-monospace, "DejaVu Sans Mono", monospace';
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const ground = looks.palette('var(--canvas)'), ink = looks.palette('var(--muted)');
  const taken: Rect[] = [];
  for (const e of edgesIn(scene, rowsIn(scene, seen))) {
    const { x: middle, y } = labelPoint(scene.edges[e] ?? new Float64Array(4));
    if (y < seen.y || y > seen.y + seen.height || middle < seen.x - 80 || middle > seen.x + seen.width + 80) continue;
    const text = looks.edgeText(e);
    const width = text.length * 6.1 + 6;
    const x = besideCards(scene, { x: middle, y, width, height: LABEL_HEIGHT });
    if (x === null) continue;
    // Edges that run close together carry the same or a like value; the first label speaks for them.
    if (taken.some((t) => Math.abs(t.y - y) < LABEL_HEIGHT && Math.abs(t.x - x) < (t.width + width) / 2)) continue;
    taken.push({ x, y, width, height: LABEL_HEIGHT });
    pen.fillStyle = ground;
    pen.fillRect(x - width / 2, y - LABEL_HEIGHT / 2, width, LABEL_HEIGHT);
    pen.fillStyle = ink;
    pen.fillText(text, x, y);
  }
}

/** Where a label that stands around x has to move so that no card covers it; null where it would leave its edge. */
export function besideCards(scene: Scene, label: Rect): number | null {
  let { x } = label;
  for (const i of verticesIn(scene, { ...label, x: x - label.width / 2, y: label.y - label.height / 2 })) {
    const box = scene.boxes[i];
    if (!box) continue;
    const between = x - (box.x + box.width / 2), apart = (box.width + label.width) / 2 + 2;
    if (Math.abs(between) < apart) x += between < 0 ? -apart - between : apart - between;
  }
  return Math.abs(x - label.x) > label.width / 2 ? null : x;
}
