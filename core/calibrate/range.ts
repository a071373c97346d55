// Ranges of real numbers, and the scheme that a range is chosen for.
import type { ActivationQuantization, Precision } from '../ir/index.ts';
import { INTEGER_RANGE } from '../ops/index.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The scheme in use: the histogram methods search for the range that serves it best. */
export interface RangeScheme {
  readonly precision: Precision;
  readonly asymmetric: boolean;
}

/** Equal bins over a range that contains 0, since every clip range must. */
export interface BinnedRange extends Range {
  readonly counts: Float64Array;
}

/** The real numbers that the stored integers of `q` can express. */
export function expressible(q: ActivationQuantization): Range {
  const [low, high] = INTEGER_RANGE[q.dtype];
  return { min: q.scale * (low - q.zeroPoint), max: q.scale * (high - q.zeroPoint) };
}
