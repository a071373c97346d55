// Runs the float network on a sample and observes all its values, on the thread that asks.
import { RequantError } from '../errors/index.ts';
import { scaleChannels, type NamedValues } from '../tensor/tensor.ts';
import type { Counter } from './counter.ts';
import { createObserver, type ValuePart } from './observer.ts';

/** A value to observe. `channels`: the size of its last dimension. */
export interface ObservedValue {
  readonly name: string;
  readonly channels: number;
}

export interface SampleObserver {
  /** Smallest and largest of each value, one pair after another. `sample` is the number that errors name. Raises DATA_INVALID and what running raises. */
  observe(inputs: NamedValues, sample: number): Promise<Float64Array>;
  /** What was observed of each value. */
  parts(): Promise<readonly ValuePart[]>;
}

export interface SampleObserverOptions {
  /** Runs the float network on one sample and returns the observed values, which are read before it is called again. Passed in: this room does not execute. */
  readonly execute: (inputs: NamedValues) => Promise<NamedValues>;
  /** What channel equalization divides values by, channel by channel; the statistics are then of the equalized network. */
  readonly factors?: ReadonlyMap<string, Float64Array>;
  /** The loops over each value; plain ones where absent. */
  readonly counters?: readonly Counter[];
}

export function createSampleObserver(values: readonly ObservedValue[], options: SampleObserverOptions): SampleObserver {
  const observers = values.map(({ name, channels }, v) => ({ name, observer: createObserver(name, channels, options.counters?.[v]), factors: options.factors?.get(name) }));
  return {
    observe: async (inputs, sample) => {
      const tensors = await options.execute(inputs);
      const extremes = new Float64Array(observers.length * 2);
      observers.forEach(({ name, observer, factors }, v) => {
        const t = tensors[name];
        if (!(t?.data instanceof Float32Array)) throw new RequantError('INTERNAL', 'the float network did not return an observed value', { tensor: name });
        const { min, max } = observer.observe(factors ? scaleChannels(t.data, factors, -1) : t.data, sample);
        extremes[v * 2] = min;
        extremes[v * 2 + 1] = max;
      });
      return extremes;
    },
    parts: () => Promise.resolve(observers.map(({ observer }) => observer.part())),
  };
}
