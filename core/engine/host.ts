// The host: serves the contract and never computes. It knows which files were granted, keeps blobs to be fetched, cancels through
// shared memory, and starts a new worker when one dies. What needs no computing is answered by its desk.
import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { CallContext, FileRef, Handle, MethodName } from '../contract/index.ts';
import { RequantError } from '../errors/index.ts';
import { createCancelToken, type CancelToken } from './cancel.ts';
import { createDesk, type DeskMethod } from './desk/desk.ts';
import { createGrants, type GrantOptions } from './desk/grants.ts';
import type { WorkerCall, WorkerReply } from './worker-messages.ts';
import { VERSION } from './version.ts';

export { defaultHome } from './desk/home.ts';
export { listImages } from '../tensor/images.ts';

export interface HostOptions {
  /** What to open first: the built-in sample, a file, or nothing. */
  readonly start: { readonly kind: 'sample' } | { readonly kind: 'path'; readonly path: string } | null;
  /** The user's data folder, for what outlives this engine; nothing does where it is absent. */
  readonly home?: string;
  /** The folder that the page may choose files from; absent where the door has dialogs of its own. */
  readonly root?: string;
  /** Hears of files that the host itself lets the page name, so that a door can grant them again to the engine that follows a lost one. */
  readonly onGrant?: (id: string, path: string, name: string) => void;
  /** Milliseconds that a cancelled job has to stop; default 10,000. */
  readonly patience?: number;
}
export interface Blob {
  readonly name: string;
  readonly bytes: Uint8Array;
}
export interface Host {
  readonly handle: Handle;
  /** Lets the page name this file from now on. */
  grant(path: string, name: string, options?: GrantOptions): FileRef;
  /** Bytes to be fetched; kept until closed or until many newer ones came. */
  blob(id: string): Blob | undefined;
  /** Called when the worker died, or was left behind since it did not stop; a new one is there already, with nothing open. */
  onLost(listener: (message: string) => void): void;
  close(): Promise<void>;
}

interface Pending {
  readonly method: MethodName;
  readonly params: unknown;
  readonly context: CallContext;
  readonly cancel: CancelToken;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RequantError) => void;
}
const BLOBS_KEPT = 64;
/** This many deaths within this many milliseconds end the restarting. */
const MOST_DEATHS = 5;
const DEATH_WINDOW = 30_000;
/** Jobs stop between two operators. One that is still at the same operator after this long, such as a loop without end, is left behind. */
const PATIENCE_MS = 10_000;
/** A thread ends at once unless it is in native code. */
const END_MS = 2000;

const isDesk = (method: MethodName): method is DeskMethod => /^(project|sitting|recent|settings|files)\./.test(method);

export function createHost({ start, home, root, onGrant, patience = PATIENCE_MS }: HostOptions): Host {
  const grants = createGrants();
  const blobs = new Map<string, Blob>();
  const pending = new Map<number, Pending>();
  const lostListeners: ((message: string) => void)[] = [];
  let last = 0;
  /** The call that the worker is at. */
  let working = 0;
  let closing = false;
  let broken: string | undefined;
  const deaths: number[] = [];
  let worker = startWorker();
  /** Workers in native code that does not return: no thread can be ended there. */
  const left = new Set<Worker>();

  const desk = createDesk({
    home: home ?? null, root: root ?? null, keepBlob,
    grants: { of: (id) => grants.of(id), grant: (path, name, options) => { const file = grants.grant(path, name, options); onGrant?.(file.id, path, name); return file; } },
  });
  // The same id in each engine with this start, so that a page can open it again after a loss.
  const startFile = start?.kind === 'path' ? grants.grant(start.path, start.path.split(/[\\/]/).at(-1) ?? start.path, { id: 'start' }) : start ? 'sample' as const : null;

  function startWorker(): Worker {
    const started = new Worker(new URL('./worker.js', import.meta.url));
    started.on('message', (reply: WorkerReply) => receive(reply));
    started.on('error', (error) => lose(started, `The engine stopped: ${error.message}`));
    started.on('exit', (code) => lose(started, `The engine stopped with code ${code}`));
    return started;
  }

  function lose(dead: Worker, message: string): void {
    if (closing || dead !== worker) return;
    deaths.push(Date.now());
    // A worker that cannot live is not started for ever: calls then fail with what it died of.
    if (deaths.filter((at) => at > Date.now() - DEATH_WINDOW).length < MOST_DEATHS) worker = startWorker();
    else broken = message;
    for (const call of pending.values()) call.reject(new RequantError('ENGINE_LOST', message));
    pending.clear();
    for (const listener of lostListeners) listener(message);
  }

  /** The rest goes on with a new worker; the old one keeps its thread until its operator ends, if ever. */
  function leave(stuck: Worker): void {
    if (closing || stuck !== worker) return;
    left.add(stuck);
    stuck.unref();
    void stuck.terminate().then(() => left.delete(stuck));
    lose(stuck, `The engine did not stop within ${patience / 1000} seconds of being cancelled`);
  }

  function receive(reply: WorkerReply): void {
    const call = pending.get(reply.id);
    if (!call) return;
    switch (reply.kind) {
      case 'begun': working = reply.id; return;
      case 'progress': call.context.progress(reply.progress); return;
      case 'error': pending.delete(reply.id); call.reject(RequantError.fromPlain(reply.error)); return;
      case 'result':
        pending.delete(reply.id);
        desk.used(call.method, call.params);
        call.resolve(reply.files.length === 0 ? reply.result : withBlobs(reply.result, reply.files));
    }
  }

  /** Files that came back are kept here, and the answer says where to fetch them. */
  function withBlobs(result: unknown, files: readonly Blob[]): unknown {
    return {
      ...(result as object),
      files: files.map(({ name, bytes }) => ({ name, bytes: bytes.length, blob: keepBlob(name, bytes) })),
    };
  }

  function keepBlob(name: string, bytes: Uint8Array): string {
    const id = randomUUID();
    blobs.set(id, { name, bytes });
    for (const oldest of blobs.keys()) { if (blobs.size <= BLOBS_KEPT) break; blobs.delete(oldest); }
    return id;
  }

  const handle: Handle = async (method, params, context) => {
    if (method === 'engine.hello') return { version: VERSION, start: startFile } as never;
    if (isDesk(method)) return desk.answers[method](params as never);
    if (broken !== undefined) throw new RequantError('ENGINE_LOST', broken, {}, { hint: 'Start Requant again.' });
    const cancel = createCancelToken();
    const id = ++last;
    context.onCancel(() => {
      cancel.cancel();
      const asked = worker;
      setTimeout(() => { if (pending.has(id)) leave(asked); }, patience).unref();
      // What has not begun ends at once; the worker passes over it when its turn comes.
      if (working !== id && pending.has(id)) { pending.get(id)?.reject(new RequantError('CANCELLED', 'The job was cancelled before it began')); pending.delete(id); }
    });
    const call: WorkerCall = { kind: 'call', id, method, params, flag: cancel.flag, paths: pathsIn(params) };
    return new Promise((resolve, reject) => {
      pending.set(id, { method, params, context, cancel, resolve: resolve as (result: unknown) => void, reject });
      worker.postMessage(call);
    });
  };

  /** Only the files that this call names; ids that were never granted stay unresolved. */
  function pathsIn(params: unknown): Record<string, string> {
    const found: Record<string, string> = {};
    const look = (value: unknown): void => {
      if (value === null || typeof value !== 'object') return;
      if ('id' in value && typeof value.id === 'string') { const path = grants.of(value.id)?.path; if (path !== undefined) found[value.id] = path; }
      for (const part of Object.values(value)) look(part);
    };
    look(params);
    return found;
  }

  return {
    handle,
    grant: (path, name, options) => grants.grant(path, name, options),
    blob: (id) => blobs.get(id),
    onLost: (listener) => { lostListeners.push(listener); },
    close: async () => {
      closing = true;
      await desk.close();
      const ended = await Promise.race([worker.terminate().then(() => true), new Promise<boolean>((resolve) => { setTimeout(resolve, END_MS, false).unref(); })]);
      // A process waits for its threads. All that is to be kept is on disk by now.
      if (!ended || left.size > 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
