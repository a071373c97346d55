// The canvas: the graph of the open model. React Flow moves the view and holds the live cards; everything else is painted behind them.
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi, type NodeChange } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { applyChanges, select, useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';
import { fitAll } from './camera.ts';
import { GroupCard } from './cards/group-card.tsx';
import { NodeCard } from './cards/node-card.tsx';
import { OverlayContext } from './cards/overlay-context.ts';
import { PortPill } from './cards/port-pill.tsx';
import { SourceCard } from './cards/source-card.tsx';
import { flowNodes, type FlowNode } from './flow-items.ts';
import './graph.css';
import { GraphSwitch } from './graph-switch.tsx';
import { Hover, type Hovered } from './hover.tsx';
import { selectedVertices } from './looks.ts';
import { MiniMap } from './mini-map.tsx';
import type { Overlay } from './overlays/index.ts';
import { Painted } from './painted.tsx';
import { hit, verticesIn, type Scene } from './scene.ts';
import { useCamera } from './use-camera.ts';
import { useMounted } from './use-mounted.ts';
import { stepTo, type Direction } from './walk.ts';
import { ZoomButtons } from './zoom-buttons.tsx';

const NODE_TYPES = { card: NodeCard, pill: PortPill, group: GroupCard, source: SourceCard };
const MULTI_SELECT = ['Shift', 'Control', 'Meta'];
const NO_EDGES: never[] = [];
/** A block painted smaller than this many pixels can still be clicked. */
const REACH = 6;
const ARROWS: Readonly<Record<string, Direction>> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' };

interface CanvasProps {
  readonly scene: Scene;
  readonly overlay: Overlay;
  readonly name: string;
}

const adds = (event: MouseEvent): boolean => event.shiftKey || event.ctrlKey || event.metaKey;

/** Selects a vertex's nodes; with a modifier key they are added, or taken away where all of them were there. */
function pick(names: readonly string[], add: boolean): void {
  if (!add) return select(names);
  const now = useSelection.getState().names;
  select(names.every((name) => now.includes(name)) ? now.filter((name) => !names.includes(name)) : [...now, ...names]);
}

function Flow({ scene, overlay, name }: CanvasProps) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const names = useSelection((s) => s.names);
  const tool = useView((s) => s.tool);
  const selected = useMemo(() => selectedVertices(scene, names), [scene, names]);
  const mounted = useMounted(scene);
  const nodes = useMemo(() => flowNodes(scene, mounted, selected), [scene, mounted, selected]);
  const pane = useCallback(() => ({ width: store.getState().width, height: store.getState().height }), [store]);
  useCamera(scene, pane);

  const byId = useMemo(() => new Map(scene.drawing.vertices.map((vertex) => [vertex.id, vertex.names])), [scene]);
  // A click on the painted ground is answered here; what React Flow makes of it must not undo that.
  const answering = useRef(false);
  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    if (answering.current) return;
    applyChanges(changes.flatMap((change) => (change.type === 'select' ? (byId.get(change.id) ?? []).map((node) => ({ name: node, selected: change.selected })) : [])));
  }, [byId]);
  // React Flow keeps several selected when one of them is clicked; a plain click means this one alone.
  const onNodeClick = useCallback((event: MouseEvent, { id }: FlowNode) => { if (!adds(event)) select(byId.get(id) ?? []); }, [byId]);

  const vertexAt = useCallback((event: MouseEvent): number | null => {
    const box = event.currentTarget.getBoundingClientRect();
    const { x, y, zoom } = flow.getViewport();
    return hit(scene, (event.clientX - box.left - x) / zoom, (event.clientY - box.top - y) / zoom, REACH / zoom);
  }, [flow, scene]);
  const onPaneClick = useCallback((event: MouseEvent) => {
    const at = vertexAt(event);
    answering.current = true;
    setTimeout(() => { answering.current = false; }, 0);
    pick(at === null ? [] : scene.drawing.vertices[at]?.names ?? [], at !== null && adds(event));
  }, [vertexAt, scene]);

  const [hovered, setHovered] = useState<Hovered | null>(null);
  const onPaneMouseMove = useCallback((event: MouseEvent) => {
    const at = event.buttons === 0 ? vertexAt(event) : null;
    const vertex = at === null ? undefined : scene.drawing.vertices[at];
    const box = event.currentTarget.getBoundingClientRect();
    setHovered(vertex ? { vertex, x: event.clientX - box.left, y: event.clientY - box.top } : null);
  }, [vertexAt, scene]);

  // React Flow's frame finds live cards only; the scene knows the rest.
  const frame = useStore((s) => s.userSelectionRect);
  const lastFrame = useRef(frame);
  useEffect(() => { if (frame) lastFrame.current = frame; }, [frame]);
  const onSelectionEnd = useCallback((event: MouseEvent) => {
    const rect = lastFrame.current;
    if (!rect) return;
    const { x, y, zoom } = flow.getViewport();
    const inside = verticesIn(scene, { x: (rect.x - x) / zoom, y: (rect.y - y) / zoom, width: rect.width / zoom, height: rect.height / zoom });
    pick(inside.flatMap((i) => scene.drawing.vertices[i]?.names ?? []), event.ctrlKey || event.metaKey);
  }, [flow, scene]);

  const onKeyDown = useCallback((event: KeyboardEvent) => {
    const direction = ARROWS[event.key];
    if (!direction || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    stepTo(scene, direction, event.shiftKey);
  }, [scene]);

  const least = Math.min(0.02, fitAll(scene, { width: 600, height: 300 }).zoom / 2);
  return (
    <OverlayContext value={overlay}>
      <ReactFlow<FlowNode>
        nodes={nodes} edges={NO_EDGES} nodeTypes={NODE_TYPES} onNodesChange={onNodesChange} onNodeClick={onNodeClick}
        onPaneClick={onPaneClick} onPaneMouseMove={onPaneMouseMove} onPaneMouseLeave={() => setHovered(null)} onSelectionEnd={onSelectionEnd}
        minZoom={least} maxZoom={2.5} nodesDraggable={false} nodesConnectable={false} edgesFocusable={false}
        multiSelectionKeyCode={MULTI_SELECT} selectionKeyCode="Shift" selectionOnDrag={tool === 'select'} panOnDrag={tool === 'select' ? [1, 2] : true}
        onMoveEnd={(_event, camera) => useView.setState({ camera })} panOnScroll={false} deleteKeyCode={null} zoomOnDoubleClick={false} elevateNodesOnSelect={false} proOptions={{ hideAttribution: true }}
        aria-label={`Graph of ${name}. Arrow keys go from node to node.`} tabIndex={0} onKeyDown={onKeyDown} className={`flow tool-${tool}${hovered ? ' hovering' : ''}`}
      >
        <Painted scene={scene} overlay={overlay} selected={selected} mounted={mounted} />
        <MiniMap scene={scene} overlay={overlay} />
        <ZoomButtons />
        <GraphSwitch />
        <Hover hovered={hovered} overlay={overlay} />
      </ReactFlow>
    </OverlayContext>
  );
}

/** A new model gets a new canvas, with nothing left over from the one before. */
export function Canvas(props: Omit<CanvasProps, 'name'>) {
  const model = useSession((s) => s.model);
  return (
    <ReactFlowProvider key={model?.name}>
      <Flow {...props} name={model?.name ?? ''} />
    </ReactFlowProvider>
  );
}
