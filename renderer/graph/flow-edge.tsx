// An edge of the graph, labelled with the shape that flows along it when there is room to read it.
import { useStore, type Edge, type EdgeProps, type ReactFlowState } from '@xyflow/react';
import { memo } from 'react';
import { useSelection } from '../stores/selection.ts';
import { edgePath, labelPoint } from './edge-path.ts';
import type { Point } from './layout/result.ts';

export type FlowEdgeData = Edge<{ readonly bends: readonly Point[]; readonly label: string; readonly names: readonly string[] }, 'flow'>;

const isNear = (s: ReactFlowState): boolean => s.transform[2] >= 0.8;

function EdgeView({ sourceX, sourceY, targetX, targetY, data }: EdgeProps<FlowEdgeData>) {
  const near = useStore(isNear);
  // Only small selections light up their edges: with everything selected nothing would stand out.
  const lit = useSelection((s) => s.names.length <= 8 && (data?.names.some((name) => s.names.includes(name)) ?? false));
  const from = { x: sourceX, y: sourceY }, to = { x: targetX, y: targetY };
  const bends = data?.bends ?? [];
  const at = labelPoint(from, bends, to);
  return (
    <g className={`edge${lit ? ' lit' : ''}`}>
      <path d={edgePath(from, bends, to)} fill="none" markerEnd="url(#arrow)" />
      {near && <text x={at.x} y={at.y} className="edge-label" textAnchor="middle" dominantBaseline="central">{data?.label}</text>}
    </g>
  );
}
export const FlowEdge = memo(EdgeView);
