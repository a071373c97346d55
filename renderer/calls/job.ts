// Runs a piece of work as a job: shown with progress, cancellable, its error reported and never thrown further.
import type { CallOptions } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { log, report } from '../stores/messages.ts';
import { beginJob, endJob, updateJob, type Job } from '../stores/session.ts';

let last = 0;

/** The result, or null when the work failed or was cancelled. */
export async function runJob<T>(kind: Job['kind'], title: string, work: (options: CallOptions) => Promise<T>, onError: (error: RequantError) => void = report): Promise<T | null> {
  const id = ++last;
  const abort = new AbortController();
  beginJob({ id, kind, title, cancel: () => { updateJob(id, { cancelling: true }); abort.abort(); } });
  try {
    return await work({ signal: abort.signal, onProgress: (progress) => updateJob(id, { progress }) });
  } catch (thrown) {
    const error = RequantError.from(thrown);
    if (error.code === 'CANCELLED') { if (kind !== 'draft') log(`${title}: cancelled`, 'notice'); }
    else onError(error);
    return null;
  } finally {
    endJob(id);
  }
}
