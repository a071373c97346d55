// One node: what it is, what it will run at, what it became, how far it is off.
import { memo } from 'react';
import type { NodeView, RunView } from '../../../core/contract/index.ts';
import { Facts, type Fact } from '../../controls/facts.tsx';
import { bytesText, countText, numberText } from '../../controls/number-text.ts';
import { PrecisionButtons } from '../../controls/precision-buttons.tsx';
import { useLater } from '../../controls/use-later.ts';
import { Section } from '../../controls/section.tsx';
import { shapeText } from '../../graph/derive.ts';
import { shortName } from '../../graph/family.ts';
import { runIndex } from '../../stores/run-index.ts';
import { runName, shownRun, useSession } from '../../stores/session.ts';
import { NodeDetails } from './node-details.tsx';
import { NodeErrors } from './node-errors.tsx';

type Quantization = { readonly dtype: string; readonly scale: number; readonly zeroPoint: number } | null;

const quantizationText = (q: Quantization) => (q
  ? <span className="mono">{q.dtype}, scale {numberText(q.scale)}, zero point {q.zeroPoint}</span>
  : 'float');

function aboutNode(node: NodeView): Fact[] {
  return [
    ['Operator', `${node.className} (${node.op})`],
    ['Unit', `${node.unit}, partition ${node.partition}`],
    ...(node.reason === undefined ? [] : [['In float', node.reason] as const]),
    ['Output', <span key="shape" className="mono">{[node.shape, ...(node.further ?? []).map(({ shape }) => shape)].map(shapeText).join(', ')} {node.dtype}</span>],
    ...(node.stored ? [['In the file', <span key="stored" data-testid="stored">{quantizationText(node.stored)}</span>] as const] : []),
    ...(node.macs > 0 ? [['MACs', countText(node.macs)] as const] : []),
    ['Identity', <span key="identity" className="mono breakable">{node.identity}</span>],
    ['Made from', node.sources.map((source) => <span key={`${source.name} ${source.type}`} className="stacked" title={source.name}>{source.type} <span className="muted">{source.name}</span></span>)],
  ];
}

interface InspectedProps {
  readonly node: NodeView;
  readonly run: RunView | null;
}

/** The graph shows a new run first, and what is here follows in pieces: all of it at once would hold up the page. */
export function NodeInspector({ node }: { readonly node: NodeView }) {
  return <Inspected node={node} run={useLater(useSession(shownRun))} />;
}

const Inspected = memo(function Inspected({ node, run }: InspectedProps) {
  const ran = runIndex(run).nodes.get(node.name);
  return (
    <div data-testid="inspector-node">
      <header className="inspector-head">
        <h2 title={node.name}>{shortName(node.name)}</h2>
        <span className="chip" data-unit={node.unit}>{node.unit} {node.partition}</span>
      </header>
      <div className="inspector-precision">
        <PrecisionButtons nodes={[node]} />
        {node.precisions.length === 0 && <p className="field-note">Runs in float on the {node.unit}{node.reason !== undefined && `: ${node.reason}`}.</p>}
        {node.precisions.length === 1 && <p className="field-note">{node.className} exists only at {node.precisions[0]}.</p>}
      </div>
      <Section title="Error"><NodeErrors name={node.name} shown={run} /></Section>
      {run && ran && (
        <Section title="Quantization" aside={runName(run)}>
          <Facts facts={[['Ran at', ran.precision + (ran.outputInt32 ? ', int32 output' : '')], ['Input', quantizationText(ran.input)], ['Output', quantizationText(ran.output)]]} />
        </Section>
      )}
      <NodeDetails key={node.name} node={node} shown={run} />
      <Section title="Node"><Facts facts={aboutNode(node)} /></Section>
      {node.attributes.length > 0 && (
        <Section title="Attributes"><Facts facts={node.attributes.map(({ name, value }): Fact => [name, <span key={name} className="mono breakable">{value}</span>])} /></Section>
      )}
      {node.constants.length > 0 && (
        <Section title="Constants">
          <Facts facts={node.constants.map(({ role, shape, bytes }): Fact => [role, <span key={role} className="mono">{shapeText(shape)}, {bytesText(bytes)}</span>])} />
        </Section>
      )}
    </div>
  );
});
