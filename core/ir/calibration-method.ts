// CalibrationMethod: a method and its parameters, as data. What each does is in core/calibrate/methods.ts.
import { RequantError } from '../errors/index.ts';

/** How the range of an activation is chosen, and the method's parameters. Made by {@link HistogramMSEMethod} and its like, or by name with `fromStr`. */
export type CalibrationMethod =
  | { readonly name: 'mse'; readonly numBins: number }
  | { readonly name: 'min_max' }
  | { readonly name: 'moving_average' }
  | { readonly name: 'entropy'; readonly numBins: number }
  | { readonly name: 'percentile'; readonly selectPercentile: number; readonly numBins: number };
export type CalibrationMethodName = CalibrationMethod['name'];

/**
 * The range whose quantized values have the smallest mean squared error (numerics 3). `numBins`: bins of the histogram that is searched, 16 to 16384.
 * Raises CONFIG_INVALID.
 */
export const HistogramMSEMethod = (numBins = 2048): CalibrationMethod => ({ name: 'mse', numBins: bins(numBins) });
/** The smallest and the largest value that were seen. */
export const MinMaxMethod = (): CalibrationMethod => ({ name: 'min_max' });
/** Averages of the samples' minima and maxima that follow each new sample by 0.01 of the way; the only method for which the order of samples matters. */
export const MovingAverageMinMaxMethod = (): CalibrationMethod => ({ name: 'moving_average' });
/** The range that keeps the most of the distribution: least KL divergence (Migacz 2017). `numBins`: 16 to 16384. Raises CONFIG_INVALID. */
export const HistogramEntropyMethod = (numBins = 512): CalibrationMethod => ({ name: 'entropy', numBins: bins(numBins) });
/** Cuts the same share from either tail. `selectPercentile`: what is kept, in percent, above 0 and up to 100; `numBins`: 16 to 16384. Raises CONFIG_INVALID. */
export const HistogramPercentileMethod = (selectPercentile = 99.9, numBins = 1024): CalibrationMethod => {
  if (!(selectPercentile > 0 && selectPercentile <= 100)) {
    throw new RequantError('CONFIG_INVALID', `percentile ${selectPercentile} is not above 0 and up to 100`);
  }
  return { name: 'percentile', selectPercentile, numBins: bins(numBins) };
};

function bins(n: number): number {
  if (Number.isInteger(n) && n >= 16 && n <= 16384) return n;
  throw new RequantError('CONFIG_INVALID', `${n} histogram bins; use a whole number from 16 to 16384`);
}

const SPELLINGS: Readonly<Record<string, () => CalibrationMethod>> = {
  MSE: HistogramMSEMethod, mse: HistogramMSEMethod,
  MIN_MAX: MinMaxMethod, min_max: MinMaxMethod,
  MOVING_AVERAGE: MovingAverageMinMaxMethod, moving_average: MovingAverageMinMaxMethod,
  HISTOGRAM_ENTROPY: HistogramEntropyMethod, entropy: HistogramEntropyMethod,
  HISTOGRAM_PERCENTILE: HistogramPercentileMethod, percentile: HistogramPercentileMethod,
};

/** Methods by name. */
export const CalibrationMethod = {
  /** A method by any of its names, with its default parameters. Raises CONFIG_INVALID. */
  fromStr(name: string): CalibrationMethod {
    const make = Object.hasOwn(SPELLINGS, name) ? SPELLINGS[name] : undefined;
    if (!make) throw new RequantError('CONFIG_INVALID', `there is no calibration method ${name}; use one of ${Object.keys(SPELLINGS).join(', ')}`);
    return make();
  },
} as const;
