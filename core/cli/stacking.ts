// Outputs of many runs stacked into one array a name: [1, 10] for each of n samples becomes [n, 10].
import { RequantError } from '../errors/index.ts';
import { allocate, bytesOf, sameShape, showShape, sizeOf, type NamedTensors, type Tensor } from '../tensor/tensor.ts';

const LIMIT = 2 ** 31;

export interface Stacks {
  add(outputs: NamedTensors, sample: number): void;
  readonly arrays: NamedTensors;
}

/** Stacks for `samples` runs; the first run decides types and shapes. Raises BUDGET_EXCEEDED beyond 2 GiB. */
export function createStacks(samples: number): Stacks {
  const arrays: Record<string, Tensor> = {};
  const begin = (outputs: NamedTensors): void => {
    const total = Object.values(outputs).reduce((sum, t) => sum + t.data.byteLength * samples, 0);
    if (total > LIMIT) throw new RequantError('BUDGET_EXCEEDED', `the outputs of ${samples} samples take ${total} bytes`, {}, { hint: 'Run fewer at a time, with --samples N.' });
    for (const [name, { dtype, shape }] of Object.entries(outputs)) {
      const rest = shape[0] === 1 ? shape.slice(1) : shape;
      arrays[name] = { dtype, shape: [samples, ...rest], data: allocate(dtype, samples * sizeOf(rest)) };
    }
  };
  return {
    arrays,
    add: (outputs, sample) => {
      if (sample === 0) begin(outputs);
      for (const [name, array] of Object.entries(arrays)) {
        const output = outputs[name];
        const rest = output?.shape[0] === 1 ? output.shape.slice(1) : output?.shape;
        if (!output || !rest || output.dtype !== array.dtype || !sameShape(rest, array.shape.slice(1))) {
          throw new RequantError('SHAPE_MISMATCH', `the output ${showShape(output?.shape ?? [])} differs from the first sample's`, { tensor: name, sample });
        }
        const width = bytesOf(array.dtype);
        const target = new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
        target.set(new Uint8Array(output.data.buffer, output.data.byteOffset, output.data.byteLength), sample * sizeOf(rest) * width);
      }
    },
  };
}
