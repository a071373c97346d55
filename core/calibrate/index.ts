// PartitionedGraph + data -> Statistics, in one pass that answers all five methods.
import { RequantError } from '../errors/index.ts';
import type { PartitionedGraph, Statistics, ValueStatistics } from '../ir/index.ts';
import type { Samples } from '../tensor/samples.ts';
import type { NamedValues } from '../tensor/tensor.ts';
import { createGathering } from './gathering.ts';
import type { ValuePart } from './observer.ts';
import type { ObservedValue } from './sample-observer.ts';

export { calibrate, rangeOf } from './methods.ts';
export type { Range, RangeScheme, SearchLoops } from './range.ts';
export { rebin } from './histogram.ts';
export { pieceOf } from './counter.ts';
export type { ValuePart } from './observer.ts';
export { createSampleObserver, type ObservedValue, type SampleObserver, type SampleObserverOptions } from './sample-observer.ts';

/** Values that quantization may need to know: every float32 value that an MLA node reads or writes. */
export function observedValues(graph: PartitionedGraph): readonly ObservedValue[] {
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (node.unit !== 'MLA') continue;
    for (const name of [...node.inputs, ...node.outputs]) if (graph.values.get(name)?.dtype === 'float32') names.add(name);
  }
  return [...names].map((name) => ({ name, channels: graph.values.get(name)?.shape.at(-1) ?? 1 }));
}

/** Observes samples, one at a time or several at once. */
export interface Crew {
  /** Samples that may be under way at once; may change from sample to sample. */
  readonly room: number;
  /** Smallest and largest of each value, one pair after another. The sample is not read any more once this has returned. */
  observe(sample: NamedValues, index: number): Promise<Float64Array>;
  /** What each of those who observed has seen of each value. */
  parts(): Promise<readonly (readonly ValuePart[])[]>;
}

export interface CollectOptions {
  readonly crew: Crew;
  /** Are the values observed divided by the factors of channel equalization? */
  readonly channelEqualization: boolean;
  /** Called after each sample, in their order, with the number done. May throw to stop. */
  readonly onSample?: (done: number) => void;
}

/**
 * One pass over the data. However many samples are under way at once, the statistics are the same to the last bit, and the error is that of the first
 * bad sample. Raises DATA_EMPTY without samples and DATA_INVALID for NaN or infinities, naming tensor and sample.
 */
export async function collectStatistics(values: readonly ObservedValue[], data: Samples, { crew, channelEqualization, onSample }: CollectOptions): Promise<Statistics> {
  const gatherings = values.map(({ name, channels }) => createGathering(name, channels));
  const underWay: Promise<Float64Array>[] = [];
  let given = 0;
  let samples = 0;
  let stopped = false;
  const settle = async (): Promise<void> => {
    try {
      const extremes = await underWay.shift() ?? [];
      gatherings.forEach((gathering, v) => gathering.follow(extremes[v * 2] ?? 0, extremes[v * 2 + 1] ?? 0));
      samples++;
      onSample?.(samples);
    } catch (thrown) { stopped = true; throw thrown; }
  };
  const settleAll = async (): Promise<void> => { while (underWay.length > 0) await settle(); };
  try {
    for await (const sample of data) {
      const place = { sample: given };
      const observed = crew.observe(sample, given++).catch((thrown: unknown) => { throw RequantError.from(thrown).within(place); });
      // Its turn comes below; until then its failure is nobody's.
      observed.catch(() => undefined);
      underWay.push(observed);
      while (underWay.length >= crew.room) await settle();
    }
  } catch (thrown) {
    // The data failed: samples before that come first.
    if (!stopped) await settleAll();
    throw thrown;
  }
  await settleAll();
  if (samples === 0) throw new RequantError('DATA_EMPTY', 'there are no calibration samples');
  const crews = await crew.parts();
  const found = new Map<string, ValueStatistics>();
  values.forEach(({ name }, v) => found.set(name, gatherings[v]?.result(crews.flatMap((parts) => parts[v] ?? [])) ?? never(name)));
  return { samples, channelEqualization, values: found };
}

const never = (tensor: string): never => { throw new RequantError('INTERNAL', 'a value was not gathered', { tensor }); };
