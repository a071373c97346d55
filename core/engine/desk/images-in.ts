// Every image in a folder and below, in order of name, named by its path within the folder, as labels files write it.
import { readdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { endsAs } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';

const MOST_IMAGES = 100_000;

/** Links are not followed. Raises DATA_EMPTY, BUDGET_EXCEEDED. */
export async function imagesIn(folder: string): Promise<readonly { readonly path: string; readonly name: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && endsAs(entry.name, 'images'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const file = basename(folder);
  if (names.length === 0) throw new RequantError('DATA_EMPTY', 'The folder holds no images', { file });
  if (names.length > MOST_IMAGES) throw new RequantError('BUDGET_EXCEEDED', `The folder holds ${names.length} images; at most ${MOST_IMAGES} can be opened`, { file });
  return names.map((name) => ({ path: join(folder, name), name }));
}
