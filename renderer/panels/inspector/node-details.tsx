// The charts of one node: activation, weights, float against quantized.
import type { NodeView } from '../../../core/contract/index.ts';
import { Channels } from '../../charts/channels.tsx';
import { Comparison } from '../../charts/comparison.tsx';
import { Histogram, type ClipRange } from '../../charts/histogram.tsx';
import { Section } from '../../controls/section.tsx';
import { useRecipe } from '../../stores/recipe.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { useDetail } from './use-detail.ts';

export function NodeDetails({ node }: { readonly node: NodeView }) {
  const detail = useDetail(node.name);
  const method = useRecipe((s) => s.recipe.calibration.method);
  if (detail === undefined) return <p className="quiet-note">Loading details…</p>;
  if (detail === null) return <p className="quiet-note">No details of this node.</p>;
  const ranges = detail.activation?.ranges.map((range): ClipRange => ({ label: METHOD_TEXT[range.method], min: range.min, max: range.max, active: range.method === method }));
  return (
    <>
      <Section title="Output values">
        {detail.activation && ranges
          ? <Histogram label="Output over the calibration data" histogram={detail.activation.histogram} ranges={ranges} />
          : <p className="field-note">Known after the first run.</p>}
      </Section>
      {detail.weights && (
        <Section title="Weights">
          <Histogram label="Weights" histogram={detail.weights.histogram} />
          {detail.weights.channels.length > 1 && <Channels channels={detail.weights.channels} />}
        </Section>
      )}
      {detail.comparison && (
        <Section title="Float against quantized" aside="first sample">
          <Comparison pair={detail.comparison} />
        </Section>
      )}
    </>
  );
}
