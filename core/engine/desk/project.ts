// A project between page and disk: ids of files become paths with marks, and paths become ids again where the files are still what they were.
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { FileFound, FileRef, OpenedProject, ProjectContent, ProjectFound, RunView } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { Grants } from './grants.ts';
import { markOf, type Mark, type Marks } from './marks.ts';
import type { FileOnDisk, ProjectOnDisk } from './project-file.ts';

export type ProjectWithFiles<R> = Omit<ProjectOnDisk, 'savedBy' | 'savedAt' | 'folder' | 'runs'> & { readonly runs: R[] };

/** `content` with its files as they are on disk. `uploads`: also say where uploads lie, which are gone when the server is. */
export async function withPaths<R>(content: Omit<ProjectContent, 'runs'> & { readonly runs: R[] }, grants: Grants, marks: Marks, uploads: boolean): Promise<ProjectWithFiles<R>> {
  const file = async (ref: FileRef): Promise<FileOnDisk> => {
    const granted = grants.of(ref.id);
    if (!granted) throw new RequantError('FILE_NOT_FOUND', 'this file was not chosen in this session', { file: ref.name });
    const mark = await marks.of(ref.id, granted.path);
    return {
      name: granted.name, path: granted.uploaded && !uploads ? null : granted.path, ...(granted.uploaded && uploads && { uploaded: true }),
      size: mark?.size ?? 0, ...(mark?.sha256 !== undefined && { sha256: mark.sha256 }),
    };
  };
  const choice = async (data: ProjectContent['data']['calibration']) => ({
    ...data, files: await Promise.all(data.files.map(file)), labels: data.labels && await file(data.labels),
  });
  return {
    ...content,
    model: content.model === 'sample' ? 'sample' : await file(content.model),
    data: { calibration: await choice(content.data.calibration), evaluation: await choice(content.data.evaluation) },
  };
}

const isSame = (was: FileOnDisk, now: Mark): boolean => was.size === now.size && (was.sha256 === undefined || was.sha256 === now.sha256);

/** Where a file may be now: moved together with the project's folder, or where it was. Only whole paths of this machine count. */
function places(path: string, savedIn: string | null, folder: string | null): string[] {
  const usable = (place: string): boolean => isAbsolute(place) && !place.includes('\0') && !/^[\\/]{2}/.test(place);
  if (!usable(path)) return [];
  const moved = savedIn !== null && folder !== null && usable(savedIn) && savedIn !== folder ? [resolve(folder, relative(savedIn, path))] : [];
  return [...moved.filter(usable), path];
}

export interface Finding {
  readonly grants: Grants;
  readonly marks: Marks;
  /** May this project's files be taken from there? */
  readonly allowed: (path: string) => Promise<boolean>;
  /** The project file; null where it is an upload or a kept sitting. */
  readonly at: string | null;
  /** Stands in for the project's model. */
  readonly model?: FileRef;
}

/** The project with what has become of its files. Those found are granted; a missing model has an id that means nothing. */
export async function withFiles(project: ProjectWithFiles<RunView>, savedAt: number, savedIn: string | null, finding: Finding): Promise<ProjectFound> {
  const { grants, marks, allowed, at } = finding;
  const find = async (file: FileOnDisk): Promise<FileFound & { readonly ref: FileRef | null }> => {
    if (file.path === null) return { name: file.name, state: 'uploaded', ref: null };
    const grant = (path: string): FileRef => grants.grant(path, file.name, { uploaded: file.uploaded ?? false });
    let changed: string | null = null;
    for (const place of places(file.path, savedIn, at && dirname(at))) {
      if (!await allowed(place)) continue;
      const mark = await markOf(place, file.sha256 !== undefined);
      if (mark && isSame(file, mark)) return { name: file.name, state: 'same', ref: grant(place) };
      if (mark) changed ??= place;
    }
    return { name: file.name, state: changed === null ? 'missing' : 'changed', ref: changed === null ? null : grant(changed) };
  };
  const data = async (choice: ProjectOnDisk['data']['calibration']) => {
    const files = await Promise.all(choice.files.map(find));
    const labels = choice.labels && await find(choice.labels);
    const refs = files.flatMap(({ ref }) => ref ?? []);
    return {
      // A part of the samples is not what was chosen: then none are loaded.
      choice: { ...choice, files: refs.length === files.length ? refs : [], labels: labels?.ref ?? null },
      found: [...files, ...(labels ? [labels] : [])].filter(({ state }) => state !== 'same').map(({ name, state }) => ({ name, state })),
    };
  };
  const model = await (async (): Promise<{ readonly model: OpenedProject['model']; readonly found: FileFound }> => {
    if (project.model === 'sample') return { model: 'sample', found: { name: 'the built-in sample', state: 'same' } };
    if (!finding.model) {
      const { ref, name, state } = await find(project.model);
      return { model: ref ?? { id: '', name }, found: { name, state } };
    }
    const granted = grants.of(finding.model.id);
    const mark = granted && await marks.of(finding.model.id, granted.path);
    return { model: finding.model, found: { name: finding.model.name, state: !mark ? 'missing' : isSame(project.model, mark) ? 'same' : 'changed' } };
  })();
  const [calibration, evaluation] = await Promise.all([data(project.data.calibration), data(project.data.evaluation)]);
  return {
    content: { ...project, model: model.model, data: { calibration: calibration.choice, evaluation: evaluation.choice } },
    savedAt, again: at !== null, model: model.found, data: { calibration: calibration.found, evaluation: evaluation.found },
  };
}
