// Error metrics over all elements of all samples (numerics 8): mae, mse, psnr.
import type { NodeError } from '../ir/index.ts';

export interface ErrorSum {
  add(float: Float32Array, dequantized: Float32Array): void;
  result(name: string): NodeError;
}

export function createErrorSum(): ErrorSum {
  const sums = { absolute: 0, squared: 0, peak: 0 };
  let count = 0;
  return {
    add: (float, dequantized) => {
      // Added up in variables of the loop's own, which stay in registers.
      let { absolute, squared, peak } = sums;
      for (let i = 0; i < float.length; i++) {
        const f = float[i] ?? 0;
        const error = f - (dequantized[i] ?? 0);
        absolute += Math.abs(error);
        squared += error * error;
        const size = Math.abs(f);
        peak = size > peak ? size : peak;
      }
      Object.assign(sums, { absolute, squared, peak });
      count += float.length;
    },
    result: (name) => {
      const mse = count === 0 ? 0 : sums.squared / count;
      return { name, mae: count === 0 ? 0 : sums.absolute / count, mse, psnr: psnr(sums.peak, mse) };
    },
  };
}

/** 20 log10(peak) - 10 log10(mse); +Infinity without error. A signal that is all zero has no peak: -Infinity. */
export function psnr(peak: number, mse: number): number {
  if (mse === 0) return Infinity;
  return peak === 0 ? -Infinity : 20 * Math.log10(peak) - 10 * Math.log10(mse);
}

/** Mean of the finite psnr values: what one number says of a whole network. */
export function meanPsnr(errors: readonly NodeError[]): number {
  const finite = errors.map((e) => e.psnr).filter(Number.isFinite);
  return finite.length === 0 ? Infinity : finite.reduce((a, b) => a + b, 0) / finite.length;
}
