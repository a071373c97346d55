// Deletes a run: from the list at once, and its model from the engine, which may have forgotten it already.
import type { RunView } from '../../core/contract/index.ts';
import { log } from '../stores/messages.ts';
import { removeRun, runName } from '../stores/session.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

export async function deleteRun(studio: Studio, run: RunView): Promise<void> {
  removeRun(run.id);
  await runJob('save', `Deleting ${runName(run)}`, (options) => studio.client().call('run.delete', { run: run.id }, options));
  log(`Deleted ${runName(run)}`);
}
