// What every long call of the engine takes: progress, cancellation, samples.
import type { NamedTensors } from '../tensor/tensor.ts';
import type { CancelToken } from './cancel.ts';
import type { JobProgress } from './progress.ts';

export interface JobOptions {
  readonly onProgress?: (progress: JobProgress) => void;
  readonly cancel?: CancelToken;
}
/** Samples, each one tensor per model input: any iterable, synchronous or not. */
export type Samples = AsyncIterable<NamedTensors> | Iterable<NamedTensors>;

/** The float network that a quantized one is compared with. */
export interface FloatNetwork {
  /** Values of the graph by name, channels-last, for one sample. */
  values(inputs: NamedTensors, names: readonly string[]): Promise<NamedTensors>;
}
