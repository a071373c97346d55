// What calibration and the weights of one node look like: the range that each method would keep, the weights by channel; between them what the run made of it.
import { useMemo } from 'react';
import type { NodeView, RunView } from '../../../core/contract/index.ts';
import { Channels } from '../../charts/channels.tsx';
import { Histogram, type ClipRange } from '../../charts/histogram.tsx';
import { Section } from '../../controls/section.tsx';
import { useAsked } from '../../controls/use-asked.ts';
import { lookAtChannel, useLook } from '../../stores/look.ts';
import { setMethod, useRecipe } from '../../stores/recipe.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { useSession } from '../../stores/session.ts';
import { NodeLook } from './node-look.tsx';
import { useHeldRun } from './use-held-run.ts';

export function NodeDetails({ node, shown }: { readonly node: NodeView; readonly shown: RunView | null }) {
  const run = useHeldRun(shown), data = useSession((s) => s.data);
  const { value: detail } = useAsked('node.inspect', { node: node.name, ...(run && { run: run.id }) }, run ?? data);
  const method = useRecipe((s) => s.recipe.calibration.method);
  const channel = useLook((s) => s.channel);
  const ranges = useMemo(
    () => detail?.activation?.ranges.map((range): ClipRange<typeof range.method> => ({ id: range.method, label: METHOD_TEXT[range.method], min: range.min, max: range.max, active: range.method === method })) ?? [],
    [detail, method],
  );
  if (!detail) return <><p className="quiet-note">{detail === null ? 'No details of this node.' : 'Loading details…'}</p><NodeLook node={node} run={run} /></>;
  const { activation, weights } = detail;
  return (
    <>
      <Section title="Output values" testId="section-activation" {...(activation && { aside: `ranges for ${activation.precision}` })}>
        {activation ? (
          <>
            <Histogram label="Output over the calibration data" histogram={activation.histogram} ranges={ranges} onPick={setMethod} />
            <p className="field-note">What each calibration method keeps of this output. Picking one sets it for the whole network, as in Configuration.</p>
          </>
        ) : <p className="field-note">Known after the first run.</p>}
      </Section>
      <NodeLook node={node} run={run} />
      {weights && (
        <Section title="Weights" testId="section-weights">
          <Histogram label="Weights" histogram={weights.histogram} />
          {weights.channels.length > 1 && <Channels channels={weights.channels} marked={Math.min(channel ?? 0, weights.channels.length - 1)} onMark={lookAtChannel} />}
        </Section>
      )}
    </>
  );
}
