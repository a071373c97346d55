// Asks for files. Choosing is no job; sending what was chosen to an engine elsewhere is.
import type { FileKind, FileRef } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { report } from '../stores/messages.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

/** None where the person changed their mind, or where it failed, which is then said. */
export async function chooseFiles(studio: Studio, kind: FileKind): Promise<readonly FileRef[]> {
  try {
    return await studio.door.chooseFiles(kind, async (send) => await runJob('data', 'Sending files', send) ?? []);
  } catch (thrown) {
    report(RequantError.from(thrown));
    return [];
  }
}
