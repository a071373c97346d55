// min(max(x, 0), ceiling): ReLU with ceiling Infinity, ReLU6 with 6.
import { kept, type Layer } from './layer.ts';
import { zerosLike, type Volume } from './volume.ts';

export function rectifier(ceiling: number): Layer {
  let input: Volume | undefined;
  return {
    forward(x) {
      input = x;
      const out = zerosLike(x);
      for (let i = 0; i < x.data.length; i++) out.data[i] = Math.min(ceiling, Math.max(0, x.data[i] as number));
      return out;
    },
    backward(gradient) {
      const x = kept(input);
      const out = zerosLike(x);
      for (let i = 0; i < x.data.length; i++) {
        const value = x.data[i] as number;
        if (value > 0 && value < ceiling) out.data[i] = gradient.data[i] as number;
      }
      return out;
    },
  };
}
