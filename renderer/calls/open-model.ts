// Opens a model, or the built-in sample with its data.
import { DATA_ROLES, type FileRef, type InputShapes, type ModelView } from '../../core/contract/index.ts';
import type { RequantError } from '../../core/errors/index.ts';
import { EMPTY_FORM, followData, useDataForms } from '../stores/data-form.ts';
import { fieldsOf, useShapeQuestion } from '../stores/input-shapes.ts';
import { log, report } from '../stores/messages.ts';
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
export function arrived(model: ModelView, origin: ModelOrigin, inputShapes: InputShapes = {}): void {
  showModel(model, origin, inputShapes);
  useShapeQuestion.setState({ asking: null });
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

/** Where the file leaves shapes open that were not given, it is asked for them. */
export async function openModel(studio: Studio, file: FileRef, inputShapes: InputShapes = {}): Promise<ModelView | null> {
  const refused: RequantError[] = [];
  const model = await runJob('model', `Opening ${file.name}`, async (options) => {
    const view = await studio.client().call('model.open', { file, ...(Object.keys(inputShapes).length > 0 && { inputShapes }) }, options);
    arrived(view, file, inputShapes);
    await opened(studio);
    return view;
  }, (error) => refused.push(error));
  for (const error of refused) await (error.code === 'SHAPE_UNKNOWN' ? askForShapes(studio, file, inputShapes, error) : refuse(file, error));
  return model;
}

/** What was wrong with shapes is said where they stand. */
function refuse(file: FileRef, error: RequantError): void {
  const { asking } = useShapeQuestion.getState();
  if (asking?.file.id === file.id) useShapeQuestion.setState({ asking: { ...asking, refusal: error.line } });
  else report(error);
}

/** Shows the form for what the file leaves open; where there is nothing that could be given, `error` stands as it is. */
export async function askForShapes(studio: Studio, file: FileRef, given: InputShapes, error?: RequantError): Promise<void> {
  const found = await runJob('model', `Reading the inputs of ${file.name}`, (options) => studio.client().call('model.inputs', { file, inputShapes: given }, options), (thrown) => refuse(file, error ?? thrown));
  if (!found) return;
  const fields = fieldsOf(found.inputs, given);
  if (fields.length > 0) useShapeQuestion.setState({ asking: { file, inputs: found.inputs, fields, given, refusal: null } });
  else if (error) refuse(file, error);
}

export function openSample(studio: Studio): Promise<ModelView | null> {
  return runJob('model', 'Opening the sample', async (options) => {
    const { model } = await studio.client().call('model.openSample', {}, options);
    arrived(model, 'sample');
    await opened(studio);
    return model;
  });
}
