// One integer node on the fast kernels against its reference kernel, bit for bit, on one thread and on several: what the kernels' tests share.
import { beforeAll, expect } from 'vitest';
import { createExactExecutor } from '../core/execute/exact/index.ts';
import { runNode } from '../core/execute/reference.ts';
import type { ActivationQuantization, Precision, Quantization, QuantizedGraph, QuantizedNode } from '../core/ir/index.ts';
import { sharedKernels } from '../core/kernels/index.ts';
import { INTEGER_RANGE } from '../core/ops/index.ts';
import { sizeOf, type Tensor } from '../core/tensor/tensor.ts';

const THREADS = 3;
/** More than the small nodes here ask for, and no multiple of the threads. */
const PIECES = 7;
/** To be called once by a test file. */
export const startThreads = (): void => { beforeAll(() => sharedKernels().ready(THREADS)); };

const noFloat = (): Promise<never> => Promise.reject(new Error('no node here runs in float'));
export type Random = () => number;
export function random(seed: number): Random {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
export const whole = (next: Random, low: number, high: number): number => Math.floor(low + next() * (high - low + 1));
export const q = (dtype: Precision, zeroPoint: number, scale = 0.1): ActivationQuantization => ({ dtype, scale, zeroPoint });
/** Stored integers; `extreme` ones are the smallest and the largest alone. */
export function stored(shape: readonly number[], dtype: Precision, next: Random, extreme: boolean): Tensor {
  const [low, high] = INTEGER_RANGE[dtype];
  const values = Array.from({ length: sizeOf(shape) }, () => (extreme ? (next() < 0.5 ? low : high) : whole(next, low, high)));
  return dtype === 'int8' ? { dtype, shape, data: Int8Array.from(values) } : { dtype, shape, data: Int16Array.from(values) };
}
export const int8 = (shape: readonly number[], make: () => number): Tensor => ({ dtype: 'int8', shape, data: Int8Array.from({ length: sizeOf(shape) }, make) });
export const int32 = (values: readonly number[]): Tensor => ({ dtype: 'int32', shape: [values.length], data: Int32Array.from(values) });

export interface OneNode {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly inputs: readonly { readonly tensor: Tensor; readonly quantization: Quantization | null }[];
  readonly output: { readonly shape: readonly number[]; readonly quantization: Quantization | null };
}

/** Runs a node both ways and compares; `way` is what must have been used. */
export function compare({ op, attrs, constants = {}, inputs, output }: OneNode, way: 'kernels' | 'reference' = 'kernels'): void {
  const names = inputs.map((_, i) => `x${i}`);
  const node: QuantizedNode = {
    name: 'n', kind: op === 'quantize' || op === 'dequantize' || op === 'requantize' ? op : 'integer', op, unit: 'MLA', partition: 0, attrs, inputs: names, outputs: ['y'],
    constants: Object.fromEntries(Object.keys(constants).map((role) => [role, role])), precision: null, identity: 'n',
  };
  const graph: QuantizedGraph = {
    name: 'g', inputs: [], outputs: [], notices: [], nodes: [node], constants: new Map(Object.entries(constants)),
    values: new Map([...inputs.map(({ tensor, quantization }, i) => [`x${i}`, { name: `x${i}`, shape: tensor.shape, quantization }] as const), ['y', { name: 'y', ...output }]]),
  };
  const tensors = inputs.map(({ tensor }) => tensor);
  const expected = runNode(graph, node, tensors);
  for (const dealing of [{ threads: 1 }, { threads: THREADS, pieces: PIECES }]) {
    const executor = createExactExecutor(graph, { runFloat: noFloat, ...dealing });
    try {
      expect(executor.ways()).toEqual([expect.objectContaining({ way })]);
      const got = executor.node(node, tensors);
      expect(got.dtype).toBe(expected.dtype);
      expect(got.data).toEqual(expected.data);
    } finally {
      void executor.release();
    }
  }
}
