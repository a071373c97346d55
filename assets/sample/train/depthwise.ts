// Depthwise 3 x 3 convolution: every channel has its own kernel. Padding 1, no bias.
import { outputSide } from './convolution.ts';
import { kept, type Layer } from './layer.ts';
import type { Parameter } from './parameters.ts';
import { volume, zerosLike, type Volume } from './volume.ts';

const KERNEL = 3;

/** Weight: [3, 3, channels]. */
export function depthwise(weight: Parameter, stride: number): Layer {
  let input: Volume | undefined;
  return {
    forward(x) {
      input = x;
      const window = { kernel: KERNEL, stride };
      const out = volume(x.count, outputSide(x.height, window), outputSide(x.width, window), x.channels);
      const w = weight.value;
      everyTap(x, out, stride, (from, to, tap) => {
        for (let c = 0; c < x.channels; c++) out.data[to + c] = (out.data[to + c] as number) + (x.data[from + c] as number) * (w[tap + c] as number);
      });
      return out;
    },
    backward(gradient) {
      const x = kept(input);
      const out = zerosLike(x);
      const w = weight.value;
      const dw = weight.gradient;
      everyTap(x, gradient, stride, (from, to, tap) => {
        for (let c = 0; c < x.channels; c++) {
          const d = gradient.data[to + c] as number;
          dw[tap + c] = (dw[tap + c] as number) + d * (x.data[from + c] as number);
          out.data[from + c] = (out.data[from + c] as number) + d * (w[tap + c] as number);
        }
      });
      return out;
    },
  };
}

/** Calls with where the channels of an input pixel, of an output pixel and of the kernel's tap between them begin. */
function everyTap(x: Volume, out: Volume, stride: number, visit: (from: number, to: number, tap: number) => void): void {
  let to = 0;
  for (let n = 0; n < out.count; n++) {
    for (let oy = 0; oy < out.height; oy++) {
      for (let ox = 0; ox < out.width; ox++, to += out.channels) {
        for (let ky = 0; ky < KERNEL; ky++) {
          const sy = oy * stride + ky - 1;
          if (sy < 0 || sy >= x.height) continue;
          for (let kx = 0; kx < KERNEL; kx++) {
            const sx = ox * stride + kx - 1;
            if (sx < 0 || sx >= x.width) continue;
            visit(((n * x.height + sy) * x.width + sx) * x.channels, to, (ky * KERNEL + kx) * x.channels);
          }
        }
      }
    }
  }
}
