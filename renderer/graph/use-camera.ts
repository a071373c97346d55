// Moves the view: when a graph is opened, fitted or changed, when a node is called for, and when the pane changes its size.
import { useReactFlow, useStore, type ReactFlowState, type Viewport } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { useSelection } from '../stores/selection.ts';
import { useView } from '../stores/view.ts';
import { bringIntoView, fitAll, opening, type Size } from './camera.ts';
import type { Scene } from './scene.ts';

const MOVE = { duration: 180 };
const sizeKey = (s: ReactFlowState): string => `${s.width} ${s.height}`;

/** Middle of what stands at the top of the graph. */
function headOf({ rows }: Scene): number {
  const top = rows[0];
  return top ? (top.left + top.right) / 2 : 0;
}

/** The view of `next` that shows what the middle of the view of `old` showed: the selection, or what stood nearest. */
function following(old: Scene, next: Scene, view: Viewport, pane: Size): Viewport | null {
  const x = (pane.width / 2 - view.x) / view.zoom, y = (pane.height / 2 - view.y) / view.zoom;
  const selected = useSelection.getState().names.at(-1);
  let anchor = selected !== undefined && old.vertexOf.has(selected) && next.vertexOf.has(selected) ? selected : undefined;
  if (anchor === undefined) {
    let nearest = Infinity;
    for (const [name, i] of old.vertexOf) {
      const box = old.boxes[i];
      if (!box || !next.vertexOf.has(name)) continue;
      const distance = Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y);
      if (distance < nearest) { nearest = distance; anchor = name; }
    }
  }
  const before = old.boxes[old.vertexOf.get(anchor ?? '') ?? -1], after = next.boxes[next.vertexOf.get(anchor ?? '') ?? -1];
  return before && after ? { ...view, x: view.x + (before.x - after.x) * view.zoom, y: view.y + (before.y - after.y) * view.zoom } : null;
}

const sameView = (a: Viewport, b: Viewport): boolean => Math.abs(a.x - b.x) + Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom / b.zoom - 1) < 1e-3;

export function useCamera(scene: Scene, pane: () => Size): void {
  const flow = useReactFlow();
  /** How the view was placed last, for the whole graph; while nobody has moved it since, another size of the pane is fitted again. */
  const placed = useRef<{ readonly view: Viewport; readonly place: (size: Size) => Viewport } | null>(null);

  const shown = useRef<Scene | null>(null);
  useEffect(() => {
    const before = shown.current;
    if (before === scene) return;
    shown.current = scene;
    const followed = before && following(before, scene, flow.getViewport(), pane());
    const place = (size: Size): Viewport => opening(scene, size, headOf(scene));
    placed.current = followed ? null : { view: place(pane()), place };
    void flow.setViewport(followed ?? place(pane()));
  }, [scene, flow, pane]);

  // A project shows its graph where it was looked at; the wish is answered by the first scene there is.
  const camera = useView((s) => s.cameraWish);
  useEffect(() => {
    if (!camera) return;
    useView.setState({ cameraWish: null });
    placed.current = null;
    void flow.setViewport(camera);
  }, [camera, scene, flow]);

  // When the window or a panel changes its size, what was fitted is fitted again; else the middle of the view stays the middle.
  const paneSize = useStore(sizeKey);
  const sizeBefore = useRef(paneSize);
  useEffect(() => {
    const [oldWidth = 0, oldHeight = 0] = sizeBefore.current.split(' ').map(Number);
    const [width = 0, height = 0] = paneSize.split(' ').map(Number);
    sizeBefore.current = paneSize;
    if (oldWidth === 0 || (oldWidth === width && oldHeight === height)) return;
    const now = flow.getViewport(), { current } = placed;
    if (current && sameView(now, current.view)) {
      placed.current = { ...current, view: current.place({ width, height }) };
      void flow.setViewport(placed.current.view);
      return;
    }
    void flow.setViewport({ ...now, x: now.x + (width - oldWidth) / 2, y: now.y + (height - oldHeight) / 2 });
  }, [paneSize, flow]);

  const fitTick = useView((s) => s.fitTick);
  const fitted = useRef(fitTick);
  useEffect(() => {
    if (fitted.current === fitTick) return;
    fitted.current = fitTick;
    const place = (size: Size): Viewport => fitAll(scene, size);
    placed.current = { view: place(pane()), place };
    void flow.setViewport(placed.current.view, MOVE);
  }, [fitTick, scene, flow, pane]);

  const wish = useSelection((s) => s.reveal);
  const revealed = useRef(wish);
  useEffect(() => {
    if (revealed.current === wish) return;
    revealed.current = wish;
    const box = scene.boxes[scene.vertexOf.get(wish?.name ?? '') ?? -1];
    if (box) void flow.setViewport(bringIntoView(box, pane(), flow.getViewport()), MOVE);
  }, [wish, scene, flow, pane]);
}
