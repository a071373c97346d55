// The numbers of a network in one flat vector, so that threads share it and the optimizer is a single loop.
import type { Block } from '../network.ts';
import type { Random } from '../random.ts';

/** A named piece of the vector. A statistic (mean, variance of a batch norm) is measured, not descended on. */
export interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Values at the start: normal with this deviation, or all the same number. */
  readonly start: { readonly deviation: number } | { readonly value: number };
  readonly statistic: boolean;
}

/** Values and gradients of one entry. For a statistic, `gradient` holds what the last batch measured. */
export interface Parameter {
  readonly value: Float64Array;
  readonly gradient: Float64Array;
}
export type Parameters = (name: string) => Parameter;

/** The entries of a network, in order, without gaps. */
export function entriesOf(network: readonly Block[]): readonly Entry[] {
  const entries: Entry[] = [];
  let offset = 0;
  const add = (name: string, size: number, start: Entry['start'], statistic = false): void => {
    entries.push({ name, offset, size, start, statistic });
    offset += size;
  };
  const addWeight = (name: string, fanIn: number, size: number): void =>
    // He and others 2015: the deviation that keeps the variance through rectified layers.
    add(`${name}.weight`, size, { deviation: Math.sqrt(2 / fanIn) });
  const addNorm = (name: string, channels: number): void => {
    add(`${name}.gamma`, channels, { value: 1 });
    add(`${name}.beta`, channels, { value: 0 });
    add(`${name}.mean`, channels, { value: 0 }, true);
    add(`${name}.variance`, channels, { value: 1 }, true);
  };
  const visit = (block: Block): void => {
    switch (block.kind) {
      case 'convolution': {
        const fanIn = block.kernel ** 2 * block.from;
        addWeight(block.name, fanIn, fanIn * block.to);
        return addNorm(block.name, block.to);
      }
      case 'depthwise':
        addWeight(block.name, 9, 9 * block.channels);
        return addNorm(block.name, block.channels);
      case 'residual': return block.body.forEach(visit);
      case 'dense':
        addWeight(block.name, 2 * block.from, block.from * block.to);
        return add(`${block.name}.bias`, block.to, { value: 0 });
      case 'maxPool': case 'globalAverage': return;
    }
  };
  network.forEach(visit);
  return entries;
}

export const totalOf = (entries: readonly Entry[]): number => entries.reduce((n, e) => n + e.size, 0);

/** Looks entries up by name as views on the two vectors. */
export function parametersOn(entries: readonly Entry[], values: Float64Array, gradients: Float64Array): Parameters {
  const views = new Map(entries.map(({ name, offset, size }): [string, Parameter] =>
    [name, { value: values.subarray(offset, offset + size), gradient: gradients.subarray(offset, offset + size) }]));
  return (name) => {
    const found = views.get(name);
    if (!found) throw new Error(`the network has no parameter ${name}`);
    return found;
  };
}

export function initialise(entries: readonly Entry[], values: Float64Array, random: Random): void {
  for (const { offset, size, start } of entries) {
    for (let i = offset; i < offset + size; i++) values[i] = 'value' in start ? start.value : start.deviation * random.normal();
  }
}
