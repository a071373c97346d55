// TFLite files that arrive quantized: every tensor is that of TensorFlow Lite's reference kernels (test/golden/tflite.py made the digests), and accuracy is theirs.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openNpz } from '../tensor/npz.ts';
import { float32, sizeOf, type NamedTensors } from '../tensor/tensor.ts';
import { loadModel, measureAccuracy, Metric, Model, type LoadedNet } from './pipeline.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const GOLDEN = JSON.parse(readFileSync(new URL('../../test/golden/tflite.json', import.meta.url), 'utf8')) as Record<string, Record<string, string[]>>;
/** REQUANT_GOLDEN=20 compares all inputs that have digests; large networks take seconds each on the reference kernels. */
const INPUTS = Number(process.env['REQUANT_GOLDEN'] ?? 1);

const open = (path: string): Promise<LoadedNet> => loadModel(fileURLToPath(new URL(path, DATA)), { dequantize: true });

/** Stored int8 of the i-th input, by the script's rule. */
function drawn(length: number, i: number): Int8Array {
  let state = i + 1;
  const bytes = Uint8Array.from({ length }, () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state >>> 24; });
  if (i % 2 === 1) bytes.sort();
  return Int8Array.from(bytes, (b) => b - 128);
}
/** What a model's input has to be for these integers to be stored. */
function fed(model: Model, integers: Int8Array): NamedTensors {
  const [port] = model.graph.inputs;
  const q = model.graph.values.get(`${port?.value ?? ''}:int8`)?.quantization;
  if (!port || typeof q?.scale !== 'number') throw new Error('the model has no stored input');
  const { scale, zeroPoint } = q;
  return { [port.name]: float32(port.shape, Float32Array.from(integers, (x) => scale * (x - zeroPoint))) };
}

describe.skipIf(!existsSync(DATA))('quantized TFLite models (skipped where ../shared/data is missing)', () => {
  it.each(Object.keys(GOLDEN))('%s: every tensor is that of the reference kernels', async (path) => {
    const model = (await open(path)).convertToSimaQuantization({ flavor: 'tflite' });
    const golden = GOLDEN[path] ?? {};
    const tensors = model.graph.nodes.filter((node) => node.kind === 'integer').map((node) => node.outputs[0] ?? '');
    expect(new Set(tensors)).toEqual(new Set([...Object.keys(golden), ...tensors.filter((name) => name.endsWith('/pooled'))]));
    for (let i = 0; i < INPUTS; i++) {
      const values = await model.values(fed(model, drawn(sizeOf(model.graph.inputs[0]?.shape ?? []), i)), tensors);
      const differing = Object.entries(golden).filter(([name, digests]) => {
        const { data } = values[name] ?? { data: new Int8Array(0) };
        return createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex').slice(0, 16) !== digests[i];
      });
      expect(differing.map(([name]) => name)).toEqual([]);
    }
  }, 300_000);

  it('resnet8 converts to both flavours, which are as accurate as one another; an analysis measures each, and a saved one gives the same integers', async () => {
    const net = await open('mlperf-tiny-ic/resnet8_int8.tflite');
    const [input] = net.graph.inputs;
    const [output] = net.graph.outputs;
    if (!input || !output) throw new Error('resnet8 has a door each');
    const npz = await openNpz(fileURLToPath(new URL('mlperf-tiny-ic/cifar10_test.npz', DATA)));
    const [x, y] = [await npz.read('x'), await npz.read('y')];
    const size = sizeOf(input.shape);
    const samples = Array.from({ length: 100 }, (_, i): NamedTensors => ({ [input.name]: float32(input.shape, Float32Array.from(x.data.slice(i * size, (i + 1) * size) as Uint8Array)) }));
    const data = { samples, labels: Array.from(y.data, Number) };
    const [sima, tflite] = [net.convertToSimaQuantization(), net.convertToSimaQuantization({ flavor: 'tflite' })];
    const [a, b] = [await measureAccuracy((s) => sima.execute(s), output.name, data), await measureAccuracy((s) => tflite.execute(s), output.name, data)];
    expect(b.top1).toBeGreaterThan(80);
    expect(Math.abs(a.top1 - b.top1)).toBeLessThanOrEqual(2);
    for (const model of [sima, tflite]) {
      const report = await model.analyzeQuantizationError(samples.slice(0, 2), Metric.psnr, { localFeed: false });
      expect(report.nodes.length).toBeGreaterThan(10);
      expect(report.nodes.every(({ psnr }) => psnr > 10)).toBe(true);
    }
    const [file] = tflite.files('resnet8');
    const folder = await mkdtemp(join(tmpdir(), 'requant-arrived-'));
    await writeFile(join(folder, 'resnet8.sima'), file?.bytes ?? '');
    const again = await Model.load('resnet8', folder);
    await rm(folder, { recursive: true });
    expect(await again.execute(samples[0] ?? {})).toEqual(await tflite.execute(samples[0] ?? {}));
    await net.release();
  }, 120_000);

  it('a float model says that it did not arrive quantized', async () => {
    const net = await open('mlperf-tiny-ic/resnet8_float.tflite');
    expect(() => net.convertToSimaQuantization()).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
    await net.release();
  });
});
