// Top-1 and top-5: where the right class stands among a network's scores.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { Samples } from '../tensor/samples.ts';
import { numeric, type NamedValues, type Tensor } from '../tensor/tensor.ts';

/** How many classes stand before `label`; of equal scores the earlier class stands first. Raises DATA_LABELS. */
export function rankOf(scores: Tensor, label: number, where: ErrorPlace = {}): number {
  const values = scores.data as ArrayLike<number | bigint>;
  if (label < 0 || label >= values.length) throw new RequantError('DATA_LABELS', `label ${label} is not among the model's ${values.length} classes`, where);
  const own = Number(values[label]);
  if (Number.isNaN(own)) return values.length;
  let rank = 0;
  for (let i = 0; i < values.length; i++) {
    const other = Number(values[i]);
    if (other > own || (other === own && i < label)) rank++;
  }
  return rank;
}

/** Shares in percent, to two decimals. */
export interface Accuracy {
  /** How many samples were run. */
  readonly samples: number;
  /** Percent of samples whose right class has the highest score. */
  readonly top1: number;
  /** Percent of samples whose right class is among the five highest. */
  readonly top5: number;
}

/** Samples and the right class of each. */
export interface LabelledData {
  /** One tensor per model input each. */
  readonly samples: Samples;
  /** Index among the scores, by sample; at least as many as there are samples. */
  readonly labels: ArrayLike<number>;
}

/**
 * Top-1 and top-5 of a network or a model: `measureAccuracy((x) => model.execute(x), 'scores', data)`. Runs every sample; the scores are the output named
 * `scores`, one number a class in any shape. `onSample` hears how many are done. Raises DATA_EMPTY and DATA_LABELS.
 */
export async function measureAccuracy(execute: (inputs: NamedValues) => Promise<NamedValues>, scores: string, data: LabelledData, onSample?: (done: number) => void): Promise<Accuracy> {
  let samples = 0;
  let top1 = 0;
  let top5 = 0;
  for await (const inputs of data.samples) {
    const output = (await execute(inputs))[scores];
    if (!output) throw new RequantError('INTERNAL', 'the model gave no output', { tensor: scores, sample: samples });
    const rank = rankOf(numeric(output, { tensor: scores }), data.labels[samples] ?? -1, { sample: samples });
    if (rank < 1) top1++;
    if (rank < 5) top5++;
    samples++;
    onSample?.(samples);
  }
  if (samples === 0) throw new RequantError('DATA_EMPTY', 'there are no samples');
  const percent = (part: number): number => Math.round((part / samples) * 10000) / 100;
  return { samples, top1: percent(top1), top5: percent(top5) };
}
