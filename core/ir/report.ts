// Report: what analysis finds, per node.

/** Mean absolute error, mean squared error, peak signal-to-noise ratio in dB (numerics 8). */
export const Metric = { mae: 'mae', mse: 'mse', psnr: 'psnr' } as const;
export type Metric = keyof typeof Metric;

/** All three metrics of one node's output (numerics 8). psnr is +Infinity when mse is 0. */
export interface NodeError {
  /** The node's. */
  readonly name: string;
  /** Mean absolute error, in the unit of the node's output. */
  readonly mae: number;
  /** Mean squared error, in that unit squared. */
  readonly mse: number;
  /** Peak signal-to-noise ratio in dB; the peak is the largest absolute float value. */
  readonly psnr: number;
}

/** The error of every integer node, over all elements of all samples. */
export interface ErrorReport {
  /** The metric that was asked for: what saved layer statistics show. All three are in `nodes`. */
  readonly metric: Metric;
  /** true: every node was fed the float network's inputs, so that its error is its own. */
  readonly localFeed: boolean;
  /** How many samples were run. */
  readonly samples: number;
  /** In execution order. */
  readonly nodes: readonly NodeError[];
}
