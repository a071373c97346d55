// What host and worker thread say to one another. Both ends are ours and start together, so the types are the check.
import type { MethodName, Progress } from '../contract/index.ts';
import type { PlainError } from '../errors/index.ts';

export interface WorkerCall {
  readonly kind: 'call';
  readonly id: number;
  readonly method: MethodName;
  readonly params: unknown;
  /** Shared memory of the cancel token. */
  readonly flag: SharedArrayBuffer;
  /** File ids in `params`, resolved. */
  readonly paths: Readonly<Record<string, string>>;
}

export type WorkerReply =
  /** Its turn has come. */
  | { readonly kind: 'begun'; readonly id: number }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown; readonly files: readonly WorkerFile[] }
  | { readonly kind: 'error'; readonly id: number; readonly error: PlainError };

/** Bytes that the page will fetch rather than receive. */
export interface WorkerFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
