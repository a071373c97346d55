// The canvas: the graph of the open model, drawn by React Flow.
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi, type NodeChange, type ReactFlowState } from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { useCallback, useEffect, useMemo, useRef, type MouseEvent } from 'react';
import { applyChanges, select, useSelection } from '../stores/selection.ts';
import { useView } from '../stores/view.ts';
import { bringIntoView, fitAll, opening } from './camera.ts';
import { nodeId } from './derive.ts';
import { FlowEdge } from './flow-edge.tsx';
import { flowEdges, flowNodes, markSelected, type FlowNode } from './flow-items.ts';
import './graph.css';
import { MiniMap } from './mini-map.tsx';
import { NodeCard, OverlayContext } from './node-card.tsx';
import type { Overlay } from './overlays/index.ts';
import { PortPill } from './port-pill.tsx';
import type { Laid } from './use-layout.ts';
import { ZoomButtons } from './zoom-buttons.tsx';

const NODE_TYPES = { card: NodeCard, pill: PortPill };
const EDGE_TYPES = { flow: FlowEdge };
const MULTI_SELECT = ['Shift', 'Control', 'Meta'];
const MOVE = { duration: 180 };

const sizeKey = (s: ReactFlowState): string => `${s.width} ${s.height}`;

/** Middle of what stands at the top of the graph. */
function headOf(nodes: readonly FlowNode[]): number {
  const top = nodes.reduce<FlowNode | undefined>((a, b) => (a && a.position.y <= b.position.y ? a : b), undefined);
  return top ? top.position.x + (top.width ?? 0) / 2 : 0;
}

interface CanvasProps {
  readonly laid: Laid;
  readonly overlay: Overlay;
}

function Flow({ laid, overlay }: CanvasProps) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const names = useSelection((s) => s.names);
  const tool = useView((s) => s.tool);
  const base = useMemo(() => flowNodes(laid), [laid]);
  const edges = useMemo(() => flowEdges(laid), [laid]);
  const nodes = useMemo(() => markSelected(base, names), [base, names]);
  const pane = useCallback(() => ({ width: store.getState().width, height: store.getState().height }), [store]);

  // React Flow names nodes by id; the selection holds the model's own names.
  const nameById = useMemo(() => new Map(laid.model.nodes.map((node) => [nodeId(node.name), node.name])), [laid]);
  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    applyChanges(changes.flatMap((change) => {
      const name = change.type === 'select' ? nameById.get(change.id) : undefined;
      return change.type === 'select' && name !== undefined ? [{ name, selected: change.selected }] : [];
    }));
  }, [nameById]);

  // React Flow keeps several selected when one of them is clicked; a plain click means this node alone.
  const onNodeClick = useCallback((event: MouseEvent, { id }: FlowNode) => {
    const name = nameById.get(id);
    if (name !== undefined && !event.shiftKey && !event.ctrlKey && !event.metaKey) select([name]);
  }, [nameById]);

  const opened = useRef<Laid | null>(null);
  useEffect(() => {
    if (opened.current === laid) return;
    opened.current = laid;
    void flow.setViewport(opening(laid.layout, pane(), headOf(base)));
  }, [laid, base, flow, pane]);

  // The middle of the view stays the middle when the window or a panel changes its size.
  const paneSize = useStore(sizeKey);
  const before = useRef(paneSize);
  useEffect(() => {
    const [oldWidth = 0, oldHeight = 0] = before.current.split(' ').map(Number);
    const [width = 0, height = 0] = paneSize.split(' ').map(Number);
    before.current = paneSize;
    if (oldWidth === 0 || (oldWidth === width && oldHeight === height)) return;
    const now = flow.getViewport();
    void flow.setViewport({ ...now, x: now.x + (width - oldWidth) / 2, y: now.y + (height - oldHeight) / 2 });
  }, [paneSize, flow]);

  const fitTick = useView((s) => s.fitTick);
  const fitted = useRef(fitTick);
  useEffect(() => {
    if (fitted.current === fitTick) return;
    fitted.current = fitTick;
    void flow.setViewport(fitAll(laid.layout, pane()), MOVE);
  }, [fitTick, laid, flow, pane]);

  const wish = useSelection((s) => s.reveal);
  const revealed = useRef(wish);
  useEffect(() => {
    if (revealed.current === wish) return;
    revealed.current = wish;
    const node = wish && base.find((n) => n.id === nodeId(wish.name));
    if (!node) return;
    void flow.setViewport(bringIntoView({ ...node.position, width: node.width ?? 0, height: node.height ?? 0 }, pane(), flow.getViewport()), MOVE);
  }, [wish, base, flow, pane]);

  return (
    <OverlayContext value={overlay}>
      <ReactFlow<FlowNode>
        nodes={nodes} edges={edges} nodeTypes={NODE_TYPES} edgeTypes={EDGE_TYPES} onNodesChange={onNodesChange} onNodeClick={onNodeClick}
        onlyRenderVisibleElements minZoom={0.02} maxZoom={2.5} nodesDraggable={false} nodesConnectable={false} edgesFocusable={false}
        multiSelectionKeyCode={MULTI_SELECT} selectionKeyCode="Shift" selectionOnDrag={tool === 'select'} panOnDrag={tool === 'select' ? [1, 2] : true}
        panOnScroll={false} deleteKeyCode={null} zoomOnDoubleClick={false} elevateNodesOnSelect={false} proOptions={{ hideAttribution: true }}
        aria-label={`Graph of ${laid.model.name}`} className={`flow tool-${tool}`}
      >
        <svg className="edge-defs" aria-hidden>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse">
              <path d="M0,0.5 L8,4 L0,7.5 Z" className="arrow" />
            </marker>
          </defs>
        </svg>
        <MiniMap laid={laid} overlay={overlay} />
        <ZoomButtons />
      </ReactFlow>
    </OverlayContext>
  );
}

/** A new model gets a new canvas, with nothing left over from the one before. */
export function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider key={props.laid.model.name}>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}
