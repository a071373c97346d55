// Files on disk, read within a limit and replaced whole: what both data readers and writers stand on.
import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { RequantError, type ErrorPlace } from '../errors/index.ts';

/** Largest array or file read unless a caller says otherwise: 2 GiB. */
export const DEFAULT_LIMIT = 2 ** 31;

const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** A failed system call as FILE_NOT_FOUND or FILE_UNREADABLE; any other error as {@link RequantError.from} has it. */
export function readFailure(error: unknown, file: string): RequantError {
  if (error instanceof RequantError) return error;
  const code = systemCode(error);
  if (code === '') return RequantError.from(error, { file });
  if (code === 'ENOENT' || code === 'ENOTDIR') return new RequantError('FILE_NOT_FOUND', 'there is no such file or folder', { file }, { cause: error });
  return new RequantError('FILE_UNREADABLE', `it cannot be read (${code})`, { file }, { cause: error });
}

/** Is `path` a file or a folder? Raises FILE_NOT_FOUND, or FILE_UNREADABLE for devices, pipes and sockets. */
export async function kindOfPath(path: string): Promise<'file' | 'folder'> {
  let info;
  try { info = await stat(path); } catch (error) { throw readFailure(error, path); }
  if (info.isFile()) return 'file';
  if (info.isDirectory()) return 'folder';
  throw new RequantError('FILE_UNREADABLE', 'it is neither a file nor a folder', { file: path });
}

/** Opens a regular file for the time of `use`, which also gets its size. */
export async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  // Asked before opening: opening a pipe would wait for its other end.
  if (await kindOfPath(path) !== 'file') throw new RequantError('FILE_UNREADABLE', 'it is a folder, not a file', { file: path });
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    return await use(handle, (await handle.stat()).size);
  } catch (error) {
    throw readFailure(error, path);
  } finally {
    await handle?.close();
  }
}

/** Exactly `length` bytes from `position`. Raises FORMAT_CORRUPT when the file ends before. */
export async function readAt(handle: FileHandle, position: number, length: number, where: ErrorPlace): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    // One call reads less than 2 GiB.
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (bytesRead === 0) throw new RequantError('FORMAT_CORRUPT', 'the file ends too early', where);
    done += bytesRead;
  }
  return bytes;
}

/** A whole file. Raises FORMAT_TOO_LARGE beyond `limit` bytes, before any of it is read. */
export function readWhole(path: string, limit = DEFAULT_LIMIT): Promise<Uint8Array> {
  return withFile(path, async (handle, size) => {
    if (size > limit) throw new RequantError('FORMAT_TOO_LARGE', `${size} bytes are more than the limit of ${limit}`, { file: path });
    return readAt(handle, 0, size, { file: path });
  });
}

/** Writes `bytes` beside the target and renames them into place, so that a reader sees the old file or the new one. */
export const replaceFile = (path: string, bytes: Uint8Array): Promise<void> => replaceFiles([{ path, bytes }]);

/** The same for files that belong together: none is renamed before all are written. */
export async function replaceFiles(files: readonly { readonly path: string; readonly bytes: Uint8Array }[]): Promise<void> {
  const parts = files.map(({ path, bytes }) => ({ path, bytes, temporary: join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`) }));
  let at = '';
  try {
    for (const { path, bytes, temporary } of parts) { at = path; await writeFile(temporary, bytes, { flag: 'wx' }); }
    for (const { path, temporary } of parts) { at = path; await rename(temporary, path); }
  } catch (error) {
    for (const { temporary } of parts) await rm(temporary, { force: true }).catch(() => undefined);
    throw new RequantError('FILE_UNWRITABLE', `it cannot be written (${systemCode(error)})`, { file: at }, { cause: error });
  }
}

/**
 * Makes a folder and those above it that are missing. Step by step, since `mkdir(path, { recursive: true })` never
 * returns where a system answers "no such folder" below a folder that exists, as /proc does.
 */
export async function ensureFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) return;
  if (dirname(path) !== path && !info) await ensureFolder(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    // Somebody else may have made it in the meantime.
    if ((await stat(path).catch(() => undefined))?.isDirectory()) return;
    throw new RequantError('FILE_UNWRITABLE', `the folder cannot be made (${systemCode(error)})`, { file: folder }, { cause: error });
  }
}
