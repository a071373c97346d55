// Numbers as people read them: errors with their unit, counts, bytes, times.
import type { Metric } from '../stores/view.ts';

export const METRICS: Readonly<Record<Metric, { readonly label: string; readonly name: string; readonly unit: string }>> = {
  psnr: { label: 'PSNR', name: 'Peak signal to noise ratio', unit: 'dB' },
  mae: { label: 'MAE', name: 'Mean absolute error', unit: '' },
  mse: { label: 'MSE', name: 'Mean squared error', unit: '' },
};

/** Three or four significant digits; exponents only where plain digits would be long. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text = size === 0 ? '0' : size >= 1e6 || size < 1e-3 ? value.toExponential(2) : Number(value.toPrecision(4)).toString();
  return text.replace('-', '−').replace('e+', 'e').replace('e-', 'e−');
}

export function errorText(value: number, metric: Metric): string {
  if (metric !== 'psnr') return numberText(value);
  return value === Infinity ? 'exact' : Number.isFinite(value) ? `${value.toFixed(1).replace('-', '−')} dB` : numberText(value);
}

const STEPS = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']] as const;

/** 12,345,678 as 12.3 M. */
export function countText(value: number): string {
  for (const [size, letter] of STEPS) if (value >= size) return `${(value / size).toPrecision(3)} ${letter}`;
  return String(value);
}

export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const mega = bytes / 1024 ** 2;
  return mega < 1 ? `${(bytes / 1024).toFixed(1)} KiB` : mega < 1024 ? `${mega.toFixed(1)} MiB` : `${(mega / 1024).toFixed(2)} GiB`;
}

/** `percent` runs from 0 to 100, as the engine gives accuracies. */
export const percentText = (percent: number): string => `${percent.toFixed(1)} %`;

export function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(seconds / 3600).toFixed(1)} h`;
}
