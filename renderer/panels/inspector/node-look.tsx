// One node in one run, seen closely: which samples and channels it is wrong on, and what it gives, float against quantized.
import { memo, useMemo } from 'react';
import type { NodeView, Params, RunView } from '../../../core/contract/index.ts';
import { Comparison } from '../../charts/comparison.tsx';
import { PartErrorsChart } from '../../charts/part-errors.tsx';
import { Section } from '../../controls/section.tsx';
import { useAsked } from '../../controls/use-asked.ts';
import { lookAtChannel, lookAtSample, useLook } from '../../stores/look.ts';
import { runIndex } from '../../stores/run-index.ts';
import { useView, type Feed } from '../../stores/view.ts';
import { FeatureMaps } from './feature-maps.tsx';
import { SamplePicker } from './sample-picker.tsx';

interface LookProps {
  readonly node: NodeView;
  readonly run: RunView;
  readonly feed: Feed;
}

/** A node that runs in float has no error of its own, only what it was fed. */
export const NodeLook = memo(function NodeLook({ node, run }: { readonly node: NodeView; readonly run: RunView | null }) {
  const feed = useView((s) => s.feed);
  if (!run) return null;
  const integer = runIndex(run).local.has(node.name);
  return (
    <>
      {integer && <Section title="Error by sample and channel" aside={feed} testId="section-parts"><Parts node={node} run={run} feed={feed} /></Section>}
      <Section title="Float against quantized" aside={integer ? feed : 'cumulative'} testId="section-output"><Output node={node} run={run} feed={integer ? feed : 'cumulative'} /></Section>
    </>
  );
});

function Parts({ node, run, feed }: LookProps) {
  const { value: errors } = useAsked('node.errors', { node: node.name, run: run.id, feed }, run);
  const metric = useView((s) => s.metric);
  const { sample, channel } = useLook();
  if (errors === undefined) return <p className="field-note">Measuring on {run.analysisSamples} samples…</p>;
  if (errors === null) return <p className="field-note">These errors could not be measured; the log says why.</p>;
  const { samples, channels } = errors;
  return (
    <>
      <PartErrorsChart part="sample" errors={samples} metric={metric} marked={Math.min(sample, samples.mse.length - 1)} onMark={lookAtSample} />
      {channels && channels.mse.length > 1 && <PartErrorsChart part="channel" errors={channels} metric={metric} marked={Math.min(channel ?? 0, channels.mse.length - 1)} onMark={lookAtChannel} />}
    </>
  );
}

function Output({ node, run, feed }: LookProps) {
  const sample = Math.min(useLook((s) => s.sample), run.analysisSamples - 1);
  const params = useMemo((): Params<'node.output'> => ({ node: node.name, run: run.id, feed, sample }), [node, run, feed, sample]);
  const { value: output, fresh } = useAsked('node.output', params, run);
  if (output === undefined) return <p className="field-note">Running sample {sample}…</p>;
  if (output === null) return <p className="field-note">This output cannot be compared; the log says why.</p>;
  return (
    <div className={fresh ? 'look' : 'look stale'} aria-busy={!fresh}>
      <SamplePicker sample={sample} count={run.analysisSamples} output={output} />
      <Comparison pair={output} />
      <FeatureMaps params={params} run={run} output={output} />
    </div>
  );
}
