// Marks: what a file was when it was used, by which it is known again. Size and SHA-256, read in pieces so that the host stays free.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface Mark {
  readonly size: number;
  /** Absent where there were too many files to read them all once more. */
  readonly sha256?: string;
}
const PIECE = 2 ** 20;
/** Folders of more files than this are known by the names and sizes of their files. */
export const MOST_HASHED = 16;

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** The mark of a file as it is now; null where it is no file that can be read. */
export async function markOf(path: string, hashed: boolean): Promise<Mark | null> {
  try {
    const info = await stat(path);
    // Devices and pipes have no end.
    if (!info.isFile()) return null;
    return { size: info.size, ...(hashed && { sha256: await sha256(path) }) };
  } catch {
    return null;
  }
}

export interface Marks {
  /** Takes the marks of files that are being used now. */
  take(files: readonly { readonly id: string; readonly path: string }[]): void;
  /** As they were when used; taken now where they were not. */
  of(id: string, path: string): Promise<Mark | null>;
}

export function createMarks(): Marks {
  const taken = new Map<string, Promise<Mark | null>>();
  return {
    take: (files) => { for (const { id, path } of files) taken.set(id, markOf(path, files.length <= MOST_HASHED)); },
    of: (id, path) => {
      const known = taken.get(id) ?? markOf(path, true);
      taken.set(id, known);
      return known;
    },
  };
}
