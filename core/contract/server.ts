// The server's end: checks what arrives, runs the handler, answers with results, progress or a plain error.
import { RequantError } from '../errors/index.ts';
import { arrive, type Progress } from './method.ts';
import { METHODS, type MethodName, type Params, type Result } from './methods.ts';
import { Request, type Link } from './wire.ts';

export interface CallContext {
  /** Reports progress to the caller. */
  progress(progress: Progress): void;
  /** Calls `listener` once when the caller cancels. */
  onCancel(listener: () => void): void;
}
export type Handle = <M extends MethodName>(method: M, params: Params<M>, context: CallContext) => Promise<Result<M>>;

const isMethod = (name: string): name is MethodName => Object.hasOwn(METHODS, name);

/** Serves the contract on `link`. A call still running when the link closes is cancelled. */
export function serveContract(link: Link, handle: Handle): void {
  const running = new Map<number, (() => void)[]>();
  const cancel = (id: number): void => { for (const listener of running.get(id)?.splice(0) ?? []) listener(); };
  link.onClose(() => { for (const id of running.keys()) cancel(id); });
  link.onMessage((raw) => {
    let id: number | undefined;
    void (async () => {
      const request = arrive(Request, raw, 'message from the studio');
      id = request.id;
      if (request.kind === 'cancel') return cancel(request.id);
      const { method } = request;
      if (!isMethod(method)) throw new RequantError('MESSAGE_INVALID', `there is no method ${method}`);
      if (running.has(request.id)) throw new RequantError('MESSAGE_INVALID', `call ${request.id} is already running`);
      const listeners: (() => void)[] = [];
      running.set(request.id, listeners);
      try {
        const params = arrive(METHODS[method].params, request.params, `call of ${method}`);
        const result = await handle(method, params as never, {
          progress: (progress) => link.send({ kind: 'progress', id: request.id, progress }),
          onCancel: (listener) => { listeners.push(listener); },
        });
        link.send({ kind: 'result', id: request.id, result });
      } finally {
        running.delete(request.id);
      }
    })().catch((error: unknown) => {
      if (id !== undefined) link.send({ kind: 'error', id, error: RequantError.from(error).toPlain() });
    });
  });
}
