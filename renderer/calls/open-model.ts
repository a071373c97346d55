// Opens a model, or the built-in sample with its data.
import { DATA_ROLES, type FileRef, type ModelView } from '../../core/contract/index.ts';
import { EMPTY_FORM, followData, useDataForms } from '../stores/data-form.ts';
import { log } from '../stores/messages.ts';
import { useProject } from '../stores/project.ts';
import { startRecipe } from '../stores/recipe.ts';
import { select } from '../stores/selection.ts';
import { showData, showModel, type ModelOrigin } from '../stores/session.ts';
import { NO_SWEEPS, useSweeps } from '../stores/sweeps.ts';
import { useView } from '../stores/view.ts';
import { runJob } from './job.ts';
import { contentNow, workKey } from './project-content.ts';
import { refreshRecents } from './recents.ts';
import type { Studio } from './studio.ts';

/** Puts a model on the screen that the engine has just opened; what belonged to the one before goes. */
export function arrived(model: ModelView, origin: ModelOrigin): void {
  showModel(model, origin);
  startRecipe(model.nodes);
  useSweeps.setState(NO_SWEEPS);
  select([]);
  useView.setState({ graph: 'partitioned', collapsed: new Set(), camera: null, cameraWish: null });
  useDataForms.setState({ calibration: EMPTY_FORM, evaluation: EMPTY_FORM });
  useProject.setState({ file: null, name: null });
  const accelerated = model.nodes.filter((node) => node.unit === 'MLA').length;
  log(`Opened ${model.name}: ${model.nodes.length} nodes, ${accelerated} of them on the accelerator`);
}

/** Asks the engine which data it holds for the model that is open now. */
export async function refreshData(studio: Studio): Promise<void> {
  const state = await studio.client().call('data.state', {});
  for (const role of DATA_ROLES) {
    showData(role, state[role]);
    if (state[role]) followData(role, state[role].preprocessing);
  }
}

/** With its data there, what is on the screen is as good as saved: it can be opened again. */
async function opened(studio: Studio): Promise<void> {
  await refreshData(studio);
  const content = contentNow();
  useProject.setState({ saved: content ? workKey(content) : '', dirty: false });
  await refreshRecents(studio);
}

export function openModel(studio: Studio, file: FileRef): Promise<ModelView | null> {
  return runJob('model', `Opening ${file.name}`, async (options) => {
    const model = await studio.client().call('model.open', { file }, options);
    arrived(model, file);
    await opened(studio);
    return model;
  });
}

export function openSample(studio: Studio): Promise<ModelView | null> {
  return runJob('model', 'Opening the sample', async (options) => {
    const { model } = await studio.client().call('model.openSample', {}, options);
    arrived(model, 'sample');
    await opened(studio);
    return model;
  });
}
