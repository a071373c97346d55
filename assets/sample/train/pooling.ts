// The two poolings: the largest of each 2 x 2 window, and the average of a whole feature map.
import { kept, type Layer } from './layer.ts';
import { volume, zerosLike, type Volume } from './volume.ts';

export function maxPool(): Layer {
  let input: Volume | undefined;
  let winners: Int32Array | undefined;
  return {
    forward(x) {
      input = x;
      const { width, channels } = x;
      const out = volume(x.count, x.height >> 1, width >> 1, channels);
      const chosen = new Int32Array(out.data.length);
      let to = 0;
      for (let n = 0; n < x.count; n++) {
        for (let y = 0; y < out.height; y++) {
          for (let left = 0; left < out.width; left++) {
            const corner = ((n * x.height + 2 * y) * width + 2 * left) * channels;
            for (let c = 0; c < channels; c++, to++) {
              let best = corner + c;
              for (const at of [best + channels, best + width * channels, best + (width + 1) * channels]) {
                if ((x.data[at] as number) > (x.data[best] as number)) best = at;
              }
              chosen[to] = best;
              out.data[to] = x.data[best] as number;
            }
          }
        }
      }
      winners = chosen;
      return out;
    },
    backward(gradient) {
      const out = zerosLike(kept(input));
      kept(winners).forEach((at, i) => { out.data[at] = gradient.data[i] as number; });
      return out;
    },
  };
}

export function globalAverage(): Layer {
  let input: Volume | undefined;
  return {
    forward(x) {
      input = x;
      const out = volume(x.count, 1, 1, x.channels);
      const area = x.height * x.width;
      for (let i = 0; i < x.data.length; i++) {
        const at = Math.floor(i / (area * x.channels)) * x.channels + (i % x.channels);
        out.data[at] = (out.data[at] as number) + (x.data[i] as number) / area;
      }
      return out;
    },
    backward(gradient) {
      const x = kept(input);
      const out = zerosLike(x);
      const area = x.height * x.width;
      for (let i = 0; i < x.data.length; i++) {
        const at = Math.floor(i / (area * x.channels)) * x.channels + (i % x.channels);
        out.data[i] = (gradient.data[at] as number) / area;
      }
      return out;
    },
  };
}
