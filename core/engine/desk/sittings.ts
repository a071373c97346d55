// Sittings: what is on the desk, kept while it changes, so that a crash costs nothing. A folder each: sitting.json, and a file for each run.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { decodeMessage, encodeMessage, projectOf, RunView, type ProjectContent, type SittingView } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import { ensureFolder, readWhole, replaceFile } from '../../tensor/files.ts';
import type { Grants } from './grants.ts';
import type { Marks } from './marks.ts';
import { withPaths, type ProjectWithFiles } from './project.ts';
import { FileOnDisk, PROJECT_LIMIT } from './project-file.ts';

const Kept = v.object({
  version: v.literal(1),
  /** The process that keeps it; 0 once it has let go. */
  owner: v.number(),
  /** The folder that its page could choose from: another one must not see its files. */
  root: v.nullable(v.string()),
  savedAt: v.number(),
  project: v.nullable(v.string()),
  content: projectOf(FileOnDisk, v.object({ id: v.string(), number: v.number() })),
});
type Kept = v.InferOutput<typeof Kept>;

const MOST_KEPT = 10;
const OLDEST_MS = 30 * 24 * 3600 * 1000;
const isId = (text: string): boolean => /^[0-9a-f-]{36}$/.test(text);

export interface Sittings {
  /** Hands over a run before a sitting or a project names it. */
  addRun(run: RunView): Promise<void>;
  runs(content: ProjectContent): RunView[];
  keep(content: ProjectContent, project: string | null): Promise<string>;
  find(mine: string | undefined): Promise<SittingView | null>;
  open(id: string): Promise<{ readonly content: ProjectWithFiles<RunView>; readonly savedAt: number; readonly project: string | null }>;
  drop(id: string | undefined): Promise<void>;
  /** The sitting stays, for whoever comes next. */
  letGo(): Promise<void>;
}

const alive = (process_: number): boolean => {
  if (process_ === 0) return false;
  try { process.kill(process_, 0); return true; } catch (error) { return error instanceof Error && 'code' in error && error.code === 'EPERM'; }
};

export function createSittings(home: string | null, root: string | null, grants: Grants, marks: Marks): Sittings {
  let own = randomUUID();
  const handed = new Map<string, RunView>();
  /** Runs that lie in the folder of the sitting that is kept now. */
  let written = new Set<RunView>();
  const folderOf = (id: string): string => join(home ?? '', 'sittings', id);
  const runFile = (run: string): string => `run-${createHash('sha256').update(run).digest('hex').slice(0, 32)}.json`;
  let kept: Kept | null = null;
  // One at a time, so that what was kept last is what stays.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  const write = async (name: string, document: unknown): Promise<void> => {
    await ensureFolder(folderOf(own));
    await replaceFile(join(folderOf(own), name), new TextEncoder().encode(encodeMessage(document)));
  };
  const read = async <S extends v.GenericSchema>(id: string, name: string, schema: S): Promise<v.InferOutput<S> | null> => {
    try {
      const parsed = v.safeParse(schema, decodeMessage(new TextDecoder().decode(await readWhole(join(folderOf(id), name), PROJECT_LIMIT))));
      return parsed.success ? parsed.output : null;
    } catch {
      return null;
    }
  };
  const all = async (): Promise<string[]> => (home === null ? [] : (await readdir(join(home, 'sittings')).catch(() => [])).filter(isId));

  return {
    addRun: async (run) => { handed.set(run.id, run); },
    runs: (content) => content.runs.map(({ id, number }) => {
      const run = handed.get(id);
      if (!run) throw new RequantError('MESSAGE_INVALID', `the run ${id} was not handed over`);
      return { ...run, number };
    }),
    keep: (content, project) => inTurn(async () => {
      if (home === null) return own;
      for (const { id } of content.runs) {
        const run = handed.get(id);
        if (run && !written.has(run)) { await write(runFile(id), run); written.add(run); }
      }
      kept = { version: 1, owner: process.pid, root, savedAt: Date.now(), project, content: await withPaths(content, grants, marks, true) };
      await write('sitting.json', kept);
      return own;
    }),
    find: (mine) => inTurn(async () => {
      // A page that asks has nothing on its desk: what this engine keeps is an earlier page's, and what is kept from now on is another sitting.
      if (kept) {
        await write('sitting.json', { ...kept, owner: 0 });
        [own, kept, written] = [randomUUID(), null, new Set()];
      }
      const found: { readonly id: string; readonly kept: Kept }[] = [];
      for (const id of await all()) {
        const one = await read(id, 'sitting.json', Kept);
        if (one) found.push({ id, kept: one });
        // Runs without a sitting: saved since, or about to be kept.
        else if (await stat(folderOf(id)).then(({ mtimeMs }) => mtimeMs < Date.now() - OLDEST_MS, () => false)) await rm(folderOf(id), { recursive: true, force: true });
      }
      const left = found.filter(({ id, kept: { owner } }) => id === mine || owner === process.pid || !alive(owner)).sort((a, b) => b.kept.savedAt - a.kept.savedAt);
      for (const [i, { id, kept: { savedAt } }] of left.entries()) if (i >= MOST_KEPT || savedAt < Date.now() - OLDEST_MS) await rm(folderOf(id), { recursive: true, force: true });
      const newest = left.find(({ kept: one }) => one.root === root);
      if (!newest) return null;
      const { content, savedAt, project } = newest.kept;
      return {
        sitting: newest.id, savedAt, runs: content.runs.length,
        model: content.model === 'sample' ? 'the built-in sample' : content.model.name,
        project: project === null ? null : grants.grant(project, basename(project)),
      };
    }),
    open: async (id) => {
      const one = isId(id) && home !== null ? await read(id, 'sitting.json', Kept) : null;
      if (!one || one.root !== root) throw new RequantError('FILE_NOT_FOUND', 'this session is no longer kept');
      const runs: RunView[] = [];
      for (const { id: run, number } of one.content.runs) {
        const view = await read(id, runFile(run), RunView);
        if (view) runs.push({ ...view, number });
      }
      return { content: { ...one.content, runs }, savedAt: one.savedAt, project: one.project };
    },
    drop: (id = own) => inTurn(async () => {
      if (home === null || !isId(id)) return;
      // Its runs stay as long as this engine: the page hands each over once.
      if (id === own) { kept = null; await rm(join(folderOf(own), 'sitting.json'), { force: true }); }
      else await rm(folderOf(id), { recursive: true, force: true });
    }),
    letGo: () => inTurn(async () => {
      if (kept) await write('sitting.json', { ...kept, owner: 0 });
      else if (home !== null) await rm(folderOf(own), { recursive: true, force: true });
    }),
  };
}
