// The desk: answers the calls about projects, sittings, recent files, settings and the folder to choose from.
import { basename, dirname } from 'node:path';
import { availableParallelism } from 'node:os';
import type { FileRef, MethodName, Params, Result } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import { readWhole, replaceFile } from '../../tensor/files.ts';
import type { Grants } from './grants.ts';
import { createMarks } from './marks.ts';
import { parseProject, PROJECT_LIMIT, projectBytes } from './project-file.ts';
import { withFiles, withPaths } from './project.ts';
import { createRecents } from './recents.ts';
import { createRootFolder } from './root-folder.ts';
import { createSettingsFile } from './settings-file.ts';
import { createSittings } from './sittings.ts';

export type DeskMethod = Extract<MethodName, `${'project' | 'sitting' | 'recent' | 'settings' | 'files'}.${string}`>;
export type DeskAnswers = { readonly [M in DeskMethod]: (params: Params<M>) => Promise<Result<M>> };

export interface DeskOptions {
  /** The user's data folder; null: nothing outlives this engine. */
  readonly home: string | null;
  /** The folder that the page may choose from, and where its projects' files must lie; null: the desktop's own dialogs choose. */
  readonly root: string | null;
  readonly grants: Grants;
  /** Keeps bytes for the page to fetch, and gives their id. */
  readonly keepBlob: (name: string, bytes: Uint8Array) => string;
}
export interface Desk {
  readonly answers: DeskAnswers;
  /** Files of a call that has succeeded: they are remembered as they are now, and a model as recently opened. */
  used(method: MethodName, params: unknown): void;
  close(): Promise<void>;
}

export function createDesk({ home, root, grants, keepBlob }: DeskOptions): Desk {
  const folder = root === null ? null : createRootFolder(root);
  const allowed = async (path: string): Promise<boolean> => folder === null || folder.holds(path);
  const marks = createMarks();
  const recents = createRecents(home, grants, allowed);
  const settings = createSettingsFile(home);
  const sittings = createSittings(home, root, grants, marks);

  const pathOf = (file: FileRef): string => {
    const granted = grants.of(file.id);
    if (!granted) throw new RequantError('FILE_NOT_FOUND', 'this file was not chosen in this session', { file: file.name });
    return granted.path;
  };
  const remember = async (file: FileRef): Promise<void> => {
    const granted = grants.of(file.id);
    // That a list cannot be written is no reason to fail what was asked for.
    if (granted && !granted.uploaded) await recents.add(granted.path).catch(() => undefined);
  };
  const chooseFrom = () => {
    if (!folder) throw new RequantError('CONFIG_INVALID', 'this studio chooses files in the dialogs of its desktop');
    return folder;
  };

  const answers: DeskAnswers = {
    'project.run': async ({ run }) => { await sittings.addRun(run); return {}; },
    'project.save': async ({ content, name, target }) => {
      const path = target ? pathOf(target) : null;
      const body = await withPaths({ ...content, runs: sittings.runs(content) }, grants, marks, false);
      const bytes = projectBytes({ ...body, folder: path === null ? null : dirname(path) });
      if (bytes.length > PROJECT_LIMIT) throw new RequantError('BUDGET_EXCEEDED', `the project takes ${bytes.length} bytes; at most ${PROJECT_LIMIT} can be opened again`, {}, { hint: 'Delete runs that you no longer need.' });
      if (path === null || !target) return { files: [{ name, bytes: bytes.length, blob: keepBlob(name, bytes) }] };
      await replaceFile(path, bytes);
      await remember(target);
      return { files: [{ name: basename(path), bytes: bytes.length }] };
    },
    'project.open': async ({ file, model }) => {
      const path = pathOf(file);
      const project = parseProject(await readWhole(path, PROJECT_LIMIT), file.name);
      const { savedAt, folder: savedIn, savedBy: _, ...body } = project;
      const found = await withFiles(body, savedAt, savedIn, { grants, marks, allowed, at: grants.of(file.id)?.uploaded ? null : path, ...(model && { model }) });
      await remember(file);
      return found;
    },
    'sitting.keep': async ({ content, project }) => ({ sitting: await sittings.keep(content, project && pathOf(project)) }),
    'sitting.find': async ({ mine }) => ({ found: await sittings.find(mine) }),
    'sitting.open': async ({ sitting, model }) => {
      const { content, savedAt } = await sittings.open(sitting);
      // Its files were granted to this person's page before; the sitting is theirs, and so are they.
      return withFiles(content, savedAt, null, { grants, marks, allowed: async () => true, at: null, ...(model && { model }) });
    },
    'sitting.drop': async ({ sitting }) => { await sittings.drop(sitting); return {}; },
    'recent.list': async () => ({ files: await recents.list() }),
    'recent.remove': async ({ file }) => { await recents.remove(pathOf(file)); return { files: await recents.list() }; },
    'settings.read': async () => ({ settings: await settings.read(), cores: availableParallelism(), kept: home !== null }),
    'settings.write': async (params) => { await settings.write(params.settings); return {}; },
    'files.list': ({ folder: inside, kind, filter }) => chooseFrom().list(inside, kind, filter ?? ''),
    'files.choose': async ({ path, kind }) => ({ files: (await chooseFrom().choose(path, kind)).map((file) => grants.grant(file.path, file.name)) }),
    'files.target': async ({ folder: inside, name }) => {
      const { path, exists } = await chooseFrom().target(inside, name);
      return { file: grants.grant(path, name), exists };
    },
  };

  const filesOf = (files: readonly (FileRef | undefined)[]): { id: string; path: string }[] =>
    files.flatMap((file) => { const granted = file && grants.of(file.id); return granted ? [{ id: file.id, path: granted.path }] : []; });
  return {
    answers,
    used: (method, params) => {
      if (method === 'model.open') {
        const { file } = params as Params<'model.open'>;
        marks.take(filesOf([file]));
        void remember(file);
      } else if (method === 'data.open') {
        const { files, labels } = params as Params<'data.open'>;
        marks.take(filesOf([...files, labels]));
      }
    },
    close: () => sittings.letGo().catch(() => undefined),
  };
}
