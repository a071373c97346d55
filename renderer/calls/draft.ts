// Measures a changed recipe at once: after a first run every change asks the engine what it gives, and a newer change takes an older one's place.
import type { RunView } from '../../core/contract/index.ts';
import type { RequantError } from '../../core/errors/index.ts';
import { log } from '../stores/messages.ts';
import { useRecipe } from '../stores/recipe.ts';
import { sameRecipe } from '../stores/recipe-edit.ts';
import { addRun, dropDraft, lastRun, runningJob, useSession } from '../stores/session.ts';
import { useSettings } from '../stores/settings.ts';
import { useView } from '../stores/view.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

/** The run that a draft starts from: the newest that the engine still holds. */
function base(): RunView | null {
  const { forgotten } = useSession.getState();
  const run = lastRun(useSession.getState());
  return run && !forgotten.has(run.id) ? run : null;
}

/** Starts measuring changes. Returns how to stop. */
export function installDrafts(studio: Studio): () => void {
  let abort: AbortController | null = null;
  /** A change that a run came in the way of. */
  let owed = false;

  const measure = async (from: RunView): Promise<void> => {
    const own = abort = new AbortController();
    const { recipe } = useRecipe.getState();
    const { model } = useSession.getState();
    const ask = (feed: 'local' | 'cumulative') => runJob('draft', 'Measuring the change', (options) => {
      // Cancelled by the person or by a newer change, whichever comes first.
      const signal = options.signal ? AbortSignal.any([options.signal as AbortSignal, own.signal]) : own.signal;
      return studio.client().call('run.draft', {
        recipe, feed, calibrationSamples: from.calibrationSamples, analysisSamples: from.analysisSamples, memoryBudget: useSettings.getState().memoryMiB * 2 ** 20,
      }, { ...options, signal });
    }, (error) => tell(error));
    const show = (draft: RunView | null): boolean => {
      if (!draft || own.signal.aborted || useSession.getState().model !== model) return false;
      addRun(draft);
      return true;
    };
    const local = await ask('local');
    if (!local || own.signal.aborted) return;
    // Local errors are there first. Where cumulative ones are on the screen, half a draft would blank them.
    if (useView.getState().feed === 'local') {
      if (!show(local)) return;
      await drawn();
      if (own.signal.aborted) return;
    }
    const both = await ask('cumulative');
    if (abort === own) abort = null;
    // The second answer finds the local errors at hand and ran nothing for them: what the change took is in the first.
    show(both && { ...both, ran: { ...both.ran, local: local.ran.local }, seconds: local.seconds + both.seconds });
  };

  const onChange = (): void => {
    abort?.abort();
    abort = null;
    owed = false;
    const session = useSession.getState();
    const from = base();
    if (!from || !useSettings.getState().atOnce) return;
    if (runningJob(session)) { owed = true; return; }
    const { recipe } = useRecipe.getState();
    const known = session.runs.findLast((run) => !run.draft && sameRecipe(run.recipe, recipe) && run.analysisSamples === from.analysisSamples && run.calibrationSamples === from.calibrationSamples);
    if (known) dropDraft(known.id);
    else void measure(from);
  };

  let recipe = useRecipe.getState().recipe;
  let model = useSession.getState().model;
  let runs = 0;
  let running = false;
  const stops = [
    useRecipe.subscribe((s) => { if (s.recipe !== recipe) { recipe = s.recipe; onChange(); } }),
    useSession.subscribe((s) => {
      if (s.model !== model) { abort?.abort(); model = s.model; }
      // A run has come to its end; what was changed meanwhile is measured now.
      const finished = s.runs.filter((run) => !run.draft).length;
      if (finished !== runs) { runs = finished; if (finished > 0) queueMicrotask(onChange); }
      const now = runningJob(s) !== null;
      if (now === running) return;
      running = now;
      // A run measures more than a draft and need not wait for it. One that came to nothing leaves the change to be measured.
      if (now && abort) { abort.abort(); owed = true; }
      else if (!now) setTimeout(() => { if (owed) onChange(); });
    }),
  ];
  return () => { abort?.abort(); for (const stop of stops) stop(); };
}

const UNSEEN_MS = 100;
/** What was just shown is drawn: the engine's next job would take the processor from it. A page in the background draws nothing, and is not waited for longer. */
const drawn = (): Promise<void> => new Promise((resolve) => {
  setTimeout(resolve, UNSEEN_MS);
  if ('requestAnimationFrame' in globalThis) requestAnimationFrame(() => setTimeout(resolve));
});

/** A draft that cannot be had is no failure of anything that was asked for: the next run will tell. */
function tell(error: RequantError): void {
  if (error.code !== 'CANCELLED') log(`${error.message}. ${error.hint}`, 'notice');
}
