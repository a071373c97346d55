// The inspector: the selected node, several of them, or the model while nothing is selected.
import { useMemo } from 'react';
import type { NodeView } from '../../../core/contract/index.ts';
import { Facts } from '../../controls/facts.tsx';
import { bytesText, durationText, percentText } from '../../controls/number-text.ts';
import { Section } from '../../controls/section.tsx';
import { CHOICES, chosenPrecision, recipeText, type ChosenPrecision } from '../../stores/recipe-edit.ts';
import { useRecipe } from '../../stores/recipe.ts';
import { useSelection } from '../../stores/selection.ts';
import { nodesByName, runName, shownRun, useSession } from '../../stores/session.ts';
import { NodeInspector } from './node-inspector.tsx';
import { OperatorTally, SeveralInspector } from './several-inspector.tsx';

/** How many nodes are at each precision. */
export const precisionsText = (precisions: readonly ChosenPrecision[]): string => CHOICES.map((choice) => `${precisions.filter((p) => p === choice).length} ${choice}`).join(', ');

function NextRun({ nodes }: { readonly nodes: readonly NodeView[] }) {
  const recipe = useRecipe((s) => s.recipe);
  return <Section title="Next run"><Facts facts={[['Nodes', <span key="nodes" data-testid="next-precisions">{precisionsText(nodes.map((node) => chosenPrecision(node, recipe)))}</span>], ['Choices', recipeText(recipe)]]} /></Section>;
}

function RunSummary() {
  const run = useSession(shownRun);
  if (!run) return null;
  const { accuracy } = run;
  return (
    <Section title={runName(run)}>
      <Facts facts={[
        ['Samples', `${run.calibrationSamples} to calibrate, ${run.analysisSamples} for errors`],
        ...(accuracy ? [
          ['Top-1', `${percentText(accuracy.float.top1)} float, ${percentText(accuracy.quantized.top1)} quantized`] as const,
          ['Top-5', `${percentText(accuracy.float.top5)} float, ${percentText(accuracy.quantized.top5)} quantized`] as const,
          ['Tested on', `${accuracy.quantized.samples} samples`] as const,
        ] : []),
        ['Nodes', precisionsText(run.nodes.map((node) => node.precision))],
        ['Conversions', `${run.boundaries} on edges: quantize, requantize, dequantize`],
        ['Weights', bytesText(run.weightBytes)],
        ['Took', durationText(run.seconds)],
        ...(run.notices.length > 0 ? [['Notices', run.notices.map((notice) => <span key={notice} className="stacked">{notice}</span>)] as const] : []),
      ]} />
    </Section>
  );
}

export function InspectorPanel() {
  const model = useSession((s) => s.model);
  const names = useSelection((s) => s.names);
  const nodes = useMemo(() => { const byName = nodesByName(model); return names.flatMap((name) => byName.get(name) ?? []); }, [model, names]);
  const [first] = nodes;
  if (!model) return <p className="quiet-note">Details of what you select stand here.</p>;
  if (first && nodes.length === 1) return <NodeInspector node={first} />;
  if (first) return <SeveralInspector nodes={nodes} />;
  return (
    <>
      <header className="inspector-head"><h2>{model.name}</h2></header>
      <p className="quiet-note">Click a node to look into it; hold Shift to select more of them, or drag a frame. Keys 1, 2, 3 set int8, int16, float.</p>
      <RunSummary />
      <NextRun nodes={model.nodes} />
      <Section title="Operators"><OperatorTally nodes={model.nodes} /></Section>
    </>
  );
}
