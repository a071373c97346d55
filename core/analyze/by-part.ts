// Errors of one node by parts: of each sample, and of each channel (last dimension) over all samples. The same sums as in metrics.ts.
import { psnr } from './metrics.ts';

export interface PartErrors {
  readonly mae: Float32Array<ArrayBuffer>;
  readonly mse: Float32Array<ArrayBuffer>;
  /** Relative to the largest value of the node over all samples, so that parts compare with one another. */
  readonly psnr: Float32Array<ArrayBuffer>;
}
export interface PartSums {
  /** One sample: its float values, and what the quantized node gave. */
  add(float: Float32Array, quantized: Float32Array): void;
  result(): { readonly samples: PartErrors; readonly channels: PartErrors };
}

interface Sum { absolute: number; squared: number; count: number }
const emptySum = (): Sum => ({ absolute: 0, squared: 0, count: 0 });

export function createPartSums(channels: number): PartSums {
  const absolute = new Float64Array(channels), squared = new Float64Array(channels);
  const samples: Sum[] = [];
  let peak = 0;
  const errorsOf = (sums: readonly Sum[]): PartErrors => {
    const mse = sums.map((sum) => (sum.count === 0 ? 0 : sum.squared / sum.count));
    return { mae: Float32Array.from(sums, (sum) => (sum.count === 0 ? 0 : sum.absolute / sum.count)), mse: Float32Array.from(mse), psnr: Float32Array.from(mse, (m) => psnr(peak, m)) };
  };
  return {
    add: (float, quantized) => {
      const sum = emptySum();
      for (let i = 0, channel = 0; i < float.length; i++) {
        const f = float[i] ?? 0, error = f - (quantized[i] ?? 0), size = Math.abs(error);
        absolute[channel] = (absolute[channel] ?? 0) + size;
        squared[channel] = (squared[channel] ?? 0) + error * error;
        sum.absolute += size;
        sum.squared += error * error;
        if (Math.abs(f) > peak) peak = Math.abs(f);
        if (++channel === channels) channel = 0;
      }
      sum.count = float.length;
      samples.push(sum);
    },
    result: () => {
      const each = samples.reduce((count, sum) => count + sum.count, 0) / channels;
      return { samples: errorsOf(samples), channels: errorsOf(Array.from(absolute, (a, c) => ({ absolute: a, squared: squared[c] ?? 0, count: each }))) };
    },
  };
}
