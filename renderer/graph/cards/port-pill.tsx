// The pill of a graph input or output.
import type { Node, NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { shapeText } from '../derive.ts';

export type PillNode = Node<{ readonly role: 'input' | 'output'; readonly label: string; readonly shape: readonly number[] }, 'pill'>;

function PillView({ data: { role, label, shape } }: NodeProps<PillNode>) {
  return (
    <div className={`pill pill-${role}`} title={`${role} ${label} ${shapeText(shape)}`}>
      <span className="pill-label">{label}</span>
      <span className="pill-shape">{shapeText(shape)}</span>
    </div>
  );
}
export const PortPill = memo(PillView);
