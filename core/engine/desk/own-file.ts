// One small JSON file in the user's data folder: read with distrust, written whole or not at all, one change at a time.
import { join } from 'node:path';
import { ensureFolder, readWhole, replaceFile } from '../../tensor/files.ts';

const LIMIT = 2 ** 20;

export interface OwnFile {
  /** The parsed document; undefined where there is none or it is no JSON. */
  read(): Promise<unknown>;
  /** Replaces the document by what `change` makes of it. */
  change(change: (document: unknown) => unknown): Promise<void>;
}

/** `home` null: nothing is kept, and nothing is found. */
export function ownFile(home: string | null, name: string): OwnFile {
  let last: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<unknown> => {
    if (home === null) return undefined;
    try { return JSON.parse(new TextDecoder().decode(await readWhole(join(home, name), LIMIT))) as unknown; } catch { return undefined; }
  };
  return {
    read,
    change: (change) => {
      const next = last.then(async () => {
        if (home === null) return;
        await ensureFolder(home);
        await replaceFile(join(home, name), new TextEncoder().encode(`${JSON.stringify(change(await read()))}\n`));
      });
      last = next.catch(() => undefined);
      return next;
    },
  };
}
