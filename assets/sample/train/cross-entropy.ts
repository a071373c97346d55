// Softmax and cross-entropy against labels, with a little label smoothing so that logits stay in a sane range.
import { zerosLike, type Volume } from './volume.ts';

const SMOOTHING = 0.05;

export interface Loss {
  /** Mean over the batch. */
  readonly loss: number;
  readonly correct: number;
  /** By the logits. */
  readonly gradient: Volume;
}

export function crossEntropy(logits: Volume, labels: ArrayLike<number>): Loss {
  const classes = logits.channels;
  const gradient = zerosLike(logits);
  let loss = 0;
  let correct = 0;
  for (let n = 0; n < logits.count; n++) {
    const row = logits.data.subarray(n * classes, (n + 1) * classes);
    const largest = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - largest), 0);
    for (let c = 0; c < classes; c++) {
      const logProbability = (row[c] as number) - largest - Math.log(total);
      const target = SMOOTHING / classes + (c === labels[n] ? 1 - SMOOTHING : 0);
      loss -= target * logProbability / logits.count;
      gradient.data[n * classes + c] = (Math.exp(logProbability) - target) / logits.count;
    }
    if (row.indexOf(largest) === labels[n]) correct++;
  }
  return { loss, correct, gradient };
}
