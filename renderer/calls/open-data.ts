// Loads samples for a role with the preprocessing of its form.
import type { DataRole, FileRef } from '../../core/contract/index.ts';
import { changeForm, followData, parseForm, useDataForms, type DataForm } from '../stores/data-form.ts';
import { record } from '../stores/history.ts';
import { log } from '../stores/messages.ts';
import { showData, useSession } from '../stores/session.ts';
import { chooseFiles } from './choose-files.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

const ROLE_TEXT: Readonly<Record<DataRole, string>> = { calibration: 'calibration data', evaluation: 'evaluation data' };

/** Sends the form, with `change` on top, to the engine. Data loaded before stays when this fails. */
export async function loadData(studio: Studio, role: DataRole, change: Partial<Pick<DataForm, 'files' | 'labels'>> = {}): Promise<boolean> {
  const form: DataForm = { ...useDataForms.getState()[role], ...change };
  const parsed = parseForm(form);
  if ('errors' in parsed || form.files.length === 0) return false;
  const view = await runJob('data', `Loading ${ROLE_TEXT[role]}`, (options) => studio.client().call('data.open', {
    role,
    files: [...form.files],
    preprocessing: parsed.preprocessing,
    ...(parsed.raw && { raw: parsed.raw }),
    ...(form.labels && { labels: form.labels }),
    ...(form.key.trim() && { key: form.key.trim() }),
    ...(form.labelsKey.trim() && { labelsKey: form.labelsKey.trim() }),
  }, options));
  if (!view) return false;
  changeForm(role, { ...change, touched: true });
  showData(role, view);
  followData(role, view.preprocessing);
  log(`Loaded ${view.samples} samples as ${ROLE_TEXT[role]} from ${view.name}`);
  return true;
}

/** A role's data at one moment: the form, and whether samples were loaded with it (without files they were the sample's own). */
interface Moment {
  readonly form: DataForm;
  readonly loaded: boolean;
}
const momentOf = (role: DataRole): Moment => ({ form: useDataForms.getState()[role], loaded: useSession.getState().data[role] !== null });

async function bring(studio: Studio, role: DataRole, { form, loaded }: Moment): Promise<void> {
  changeForm(role, form);
  if (loaded && form.files.length > 0) await loadData(studio, role);
  else if (loaded) await loadSampleData(studio, role);
  else await close(studio, role);
  changeForm(role, { touched: form.touched });
}

/** Does something to a role's data as one step that can be undone. Nothing that changed nothing is a step. */
async function step(studio: Studio, role: DataRole, what: string, work: () => Promise<unknown>): Promise<void> {
  const model = useSession.getState().model;
  const before = momentOf(role);
  await work();
  const after = momentOf(role);
  if (useSession.getState().model !== model || JSON.stringify(before) === JSON.stringify(after)) return;
  record({ label: `${what} of ${ROLE_TEXT[role]}`, undo: () => bring(studio, role, before), redo: () => bring(studio, role, after) });
}

/** Asks for files, then loads them. Labels are kept for the next load when no samples are chosen yet. */
export async function chooseData(studio: Studio, role: DataRole, kind: 'data' | 'images' | 'labels'): Promise<void> {
  const files = await chooseFiles(studio, kind);
  if (files.length === 0) return;
  if (kind === 'labels') return step(studio, role, 'labels', () => labelsChosen(studio, role, files[0]));
  await takeData(studio, role, files, kind === 'images' ? useDataForms.getState()[role].labels : null);
}

/** Loads these files. New samples without new labels: labels of other samples must not stick to them. */
export const takeData = (studio: Studio, role: DataRole, files: readonly FileRef[], labels: FileRef | null): Promise<void> =>
  step(studio, role, 'files', () => loadData(studio, role, { files, labels }));

/** Another preprocessing: the same files are loaded again with it. */
export const preprocess = (studio: Studio, role: DataRole, part: Partial<DataForm>): Promise<void> => step(studio, role, 'preprocessing', async () => {
  changeForm(role, { ...part, touched: true });
  await loadData(studio, role);
});

async function labelsChosen(studio: Studio, role: DataRole, labels: FileRef | undefined): Promise<void> {
  if (!labels) return;
  if (useDataForms.getState()[role].files.length === 0) changeForm(role, { labels });
  else await loadData(studio, role, { labels });
}

export const closeData = (studio: Studio, role: DataRole): Promise<void> => step(studio, role, 'closing', () => close(studio, role));

function close(studio: Studio, role: DataRole): Promise<unknown> {
  return runJob('data', `Closing ${ROLE_TEXT[role]}`, async () => {
    await studio.client().call('data.close', { role });
    showData(role, null);
    changeForm(role, { files: [], labels: null });
  });
}

function loadSampleData(studio: Studio, role: DataRole): Promise<unknown> {
  return runJob('data', `Loading the sample's ${ROLE_TEXT[role]}`, async (options) => {
    showData(role, await studio.client().call('data.openSample', { role }, options));
  });
}
