// Loads samples for a role with the preprocessing of its form.
import type { DataRole, FileRef } from '../../core/contract/index.ts';
import type { FileKind } from '../doors/door.ts';
import { changeForm, followData, parseForm, useDataForms, type DataForm } from '../stores/data-form.ts';
import { log } from '../stores/messages.ts';
import { showData } from '../stores/session.ts';
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

/** Asks for files, then loads them. Labels are kept for the next load when no samples are chosen yet. */
export async function chooseData(studio: Studio, role: DataRole, kind: Exclude<FileKind, 'model'>): Promise<void> {
  const files = await runJob('data', 'Reading files', () => studio.door.chooseFiles(kind));
  if (!files || files.length === 0) return;
  if (kind === 'labels') return labelsChosen(studio, role, files[0]);
  // New samples without new labels: labels of other samples must not stick to them.
  await loadData(studio, role, { files, labels: kind === 'images' ? useDataForms.getState()[role].labels : null });
}

async function labelsChosen(studio: Studio, role: DataRole, labels: FileRef | undefined): Promise<void> {
  if (!labels) return;
  if (useDataForms.getState()[role].files.length === 0) changeForm(role, { labels });
  else await loadData(studio, role, { labels });
}

export function closeData(studio: Studio, role: DataRole): Promise<unknown> {
  return runJob('data', `Closing ${ROLE_TEXT[role]}`, async () => {
    await studio.client().call('data.close', { role });
    showData(role, null);
    changeForm(role, { files: [], labels: null });
  });
}
