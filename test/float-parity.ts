// An imported ONNX graph beside the original file in ONNX Runtime.
import * as ort from 'onnxruntime-node';
import { createFloatSession } from '../core/execute/index.ts';
import { importModel, type ImportOptions } from '../core/import/index.ts';
import type { Graph, Port } from '../core/ir/index.ts';
import { decodeModel, encodeModel, tensorFromProto, tensorToProto } from '../core/onnx/index.ts';
import { convert, float32, sameShape, sizeOf, transpose, type Tensor } from '../core/tensor/tensor.ts';

/** Numbers in [0, 1), the same on every run. */
export function noise(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; });
}

/** What an input is fed: numbers in [0, 1), or whole ones from 0 to 255 where it takes integers. */
function drawn({ dtype, shape }: Port, seed: number): Tensor {
  if (dtype === 'string') throw new Error('no text is drawn');
  const numbers = noise(sizeOf(shape), seed);
  return dtype === 'float32' ? { dtype, shape, data: numbers } : convert({ dtype: 'float32', shape, data: numbers.map((x) => Math.floor(256 * x)) }, dtype);
}

/**
 * A network whose file keeps only the shapes of its weights (ConstantOfShape) with weights drawn for it: those of matrices and kernels keep
 * magnitudes as they are from layer to layer (He et al. 2015), those of one dimension, such as variances, lie from 0.5 to 1.5.
 */
export function withDrawnWeights(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  const shapes = new Map((model.graph?.initializer ?? []).map((t) => [t.name ?? '', t]));
  const filled = (model.graph?.node ?? []).filter((node) => node.opType === 'ConstantOfShape');
  if (filled.length === 0) throw new Error('the file has all its weights');
  const weights = filled.map((node, i) => {
    const stored = shapes.get(node.input?.[0] ?? '');
    if (!stored) throw new Error(`${node.output?.[0] ?? ''} has no shape`);
    const shape = Array.from(tensorFromProto(stored).data, Number);
    const reach = Math.sqrt(6 / sizeOf(shape.slice(1)));
    return tensorToProto(float32(shape, noise(sizeOf(shape), i + 1).map((x) => (shape.length > 1 ? reach * (2 * x - 1) : 0.5 + x))), node.output?.[0] ?? '');
  });
  return encodeModel({
    ...model, irVersion: 8,
    graph: { ...model.graph, node: (model.graph?.node ?? []).filter((node) => !filled.includes(node)), initializer: [...(model.graph?.initializer ?? []), ...weights] },
  });
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
export async function difference(bytes: Uint8Array, fileName: string, options: ImportOptions = {}): Promise<number> {
  const graph = importModel(bytes, fileName, options);
  const feeds = Object.fromEntries(graph.inputs.map((port, i) => [port.name, drawn(port, i + 1)]));
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const expected = await session.run(Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, new ort.Tensor(t.dtype, t.data as ort.Tensor.DataType, [...t.shape])])));
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
