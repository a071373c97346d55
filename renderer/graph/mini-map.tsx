// The map: the whole graph in its overlay colours, with the part in view framed. Drawn once a change, not once a frame;
// only the frame follows the view. Click or drag moves there.
import { Panel, useReactFlow, useStore, useStoreApi, type ReactFlowState } from '@xyflow/react';
import { useEffect, useRef, useSyncExternalStore, type PointerEvent } from 'react';
import { readGround, watchGround } from '../theme/theme.ts';
import { colourTable } from './looks.ts';
import type { Overlay } from './overlays/index.ts';
import { paletteOf } from './palette.ts';
import { verticesIn, type Scene } from './scene.ts';

const MOST = { width: 120, height: 190 };

interface MapProps {
  readonly scene: Scene;
  readonly overlay: Overlay;
}

const viewKey = (s: ReactFlowState): string => `${s.transform.join(' ')} ${s.width} ${s.height}`;

function Frame({ scale }: { readonly scale: number }) {
  const [x = 0, y = 0, zoom = 1, width = 0, height = 0] = useStore(viewKey).split(' ').map(Number);
  return <div className="map-frame" style={{ left: (-x / zoom) * scale, top: (-y / zoom) * scale, width: (width / zoom) * scale, height: (height / zoom) * scale }} />;
}

/** Is all of the graph in view? Then a map tells nothing, and covers some of it. */
const showsAll = ({ width, height }: Scene) => ({ transform: [x, y, zoom], ...pane }: ReactFlowState): boolean =>
  x >= 0 && y >= 0 && x + width * zoom <= pane.width && y + height * zoom <= pane.height;

/** Padding, and the distance to the pane's corner. */
const AROUND = 30;
const coversCards = (scene: Scene, scale: number) => ({ transform: [x, y, zoom], width, height }: ReactFlowState): boolean => {
  const across = Math.max(24, scene.width * scale) + AROUND, up = Math.max(24, scene.height * scale) + AROUND;
  return verticesIn(scene, { x: (width - across - x) / zoom, y: (height - up - y) / zoom, width: across / zoom, height: up / zoom }).length > 0;
};

export function MiniMap({ scene, overlay }: MapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const flow = useReactFlow();
  const store = useStoreApi();
  const ground = useSyncExternalStore(watchGround, readGround);
  const whole = useStore(showsAll(scene));
  const scale = Math.min(MOST.width / Math.max(1, scene.width), MOST.height / Math.max(1, scene.height));
  // Cards under it are to be seen through it; over empty ground it is solid.
  const covers = useStore(coversCards(scene, scale));
  const width = Math.max(24, Math.ceil(scene.width * scale)), height = Math.max(24, Math.ceil(scene.height * scale));

  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen) return;
    const ratio = window.devicePixelRatio;
    element.width = width * ratio;
    element.height = height * ratio;
    pen.setTransform(ratio * scale, 0, 0, ratio * scale, 0, 0);
    const palette = paletteOf(element);
    const colours = colourTable(scene, overlay, palette);
    const neutral = palette('var(--border-strong)');
    scene.boxes.forEach(({ x, y, width: across, height: up }, i) => {
      pen.fillStyle = colours[i]?.colour ?? neutral;
      pen.fillRect(x, y, Math.max(across, 1.5 / scale), Math.max(up, 1.5 / scale));
    });
  }, [scene, overlay, ground, scale, width, height]);

  const moveTo = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const { width: paneWidth, height: paneHeight } = store.getState();
    const { zoom } = flow.getViewport();
    void flow.setViewport({
      x: paneWidth / 2 - ((event.clientX - box.left) / scale) * zoom, y: paneHeight / 2 - ((event.clientY - box.top) / scale) * zoom, zoom,
    });
  };

  return (
    <Panel position="bottom-right" className={`map${whole ? ' idle' : covers ? ' over' : ''}`} aria-hidden>
      <div className="map-ground" style={{ width, height }} onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); moveTo(event); }} onPointerMove={moveTo}>
        <canvas ref={canvas} style={{ width, height }} />
        <Frame scale={scale} />
      </div>
    </Panel>
  );
}
