// Keeps what is on the screen with the engine, a moment after each change, so that a crash costs nothing; and finds what an earlier crash left.
import type { Client } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { useDataForms } from '../stores/data-form.ts';
import { log } from '../stores/messages.ts';
import { useProject } from '../stores/project.ts';
import { useRecipe } from '../stores/recipe.ts';
import { useRunForm } from '../stores/run-form.ts';
import { useSelection } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useSweeps } from '../stores/sweeps.ts';
import { useView } from '../stores/view.ts';
import { handOverRuns } from './hand-over-runs.ts';
import { contentNow, workKey } from './project-content.ts';
import type { Studio } from './studio.ts';

const WAIT_MS = 700;
/** The session that this page keeps, remembered for the page that follows when this one crashes. */
const MINE = 'requant.sitting';
const remembered = {
  read: (): string | null => { try { return globalThis.sessionStorage?.getItem(MINE) ?? null; } catch { return null; } },
  write: (sitting: string): void => { try { globalThis.sessionStorage?.setItem(MINE, sitting); } catch { /* a convenience only */ } },
};

/** Offers what an earlier session left, where it was not saved. */
export async function offerSitting(studio: Studio): Promise<void> {
  const mine = remembered.read();
  const found = await studio.client().call('sitting.find', { ...(mine !== null && { mine }) }).catch(() => null);
  if (found?.found) useProject.setState({ offer: found.found });
}

export async function discardOffer(studio: Studio): Promise<void> {
  const { offer } = useProject.getState();
  useProject.setState({ offer: null });
  if (offer) await studio.client().call('sitting.drop', { sitting: offer.sitting }).catch(() => undefined);
}

/** Starts keeping. Returns how to stop. */
export function installKeeping(studio: Studio): () => void {
  let waiting: ReturnType<typeof setTimeout> | null = null;
  let keeping = false;
  /** What the engine of this client keeps for this page. */
  let kept: { readonly client: Client; readonly sitting: string; readonly text: string } | null = null;
  let failed = false;

  const keep = async (): Promise<void> => {
    const content = contentNow();
    const { dirty, file } = useProject.getState();
    const client = studio.client();
    if (content && dirty) {
      const text = JSON.stringify([content, file]);
      if (kept?.client === client && kept.text === text) return;
      await handOverRuns(client, content);
      const { sitting } = await client.call('sitting.keep', { content, project: file });
      // After a crash of the engine another one keeps it.
      if (kept && kept.sitting !== sitting) await client.call('sitting.drop', { sitting: kept.sitting });
      kept = { client, sitting, text };
      remembered.write(sitting);
    } else if (kept) {
      await client.call('sitting.drop', { sitting: kept.sitting });
      kept = null;
    }
  };

  const soon = (): void => {
    if (waiting !== null) return;
    waiting = setTimeout(() => {
      waiting = null;
      if (keeping) return soon();
      keeping = true;
      void keep().then(() => { failed = false; }, (thrown: unknown) => {
        const error = RequantError.from(thrown);
        // Once, and not while the engine is being replaced: a page full of this would help nobody.
        if (!failed && error.code !== 'ENGINE_LOST') log(`The session cannot be kept: ${error.line}`, 'error');
        failed = true;
      }).finally(() => { keeping = false; });
    }, WAIT_MS);
  };

  const onChange = (): void => {
    const content = contentNow();
    const dirty = content !== null && workKey(content) !== useProject.getState().saved;
    if (dirty !== useProject.getState().dirty) useProject.setState({ dirty });
    soon();
  };
  let session = useSession.getState();
  const stops = [
    useSession.subscribe((s) => {
      // Progress of jobs changes nothing that is kept.
      const same = s.origin === session.origin && s.runs === session.runs && s.notes === session.notes && s.shownRun === session.shownRun && s.comparedRun === session.comparedRun && s.connection === session.connection;
      session = s;
      if (!same) onChange();
    }),
    ...[useRecipe, useDataForms, useRunForm].map((store) => store.subscribe(onChange)),
    useSweeps.subscribe((s, before) => { if (s.sweeps !== before.sweeps) onChange(); }),
    ...[useView, useSelection].map((store) => store.subscribe(soon)),
    useProject.subscribe((s, before) => { if (s.saved !== before.saved || s.file !== before.file) onChange(); }),
  ];
  return () => { for (const stop of stops) stop(); if (waiting !== null) clearTimeout(waiting); };
}
