// Files that the page may name. It gets ids; only the host knows the paths.
import { randomUUID } from 'node:crypto';
import type { FileRef } from '../../contract/index.ts';

export interface Granted {
  readonly path: string;
  readonly name: string;
  /** It lies in a temporary place and goes with the server. */
  readonly uploaded: boolean;
}
export interface GrantOptions {
  /** Given where the file was granted before, by an engine that was lost. */
  readonly id?: string;
  readonly uploaded?: boolean;
}
export interface Grants {
  grant(path: string, name: string, options?: GrantOptions): FileRef;
  of(id: string): Granted | undefined;
}

export function createGrants(): Grants {
  const byId = new Map<string, Granted>();
  const ids = new Map<string, string>();
  return {
    grant: (path, name, { id, uploaded = false } = {}) => {
      const key = `${path}\0${name}`;
      const granted = id ?? ids.get(key) ?? randomUUID();
      byId.set(granted, { path, name, uploaded: uploaded || (byId.get(granted)?.uploaded ?? false) });
      ids.set(key, granted);
      return { id: granted, name };
    },
    of: (id) => byId.get(id),
  };
}
