// Nodes that stay in float, in a model that is quantized, saved, loaded and run: whole numbers, empty tensors, constants as outputs.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, info, int64, node, ramp, type Small } from '../../test/small-onnx.ts';
import { float32, type NamedTensors } from '../tensor/tensor.ts';
import { loadModel, type LoadedNet } from './loaded-net.ts';
import { Model } from './model.ts';
import { onnxSource } from './source.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-float-nodes-')); });
afterAll(() => rm(folder, { recursive: true }));

const open = (small: Small): Promise<LoadedNet> => loadModel(onnxSource(bytesOf(small)));
const x = (shape: readonly number[], seed = 1): NamedTensors => ({ x: float32(shape, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(seed * (i + 1)))) });

/** Quantized, saved, loaded: what the float network gives, what both models give. */
async function thrice(net: LoadedNet, sample: NamedTensors, name: string): Promise<readonly NamedTensors[]> {
  const model = await net.quantize([sample, sample]);
  await model.save(name, folder);
  const loaded = await Model.load(name, folder);
  const results = [await net.execute(sample), await model.execute(sample), await loaded.execute(sample), await loaded.execute(sample, { way: 'reference' })];
  for (const each of [net, model, loaded]) await each.release();
  return results;
}

describe('a model saved and loaded', () => {
  it('keeps the types of whole numbers between float nodes and at its outputs', async () => {
    const net = await open({
      input: [1, 6], outputs: [info('y', [1, 2], 7)], constants: { k: int64(2) }, declared: [info('v', [1, 2]), info('i', [1, 2], 7)],
      nodes: [node('Relu', ['x'], ['r']), node('TopK', ['r', 'k'], ['v', 'i']), node('Add', ['i', 'i'], ['y'])],
    });
    const results = await thrice(net, { x: float32([1, 6], [0, 3, -1, 9, 2, 1]) }, 'positions');
    for (const { y } of results) expect(y).toEqual({ dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(6n, 2n) });
  });

  it('keeps an output that is constant, beside one that is quantized', async () => {
    const net = await open({ input: [1, 4], output: [2], nodes: [node('Shape', ['x'], ['y'])] });
    for (const { y } of await thrice(net, x([1, 4]), 'constant')) expect(y).toEqual({ dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 4n) });
  });

  it('runs operators around an empty tensor', async () => {
    const net = await open({ input: [1, 0, 4], output: [1, 2, 4], nodes: [node('Concat', ['x', 'w'], ['c'], { axis: 1 }), node('Relu', ['c'], ['y'])], constants: { w: ramp(1, 2, 4) } });
    const [float, ...quantized] = await thrice(net, x([1, 0, 4]), 'empty');
    expect(float?.['y']?.data).toEqual(ramp(1, 2, 4).data);
    for (const { y } of quantized) (y?.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(i + 1, 1));
  });
});
