// Convolution with square kernel and padding of kernel / 2: patches are laid out as rows, the rest is a matrix product.
import { kept, type Layer } from './layer.ts';
import type { Parameter } from './parameters.ts';
import { addProduct, matrix, transposed } from './product.ts';
import { volume, zerosLike, type Volume } from './volume.ts';

export interface Window { readonly kernel: number; readonly stride: number }

/** Pixels of the output along one side of length `size`. */
export const outputSide = (size: number, { kernel, stride }: Window): number => Math.floor((size + 2 * (kernel >> 1) - kernel) / stride) + 1;

/** Weight: [kernel, kernel, input channels, output channels]. No bias: the batch norm after it has one. */
export function convolution(weight: Parameter, window: Window, to: number): Layer {
  let input: Volume | undefined;
  let rows: Float64Array | undefined;
  return {
    forward(x) {
      const depth = window.kernel ** 2 * x.channels;
      const out = volume(x.count, outputSide(x.height, window), outputSide(x.width, window), to);
      const pixels = out.data.length / to;
      input = x;
      if (window.kernel === 1 && window.stride === 1) rows = x.data;
      else {
        rows = new Float64Array(pixels * depth);
        copyPatches(x, out, window, rows, 'gather');
      }
      addProduct(out.data, matrix(rows, depth), matrix(weight.value, to), pixels, depth, to);
      return out;
    },
    backward(gradient) {
      const x = kept(input);
      const depth = window.kernel ** 2 * x.channels;
      const pixels = gradient.data.length / to;
      const by = matrix(gradient.data, to);
      addProduct(weight.gradient, transposed(matrix(kept(rows), depth)), by, depth, pixels, to);
      const rowsGradient = new Float64Array(pixels * depth);
      addProduct(rowsGradient, by, transposed(matrix(weight.value, to)), pixels, to, depth);
      if (window.kernel === 1 && window.stride === 1) return { ...x, data: rowsGradient };
      const out = zerosLike(x);
      copyPatches(out, gradient, window, rowsGradient, 'scatter');
      return out;
    },
  };
}

/** 'gather' copies image -> rows; 'scatter' adds rows -> image. Pixels of the padding are skipped, so they count as zero. */
function copyPatches(image: Volume, out: Volume, { kernel, stride }: Window, rows: Float64Array, way: 'gather' | 'scatter'): void {
  const { height, width, channels, data } = image;
  const pad = kernel >> 1;
  let to = 0;
  for (let n = 0; n < image.count; n++) {
    for (let y = 0; y < out.height; y++) {
      for (let x = 0; x < out.width; x++) {
        for (let ky = 0; ky < kernel; ky++) {
          const sy = y * stride + ky - pad;
          for (let kx = 0; kx < kernel; kx++, to += channels) {
            const sx = x * stride + kx - pad;
            if (sy < 0 || sy >= height || sx < 0 || sx >= width) continue;
            const from = ((n * height + sy) * width + sx) * channels;
            if (way === 'gather') for (let c = 0; c < channels; c++) rows[to + c] = data[from + c] as number;
            else for (let c = 0; c < channels; c++) data[from + c] = (data[from + c] as number) + (rows[to + c] as number);
          }
        }
      }
    }
  }
}
