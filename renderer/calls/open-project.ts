// Opens a project, or a session that was kept over a crash. A model that is gone or has changed is asked about first, never silently used.
import { DATA_ROLES, type FileRef, type OpenedProject, type ProjectFound } from '../../core/contract/index.ts';
import { RequantError } from '../../core/errors/index.ts';
import { useDataForms } from '../stores/data-form.ts';
import { log, report } from '../stores/messages.ts';
import { useProject, type ProjectSource } from '../stores/project.ts';
import { useRecipe } from '../stores/recipe.ts';
import { fitRecipe } from '../stores/recipe-edit.ts';
import { useRunForm } from '../stores/run-form.ts';
import { select } from '../stores/selection.ts';
import { useSession } from '../stores/session.ts';
import { useSweeps } from '../stores/sweeps.ts';
import { moveCamera, useView } from '../stores/view.ts';
import { runJob } from './job.ts';
import { loadData } from './open-data.ts';
import { arrived, refreshData } from './open-model.ts';
import { contentNow, workKey } from './project-content.ts';
import { refreshRecents } from './recents.ts';
import type { Studio } from './studio.ts';

const nameOf = (source: ProjectSource): string => (source.kind === 'file' ? source.file.name : 'the session');

function read(studio: Studio, source: ProjectSource, model?: FileRef): Promise<ProjectFound | null> {
  const stand = model && { model };
  return runJob('model', `Reading ${nameOf(source)}`, (options) => (source.kind === 'file'
    ? studio.client().call('project.open', { file: source.file, ...stand }, options)
    : studio.client().call('sitting.open', { sitting: source.sitting.sitting, ...stand }, options)));
}

/** `model` stands in for the project's own, where a person has chosen another place for it. */
export async function openProject(studio: Studio, source: ProjectSource, model?: FileRef): Promise<void> {
  const found = await read(studio, source, model);
  if (!found) return;
  if (found.model.state !== 'same') return useProject.setState({ asking: { source, found } });
  await applyProject(studio, source, found, true);
}

/** Puts a project on the screen. `runs` false: its runs belong to another model and stay behind. */
export async function applyProject(studio: Studio, source: ProjectSource, found: ProjectFound, runs: boolean): Promise<void> {
  const { content } = found;
  const opened = await runJob('model', `Opening ${nameOf(source)}`, async (options) => {
    const client = studio.client();
    const model = content.model === 'sample' ? (await client.call('model.openSample', {}, options)).model : await client.call('model.open', { file: content.model, inputShapes: content.inputShapes }, options);
    arrived(model, content.model, content.inputShapes);
    return model;
  });
  if (!opened) return;
  await refreshData(studio);
  await bringData(studio, found);
  useRecipe.setState({ recipe: fitRecipe(content.recipe, opened.nodes) });
  useRunForm.setState(content.samples);
  if (runs) bringRuns(content);
  bringView(content, new Set(opened.nodes.map(({ name }) => name)));
  const now = contentNow();
  const again = source.kind === 'file' ? (found.again ? source.file : null) : source.sitting.project;
  useProject.setState({
    asking: null, offer: null, file: again, name: source.kind === 'file' ? source.file.name : source.sitting.project?.name ?? null,
    // What came from a kept session is still to be saved, and so is a project that is no longer what its file says.
    saved: source.kind === 'file' && runs && now ? workKey(now) : '',
  });
  if (source.kind === 'sitting') await studio.client().call('sitting.drop', { sitting: source.sitting.sitting }).catch(() => undefined);
  log(`Opened ${nameOf(source)}${content.runs.length > 0 ? `: ${content.runs.length} runs${runs ? '' : ' left out, which were made with another model'}` : ''}`);
  await refreshRecents(studio);
}

async function bringData(studio: Studio, { content, data }: ProjectFound): Promise<void> {
  for (const role of DATA_ROLES) {
    const choice = content.data[role];
    const lost = data[role].filter(({ state }) => state !== 'changed'), changed = data[role].filter(({ state }) => state === 'changed');
    const named = (all: typeof lost): string => `${all[0]?.name ?? ''}${all.length > 1 ? ` and ${all.length - 1} more` : ''}`;
    if (lost.length > 0) report(new RequantError('FILE_NOT_FOUND', `The project's ${role} data is no longer where it was: ${named(lost)}`, {}, { hint: 'Load it again from where it is now; its preprocessing is kept.' }));
    if (changed.length > 0) report(new RequantError('DATA_INVALID', `The project's ${role} data has changed since it was saved: ${named(changed)}`, {}, { hint: 'It is loaded as it is now. The runs of the project were made with what it was.' }));
    useDataForms.setState({ [role]: { ...choice, touched: choice.files.length > 0 || lost.length > 0 } });
    if (choice.files.length > 0) await loadData(studio, role);
  }
}

/** The engine holds none of these runs: they are shown, and run again before they are saved or looked into. */
function bringRuns({ runs, sweeps, notes, shownRun, comparedRun }: OpenedProject): void {
  useSweeps.setState({ sweeps });
  useSession.setState({
    runs, lastNumber: Math.max(0, ...runs.map(({ number }) => number)), notes, forgotten: new Set(runs.map(({ id }) => id)),
    shownRun: shownRun ?? runs.at(-1)?.id ?? null, comparedRun,
  });
}

function bringView({ view }: OpenedProject, nodes: ReadonlySet<string>): void {
  const { overlay, metric, feed, collapsed, camera } = view;
  useView.setState({ overlay, metric, feed, graph: 'partitioned', collapsed: new Set(collapsed) });
  if (camera) moveCamera(camera);
  select(view.selection.filter((name) => nodes.has(name)));
}
