// The runs so far, newest first. Picking one shows its errors on the graph; a draft stands above them while there is one.
import { ActionButton } from '../../controls/action-button.tsx';
import { bytesText } from '../../controls/number-text.ts';
import { TextField } from '../../controls/field.tsx';
import { adopt } from '../../stores/recipe.ts';
import { shownRun, useSession } from '../../stores/session.ts';
import { changeSettings, isMemory, useSettings } from '../../stores/settings.ts';
import { RunItem } from './run-item.tsx';
import { SamplesFields } from './samples-fields.tsx';

/** Whether changes are measured at once, and what is kept in memory for it. */
function AtOnce() {
  const { atOnce, memoryMiB } = useSettings();
  const memory = useSession((s) => s.runs.at(-1)?.memory);
  return (
    <details className="preprocessing">
      <summary>Changes at once: {atOnce ? 'on' : 'off'}</summary>
      <div className="fields">
        <label className="check">
          <input type="checkbox" checked={atOnce} data-testid="at-once" onChange={(event) => changeSettings({ atOnce: event.target.checked })} />
          Measure each change after the first run
        </label>
        <TextField label="Memory, MiB" numeric value={String(memoryMiB)} testId="memory-budget" onCommit={(text) => { if (isMemory(Number(text))) changeSettings({ memoryMiB: Number(text) }); }} />
        <p className="field-note" data-testid="memory-use">
          {memory ? `Kept: activations of ${memory.kept} of ${memory.samples} samples, ${bytesText(memory.bytes)} of ${bytesText(memory.budget)}.` : 'Activations of the evaluation samples are kept up to this size.'}
        </p>
      </div>
    </details>
  );
}

export function RunsPanel() {
  const runs = useSession((s) => s.runs);
  const shown = useSession(shownRun);
  const nodes = useSession((s) => s.model?.nodes) ?? [];
  return (
    <>
      <SamplesFields />
      <AtOnce />
      {runs.length === 0 ? <p className="field-note">No run yet. A run calibrates, quantizes, executes the integers and compares every node with float.</p> : (
        <>
          <ul className="runs">{runs.toReversed().map((run) => <RunItem key={run.id} run={run} shown={run === shown} />)}</ul>
          <div className="panel-actions">
            <ActionButton action="save-run" />
            {shown && !shown.draft && <button type="button" className="button" data-testid="adopt-recipe" onClick={() => adopt(shown.recipe, nodes)}>Use its choices</button>}
          </div>
        </>
      )}
    </>
  );
}
