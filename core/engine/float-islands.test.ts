// TFLite files with float islands: what stands between DEQUANTIZE and QUANTIZE stays float and runs on the APU. The expected numbers are those of TensorFlow
// Lite's reference kernels (2.21) on these very files.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { int32s } from '../../test/numbers.ts';
import { tfliteFile, type ModelSpec, type TensorSpec } from '../../test/small-tflite.ts';
import { float32, tensor } from '../tensor/tensor.ts';
import { loadModel, Model, Metric, tfliteSource, type LoadedNet } from './pipeline.ts';

const stored = (dtype: 'int8' | 'uint8', shape: readonly number[], scale: number, zeroPoint: number): TensorSpec => ({ shape, dtype, scales: [scale], zeroPoints: [zeroPoint] });
const weights = tensor('int8', [2, 1, 1, 2], Int8Array.of(64, -32, 17, 90));
/** conv -> logistic in float -> padding. `door`: how input and output are stored. */
const island = (door: 'int8' | 'uint8' | 'float32'): ModelSpec => {
  const inner = door === 'uint8' ? 'uint8' : 'int8';
  const up = inner === 'uint8' ? 128 : 0;
  const [x, y] = [stored(inner, [1, 2, 2, 2], 0.05, 3 + up), stored(inner, [1, 4, 4, 2], 0.011, -20 + up)];
  const isFloat = door === 'float32';
  return {
    tensors: {
      ...(isFloat ? { x: { shape: x.shape }, xq: x, yq: y, y: { shape: y.shape } } : { x, y }),
      w: inner === 'uint8' ? { shape: weights.shape, constant: tensor('uint8', weights.shape, Uint8Array.from(weights.data, (q) => q + 128)), scales: [0.01], zeroPoints: [128] }
        : { shape: weights.shape, constant: weights, scales: [0.01, 0.02], dimension: 0 },
      b: { shape: [2], constant: tensor('int32', [2], Int32Array.of(100, -50)), scales: inner === 'uint8' ? [0.0005] : [0.0005, 0.001] },
      c: stored(inner, [1, 2, 2, 2], 0.06, -5 + up), cf: { shape: [1, 2, 2, 2] }, s: { shape: [1, 2, 2, 2] }, sq: stored(inner, [1, 2, 2, 2], 0.011, -20 + up),
      pads: { shape: [4, 2], constant: int32s([4, 2], 0, 0, 1, 1, 1, 1, 0, 0) },
    },
    operators: [
      ...(isFloat ? [{ op: 'QUANTIZE', inputs: ['x'], outputs: ['xq'] }] : []),
      { op: 'CONV_2D', inputs: [isFloat ? 'xq' : 'x', 'w', 'b'], outputs: ['c'], optionsType: 1, options: [1, 1, 1, 0, 1, 1] },
      { op: 'DEQUANTIZE', inputs: ['c'], outputs: ['cf'] },
      { op: 'LOGISTIC', inputs: ['cf'], outputs: ['s'] },
      { op: 'QUANTIZE', inputs: ['s'], outputs: ['sq'] },
      { op: 'PAD', inputs: ['sq', 'pads'], outputs: [isFloat ? 'yq' : 'y'], optionsType: 22, options: [] },
      ...(isFloat ? [{ op: 'DEQUANTIZE', inputs: ['yq'], outputs: ['y'] }] : []),
    ],
    inputs: ['x'], outputs: ['y'],
  };
};
const open = (door: 'int8' | 'uint8' | 'float32'): Promise<LoadedNet> => loadModel(tfliteSource(tfliteFile(island(door)).bytes));

/** A saved file on disk: its name and folder. */
async function written(bytes: Uint8Array): Promise<[name: string, folder: string]> {
  const folder = await mkdtemp(join(tmpdir(), 'requant-island-'));
  await writeFile(join(folder, 'island.sima'), bytes);
  return ['island', folder];
}

/** Ties at 0.025 and 0.075 (half a step) show which way QUANTIZE rounds. */
const FED = float32([1, 2, 2, 2], [0.025, -0.075, 3, -6, 1.2345, 0.5, -2.5, 6.3]);

const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const rows = (first: readonly number[], second: readonly number[]): number[] => [...zeros(10), ...first, ...zeros(4), ...second, ...zeros(10)];
const EXPECTED = {
  int8: rows([0.517, 0.44, 0.979, 0], [0.671, 0.781, 0.033, 1.001]),
  uint8: rows([0.517, 0.473, 0.979, 0.011], [0.671, 0.66, 0.033, 0.99]),
  float32: rows([0.528, 0.44, 0.979, 0], [0.671, 0.781, 0.033, 1.001]),
};

describe.each(['int8', 'uint8', 'float32'] as const)('a float island in a file whose doors are %s', (door) => {
  it("executes as TensorFlow Lite does; the ports take and give real numbers", async () => {
    const net = await open(door);
    expect(net.graph.inputs.map(({ dtype }) => dtype)).toEqual(['float32']);
    const { y } = await net.execute({ x: FED });
    Array.from(y?.data ?? [], Number).forEach((value, i) => expect(value).toBeCloseTo(EXPECTED[door][i] ?? NaN, 6));
    expect(y?.shape).toEqual([1, 4, 4, 2]);
    await net.release();
  });

  it.each(['tflite', 'sima'] as const)('stays float on the APU in flavour %s, which loads again from its file', async (flavor) => {
    const net = await open(door);
    const model = net.convertToSimaQuantization({ flavor });
    expect(model.graph.nodes.filter(({ kind }) => kind === 'float').map(({ op, unit }) => [op, unit])).toEqual([['udf', 'APU']]);
    const { y } = await model.execute({ x: FED });
    // A shift-only convolution may be a step (0.06) off, which the logistic makes a step or two of 0.011.
    Array.from(y?.data ?? [], Number).forEach((value, i) => expect(Math.abs(value - (EXPECTED[door][i] ?? NaN))).toBeLessThan(flavor === 'tflite' ? 1e-6 : 0.0221));
    const [file] = model.files('island');
    const again = await Model.load(...await written(file?.bytes ?? new Uint8Array(0)));
    expect((await again.execute({ x: FED }))['y']).toEqual(y);
    await net.release();
  });
});

it('the flavours are measured against one another: the sima flavour of a file differs from its own integers by less than from nothing', async () => {
  const net = await open('int8');
  const sima = net.convertToSimaQuantization();
  const tflite = net.convertToSimaQuantization({ flavor: 'tflite' });
  const against = { localFeed: false, float: net.inTflite() };
  const own = await tflite.analyzeQuantizationError([{ x: FED }], Metric.mae, against);
  expect(own.nodes.map(({ mae }) => mae)).toEqual(own.nodes.map(() => 0));
  const report = await sima.analyzeQuantizationError([{ x: FED }], Metric.mae, against);
  expect(report.nodes.length).toBeGreaterThan(1);
  expect(Math.max(...report.nodes.map(({ mae }) => mae))).toBeLessThan(0.06);
  await net.release();
});
