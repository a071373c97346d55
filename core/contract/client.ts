// The client's end: typed calls with progress and cancellation over any link.
import { RequantError, type PlainError } from '../errors/index.ts';
import { arrive, type Progress } from './method.ts';
import { METHODS, type MethodName, type Params, type Result } from './methods.ts';
import { Response, type Link } from './wire.ts';

/** The part of the standard AbortSignal that is used; declared here since this room has no DOM. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
export interface CallOptions {
  readonly signal?: CancelSignal;
  readonly onProgress?: (progress: Progress) => void;
}
export interface Client {
  call<M extends MethodName>(method: M, params: Params<M>, options?: CallOptions): Promise<Result<M>>;
  /** Called when the engine's worker was lost and restarted, and when the link closed. */
  onLost(listener: (message: string) => void): void;
  close(): void;
}

interface Pending {
  readonly method: MethodName;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RequantError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** A client on `link`. Calls in flight are rejected with ENGINE_LOST when the link closes. */
export function createClient(link: Link): Client {
  const pending = new Map<number, Pending>();
  const lostListeners: ((message: string) => void)[] = [];
  let last = 0;
  let closed = false;

  const lose = (message: string): void => {
    for (const call of pending.values()) call.reject(new RequantError('ENGINE_LOST', message));
    pending.clear();
    for (const listener of lostListeners) listener(message);
  };
  link.onClose(() => { if (!closed) { closed = true; lose('The connection to the engine was closed'); } });
  link.onMessage((raw) => {
    const message = arrive(Response, raw, 'message from the engine');
    if (message.kind === 'lost') return lose(message.message);
    const call = pending.get(message.id);
    if (!call) return;
    switch (message.kind) {
      case 'progress': call.onProgress?.(message.progress); return;
      case 'error': pending.delete(message.id); call.reject(RequantError.fromPlain(message.error as PlainError)); return;
      case 'result':
        pending.delete(message.id);
        try { call.resolve(arrive(METHODS[call.method].result, message.result, `result of ${call.method}`)); }
        catch (error) { call.reject(RequantError.from(error)); }
    }
  });

  return {
    call: (method, params, options = {}) => new Promise((resolve, reject) => {
      if (closed) return reject(new RequantError('ENGINE_LOST', 'The connection to the engine is closed'));
      if (options.signal?.aborted) return reject(new RequantError('CANCELLED', 'Cancelled'));
      const id = ++last;
      const cancel = (): void => link.send({ kind: 'cancel', id });
      const done = (): void => options.signal?.removeEventListener('abort', cancel);
      options.signal?.addEventListener('abort', cancel);
      pending.set(id, {
        method,
        resolve: (value) => { done(); resolve(value as never); },
        reject: (error) => { done(); reject(error); },
        onProgress: options.onProgress,
      });
      link.send({ kind: 'call', id, method, params });
    }),
    onLost: (listener) => { lostListeners.push(listener); },
    close: () => { closed = true; link.close(); },
  };
}
