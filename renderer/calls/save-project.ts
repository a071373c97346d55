// Saves what is on the screen as a project file: where it was saved before, or where a person says.
import { RequantError } from '../../core/errors/index.ts';
import type { SaveTarget } from '../doors/door.ts';
import { log, report } from '../stores/messages.ts';
import { useProject } from '../stores/project.ts';
import { useSession } from '../stores/session.ts';
import { handOverRuns } from './hand-over-runs.ts';
import { runJob } from './job.ts';
import { contentNow, workKey } from './project-content.ts';
import { refreshRecents } from './recents.ts';
import type { Studio } from './studio.ts';

/** The project's own name, or one made of the model's. */
export const projectFileName = (): string =>
  useProject.getState().name ?? `${(useSession.getState().model?.name ?? 'project').replace(/\.(onnx|tflite|pb)$/i, '').replace(/[^\w.-]+/g, '_')}.requant`;

export async function saveProject(studio: Studio, ask: boolean): Promise<void> {
  const name = projectFileName();
  const target = (ask ? null : useProject.getState().file) ?? await askForTarget(studio, name);
  if (target === null) return;
  await runJob('save', `Saving ${name}`, async (options) => {
    const content = contentNow();
    if (!content) return;
    const client = studio.client();
    await handOverRuns(client, content);
    const { files } = await client.call('project.save', { content, name, ...(target !== 'download' && { target }) }, options);
    for (const file of files) if (file.blob !== undefined) await studio.door.download(file.blob, file.name);
    const [file] = files;
    useProject.setState({ file: target === 'download' ? null : target, name: target === 'download' ? name : target.name, saved: workKey(content), dirty: false });
    log(`Saved the project ${file?.name ?? name}${content.runs.length > 0 ? ` with ${content.runs.length} ${content.runs.length === 1 ? 'run' : 'runs'}` : ''}`);
    await refreshRecents(studio);
  });
}

async function askForTarget(studio: Studio, name: string): Promise<SaveTarget> {
  try { return await studio.door.projectTarget(name); } catch (thrown) { report(RequantError.from(thrown)); return null; }
}
