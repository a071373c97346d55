// The five calibration methods: how they are called here and which parameters they take.
import type { CalibrationMethodName } from '../../../core/contract/index.ts';

export const METHOD_TEXT: Readonly<Record<CalibrationMethodName, string>> = {
  mse: 'MSE', min_max: 'Min / max', moving_average: 'Moving average', entropy: 'Entropy', percentile: 'Percentile',
};

export const METHOD_PARAMETERS: Readonly<Record<CalibrationMethodName, readonly ('bins' | 'percentile')[]>> = {
  mse: ['bins'], min_max: [], moving_average: [], entropy: ['bins'], percentile: ['bins', 'percentile'],
};

/** A bin count from 16 to 16384; 'default' for an empty field; null for anything else. */
export function parseBins(text: string): number | 'default' | null {
  if (text.trim() === '') return 'default';
  const bins = Number(text);
  return Number.isInteger(bins) && bins >= 16 && bins <= 16384 ? bins : null;
}

/** A share above 0 and up to 100 percent; 'default' for an empty field; null for anything else. */
export function parsePercentile(text: string): number | 'default' | null {
  if (text.trim() === '') return 'default';
  const percentile = Number(text);
  return percentile > 0 && percentile <= 100 ? percentile : null;
}
