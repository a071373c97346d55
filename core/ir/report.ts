// Report: what analysis finds, per node.

export type ErrorMetric = 'mae' | 'mse' | 'psnr';
export const ERROR_METRICS: readonly ErrorMetric[] = ['mae', 'mse', 'psnr'];

/** All three metrics of one node's output (numerics 8). psnr is +Infinity when mse is 0. */
export interface NodeError {
  readonly name: string;
  readonly mae: number;
  readonly mse: number;
  readonly psnr: number;
}

export interface ErrorReport {
  readonly localFeed: boolean;
  readonly samples: number;
  readonly nodes: readonly NodeError[];
}
