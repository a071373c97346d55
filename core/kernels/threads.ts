// How many threads compute: all cores, unless a number was set for this process.
import { availableParallelism } from 'node:os';
import { RequantError } from '../errors/index.ts';

/** The kernels' control word has eight bits for it; more than this many do not help. */
export const MOST_THREADS = 128;

let chosen: number | undefined;

/** Threads that networks opened from now on compute with; null: all cores again. Raises CONFIG_INVALID. */
export function useThreads(count: number | null): void {
  if (count === null) { chosen = undefined; return; }
  if (!Number.isInteger(count) || count < 1 || count > MOST_THREADS) throw new RequantError('CONFIG_INVALID', `${count} threads; use a whole number from 1 to ${MOST_THREADS}`);
  chosen = count;
}

/** The number that was set, if any: ONNX Runtime has a default of its own. */
export const chosenThreads = (): number | undefined => chosen;
export const threadCount = (): number => chosen ?? Math.min(MOST_THREADS, availableParallelism());
