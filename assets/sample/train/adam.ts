// AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019) over the flat vector; statistics follow as moving averages.
import type { Entry } from './parameters.ts';

const [FIRST, SECOND, TINY] = [0.9, 0.99, 1e-8];
const DECAY = 0.01;
/** How fast the kept mean and variance follow the batches'. */
const FOLLOW = 0.02;

export interface Optimizer {
  /** One step with the given rate; changes `values` in place. */
  readonly step: (values: Float64Array, gradients: Float64Array, rate: number) => void;
}

export function adam(entries: readonly Entry[], total: number): Optimizer {
  const momentum = new Float64Array(total);
  const energy = new Float64Array(total);
  let steps = 0;
  return {
    step(values, gradients, rate) {
      steps++;
      const [warm1, warm2] = [1 - FIRST ** steps, 1 - SECOND ** steps];
      for (const { name, offset, size, statistic } of entries) {
        const decay = name.endsWith('.weight') ? DECAY : 0;
        for (let i = offset; i < offset + size; i++) {
          const value = values[i] as number;
          const g = gradients[i] as number;
          if (statistic) {
            values[i] = value + FOLLOW * (g - value);
            continue;
          }
          const m = FIRST * (momentum[i] as number) + (1 - FIRST) * g;
          const e = SECOND * (energy[i] as number) + (1 - SECOND) * g * g;
          momentum[i] = m;
          energy[i] = e;
          values[i] = value - rate * (m / warm1 / (Math.sqrt(e / warm2) + TINY) + decay * value);
        }
      }
    },
  };
}
