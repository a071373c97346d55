// The painted layer: the canvas behind the live cards, in step with the view, at the full resolution of the screen.
import { useStore, type ReactFlowState } from '@xyflow/react';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useLater } from '../controls/use-later.ts';
import { useRecipe } from '../stores/recipe.ts';
import { nodesByName, useSession } from '../stores/session.ts';
import { readGround, watchGround } from '../theme/theme.ts';
import { colourTable, createLooks } from './looks.ts';
import type { Overlay } from './overlays/index.ts';
import { paint } from './paint.ts';
import { paletteOf } from './palette.ts';
import type { Scene } from './scene.ts';

interface PaintedProps {
  readonly scene: Scene;
  readonly overlay: Overlay;
  readonly selected: ReadonlySet<number>;
  readonly mounted: readonly number[];
}

const viewKey = (s: ReactFlowState): string => `${s.transform.join(' ')} ${s.width} ${s.height}`;

/** Pixels of the screen a pixel of the page; changes when the window moves to another screen or the page is zoomed. */
function useRatio(): number {
  const [ratio, setRatio] = useState(window.devicePixelRatio);
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`);
    const onChange = (): void => setRatio(window.devicePixelRatio);
    query.addEventListener('change', onChange);
    return () => query.removeEventListener('change', onChange);
  }, [ratio]);
  return ratio;
}

export function Painted({ scene, overlay, selected, mounted }: PaintedProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useStore(viewKey);
  const ratio = useRatio();
  const ground = useSyncExternalStore(watchGround, readGround);
  // What edges say of precisions comes after the colours.
  const recipe = useLater(useRecipe((s) => s.recipe));
  const model = useSession((s) => s.model);
  const nodes = nodesByName(model);
  // The palette depends on the ground through the page's styles.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  const palette = useMemo(() => paletteOf(document.documentElement), [ground]);
  const colours = useMemo(() => colourTable(scene, overlay, palette), [scene, overlay, palette]);
  const looks = useMemo(
    () => createLooks({ scene, selected, mounted: new Set(mounted), palette, nodes, recipe }, colours),
    [scene, selected, mounted, palette, nodes, recipe, colours],
  );

  useLayoutEffect(() => {
    const element = canvas.current, pen = element?.getContext('2d');
    const [x = 0, y = 0, zoom = 1, width = 0, height = 0] = view.split(' ').map(Number);
    if (!element || !pen || width === 0) return;
    const across = Math.round(width * ratio), up = Math.round(height * ratio);
    if (element.width !== across) element.width = across;
    if (element.height !== up) element.height = up;
    paint(pen, scene, { x, y, zoom }, { width, height }, ratio, looks);
    // Told once a scene: when it could be seen for the first time.
    if (!painted.has(scene)) { painted.add(scene); performance.mark('requant:graph-painted'); }
  }, [view, ratio, scene, looks]);
  return <canvas ref={canvas} className="painted" aria-hidden data-testid="painted" />;
}
const painted = new WeakSet<Scene>();
