// Several nodes: set them together, see them in sum.
import type { NodeView } from '../../../core/contract/index.ts';
import { Facts } from '../../controls/facts.tsx';
import { bytesText, countText } from '../../controls/number-text.ts';
import { PrecisionButtons } from '../../controls/precision-buttons.tsx';
import { Section } from '../../controls/section.tsx';
import { shortName } from '../../graph/family.ts';
import { reveal, select } from '../../stores/selection.ts';

/** How often each text occurs, most frequent first. */
export function tally(texts: readonly string[]): readonly (readonly [text: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

const LISTED = 100;

/** Operators by number. */
export function OperatorTally({ nodes }: { readonly nodes: readonly NodeView[] }) {
  return <ul className="tally">{tally(nodes.map((node) => node.className)).map(([name, count]) => <li key={name}><b>{count}</b><span>{name}</span></li>)}</ul>;
}

export function SeveralInspector({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const fixed = nodes.filter((node) => node.precisions.length === 0).length;
  return (
    <div data-testid="inspector-several">
      <header className="inspector-head"><h2>{nodes.length} nodes selected</h2></header>
      <div className="inspector-precision">
        <PrecisionButtons nodes={nodes} />
        {fixed > 0 && <p className="field-note">{fixed === 1 ? '1 of them stays' : `${fixed} of them stay`} in float.</p>}
      </div>
      <Section title="In sum">
        <Facts facts={[
          ['MACs', countText(nodes.reduce((sum, node) => sum + node.macs, 0))],
          ['Constants', bytesText(nodes.reduce((sum, node) => sum + node.constants.reduce((bytes, c) => bytes + c.bytes, 0), 0))],
        ]} />
      </Section>
      <Section title="Operators"><OperatorTally nodes={nodes} /></Section>
      <Section title="Nodes">
        <ul className="node-list">
          {nodes.slice(0, LISTED).map((node) => (
            <li key={node.name}><button type="button" className="link" title={node.name} onClick={() => { select([node.name]); reveal(node.name); }}>{shortName(node.name)}</button></li>
          ))}
          {nodes.length > LISTED && <li>and {nodes.length - LISTED} more</li>}
        </ul>
      </Section>
    </div>
  );
}
