// Top-1 and top-5: where the right class stands among a model's scores.
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** How many classes stand before `label`; of equal scores the earlier class stands first. */
export function rankOf(scores: Tensor, label: number, where: ErrorPlace = {}): number {
  const values = scores.data as ArrayLike<number | bigint>;
  if (label >= values.length) throw new RequantError('DATA_LABELS', `label ${label} is beyond the model's ${values.length} classes`, where);
  const own = Number(values[label]);
  if (Number.isNaN(own)) return values.length;
  let rank = 0;
  for (let i = 0; i < values.length; i++) {
    const other = Number(values[i]);
    if (other > own || (other === own && i < label)) rank++;
  }
  return rank;
}

/** A share in percent, to two decimals: 872 of 1000 is 87.2. */
export const percent = (part: number, whole: number): number => Math.round((part / whole) * 10000) / 100;
