// Memory that every sample's values are written to, made once, and the loops that observe them there: nothing is allocated or copied for a sample.
import { pieceOf, type SampleObserverOptions } from '../../calibrate/index.ts';
import { createCounting } from '../../execute/index.ts';
import { allocate, sizeOf, type NamedTensors } from '../../tensor/tensor.ts';
import type { ShapedValue } from './messages.ts';

export interface Space extends Required<Pick<SampleObserverOptions, 'counters'>> {
  readonly into: NamedTensors;
}

/** Raises BUDGET_EXCEEDED where not even the tables of bins fit. */
export function spaceFor(values: readonly ShapedValue[]): Space {
  const { counters, spaces } = createCounting(values.map(({ shape, channels }) => ({ channels, length: sizeOf(shape), piece: pieceOf(channels) })));
  const into = values.map(({ name, shape }, v) => [name, { dtype: 'float32', shape, data: spaces?.[v] ?? allocate('float32', sizeOf(shape)) }] as const);
  return { counters, into: Object.fromEntries(into) };
}
