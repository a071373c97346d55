// Statistics: what one pass over the calibration data leaves behind, per value. Answers all five methods.

/** Counts on a dyadic grid: bin i covers [ (first + i) * 2^exponent, (first + i + 1) * 2^exponent ). */
export interface Histogram {
  readonly exponent: number;
  readonly first: number;
  readonly counts: Float64Array;
}

export interface ValueStatistics {
  readonly name: string;
  readonly samples: number;
  readonly min: number;
  readonly max: number;
  /** Moving averages of the samples' minima and maxima, coefficient 0.01, started by the first sample. */
  readonly averageMin: number;
  readonly averageMax: number;
  readonly histogram: Histogram;
  /** Mean of each channel (last dimension) over all samples; for bias correction. */
  readonly channelMeans: Float64Array;
}

export interface Statistics {
  readonly samples: number;
  /** Were the values divided by the factors of channel equalization? */
  readonly channelEqualization: boolean;
  readonly values: ReadonlyMap<string, ValueStatistics>;
}
