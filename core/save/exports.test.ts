// Exported files in plain ONNX Runtime against the exact integers of the model that they came from.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyOperator } from '../../test/graphs/every-operator.ts';
import { randomTensor } from '../../test/graphs/build.ts';
import { createNet } from '../engine/loaded-net.ts';
import { partition } from '../partition/index.ts';
import { defaultQuantization, int16Quantization, loadModel, openDataset, samplesOf, type LoadedNet, type NamedValues, type QuantizationConfig } from '../index.ts';

const SAMPLE = resolve(import.meta.dirname, '../../assets/sample');
let folder = '';
let net: LoadedNet;
const samples: NamedValues[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-export-'));
  net = await loadModel(`${SAMPLE}/shapes.onnx`);
  const data = await openDataset({ path: `${SAMPLE}/test.npz` }, net.graph.inputs, { scale: 1 / 255, mean: [0.5], std: [0.25] });
  for await (const sample of samplesOf(data, 24)) samples.push(sample);
});
afterAll(async () => { await net.release(); await rm(folder, { recursive: true, force: true }); });

const best = (scores: ArrayLike<number>): number => Array.from(scores).reduce((top, x, i) => (x > (scores[top] ?? 0) ? i : top), 0);

/** Outputs of the sample network, fed in the file's own dimension order: the data set gives what the graph takes, the file takes channels first. */
async function runPlain(session: ort.InferenceSession, sample: NamedValues): Promise<Float32Array> {
  const [batch = 1, channels = 3, height = 1, width = 1] = net.graph.inputs[0]?.shape ?? [];
  const given = sample['image'] ?? { shape: [], data: new Float32Array(0) };
  const planar = new Float32Array(given.data.length);
  const last = given.shape.at(-1) === channels;
  for (let i = 0; i < planar.length; i++) planar[i] = Number(given.data[last ? (i % (height * width)) * channels + Math.floor(i / (height * width)) : i]);
  return (await session.run({ image: new ort.Tensor('float32', planar, [batch, channels, height, width]) }))['probabilities']?.data as Float32Array;
}

const able = (): readonly string[] => net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);

describe('onnx-qdq', () => {
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
      const found = await runPlain(session, sample);
      const exact = (await model.execute(sample))['probabilities']?.data as Float32Array;
      expect(found.length).toBe(exact.length);
      if (best(found) === best(exact)) same++;
      found.forEach((x, i) => { difference += Math.abs(x - (exact[i] ?? NaN)); elements++; });
    }
    expect(same).toBeGreaterThanOrEqual(samples.length - 1);
    expect(difference / elements).toBeLessThan(0.02);
    await session.release();
    await model.release();
  });

  const every = everyOperator();
  test.each<readonly [string, (net: LoadedNet) => QuantizationConfig]>([
    ['int8', () => defaultQuantization],
    ['int8 in tflite mode', () => defaultQuantization.withRequantizationMode('tflite')],
    ['int16 where that is', ({ graph }) => defaultQuantization.withCustomQuantizationConfigs(Object.fromEntries(graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => [node.name, { quantizationPrecision: 'int16' as const }])))],
  ])('every operator, %s: plain ONNX Runtime gives each output within four steps (what it reads may be off by one), on average within half a step', async (name, config) => {
    const one = createNet(partition(every), every);
    const calibration = Array.from({ length: 8 }, (_, i) => ({ x: randomTensor([1, 6, 6, 8], 50 + i, 2) }));
    const model = await one.quantize(calibration, config(one));
    const file = join(folder, `every ${name}.onnx`);
    await model.export('onnx-qdq', file);
    const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: 'disabled' });
    const x = randomTensor([1, 6, 6, 8], 99, 2);
    const exact = await model.execute({ x });
    const found = await session.run({ x: new ort.Tensor('float32', x.data as Float32Array, [...x.shape]) });
    for (const { name: output, value } of model.graph.outputs) {
      // One step more or less may move a position anywhere.
      if (output.startsWith('arg_')) continue;
      const last = model.graph.nodes.find((node) => node.outputs.includes(value));
      const scale = model.graph.values.get(last?.inputs[0] ?? '')?.quantization?.scale;
      const [a, b] = [exact[output]?.data as Float32Array, found[output]?.data as Float32Array];
      const steps = a.map((v, i) => Math.abs(v - (b[i] ?? NaN)) / (typeof scale === 'number' ? scale : NaN));
      expect.soft([b.length, steps.every((s) => s <= 4.01), steps.reduce((sum, s) => sum + s, 0) / steps.length < 0.5], output).toEqual([a.length, true, true]);
    }
    await session.release();
    await model.release();
    await one.release();
  });

  test('another extension is refused, and a failed write leaves nothing behind', async () => {
    const model = await net.quantize(samples.slice(0, 2));
    await expect(model.export('onnx-qdq', join(folder, 'x.tflite'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(model.export('onnx-qdq', join(folder, 'none/x.onnx'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect((await readdir(folder)).filter((file) => file.startsWith('x') || file.endsWith('.part'))).toEqual([]);
    await model.release();
  });
});

describe('onnx-exact', () => {
  test.each<readonly [string, () => QuantizationConfig]>([
    ['int8', () => defaultQuantization],
    ['int8 in tflite mode', () => defaultQuantization.withRequantizationMode('tflite')],
    ['int16', () => int16Quantization],
    ['mixed', () => defaultQuantization.withCustomQuantizationConfigs({ [able()[2] ?? '']: { quantizationPrecision: 'int16' } })],
    ['with a raw accumulator before a float node', () => {
      const last = (op: string): string => net.graph.nodes.findLast((node) => node.op === op)?.name ?? '';
      return defaultQuantization.withUnquantizedNodes([last('softmax')]).withCustomQuantizationConfigs({ [last('fully_connected')]: { outputInt32: true } });
    }],
  ])('%s: plain ONNX Runtime gives what the reference gives, bit for bit, at any level of its optimizer', async (name, config) => {
    const model = await net.quantize(samples, config());
    const file = join(folder, `exact ${name}.onnx`);
    await model.export('onnx-exact', file);
    for (const graphOptimizationLevel of ['all', 'disabled'] as const) {
      const session = await ort.InferenceSession.create(file, { graphOptimizationLevel });
      expect([session.inputNames, session.outputNames]).toEqual([['image'], ['probabilities']]);
      for (const sample of samples.slice(0, 12)) {
        expect(await runPlain(session, sample)).toEqual((await model.execute(sample, { way: 'reference' }))['probabilities']?.data);
      }
      await session.release();
    }
    await model.release();
  });
});
