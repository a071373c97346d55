// One form of an ONNX operator as a small network: imported with the operators it names, it computes what ONNX Runtime computes on the file.
import { expect } from 'vitest';
import { importModel } from '../core/import/index.ts';
import type { Tensor } from '../core/tensor/tensor.ts';
import { difference } from './float-parity.ts';
import { random, randomTensor } from './one-node.ts';
import { bytesOf, type Small } from './small-onnx.ts';

export interface Form extends Omit<Small, 'output'> {
  readonly name: string;
  /** Operators of the imported graph, in order. */
  readonly ops: readonly string[];
  readonly output: readonly number[];
}

/** `tolerance`: how far the outputs may be from ONNX Runtime's. */
export const checkForm = (tolerance: number) => async ({ name: _name, ops, ...model }: Form): Promise<void> => {
  const bytes = bytesOf(model);
  expect(importModel(bytes, 'small.onnx').nodes.map((n) => n.op)).toEqual(ops);
  expect(await difference(bytes, 'small.onnx')).toBeLessThan(tolerance);
};

/** Numbers in [-1, 1), the same for the same shape. */
export const noise = (...shape: number[]): Tensor => randomTensor(shape, random(shape.reduce((n, d) => 7 * n + d, 1)), -1, 1);
