// PartitionedGraph + data -> Statistics, in one pass that answers all five methods.
import { RequantError } from '../errors/index.ts';
import type { PartitionedGraph, Statistics, ValueStatistics } from '../ir/index.ts';
import type { Samples } from '../tensor/samples.ts';
import { scaleChannels, type NamedTensors } from '../tensor/tensor.ts';
import { chunkOf, plainCounting, type Counting } from './counter.ts';
import { createObserver } from './observer.ts';

export { calibrate, rangeOf } from './methods.ts';
export type { Range, RangeScheme } from './range.ts';
export { rebin } from './histogram.ts';

/** Values that quantization may need to know: every float32 value that an MLA node reads or writes. */
export function observedValues(graph: PartitionedGraph): readonly string[] {
  const names = new Set<string>();
  for (const node of graph.nodes) {
    if (node.unit !== 'MLA') continue;
    for (const name of [...node.inputs, ...node.outputs]) if (graph.values.get(name)?.dtype === 'float32') names.add(name);
  }
  return [...names];
}

export interface CollectOptions {
  /** Runs the float network on one sample and returns the observed values, which are read before it is called again. Passed in: this room does not execute. */
  readonly execute: (sample: NamedTensors, values: readonly string[]) => Promise<NamedTensors>;
  /** What channel equalization divides values by, channel by channel; the statistics are then of the equalized network. */
  readonly factors?: ReadonlyMap<string, Float64Array>;
  /** The loops over values, for chunks of up to so many elements; plain ones where absent. */
  readonly counting?: (largestChunk: number) => Counting;
  /** Called after each sample with the number done. May throw to stop. */
  readonly onSample?: (done: number) => void;
}

/**
 * One pass over the data, sample by sample. Raises DATA_EMPTY without samples and DATA_INVALID for NaN or infinities, naming tensor and sample.
 */
export async function collectStatistics(graph: PartitionedGraph, data: Samples, options: CollectOptions): Promise<Statistics> {
  const names = observedValues(graph);
  const channelsOf = (name: string): number => graph.values.get(name)?.shape.at(-1) ?? 1;
  const counting = options.counting?.(Math.max(1, ...names.map((name) => chunkOf(channelsOf(name))))) ?? plainCounting;
  try {
    const observers = new Map(names.map((name) => [name, createObserver(name, channelsOf(name), counting.counter(channelsOf(name)))] as const));
    let samples = 0;
    const observe = (values: NamedTensors): void => {
      for (const [name, observer] of observers) {
        const t = values[name];
        if (!(t?.data instanceof Float32Array)) throw new RequantError('INTERNAL', 'the float network did not return an observed value', { tensor: name });
        const factors = options.factors?.get(name);
        observer.observe(factors ? scaleChannels(t.data, factors, -1) : t.data);
      }
      options.onSample?.(++samples);
    };
    for await (const sample of data) {
      const place = { sample: samples };
      observe(await options.execute(sample, names).catch((error: unknown) => { throw RequantError.from(error).within(place); }));
    }
    if (samples === 0) throw new RequantError('DATA_EMPTY', 'there are no calibration samples');
    const values = new Map<string, ValueStatistics>();
    for (const [name, observer] of observers) values.set(name, observer.result());
    return { samples, channelEqualization: options.factors !== undefined, values };
  } finally {
    counting.release();
  }
}
