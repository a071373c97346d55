// An imported ONNX graph beside the original file in ONNX Runtime.
import * as ort from 'onnxruntime-node';
import { createFloatSession } from '../core/execute/index.ts';
import { importModel } from '../core/import/index.ts';
import type { Graph } from '../core/ir/index.ts';
import { sameShape, sizeOf, transpose, type Tensor } from '../core/tensor/tensor.ts';

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
    if (!sameShape(expected[name]?.dims ?? [], shape)) throw new Error(`${name}: [${shape.join(', ')}] is not [${expected[name]?.dims.join(', ')}]`);
    let error = 0, largest = 0;
    e.forEach((x, i) => { error = Math.max(error, Math.abs(x - (a[i] ?? NaN))); largest = Math.max(largest, Math.abs(x)); });
    return error / largest;
  }));
}
