// A network of int16 activations and int8 weights, from float32 to float32: both flavours convert, stay near the float network, are analysed, saved and loaded.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ramp } from '../../test/numbers.ts';
import { tfliteFile, type TensorSpec } from '../../test/small-tflite.ts';
import { float32, sizeOf, tensor, type NamedTensors } from '../tensor/tensor.ts';
import { loadModel, Metric, Model, tfliteSource } from './pipeline.ts';

const activation = (shape: readonly number[], scale: number): TensorSpec => ({ shape, dtype: 'int16', scales: [scale], zeroPoints: [0] });
const weights = (...shape: number[]): TensorSpec => ({ shape, constant: tensor('int8', shape, Int8Array.from(ramp(...shape).data, (x) => Math.round(x * 40))), scales: [2 ** -7] });
const bias = (scale: number, ...numbers: number[]): TensorSpec => ({ shape: [numbers.length], constant: tensor('int64', [numbers.length], BigInt64Array.from(numbers, BigInt)), scales: [scale] });

/** convolution, standalone relu, tanh, average pool, dense layer, softmax; and int8 of the convolution at a second door. */
const FILE = tfliteFile({
  tensors: {
    x: { shape: [1, 6, 6, 2] }, xq: activation([1, 6, 6, 2], 2 ** -14), w1: weights(3, 3, 3, 2), b1: bias(2 ** -21, 9000, -4000, 500), a: activation([1, 6, 6, 3], 0.0003),
    r: activation([1, 6, 6, 3], 0.0003), t: activation([1, 6, 6, 3], 2 ** -15), p: activation([1, 2, 2, 3], 2 ** -15), flat: activation([1, 12], 2 ** -15),
    w2: weights(4, 12), b2: bias(2 ** -22, 100, 0, -200, 70), d: activation([1, 4], 0.0002), s: activation([1, 4], 2 ** -15), y: { shape: [1, 4] },
    narrow: { shape: [1, 6, 6, 3], dtype: 'int8', scales: [0.05], zeroPoints: [-3] },
  },
  operators: [
    { op: 'QUANTIZE', inputs: ['x'], outputs: ['xq'] },
    { op: 'CONV_2D', inputs: ['xq', 'w1', 'b1'], outputs: ['a'], optionsType: 1, options: [0, 1, 1, 0] },
    { op: 'RELU', inputs: ['a'], outputs: ['r'] },
    { op: 'TANH', inputs: ['r'], outputs: ['t'] },
    { op: 'AVERAGE_POOL_2D', inputs: ['t'], outputs: ['p'], optionsType: 5, options: [1, 3, 3, 3, 3, 0] },
    { op: 'RESHAPE', inputs: ['p'], outputs: ['flat'], optionsType: 17, options: [[1, 12]] },
    { op: 'FULLY_CONNECTED', inputs: ['flat', 'w2', 'b2'], outputs: ['d'], optionsType: 8, options: [0] },
    { op: 'SOFTMAX', inputs: ['d'], outputs: ['s'], optionsType: 9, options: [{ float: 1 }] },
    { op: 'DEQUANTIZE', inputs: ['s'], outputs: ['y'] },
    { op: 'QUANTIZE', inputs: ['a'], outputs: ['narrow'] },
  ],
  inputs: ['x'], outputs: ['y', 'narrow'],
});

const sample = (seed: number): NamedTensors => ({ x: float32([1, 6, 6, 2], Float32Array.from({ length: sizeOf([1, 6, 6, 2]) }, (_, i) => Math.sin(i * 1.7 + seed))) });
const numbers = (values: Awaited<ReturnType<Model['execute']>>, name: string): readonly number[] => Array.from(values[name]?.data as Float32Array);
const farthest = (a: readonly number[], b: readonly number[]): number => a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? NaN))), 0);

it.each(['sima', 'tflite'] as const)('int16x8 in flavour %s', async (flavor) => {
  const net = await loadModel(tfliteSource(FILE.bytes));
  const model = net.convertToSimaQuantization({ flavor });
  const real = await net.executeInFloat(sample(0));
  const given = await model.execute(sample(0));
  expect(farthest(numbers(given, 'y'), numbers(real, 'y'))).toBeLessThan(1e-3);
  expect(farthest(numbers(given, 'narrow'), numbers(real, 'narrow'))).toBeLessThan(0.05);
  // A relu of its own has no 16-bit form in our arithmetic.
  expect(model.graph.notices).toEqual(flavor === 'sima' ? [expect.stringMatching(/^Left in float.*relu/)] : []);
  const precisions = new Set(model.graph.nodes.filter((node) => node.kind === 'integer').map((node) => node.precision));
  // What QUANTIZE makes of int16 passes through a node of int8 there.
  expect(precisions).toEqual(new Set(flavor === 'sima' ? ['int16', 'int8'] : ['int16']));
  const report = await model.analyzeQuantizationError([sample(1), sample(2)], Metric.psnr, { localFeed: false });
  expect(report.nodes.length).toBeGreaterThanOrEqual(6);
  for (const { psnr } of report.nodes) expect(psnr).toBeGreaterThan(30);
  const folder = await mkdtemp(join(tmpdir(), 'requant-int16-'));
  await model.save('wide', folder);
  const again = await Model.load('wide', folder);
  await rm(folder, { recursive: true });
  expect(await again.execute(sample(0))).toEqual(given);
  for (const held of [model, again]) await held.release();
  await net.release();
});
