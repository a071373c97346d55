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

/** The loop of the search by squared errors, passed in: it runs on the kernels. */
export interface SearchLoops {
  /**
   * `edges` and `drops` belong together; `candidates` are [n, 3]: steps per unit, lowest and highest level. With t = edge * steps, level the integer nearest to t
   * (halves up) in between, and rest = t - level: for each candidate the sum of drop * (level + 4 rest^3), in the order of the edges.
   */
  readonly squaredErrors: (edges: Float64Array, drops: Float64Array, candidates: Float64Array) => Float64Array;
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
