// A layer in training: forward keeps what backward needs; backward adds to its parameters' gradients.
import type { Volume } from './volume.ts';

export interface Layer {
  /** `training` tells batch norm to use, and report, the statistics of the batch itself. */
  readonly forward: (input: Volume, training: boolean) => Volume;
  /** Gradient of the loss by the output of the last forward -> gradient by its input. */
  readonly backward: (gradient: Volume) => Volume;
}

/** Layers one after the other. */
export function chain(layers: readonly Layer[]): Layer {
  return {
    forward: (input, training) => layers.reduce((x, layer) => layer.forward(x, training), input),
    backward: (gradient) => layers.reduceRight((d, layer) => layer.backward(d), gradient),
  };
}

/** What a forward pass left behind; asking before there was one is a mistake in the trainer. */
export function kept<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('backward was called before forward');
  return value;
}
