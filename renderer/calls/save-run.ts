// Saves a run as NAME.sima and NAME.sima.json: to a chosen place on the desktop, as downloads in a browser.
import type { RunView } from '../../core/contract/index.ts';
import { log } from '../stores/messages.ts';
import { runName, useSession } from '../stores/session.ts';
import { runJob } from './job.ts';
import type { Studio } from './studio.ts';

/** A file name for a run: the model's name without its ending, and what the run was. */
export const runFileName = (model: string, run: RunView): string =>
  `${model.replace(/\.(onnx|tflite|pb)$/i, '').replace(/[^\w.-]+/g, '_')}_${run.recipe.preset}_${run.draft ? 'draft' : `run${run.number}`}`;

export async function saveRun(studio: Studio, run: RunView): Promise<void> {
  const name = runFileName(useSession.getState().model?.name ?? 'model', run);
  await runJob('save', `Saving ${runName(run)}`, async (options) => {
    const target = await studio.door.saveTarget(`${name}.sima`);
    if (target === null) return;
    const { files } = await studio.client().call('run.save', { run: run.id, name, ...(target !== 'download' && { target }) }, options);
    for (const file of files) {
      if (file.blob !== undefined) await studio.door.download(file.blob, file.name);
      log(`Saved ${file.name} (${file.bytes.toLocaleString('en')} bytes)`);
    }
  });
}
