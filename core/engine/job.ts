// What every long call of the engine takes: progress, cancellation, logging.
import type { NamedTensors, NamedValues } from '../tensor/tensor.ts';
import type { CancelToken } from './cancel.ts';
import type { LogOptions } from './log.ts';
import type { JobProgress } from './progress.ts';

/** Progress and cancelling of work that takes long. */
export interface JobOptions extends LogOptions {
  /** Called as work is done. The fraction stays 0 where the samples do not say how many they are (`lengthHinted`). */
  readonly onProgress?: (progress: JobProgress) => void;
  /** Raises CANCELLED soon after it was cancelled. */
  readonly cancel?: CancelToken;
}

/** The float network that a quantized one is compared with. */
export interface FloatNetwork {
  /** Values of the graph by name, channels-last, for one sample; numbers only: DTYPE_MISMATCH for strings. */
  values(inputs: NamedValues, names: readonly string[]): Promise<NamedTensors>;
}

/** Lets waiting messages in, and what was started get under way: work between two of these must stay short. */
export const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
