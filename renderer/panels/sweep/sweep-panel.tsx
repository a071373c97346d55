// The sweep: what it varies, the configurations as a table and as dots, and what can be done with them.
import { Trash2 } from 'lucide-react';
import { choicesOf, type SweepRow, type SweepView } from '../../../core/contract/index.ts';
import { Dots } from '../../charts/dots.tsx';
import { ActionButton } from '../../controls/action-button.tsx';
import { IconButton } from '../../controls/icon-button.tsx';
import { bytesText, durationText, errorText, percentText } from '../../controls/number-text.ts';
import { recipeText } from '../../stores/recipe-edit.ts';
import { useSession } from '../../stores/session.ts';
import { bestRow, deleteSweep, shownSweep, useSweeps } from '../../stores/sweeps.ts';
import { METHOD_TEXT } from '../configuration/calibration-parameters.ts';
import { SweepForm } from './sweep-form.tsx';
import { SweepTable } from './sweep-table.tsx';

const measuredText = (sweep: SweepView): string => `${sweep.rows.length} of ${choicesOf(sweep.plan).length} configurations of ${recipeText(sweep.recipe)}`;

function Head({ sweep }: { readonly sweep: SweepView }) {
  const { sweeps, running } = useSweeps();
  const under = useSession((s) => s.jobs.find(({ kind }) => kind === 'sweep'));
  const left = under?.progress?.secondsLeft;
  return (
    <div className="sweep-head">
      {sweeps.length > 1 && !running
        ? (
          <select className="input" aria-label="Sweep shown" data-testid="sweep-shown" value={sweep.id} onChange={(event) => useSweeps.setState({ shown: event.target.value })}>
            {sweeps.map((one, i) => <option key={one.id} value={one.id}>{i + 1}: {measuredText(one)}</option>)}
          </select>
        ) : <span data-testid="sweep-measured" aria-live="polite">{measuredText(sweep)}</span>}
      {running && <span className="field-note">{under?.cancelling ? 'Cancelling' : left === undefined ? 'Under way' : `${durationText(left)} left`}</span>}
      <span className="spacer" />
      {running && under && <button type="button" className="button" data-testid="sweep-cancel" aria-disabled={under.cancelling} onClick={() => { if (!under.cancelling) under.cancel(); }}>Cancel</button>}
      <ActionButton action="use-best" text="Use the best" />
      {!running && <IconButton icon={Trash2} label="Delete this sweep" testId="sweep-delete" onClick={() => deleteSweep(sweep)} />}
    </div>
  );
}

/** What the figures were measured with. */
function Facts({ sweep: { rows, float, seconds, calibrationSamples, analysisSamples } }: { readonly sweep: SweepView }) {
  const sizes = rows.map(({ weightBytes }) => weightBytes), least = bytesText(Math.min(...sizes)), most = bytesText(Math.max(...sizes));
  return (
    <p className="field-note sweep-facts">
      {durationText(seconds)}; calibrated with {calibrationSamples} samples, errors on {analysisSamples}{float && `, accuracy on ${float.samples} (float: top-1 ${percentText(float.top1)}, top-5 ${percentText(float.top5)})`}.
      {rows.length > 0 && ` Weights take ${least === most ? least : `${least} to ${most}`}.`}
    </p>
  );
}

/** The configurations at a glance. */
function Picture({ sweep, best }: { readonly sweep: SweepView; readonly best: SweepRow }) {
  const { rows, float } = sweep, first = rows[0]?.top1;
  // Where all have as many right classes, the error tells them apart.
  const byClasses = best.top1 !== null && rows.some(({ top1 }) => top1 !== first);
  const textOf = (value: number): string => (byClasses ? percentText(value) : errorText(value, 'psnr'));
  const valueOf = (row: SweepRow): number => (byClasses ? row.top1 ?? 0 : row.psnr);
  const what = byClasses ? 'Top-1' : 'Mean PSNR';
  return (
    <Dots
      rows={rows} methods={sweep.plan.methods} nameOf={(method) => METHOD_TEXT[method]} best={best} float={byClasses ? float?.top1 ?? null : null} valueOf={valueOf} textOf={textOf} title={what}
      label={`${what} of each configuration by method; the best is ${METHOD_TEXT[best.method]} with ${textOf(valueOf(best))}`}
    />
  );
}

export function SweepPanel() {
  const sweep = useSweeps(shownSweep);
  const best = sweep && bestRow(sweep.rows);
  return (
    <div className="sweep">
      <SweepForm />
      {!sweep ? <p className="quiet-note">Nothing is measured yet. A sweep calibrates once, quantizes with every combination of what is ticked, and measures each on the same samples. Your configuration stays as it is until you take one over.</p> : (
        <div className="sweep-results">
          <Head sweep={sweep} />
          <SweepTable sweep={sweep} best={best}><Facts sweep={sweep} /></SweepTable>
        </div>
      )}
      {sweep && best && <Picture sweep={sweep} best={best} />}
    </div>
  );
}
