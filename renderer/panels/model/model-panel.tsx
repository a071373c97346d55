// The open model in a few lines.
import { useShallow } from 'zustand/react/shallow';
import { askForShapes } from '../../calls/open-model.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { countText, bytesText } from '../../controls/number-text.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { Facts, type Fact } from '../../controls/facts.tsx';
import type { ModelView } from '../../../core/contract/index.ts';
import { groupsOf, shapeText } from '../../graph/derive.ts';
import { useSession } from '../../stores/session.ts';
import { setCollapsed, useView } from '../../stores/view.ts';
import { select } from '../../stores/selection.ts';
import { FORMATS } from './formats.ts';

export function modelFacts(model: ModelView): Fact[] {
  const on = (unit: string): number => model.nodes.filter((node) => node.unit === unit).length;
  const sum = (of: (node: ModelView['nodes'][number]) => number): number => model.nodes.reduce((total, node) => total + of(node), 0);
  const float = model.nodes.length - on('MLA');
  return [
    ['Format', `${FORMATS[model.format]}${model.arrived ? ', quantized: its own scales are kept' : ''}`],
    ['Inputs', model.inputs.map((port) => <span key={port.name} className="stacked">{port.name} <span className="mono">{shapeText(port.shape)}</span></span>)],
    ['Outputs', model.outputs.map((port) => <span key={port.name} className="stacked">{port.name} <span className="mono">{shapeText(port.shape)}</span></span>)],
    ['Nodes', `${model.nodes.length}: ${on('MLA')} on the MLA${float > 0 ? `, ${float} in float` : ''}`],
    ['MACs', countText(sum((node) => node.macs))],
    ['Constants', bytesText(sum((node) => node.constants.reduce((bytes, constant) => bytes + constant.bytes, 0)))],
  ];
}

/** Each partition: how many nodes it has, a click to select them, a box to draw it as one. */
function Partitions({ model }: { readonly model: ModelView }) {
  const collapsed = useView((s) => s.collapsed);
  const groups = [...groupsOf(model.nodes)];
  return (
    <div className="partitions">
      <div className="data-head"><h3>Partitions</h3>{groups.length > 1 && <ActionButton action="collapse-all" text={null} />}</div>
      <ul>
        {groups.map(([group, nodes]) => (
          <li key={group}>
            <label className="check"><input type="checkbox" checked={!collapsed.has(group)} data-testid={`expand-${group}`} onChange={(event) => setCollapsed([group], !event.target.checked)} />{group}</label>
            <button type="button" className="link" onClick={() => select(nodes.map(({ name }) => name))}>{nodes.length === 1 ? '1 node' : `${nodes.length} nodes`}</button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What the file left open and a person gave can be given anew. */
function ShapesButton() {
  const studio = useStudio();
  const { origin, inputShapes } = useSession(useShallow(({ origin, inputShapes }) => ({ origin, inputShapes })));
  if (origin === null || origin === 'sample' || Object.keys(inputShapes).length === 0) return null;
  return <button type="button" className="button" data-testid="change-shapes" onClick={() => void askForShapes(studio, origin, inputShapes)}>Change input shapes…</button>;
}

export function ModelPanel() {
  const model = useSession((s) => s.model);
  if (!model) return (
    <div className="panel-actions">
      <ActionButton action="open-model" testId="panel-open-model" />
      <ActionButton action="open-sample" testId="panel-open-sample" />
    </div>
  );
  return (
    <>
      <p className="file-name" title={model.name}>{model.name}</p>
      <Facts facts={modelFacts(model)} />
      <ShapesButton />
      <Partitions model={model} />
    </>
  );
}
