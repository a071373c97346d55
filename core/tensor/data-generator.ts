// DataGenerator: stacked arrays as samples by input name, with a preprocessing function an input.
import { RequantError } from '../errors/index.ts';
import { lengthHinted, type LengthHinted } from './samples.ts';
import { showShape, type NamedTensors, type Tensor } from './tensor.ts';

/** Turns a stored sample into what the model takes. Its argument is a copy that it may change. */
export type Preprocess = (sample: Tensor) => Tensor | Promise<Tensor>;

/** Samples of every input, held in memory, with preprocessing; as the source document's class of that name. */
export class DataGenerator {
  /** Samples of every input. */
  readonly length: number;
  private readonly inputs: ReadonlyMap<string, (index: number) => Tensor>;
  private readonly steps = new Map<string, Preprocess[]>();

  /**
   * `inputs`: input name -> samples, as one array stacked along its first dimension or as a list of tensors. Raises DATA_EMPTY without inputs and
   * SHAPE_MISMATCH where inputs differ in their number of samples or an array has no dimension to take samples from.
   */
  constructor(inputs: Readonly<Record<string, Tensor | readonly Tensor[]>>) {
    const counts = Object.entries(inputs).map(([name, samples]) => [name, countOf(name, samples)] as const);
    const [first] = counts;
    if (!first) throw new RequantError('DATA_EMPTY', 'a data generator needs at least one input');
    const odd = counts.find(([, count]) => count !== first[1]);
    if (odd) throw new RequantError('SHAPE_MISMATCH', `${odd[1]} samples stand beside ${first[1]} for ${first[0]}`, { tensor: odd[0] });
    this.length = first[1];
    this.inputs = new Map(Object.entries(inputs).map(([name, samples]) => [name, (index: number) => copyOf(samples, index)] as const));
  }

  /** Adds preprocessing by input name, behind what was added before. Raises CONFIG_INVALID for a name that has no samples. */
  map(preprocessing: Readonly<Record<string, Preprocess>>): this {
    for (const [name, step] of Object.entries(preprocessing)) {
      if (!this.inputs.has(name)) throw new RequantError('CONFIG_INVALID', `there are no samples of this input; there are of ${[...this.inputs.keys()].join(', ')}`, { tensor: name });
      this.steps.set(name, [...this.steps.get(name) ?? [], step]);
    }
    return this;
  }

  /** One sample of every input, copied and preprocessed. */
  async sample(index: number): Promise<NamedTensors> {
    const out: Record<string, Tensor> = {};
    for (const [name, at] of this.inputs) {
      let t = at(index);
      for (const step of this.steps.get(name) ?? []) t = await step(t);
      out[name] = t;
    }
    return out;
  }
}

/** The generator's samples in order, at most `lengthLimit` of them; may be walked more than once. */
export function convertDataGeneratorToIterable(generator: DataGenerator, { lengthLimit = Infinity }: { readonly lengthLimit?: number } = {}): LengthHinted<NamedTensors> {
  const length = Math.min(generator.length, lengthLimit);
  return lengthHinted(length, { [Symbol.asyncIterator]: () => walk(generator, length) });
}

async function* walk(generator: DataGenerator, length: number): AsyncGenerator<NamedTensors> {
  for (let i = 0; i < length; i++) yield await generator.sample(i);
}

const isList = (samples: Tensor | readonly Tensor[]): samples is readonly Tensor[] => Array.isArray(samples);

function countOf(name: string, samples: Tensor | readonly Tensor[]): number {
  if (isList(samples)) return samples.length;
  const [count] = samples.shape;
  if (count === undefined) throw new RequantError('SHAPE_MISMATCH', `an array of shape ${showShape(samples.shape)} is not stacked`, { tensor: name });
  return count;
}

function copyOf(samples: Tensor | readonly Tensor[], index: number): Tensor {
  if (isList(samples)) {
    const t = samples[index];
    if (!t) throw new RequantError('INTERNAL', 'a sample beyond the last was asked for', { sample: index });
    return { ...t, data: t.data.slice() };
  }
  const shape = samples.shape.slice(1);
  const run = shape.reduce((n, d) => n * d, 1);
  return { dtype: samples.dtype, shape, data: samples.data.slice(index * run, (index + 1) * run) };
}
