// Camera: which part of the graph to show when it is opened, fitted, or when a node is called for.
import type { Viewport } from '@xyflow/react';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const MARGIN = 32;
/** The same at the top, where the buttons are. */
const TOP = 52;
/** Below this a card cannot be read, so a freshly opened long graph starts at its top instead of as a thread. */
const READABLE = 0.7;
const OPENING = 0.85;
/** What the map takes of the pane's right side. */
const MAP = 150;

export function fitAll(graph: Size, pane: Size): Viewport {
  const room = pane.height - TOP - MARGIN;
  const zoom = Math.max(1e-5, Math.min((pane.width - 2 * MARGIN) / Math.max(1, graph.width), room / Math.max(1, graph.height), 1.1));
  return { x: (pane.width - graph.width * zoom) / 2, y: TOP + (room - graph.height * zoom) / 2, zoom };
}

/** The whole graph where it is readable, else its top, with `head` (x of what stands there) in the middle, or further left where the map would cover cards and there is room. */
export function opening(graph: Size, pane: Size, head: number): Viewport {
  const all = fitAll(graph, pane);
  if (all.zoom >= READABLE) return all;
  const zoom = Math.min(OPENING, Math.max(READABLE, (pane.width - 2 * MARGIN) / Math.max(1, graph.width)));
  const x = pane.width / 2 - head * zoom, covered = x + graph.width * zoom - (pane.width - MAP);
  return { x: x - Math.max(0, Math.min(covered, x - MARGIN)), y: TOP, zoom };
}

/** Moves as little as needed so that a box is in view; zooms in only where it could not be read. */
export function bringIntoView(box: Size & { readonly x: number; readonly y: number }, pane: Size, now: Viewport): Viewport {
  const zoom = Math.max(now.zoom, READABLE);
  const inside = now.zoom === zoom
    && box.x * zoom + now.x >= MARGIN && (box.x + box.width) * zoom + now.x <= pane.width - MARGIN
    && box.y * zoom + now.y >= TOP && (box.y + box.height) * zoom + now.y <= pane.height - MARGIN;
  if (inside) return now;
  return { x: pane.width / 2 - (box.x + box.width / 2) * zoom, y: pane.height / 2 - (box.y + box.height / 2) * zoom, zoom };
}
