// Terminal: what a command may do to the outside: write, show progress, and learn that the user wants to stop.
import { SingleBar } from 'cli-progress';
import type { CancelToken } from '../engine/cancel.ts';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Does a person watch standard error? Then progress is drawn there. */
  readonly watched: boolean;
  readonly cancel: CancelToken;
  /** Calls `listener` when the user interrupts (Ctrl-C). */
  readonly onInterrupt: (listener: () => void) => void;
  /** From now on an interrupt ends the process at once: native code may run that never comes back to hear of one. */
  readonly endAtOnce?: () => void;
}

export type OnProgress = (progress: { readonly stage: string; readonly fraction: number }) => void;

/** Draws a progress bar on standard error while `work` runs; nothing where nobody watches. */
export async function withProgress<T>(terminal: Terminal, work: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  if (!terminal.watched) return work(() => undefined);
  const bar = new SingleBar({ format: '{stage} [{bar}] {percentage} %', stream: process.stderr, clearOnComplete: true, hideCursor: true, etaBuffer: 1 });
  bar.start(1000, 0, { stage: 'starting' });
  try {
    return await work(({ stage, fraction }) => bar.update(Math.round(Math.min(Math.max(fraction, 0), 1) * 1000), { stage }));
  } finally {
    bar.stop();
  }
}
