// The folder that the page of `requant serve` chooses from. Every path is followed to where it really leads, and what leads out is not there.
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { endsAs, isProjectName, type FileKind, type FolderEntry, type FolderView } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import { listImages } from '../../tensor/images.ts';

const MOST_ENTRIES = 500;

export interface RootFolder {
  list(folder: string, kind: FileKind, filter: string): Promise<FolderView>;
  /** Paths and names of a file, or of the images of a folder. */
  choose(path: string, kind: FileKind): Promise<readonly { readonly path: string; readonly name: string }[]>;
  target(folder: string, name: string): Promise<{ readonly path: string; readonly exists: boolean }>;
  /** Does this path of the disk really lie inside? */
  holds(path: string): Promise<boolean>;
}

const notHere = (path: string, cause?: unknown): RequantError =>
  new RequantError('FILE_NOT_FOUND', 'there is no such file or folder below the root folder', { file: path }, { hint: 'Only what is below it can be chosen; start `requant serve` with another --root, or upload the file.', cause });

export function createRootFolder(root: string): RootFolder {
  const below = (home: string, path: string): boolean => path === home || path.startsWith(home.endsWith(sep) ? home : home + sep);

  /** The real path of `inside`. Raises FILE_NOT_FOUND for what is missing and for what leads out, in the same words. */
  const follow = async (inside: string): Promise<string> => {
    try {
      const home = await realpath(root);
      if (inside.includes('\0')) throw notHere(inside);
      const asked = resolve(home, `.${sep}${inside}`);
      // Asked of the text too, so that nothing outside is even looked at.
      if (!below(home, asked)) throw notHere(inside);
      const real = await realpath(asked);
      if (!below(home, real)) throw notHere(inside);
      return real;
    } catch (error) {
      throw error instanceof RequantError ? error : notHere(inside, error);
    }
  };

  const entryOf = async (folder: string, name: string): Promise<FolderEntry | null> => {
    try {
      const real = await follow(folder === '' ? name : `${folder}/${name}`);
      const info = await stat(real);
      if (!info.isFile() && !info.isDirectory()) return null;
      return { name, kind: info.isFile() ? 'file' : 'folder', size: info.isFile() ? info.size : 0, changed: info.mtimeMs };
    } catch {
      return null;
    }
  };

  return {
    list: async (folder, kind, filter) => {
      const real = await follow(folder);
      const all = await readdir(real, { withFileTypes: true }).catch((error: unknown) => { throw notHere(folder, error); });
      const fits = all.filter(({ name }) => !name.startsWith('.')).filter((entry) => entry.isDirectory() || entry.isSymbolicLink() || (entry.isFile() && endsAs(entry.name, kind)));
      const wanted = fits.filter(({ name }) => name.toLowerCase().includes(filter.toLowerCase()));
      const order = new Intl.Collator('en', { numeric: true });
      wanted.sort((a, b) => Number(b.isDirectory()) - Number(a.isDirectory()) || order.compare(a.name, b.name));
      const entries = (await Promise.all(wanted.slice(0, MOST_ENTRIES).map(({ name }) => entryOf(folder, name))))
        .filter((entry) => entry !== null && (entry.kind === 'folder' || endsAs(entry.name, kind))) as FolderEntry[];
      return { root: basename(resolve(root)) || sep, folder, entries, more: Math.max(0, wanted.length - MOST_ENTRIES), fitting: fits.filter((entry) => endsAs(entry.name, kind)).length };
    },
    choose: async (path, kind) => {
      const real = await follow(path);
      const isFolder = (await stat(real)).isDirectory();
      if (kind === 'images') {
        if (!isFolder) throw new RequantError('FILE_UNREADABLE', 'it is a file; a folder of images is expected', { file: path });
        return listImages(real);
      }
      if (isFolder || !endsAs(path, kind)) throw new RequantError('FILE_UNREADABLE', `it is no file of this kind (${kind})`, { file: path });
      return [{ path: real, name: basename(path) }];
    },
    target: async (folder, name) => {
      const real = await follow(folder);
      if (!isProjectName(name) || name === '.requant' || /[/\\\0]/.test(name)) throw new RequantError('CONFIG_INVALID', 'a project is saved under a name that ends in .requant', { file: name });
      const path = join(real, name);
      const info = await lstat(path).catch(() => undefined);
      if (info?.isDirectory()) throw new RequantError('FILE_UNWRITABLE', 'there is a folder of this name', { file: name });
      return { path, exists: info !== undefined };
    },
    holds: async (path) => {
      try { return below(await realpath(root), await realpath(path)); } catch { return false; }
    },
  };
}
