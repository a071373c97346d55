// Batch normalization (Ioffe and Szegedy 2015): in training by the batch's own mean and variance, else by the kept ones.
import { EPSILON } from '../network.ts';
import { kept, type Layer } from './layer.ts';
import type { Parameter } from './parameters.ts';
import { zerosLike, type Volume } from './volume.ts';

export interface Norm { readonly gamma: Parameter; readonly beta: Parameter; readonly mean: Parameter; readonly variance: Parameter }

export function batchNorm({ gamma, beta, mean, variance }: Norm): Layer {
  let normal: Volume | undefined;
  let inverse = new Float64Array();
  return {
    forward(x, training) {
      const channels = x.channels;
      if (training) measure(x, mean.gradient, variance.gradient);
      const [m, v] = training ? [mean.gradient, variance.gradient] : [mean.value, variance.value];
      inverse = v.map((value) => 1 / Math.sqrt(value + EPSILON));
      const hat = zerosLike(x);
      const out = zerosLike(x);
      for (let i = 0; i < x.data.length; i += channels) {
        for (let c = 0; c < channels; c++) {
          const h = ((x.data[i + c] as number) - (m[c] as number)) * (inverse[c] as number);
          hat.data[i + c] = h;
          out.data[i + c] = h * (gamma.value[c] as number) + (beta.value[c] as number);
        }
      }
      normal = hat;
      return out;
    },
    // As in training: mean and variance depend on the input too.
    backward(gradient) {
      const hat = kept(normal);
      const channels = hat.channels;
      const rows = hat.data.length / channels;
      const sum = new Float64Array(channels);
      const sumHat = new Float64Array(channels);
      for (let i = 0; i < hat.data.length; i += channels) {
        for (let c = 0; c < channels; c++) {
          const d = gradient.data[i + c] as number;
          sum[c] = (sum[c] as number) + d;
          sumHat[c] = (sumHat[c] as number) + d * (hat.data[i + c] as number);
        }
      }
      const out = zerosLike(hat);
      for (let i = 0; i < hat.data.length; i += channels) {
        for (let c = 0; c < channels; c++) {
          const rest = (gradient.data[i + c] as number) - ((sum[c] as number) + (hat.data[i + c] as number) * (sumHat[c] as number)) / rows;
          out.data[i + c] = rest * (gamma.value[c] as number) * (inverse[c] as number);
        }
      }
      for (let c = 0; c < channels; c++) {
        gamma.gradient[c] = (gamma.gradient[c] as number) + (sumHat[c] as number);
        beta.gradient[c] = (beta.gradient[c] as number) + (sum[c] as number);
      }
      return out;
    },
  };
}

/** Mean and (biased) variance of each channel over batch, height and width. */
function measure(x: Volume, mean: Float64Array, variance: Float64Array): void {
  const rows = x.data.length / x.channels;
  mean.fill(0);
  variance.fill(0);
  for (let i = 0; i < x.data.length; i += x.channels) {
    for (let c = 0; c < x.channels; c++) mean[c] = (mean[c] as number) + (x.data[i + c] as number) / rows;
  }
  for (let i = 0; i < x.data.length; i += x.channels) {
    for (let c = 0; c < x.channels; c++) variance[c] = (variance[c] as number) + ((x.data[i + c] as number) - (mean[c] as number)) ** 2 / rows;
  }
}
