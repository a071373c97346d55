// Hands the engine each run once before a project or a kept session names it: runs may be large, and seldom change.
import type { Client, ProjectContent, RunView } from '../../core/contract/index.ts';
import { useSession } from '../stores/session.ts';

const handed = new WeakMap<Client, Set<RunView>>();

export async function handOverRuns(client: Client, content: ProjectContent): Promise<void> {
  const known = handed.get(client) ?? new Set();
  handed.set(client, known);
  for (const run of useSession.getState().runs) {
    if (known.has(run) || !content.runs.some(({ id }) => id === run.id)) continue;
    await client.call('project.run', { run });
    known.add(run);
  }
}
