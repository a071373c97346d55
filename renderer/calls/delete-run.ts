// Deletes a run, as a step that can be undone: it leaves the list at once; its model stays with the engine while the step can be undone.
import type { RunView } from '../../core/contract/index.ts';
import { record } from '../stores/history.ts';
import { log } from '../stores/messages.ts';
import { putBackRun, removeRun, runName, useSession } from '../stores/session.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

/** More deleted runs than this are not kept by the engine: they come back to be looked at, not to be saved. */
const MOST_HELD = 4;
let held: readonly RunView[] = [];

export function deleteRun(studio: Studio, run: RunView): void {
  const { runs, notes, shownRun, comparedRun, model } = useSession.getState();
  const at = runs.indexOf(run), note = notes[run.id];
  const letGo = (gone: RunView): void => {
    held = held.filter(({ id }) => id !== gone.id);
    if (useSession.getState().model !== model || useSession.getState().forgotten.has(gone.id)) return;
    useSession.setState((s) => ({ forgotten: new Set([...s.forgotten, gone.id]) }));
    void runJob('save', `Deleting ${runName(gone)}`, (options) => studio.client().call('run.delete', { run: gone.id }, options));
  };
  const remove = (): void => {
    removeRun(run.id);
    held = [...held.filter(({ id }) => id !== run.id), run];
    const [oldest] = held;
    if (held.length > MOST_HELD && oldest) letGo(oldest);
  };
  remove();
  log(`Deleted ${runName(run)}`);
  record({
    label: `deleting ${runName(run)}`,
    undo: () => { held = held.filter(({ id }) => id !== run.id); putBackRun(run, at, note, { shownRun, comparedRun }); },
    redo: remove,
    forget: () => { if (held.some(({ id }) => id === run.id)) letGo(run); },
  });
}
