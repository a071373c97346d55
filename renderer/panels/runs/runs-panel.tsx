// The runs so far: what each was and what came out. Picking one shows its errors on the graph.
import { useEffect, useRef } from 'react';
import type { RunView } from '../../../core/contract/index.ts';
import { ActionButton } from '../../controls/action-button.tsx';
import { durationText, errorText, METRICS, percentText } from '../../controls/number-text.ts';
import { adopt } from '../../stores/recipe.ts';
import { recipeText } from '../../stores/recipe-edit.ts';
import { meanError } from '../../stores/run-index.ts';
import { shownRun, useSession } from '../../stores/session.ts';
import { useView } from '../../stores/view.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { SamplesFields } from './samples-fields.tsx';

function RunItem({ run, shown }: { readonly run: RunView; readonly shown: boolean }) {
  const { metric, feed } = useView();
  const mean = meanError(run, feed, metric);
  const { accuracy } = run;
  const item = useRef<HTMLLIElement>(null);
  // A run that has just finished is brought into view; the list may be below the fold.
  useEffect(() => { if (shown) item.current?.scrollIntoView({ block: 'nearest' }); }, [shown]);
  return (
    <li ref={item}>
      <button
        type="button" className="run-item" aria-pressed={shown} data-testid={`run-item-${run.number}`}
        onClick={() => useSession.setState({ shownRun: run.id })}
      >
        <span className="run-title"><b>{run.number}</b> {recipeText(run.recipe)}</span>
        <span className="run-time">{durationText(run.seconds)}</span>
        <span className="run-sub">{METHOD_TEXT[run.recipe.calibration.method]}, {run.recipe.weights}, {run.recipe.activations}</span>
        <span className="run-figures">
          <span title={`Mean over nodes, ${feed}`}>{METRICS[metric].label} <b data-testid={`run-mean-${run.number}`}>{mean === null ? 'none' : errorText(mean, metric)}</b></span>
          {accuracy && (
            <span title={`Top-1 on ${accuracy.quantized.samples} samples, float and quantized`}>
              top-1 {percentText(accuracy.float.top1)} → <b data-testid={`run-accuracy-${run.number}`}>{percentText(accuracy.quantized.top1)}</b>
            </span>
          )}
        </span>
      </button>
    </li>
  );
}

export function RunsPanel() {
  const runs = useSession((s) => s.runs);
  const shown = useSession(shownRun);
  const nodes = useSession((s) => s.model?.nodes) ?? [];
  return (
    <>
      <SamplesFields />
      {runs.length === 0 ? <p className="field-note">No run yet. A run calibrates, quantizes, executes the integers and compares every node with float.</p> : (
        <>
          <ul className="runs">{runs.toReversed().map((run) => <RunItem key={run.id} run={run} shown={run === shown} />)}</ul>
          <div className="panel-actions">
            <ActionButton action="save-run" />
            {shown && <button type="button" className="button" data-testid="adopt-recipe" onClick={() => adopt(shown.recipe, nodes)}>Use its choices</button>}
          </div>
        </>
      )}
    </>
  );
}
