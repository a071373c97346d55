// Cancellation over shared memory: a busy thread reads no messages, but it can read a flag.
import { RequantError } from '../errors/index.ts';

/** Stops work that was given it, from any thread. Made by {@link createCancelToken}. */
export interface CancelToken {
  /** Asks the work to stop; from any thread that holds the flag. */
  cancel(): void;
  /** Whether cancel was called. */
  readonly cancelled: boolean;
  /** Raises CANCELLED once cancel was called. Called by the work between its steps. */
  throwIfCancelled(): void;
  /** Four bytes of shared memory, to hand to another thread. */
  readonly flag: SharedArrayBuffer;
}

/** A token, on a flag from another thread where one is given. */
export function createCancelToken(flag: SharedArrayBuffer = new SharedArrayBuffer(4)): CancelToken {
  const cell = new Int32Array(flag);
  const token = {
    flag,
    cancel: () => { Atomics.store(cell, 0, 1); },
    get cancelled() { return Atomics.load(cell, 0) === 1; },
    throwIfCancelled: () => { if (Atomics.load(cell, 0) === 1) throw new RequantError('CANCELLED', 'The job was cancelled'); },
  };
  return token;
}
