// Samples: what calibration and analysis walk through. Any iterable will do; one that knows its length lets progress be a share.
import { RequantError } from '../errors/index.ts';
import type { NamedValues } from './tensor.ts';

/** Samples, each one tensor per model input: an array, a generator, any iterable, synchronous or not. Walked once, one at a time. */
export type Samples = AsyncIterable<NamedValues> | Iterable<NamedValues>;

/** An iterable that says how many items it has. */
export interface LengthHinted<T> extends AsyncIterable<T> {
  readonly length: number;
}

/**
 * The same items, with a length known ahead: progress is then a share and not only a count. The length is a hint and cuts nothing off.
 * Raises CONFIG_INVALID unless it is a whole number of at least 0.
 */
export function lengthHinted<T>(length: number, items: AsyncIterable<T> | Iterable<T>): LengthHinted<T> {
  if (!Number.isInteger(length) || length < 0) throw new RequantError('CONFIG_INVALID', `${length} is no length`);
  return { length, [Symbol.asyncIterator]: async function* () { yield* items; } };
}

/** How many samples there are, where they say so (arrays, {@link lengthHinted}). */
export function lengthOf(samples: Samples): number | undefined {
  const length: unknown = 'length' in samples ? samples.length : undefined;
  return typeof length === 'number' ? length : undefined;
}
