// Outputs of many runs stacked into one array a name: [1, 10] for each of n samples becomes [n, 10].
import { RequantError } from '../errors/index.ts';
import { allocate, memoryOf, sameShape, showShape, sizeOf, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';

const LIMIT = 2 ** 31;

export interface Stacks {
  add(outputs: NamedValues, sample: number): void;
  readonly arrays: NamedValues;
}

/** Stacks for `samples` runs; the first run decides types and shapes. Raises BUDGET_EXCEEDED beyond 2 GiB. */
export function createStacks(samples: number): Stacks {
  const arrays: Record<string, Tensor | (StringTensor & { readonly data: string[] })> = {};
  const begin = (outputs: NamedValues): void => {
    const total = Object.values(outputs).reduce((sum, t) => sum + memoryOf(t) * samples, 0);
    if (total > LIMIT) throw new RequantError('BUDGET_EXCEEDED', `the outputs of ${samples} samples take ${total} bytes`, {}, { hint: 'Run fewer at a time, with --samples N.' });
    for (const [name, { dtype, shape }] of Object.entries(outputs)) {
      const rest = restOf(shape);
      arrays[name] = dtype === 'string' ? { dtype, shape: [samples, ...rest], data: [] } : { dtype, shape: [samples, ...rest], data: allocate(dtype, samples * sizeOf(rest)) };
    }
  };
  return {
    arrays,
    add: (outputs, sample) => {
      if (sample === 0) begin(outputs);
      for (const [name, array] of Object.entries(arrays)) {
        const output = outputs[name];
        const rest = output && restOf(output.shape);
        if (!rest || output.dtype !== array.dtype || !sameShape(rest, array.shape.slice(1))) {
          throw new RequantError('SHAPE_MISMATCH', `the output ${showShape(output?.shape ?? [])} differs from the first sample's`, { tensor: name, sample });
        }
        if (array.dtype === 'string') { for (const text of output.data) array.data.push(text as string); }
        else array.data.set(output.data as never, sample * sizeOf(rest));
      }
    },
  };
}

/** Without the batch of 1. */
const restOf = (shape: readonly number[]): readonly number[] => (shape[0] === 1 ? shape.slice(1) : shape);
