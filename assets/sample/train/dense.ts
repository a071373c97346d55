// Fully connected layer with bias.
import { kept, type Layer } from './layer.ts';
import type { Parameter } from './parameters.ts';
import { addProduct, matrix, transposed } from './product.ts';
import { volume, zerosLike, type Volume } from './volume.ts';

/** Weight: [from, to]; the input is read as [count, from]. */
export function dense(weight: Parameter, bias: Parameter, from: number, to: number): Layer {
  let input: Volume | undefined;
  return {
    forward(x) {
      input = x;
      const out = volume(x.count, 1, 1, to);
      for (let i = 0; i < out.data.length; i++) out.data[i] = bias.value[i % to] as number;
      addProduct(out.data, matrix(x.data, from), matrix(weight.value, to), x.count, from, to);
      return out;
    },
    backward(gradient) {
      const x = kept(input);
      const by = matrix(gradient.data, to);
      for (let i = 0; i < gradient.data.length; i++) bias.gradient[i % to] = (bias.gradient[i % to] as number) + (gradient.data[i] as number);
      addProduct(weight.gradient, transposed(matrix(x.data, from)), by, from, x.count, to);
      const out = zerosLike(x);
      addProduct(out.data, by, transposed(matrix(weight.value, to)), x.count, to, from);
      return out;
    },
  };
}
