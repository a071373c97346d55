// Report: what analysis finds, per node.

/** Mean absolute error, mean squared error, peak signal-to-noise ratio in dB (numerics 8). */
export const Metric = { mae: 'mae', mse: 'mse', psnr: 'psnr' } as const;
export type Metric = keyof typeof Metric;

/** All three metrics of one node's output (numerics 8). psnr is +Infinity when mse is 0. */
export interface NodeError {
  readonly name: string;
  readonly mae: number;
  readonly mse: number;
  readonly psnr: number;
}

export interface ErrorReport {
  /** The metric that was asked for: what saved layer statistics show. All three are in `nodes`. */
  readonly metric: Metric;
  readonly localFeed: boolean;
  readonly samples: number;
  readonly nodes: readonly NodeError[];
}
