// Imported ONNX graphs compute what ONNX Runtime computes on the original file.
import { existsSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { createFloatSession } from '../execute/index.ts';
import type { Graph } from '../ir/index.ts';
import { sizeOf, transpose, type Tensor } from '../tensor/tensor.ts';
import { importModel } from './index.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const present = existsSync(DATA);

/** Numbers in [0, 1), the same on every run. */
function noise(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; });
}

/** Our answer in the file's order, one tensor an output. */
async function ours(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
  const session = await createFloatSession(graph, graph.outputs.map((port) => port.value));
  const inputs = Object.fromEntries(graph.inputs.map((port) => {
    const t = feeds[port.name] as Tensor;
    return [port.value, port.toGraph ? transpose(t, port.toGraph) : t];
  }));
  const results = await session.run(inputs);
  await session.release();
  return Object.fromEntries(graph.outputs.map((port) => {
    const t = results[port.value] as Tensor;
    // [0, 3, 1, 2] undoes the one permutation that ports have.
    return [port.name, port.toGraph ? transpose(t, [0, 3, 1, 2]) : t];
  }));
}

/** Largest difference in relation to the largest magnitude, over all outputs. */
export async function difference(bytes: Uint8Array, fileName: string): Promise<number> {
  const graph = importModel(bytes, fileName);
  const feeds = Object.fromEntries(graph.inputs.map((port, i) => [port.name, { dtype: 'float32' as const, shape: port.shape, data: noise(sizeOf(port.shape), i + 1) }]));
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const expected = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, new ort.Tensor('float32', t.data, [...t.shape])])));
  const actual = await ours(graph, feeds);
  await session.release();
  return Math.max(...graph.outputs.map(({ name, shape }) => {
    const a = actual[name]?.data as Float32Array;
    const e = expected[name]?.data as Float32Array;
    expect(expected[name]?.dims).toEqual(shape);
    let error = 0, largest = 0;
    e.forEach((x, i) => { error = Math.max(error, Math.abs(x - (a[i] ?? NaN))); largest = Math.max(largest, Math.abs(x)); });
    return error / largest;
  }));
}

describe.skipIf(!present)('ONNX models against ONNX Runtime (skipped where ../shared/data is missing)', () => {
  it.each([
    'onnx-small/mnist.onnx', 'onnx-cifar10/resnet_2b.onnx', 'onnx-cifar10/cifar10_large.onnx', 'ultraface/version-RFB-320.onnx',
    'tf-mobilenetv1/mobilenet_v1_0.25_128_derived.onnx', 'detection/yolox_nano.onnx',
    'onnx-topologies/light_squeezenet.onnx', 'onnx-topologies/light_inception_v2.onnx',
  ])('%s to 1e-4', async (path) => {
    expect(await difference(new Uint8Array(readFileSync(new URL(path, DATA))), path)).toBeLessThan(1e-4);
  }, 120_000);
});
