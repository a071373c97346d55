// One run in the list: what it was, what came out, a note, and what can be done with it.
import { GitCompare, RotateCcw, Save, Trash2 } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { RunView } from '../../../core/contract/index.ts';
import { deleteRun } from '../../calls/delete-run.ts';
import { saveRun } from '../../calls/save-run.ts';
import { IconButton } from '../../controls/icon-button.tsx';
import { durationText, errorText, METRICS, percentText } from '../../controls/number-text.ts';
import { useStudio } from '../../controls/studio-context.ts';
import { adopt } from '../../stores/recipe.ts';
import { recipeText } from '../../stores/recipe-edit.ts';
import { meanError } from '../../stores/run-index.ts';
import { setNote, useSession } from '../../stores/session.ts';
import { useView } from '../../stores/view.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';

const DRAWN_MS = 50;

function Figures({ run }: { readonly run: RunView }) {
  const { metric, feed } = useView(useShallow(({ metric, feed }) => ({ metric, feed })));
  const mean = meanError(run, feed, metric);
  const { accuracy } = run;
  return (
    <span className="run-figures">
      <span title={`Mean over nodes, ${feed}`}>{METRICS[metric].label} <b data-testid={`run-mean-${run.number}`}>{mean === null ? 'none' : errorText(mean, metric)}</b></span>
      {accuracy && (
        <span title={`Top-1 on ${accuracy.quantized.samples} samples, float and quantized`}>
          top-1 {percentText(accuracy.float.top1)} → <b data-testid={`run-accuracy-${run.number}`}>{percentText(accuracy.quantized.top1)}</b>
        </span>
      )}
    </span>
  );
}

function Draft({ run, shown }: { readonly run: RunView; readonly shown: boolean }) {
  const { ran } = run;
  return (
    <button type="button" className="run-item draft" aria-pressed={shown} data-testid="run-draft" onClick={() => useSession.setState({ shownRun: run.id })}>
      <span className="run-title"><b>Draft</b> {recipeText(run.recipe)}</span>
      <span className="run-time">{durationText(run.seconds)}</span>
      <span className="run-sub">
        Measured at once: {ran.local} nodes run again for local errors{ran.cumulative !== null && `, ${ran.cumulative} steps for cumulative ones`}. Run to keep it, with accuracy.
      </span>
      <Figures run={run} />
    </button>
  );
}

export const RunItem = memo(function RunItem({ run, shown }: { readonly run: RunView; readonly shown: boolean }) {
  const studio = useStudio();
  const nodes = useSession((s) => s.model?.nodes) ?? [];
  const note = useSession((s) => s.notes[run.id] ?? '');
  const compared = useSession((s) => s.comparedRun === run.id);
  const forgotten = useSession((s) => s.forgotten.has(run.id));
  const item = useRef<HTMLLIElement>(null);
  // A run that has just finished is brought into view; the list may be below the fold.
  useEffect(() => {
    if (!shown) return;
    // Where things stand is asked once they are drawn: asking before would have them placed twice.
    const timer = setTimeout(() => item.current?.scrollIntoView({ block: 'nearest' }), DRAWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (run.draft) return <li ref={item}><Draft run={run} shown={shown} /></li>;
  const { number } = run;
  return (
    <li ref={item} className={`run-entry${shown ? ' shown' : ''}`}>
      <button type="button" className="run-item" aria-pressed={shown} data-testid={`run-item-${number}`} onClick={() => useSession.setState({ shownRun: run.id })}>
        <span className="run-title"><b>{number}</b> {recipeText(run.recipe)}</span>
        <span className="run-time">{durationText(run.seconds)}</span>
        <span className="run-sub">{METHOD_TEXT[run.recipe.calibration.method]}, {run.recipe.weights}, {run.recipe.activations}</span>
        <Figures run={run} />
      </button>
      <div className="run-actions">
        <input className="input run-note" aria-label={`Note on run ${number}`} placeholder="Note" data-testid={`run-note-${number}`} value={note} onChange={(event) => setNote(run, event.target.value)} />
        <IconButton icon={GitCompare} label={compared ? `Stop comparing with run ${number}` : `Compare with run ${number}`} pressed={compared} testId={`compare-${number}`} why={shown ? 'It is the run that is shown; show another one to compare' : null} onClick={() => useSession.setState({ comparedRun: compared ? null : run.id })} />
        <IconButton icon={RotateCcw} label={`Use the choices of run ${number} again`} testId={`restore-${number}`} onClick={() => adopt(run.recipe, nodes)} />
        <IconButton icon={Save} label={`Save the model of run ${number}`} testId={`save-${number}`} why={forgotten ? 'The engine was restarted since; run again to save' : null} onClick={() => void saveRun(studio, run)} />
        <IconButton icon={Trash2} label={`Delete run ${number}`} testId={`delete-${number}`} onClick={() => deleteRun(studio, run)} />
      </div>
    </li>
  );
});
