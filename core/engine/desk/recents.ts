// Files opened last: models and projects, newest first.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, sep } from 'node:path';
import * as v from 'valibot';
import { isProjectName, type RecentView } from '../../contract/index.ts';
import type { Grants } from './grants.ts';
import { ownFile } from './own-file.ts';

const MOST = 12;
const Kept = v.array(v.object({ path: v.string() }));

export interface Recents {
  add(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  list(): Promise<RecentView[]>;
}

/** The user's own folder is written as ~. */
const placeText = (path: string, user = homedir()): string => {
  const folder = dirname(path);
  return folder === user || folder.startsWith(user + sep) ? `~${folder.slice(user.length)}` : folder;
};

/** `allowed`: may the page open it, and so see that it exists? */
export function createRecents(home: string | null, grants: Grants, allowed: (path: string) => Promise<boolean>): Recents {
  const file = ownFile(home, 'recent.json');
  const paths = (document: unknown): string[] => {
    const kept = v.safeParse(Kept, document);
    return kept.success ? kept.output.map(({ path }) => path) : [];
  };
  const change = (make: (paths: string[]) => string[]): Promise<void> => file.change((document) => make(paths(document)).slice(0, MOST).map((path) => ({ path })));
  return {
    add: (path) => change((all) => [path, ...all.filter((other) => other !== path)]),
    remove: (path) => change((all) => all.filter((other) => other !== path)),
    list: async () => {
      const views = await Promise.all(paths(await file.read()).slice(0, MOST).map(async (path): Promise<RecentView | null> => {
        const missing = !await stat(path).then((info) => info.isFile(), () => false);
        // Whether a file outside may be opened cannot be asked of one that is gone; its folder can.
        if (!await allowed(missing ? dirname(path) : path)) return null;
        return { file: grants.grant(path, basename(path)), kind: isProjectName(path) ? 'project' : 'model', place: placeText(path), missing };
      }));
      return views.filter((view) => view !== null);
    },
  };
}
