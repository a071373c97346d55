// body(x) + x: the shortcut of He and others (2016). The ReLU after it is a layer of its own.
import type { Layer } from './layer.ts';
import { zerosLike, type Volume } from './volume.ts';

export function residual(body: Layer): Layer {
  return {
    forward: (x, training) => sum(body.forward(x, training), x),
    backward: (gradient) => sum(body.backward(gradient), gradient),
  };
}

function sum(a: Volume, b: Volume): Volume {
  const out = zerosLike(a);
  for (let i = 0; i < out.data.length; i++) out.data[i] = (a.data[i] as number) + (b.data[i] as number);
  return out;
}
