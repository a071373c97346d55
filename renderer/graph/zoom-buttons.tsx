// Zoom and tool buttons at the corner of the canvas.
import { Panel, useReactFlow } from '@xyflow/react';
import { BoxSelect, Hand, Minus, Plus } from 'lucide-react';
import { memo } from 'react';
import { ActionButton } from '../controls/action-button.tsx';
import { Tip } from '../controls/tip.tsx';
import { useView, type Tool } from '../stores/view.ts';

const TOOLS: readonly { readonly tool: Tool; readonly label: string; readonly icon: typeof Hand }[] = [
  { tool: 'pan', label: 'Drag moves the view', icon: Hand },
  { tool: 'select', label: 'Drag selects nodes (or hold Shift)', icon: BoxSelect },
];

export const ZoomButtons = memo(function ZoomButtons() {
  const flow = useReactFlow();
  const tool = useView((s) => s.tool);
  return (
    <Panel position="top-left" className="zoom-buttons">
      {TOOLS.map(({ tool: id, label, icon: Icon }) => (
        <Tip key={id} text={label}>
          <button type="button" className="button quiet icon-only" aria-label={label} aria-pressed={tool === id} data-testid={`tool-${id}`} onClick={() => useView.setState({ tool: id })}>
            <Icon size={15} aria-hidden />
          </button>
        </Tip>
      ))}
      <span className="divider" />
      <Tip text="Zoom in">
        <button type="button" className="button quiet icon-only" aria-label="Zoom in" onClick={() => void flow.zoomIn({ duration: 120 })}><Plus size={15} aria-hidden /></button>
      </Tip>
      <Tip text="Zoom out">
        <button type="button" className="button quiet icon-only" aria-label="Zoom out" onClick={() => void flow.zoomOut({ duration: 120 })}><Minus size={15} aria-hidden /></button>
      </Tip>
      <ActionButton action="fit" text={null} look="quiet" />
    </Panel>
  );
});
