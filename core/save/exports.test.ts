// Exported files in plain ONNX Runtime against the exact integers of the model that they came from.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultQuantization, int16Quantization, loadModel, openDataset, samplesOf, type LoadedNet, type NamedTensors, type QuantizationConfig } from '../index.ts';

const SAMPLE = resolve(import.meta.dirname, '../../assets/sample');
let folder = '';
let net: LoadedNet;
const samples: NamedTensors[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-export-'));
  net = await loadModel(`${SAMPLE}/shapes.onnx`);
  const data = await openDataset({ path: `${SAMPLE}/test.npz` }, net.graph.inputs, { scale: 1 / 255, mean: [0.5], std: [0.25] });
  for await (const sample of samplesOf(data, 24)) samples.push(sample);
});
afterAll(async () => { await net.release(); await rm(folder, { recursive: true, force: true }); });

const best = (scores: ArrayLike<number>): number => Array.from(scores).reduce((top, x, i) => (x > (scores[top] ?? 0) ? i : top), 0);

describe('onnx-qdq', () => {
  const able = (): readonly string[] => net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);
  test.each<readonly [string, () => QuantizationConfig]>([
    ['int8', () => defaultQuantization],
    ['int8 in tflite mode', () => defaultQuantization.withRequantizationMode('tflite')],
    ['int16', () => int16Quantization],
    ['mixed, with float nodes', () => defaultQuantization.withCustomQuantizationConfigs({ [able()[2] ?? '']: { quantizationPrecision: 'int16' } }).withUnquantizedNodes([able()[4] ?? ''])],
  ])('%s: names and shapes of the source file, the same classes, outputs within 0.02 on average', async (name, config) => {
    const model = await net.quantize(samples, config());
    const file = join(folder, `${name}.onnx`);
    expect(await model.export('onnx-qdq', file)).toBeGreaterThan(1000);
    const session = await ort.InferenceSession.create(file);
    expect([session.inputNames, session.outputNames]).toEqual([['image'], ['probabilities']]);
    let same = 0, difference = 0, elements = 0;
    for (const sample of samples) {
      const image = net.graph.inputs[0]?.shape ?? [];
      const [batch = 1, channels = 3, height = 1, width = 1] = image;
      // The file takes channels first; the data set gives what the graph takes.
      const given = sample['image'] ?? { shape: [], data: new Float32Array(0) };
      const planar = new Float32Array(given.data.length);
      const last = given.shape.at(-1) === channels;
      for (let i = 0; i < planar.length; i++) planar[i] = Number(given.data[last ? (i % (height * width)) * channels + Math.floor(i / (height * width)) : i]);
      const found = (await session.run({ image: new ort.Tensor('float32', planar, [batch, channels, height, width]) }))['probabilities']?.data as Float32Array;
      const exact = (await model.execute(sample, { fastMode: true }))['probabilities']?.data as Float32Array;
      expect(found.length).toBe(exact.length);
      if (best(found) === best(exact)) same++;
      found.forEach((x, i) => { difference += Math.abs(x - (exact[i] ?? NaN)); elements++; });
    }
    expect(same).toBeGreaterThanOrEqual(samples.length - 1);
    expect(difference / elements).toBeLessThan(0.02);
    await session.release();
    await model.release();
  });

  test('another extension is refused, and a failed write leaves nothing behind', async () => {
    const model = await net.quantize(samples.slice(0, 2));
    await expect(model.export('onnx-qdq', join(folder, 'x.tflite'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(model.export('onnx-qdq', join(folder, 'none/x.onnx'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect((await readdir(folder)).filter((file) => file.startsWith('x') || file.endsWith('.part'))).toEqual([]);
    await model.release();
  });
});
