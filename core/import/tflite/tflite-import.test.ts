// TFLite -> Graph. The expected numbers are those of TensorFlow Lite's reference kernels (2.19) on these files, fed with `noise`.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RequantError } from '../../errors/index.ts';
import { createFloatSession } from '../../execute/index.ts';
import type { Graph } from '../../ir/index.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { importModel, type ImportOptions } from '../index.ts';
import { BUILTIN } from './schema.ts';
import { TFLITE_OPERATORS } from './table.ts';

const DATA = new URL('../../../../shared/data/', import.meta.url);
const load = (path: string, options: ImportOptions = {}): Graph => importModel(new Uint8Array(readFileSync(new URL(path, DATA))), path, options);

/** Numbers in [0, 1): x' = 1664525 x + 1013904223 mod 2^32, from 1 on, each divided by 2^32. */
function noise(length: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length }, () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; });
}
async function outputsOf(graph: Graph): Promise<Record<string, Float32Array>> {
  const [input] = graph.inputs;
  if (!input) throw new Error('the model has no input');
  const session = await createFloatSession(graph, graph.outputs.map((port) => port.value));
  const results = await session.run({ [input.value]: { dtype: 'float32', shape: input.shape, data: noise(sizeOf(input.shape)) } });
  await session.release();
  return Object.fromEntries(graph.outputs.map((port) => [port.name, results[port.value]?.data as Float32Array]));
}

it('every row of the table is a builtin operator by its name in the schema', () => {
  const names = new Set(Object.values(BUILTIN));
  expect(Object.keys(TFLITE_OPERATORS).filter((name) => !names.has(name))).toEqual([]);
});

describe.skipIf(!existsSync(DATA))('real models (skipped where ../shared/data is missing)', () => {
  const close = (actual: Float32Array | undefined, expected: readonly number[], from = 0): void => {
    expected.forEach((value, i) => expect(actual?.[from + i]).toBeCloseTo(value, 5));
  };

  it('resnet8 keeps its fused activations and computes what TensorFlow Lite computes', async () => {
    const graph = load('mlperf-tiny-ic/resnet8_float.tflite');
    expect(graph.nodes.map((node) => node.op).filter((op) => op === 'conv2d')).toHaveLength(9);
    expect(graph.nodes[0]?.attrs).toEqual({ strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation: 'relu' });
    expect(graph.inputs).toEqual([{ name: 'input_1', value: 'input_1', shape: [1, 32, 32, 3], dtype: 'float32' }]);
    expect(graph.nodes[0]?.sources).toEqual([{ name: graph.nodes[0]?.outputs[0], type: 'CONV_2D' }]);
    close((await outputsOf(graph))['Identity'], [0.3200083, 0.0008695261, 0.001708559, 0.0685544, 0.4720429, 0.002942534, 0.1030264, 0.01097126, 0.01689268, 0.002983484]);
  });

  it('dscnn: depthwise weights are rearranged, weights stored as int8 become real numbers', async () => {
    const graph = load('mlperf-tiny-kws/dscnn_float.tflite');
    const depthwise = graph.nodes.find((node) => node.attrs['groups'] === 64);
    expect(graph.constants.get(depthwise?.inputs[1] ?? '')?.shape).toEqual([64, 3, 3, 1]);
    expect([...graph.constants.values()].every((t) => t.dtype === 'float32')).toBe(true);
    close((await outputsOf(graph))['Identity'], [0.03329382, 0.02582533, 0.02023503, 0.01571679, 0.03332484, 0.0372487, 0.0116318, 0.08900136, 0.03855344, 0.01604703, 0.001027514, 0.6780944]);
  });

  it('ultraface: shapes that the file leaves to run time (SHAPE, STRIDED_SLICE, PACK) are known at import', async () => {
    const graph = load('ultraface/version-slim-320_without_postprocessing.tflite');
    expect(graph.outputs.map((port) => port.shape)).toEqual([[1, 4420, 4], [1, 4420, 2]]);
    expect(new Set(graph.nodes.map((node) => node.op))).toEqual(new Set(['pad', 'conv2d', 'reshape', 'concat', 'softmax']));
    const outputs = await outputsOf(graph);
    close(outputs['Identity'], [-0.740588, 0.2429264, -4.077075, -3.882264]);
    close(outputs['Identity'], [-0.0346278, -0.3219073, -1.126502, -0.8556848], 4420 * 4 - 4);
    close(outputs['Identity_1'], [0.8947113, 0.1052887, 0.8949245, 0.1050755]);
    close(outputs['Identity_1'], [0.9537586, 0.04624142, 0.9590722, 0.0409279], 4420 * 2 - 4);
  });

  it('a file that arrives quantized is read as real numbers, and says how each tensor is stored', () => {
    const { stored, inputs, outputs } = load('mlperf-tiny-ic/resnet8_int8.tflite');
    expect([...inputs, ...outputs].map((port) => port.dtype)).toEqual(['float32', 'float32']);
    expect(stored?.get('input_1_int8')).toEqual({ dtype: 'int8', scales: [1], zeroPoints: [-128] });
    expect(load('imagenet-mobilenetv1/mobilenet_v1_0.5_160_quant.tflite').stored?.get('input')).toEqual({ dtype: 'uint8', scales: [1 / 128], zeroPoints: [128] });
    expect(load('mlperf-tiny-kws/dscnn_float.tflite').stored).toBeUndefined();
  });

  it('a quantized file with damaged bytes opens or is refused by name, never with an internal error', () => {
    const bytes = new Uint8Array(readFileSync(new URL('mlperf-tiny-kws/dscnn_int8.tflite', DATA)));
    const codes = new Set<string>();
    for (let at = bytes.length - 4; at > bytes.length - 6000; at -= 20) {
      const damaged = bytes.slice();
      damaged.set([255, 255, 255, 127], at);
      try { importModel(damaged, 'damaged.tflite'); } catch (thrown) { codes.add(RequantError.from(thrown).code); }
    }
    expect(codes).not.toContain('INTERNAL');
    expect(codes).toContain('FORMAT_CORRUPT');
  });

  it('with dequantize: true a quantized file is a float network close to the one that it was made from', async () => {
    const graph = load('mlperf-tiny-ic/resnet8_int8.tflite', { dequantize: true });
    expect([...graph.values.values(), ...graph.inputs, ...graph.outputs].every((value) => value.dtype === 'float32')).toBe(true);
    const [port] = graph.outputs;
    const found = (await outputsOf(graph))[port?.name ?? ''] ?? [];
    const expected = (await outputsOf(load('mlperf-tiny-ic/resnet8_float.tflite')))['Identity'] ?? [];
    expect(found).toHaveLength(10);
    expected.forEach((value, i) => expect(Math.abs(value - (found[i] ?? NaN))).toBeLessThan(0.1));
  });

  it('with dequantize: true hybrid weights are plain numbers; other formats refuse the option', () => {
    const hybrid = (options: ImportOptions): number => load('mlperf-tiny-kws/dscnn_float.tflite', options).nodes.filter((node) => node.attrs['hybrid'] === true).length;
    expect(hybrid({})).toBeGreaterThan(0);
    expect(hybrid({ dequantize: true })).toBe(0);
    expect(() => load('onnx-small/mnist.onnx', { dequantize: true })).toThrow(/dequantize cannot be given/);
  });
});
