// Opens a file that may be a model or a project.
import { isProjectName, type FileRef } from '../../core/contract/index.ts';
import { openModel } from './open-model.ts';
import { openProject } from './open-project.ts';
import type { Studio } from './studio.ts';

export async function openFile(studio: Studio, file: FileRef): Promise<void> {
  if (isProjectName(file.name)) await openProject(studio, { kind: 'file', file });
  else await openModel(studio, file);
}
