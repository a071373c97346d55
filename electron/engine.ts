// The engine's process as main sees it: started before the page asks, one to a load of the page, restarted when it dies.
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannelMain, utilityProcess, type UtilityProcess, type WebContents } from 'electron';
import type { FileRef } from '../core/contract/index.ts';
import { RequantError } from '../core/errors/index.ts';
import { HOME_ARGUMENT, START_ARGUMENT, type FromEngine, type Start, type ToEngine } from './engine-messages.ts';

const ENTRY = fileURLToPath(new URL('./engine-process.js', import.meta.url));
/** An engine that dies this often within this time is not started again until the page asks. */
const CRASHES = { most: 3, withinMs: 30_000 };
/** How long an engine whose page is gone may take to end by itself (it removes half-written files). */
const GRACE_MS = 3000;

export interface Engine {
  /** Gives `page` a port. `documentId` tells one load of the page from the next: each has an engine of its own. */
  connect(page: WebContents, documentId: string): void;
  grant(path: string, name?: string): Promise<FileRef>;
  blob(id: string): Promise<Uint8Array | null>;
  close(): void;
}

type Answer = Exclude<FromEngine, { kind: 'opened' }>;
interface Waiting { readonly resolve: (answer: Answer) => void; readonly reject: (error: RequantError) => void }
interface Running {
  readonly child: UtilityProcess;
  readonly waiting: Map<number, Waiting>;
  page: { readonly contents: WebContents; readonly documentId: string } | null;
  /** The page asked once more while this engine was ending. */
  askedAgain: boolean;
}

/** `onFailed` is told, once, when the engine keeps dying and is left alone. */
export function createEngine(start: Start, home: string, onFailed: (message: string) => void): Engine {
  /** Every file that the user gave or that a project of theirs names, so that the page's FileRefs outlive an engine. */
  const grants = new Map<string, { readonly file: string; readonly path: string; readonly name: string }>();
  let current: Running | null = null;
  let last = 0;
  let crashes: number[] = [];
  let toldOfCrashes = false;
  let closed = false;

  const launch = (): Running => {
    const child = utilityProcess.fork(ENTRY, [START_ARGUMENT + JSON.stringify(start), HOME_ARGUMENT + home], { serviceName: 'Requant engine' });
    const running: Running = { child, waiting: new Map(), page: null, askedAgain: false };
    child.on('message', (message: FromEngine) => {
      if (message.kind === 'opened') { grants.set(message.file, { file: message.file, path: message.path, name: message.name }); return; }
      running.waiting.get(message.id)?.resolve(message);
      running.waiting.delete(message.id);
    });
    child.on('exit', (code) => ended(running, code));
    for (const grant of grants.values()) child.postMessage({ kind: 'grant', id: ++last, ...grant } satisfies ToEngine);
    return running;
  };

  /** Code 0: the page closed its port and the engine is done. Anything else: it died. */
  const ended = (running: Running, code: number): void => {
    for (const waiting of running.waiting.values()) waiting.reject(new RequantError('ENGINE_LOST', 'The engine stopped'));
    if (current !== running) return;
    current = null;
    if (closed || running.page === null || running.page.contents.isDestroyed()) return;
    if (code === 0 && !running.askedAgain) return;
    if (code !== 0 && tooManyCrashes()) {
      if (!toldOfCrashes) onFailed(`The engine stopped ${CRASHES.most} times in a row (code ${code}).`);
      toldOfCrashes = true;
      return;
    }
    handOver(current = launch(), running.page.contents, running.page.documentId);
  };

  const tooManyCrashes = (): boolean => {
    const now = Date.now();
    crashes = [...crashes.filter((at) => now - at < CRASHES.withinMs), now];
    return crashes.length >= CRASHES.most;
  };

  const handOver = (running: Running, contents: WebContents, documentId: string): void => {
    running.page = { contents, documentId };
    const { port1, port2 } = new MessageChannelMain();
    running.child.postMessage({ kind: 'connect' } satisfies ToEngine, [port1]);
    contents.postMessage('requant:port', null, [port2]);
  };

  /** The page of this engine is gone, so its port closes and the engine ends; this makes sure of it. */
  const release = (running: Running): void => {
    setTimeout(() => running.child.kill(), GRACE_MS).unref();
  };

  const ask = (question: (id: number) => ToEngine): Promise<Answer> => new Promise((resolve, reject) => {
    if (closed) return reject(new RequantError('ENGINE_LOST', 'Requant is closing'));
    const running = (current ??= launch());
    const id = ++last;
    running.waiting.set(id, { resolve, reject });
    running.child.postMessage(question(id));
  });

  current = launch();
  return {
    connect: (contents, documentId) => {
      if (current?.page?.documentId === documentId) { current.askedAgain = true; return; }
      if (current?.page) { release(current); current = null; }
      handOver(current ??= launch(), contents, documentId);
    },
    grant: async (path, name = basename(path)) => {
      const grant = { file: randomUUID(), path, name };
      const answer = await ask((id) => ({ kind: 'grant', id, ...grant }));
      if (answer.kind === 'failed') throw RequantError.fromPlain(answer.error);
      if (answer.kind !== 'granted') throw new RequantError('INTERNAL', `the engine answered a grant with ${answer.kind}`);
      grants.set(grant.file, grant);
      return answer.file;
    },
    blob: async (blob) => {
      const answer = await ask((id) => ({ kind: 'blob', id, blob }));
      return answer.kind === 'bytes' ? answer.bytes : null;
    },
    close: () => {
      closed = true;
      current?.child.kill();
      current = null;
    },
  };
}
