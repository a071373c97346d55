// What was dropped on a browser's page, with everything that lies in dropped folders. Hidden files are left out.
import { RequantError } from '../../core/errors/index.ts';
import type { SentFile } from './model-files.ts';

const MOST_FILES = 100_000;

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => entry.file(resolve, reject));

/** A reader gives a part of a folder at a time, and none at its end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader(), all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return all.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
    all.push(...part);
  }
}

/** To be called while the event is handled: the browser forgets what was dropped right after. Raises BUDGET_EXCEEDED, FILE_UNREADABLE. */
export function droppedFiles(transfer: DataTransfer): Promise<readonly SentFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []), plain = [...transfer.files];
  // Files that no disk holds (a script made them) have no entry.
  if (entries.length === 0) return Promise.resolve(plain.map((file) => ({ file, path: file.name })));
  const found: SentFile[] = [];
  const walk = async (entry: FileSystemEntry, path: string): Promise<void> => {
    if (found.length >= MOST_FILES) throw new RequantError('BUDGET_EXCEEDED', `More than ${MOST_FILES} files were dropped`, {}, { hint: 'Drop a smaller folder.' });
    if (entry.isFile) found.push({ file: await fileOf(entry as FileSystemFileEntry), path });
    else for (const inner of await entriesOf(entry as FileSystemDirectoryEntry)) if (!inner.name.startsWith('.')) await walk(inner, `${path}/${inner.name}`);
  };
  return (async () => {
    try { for (const entry of entries) await walk(entry, entry.name); }
    catch (cause) { throw cause instanceof RequantError ? cause : new RequantError('FILE_UNREADABLE', 'What was dropped cannot be read', {}, { cause }); }
    return found;
  })();
}
