// Which vertices are live cards: those near the view, once it is close enough to read them. A few more each frame, so that no frame is long;
// until its turn comes a vertex is painted.
import { useStoreApi } from '@xyflow/react';
import { useEffect, useState } from 'react';
import { LIVE_ZOOM } from './paint.ts';
import { verticesIn, type Scene } from './scene.ts';

const MARGIN = 120;
/** Cards further out than this many pixels are taken away. */
const KEEP = 600;
const MOUNTED_A_FRAME = 6;
const NONE: readonly number[] = [];

interface View {
  readonly transform: readonly [number, number, number];
  readonly width: number;
  readonly height: number;
}
const around = ({ transform: [x, y, zoom], width, height }: View, margin: number) =>
  ({ x: (-x - margin) / zoom, y: (-y - margin) / zoom, width: (width + 2 * margin) / zoom, height: (height + 2 * margin) / zoom });

/** The next set of live vertices on the way to the wanted one. The same array when nothing changes. */
export function nextMounted(scene: Scene, mounted: readonly number[], view: View): readonly number[] {
  if (view.transform[2] < LIVE_ZOOM || view.width === 0) return mounted.length === 0 ? mounted : NONE;
  const keep = new Set(verticesIn(scene, around(view, KEEP)));
  const have = new Set(mounted);
  const kept = mounted.filter((i) => keep.has(i));
  const missing = verticesIn(scene, around(view, MARGIN)).filter((i) => !have.has(i));
  return missing.length === 0 && kept.length === mounted.length ? mounted : [...kept, ...missing.slice(0, MOUNTED_A_FRAME)];
}

export function useMounted(scene: Scene): readonly number[] {
  const store = useStoreApi();
  const [mounted, setMounted] = useState<{ readonly scene: Scene; readonly vertices: readonly number[] }>({ scene, vertices: NONE });
  useEffect(() => {
    let frame = 0;
    let now: readonly number[] = NONE;
    const step = (): void => {
      frame = 0;
      const next = nextMounted(scene, now, store.getState());
      if (next === now) return;
      now = next;
      setMounted({ scene, vertices: next });
      frame = requestAnimationFrame(step);
    };
    const schedule = (): void => { if (frame === 0) frame = requestAnimationFrame(step); };
    schedule();
    const stop = store.subscribe(schedule);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [scene, store]);
  return mounted.scene === scene ? mounted.vertices : NONE;
}
