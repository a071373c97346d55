// Real ONNX and TFLite networks, from the file to integers: they open, keep their measured accuracy in float (SOURCES.md beside them), and are quantized.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { noise, withDrawnWeights } from '../../test/float-parity.ts';
import { defaultQuantization, loadModel, measureAccuracy, MinMaxMethod, onnxSource, type ImportOptions, type LoadedNet, type Model } from '../engine/pipeline.ts';
import { openDataset, samplesOf, type Dataset } from '../tensor/dataset.ts';
import type { Preprocessing } from '../tensor/preprocessing.ts';
import { float32, sizeOf, type NamedValues } from '../tensor/tensor.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, DATA));
const open = (path: string, options: ImportOptions = {}): Promise<LoadedNet> => loadModel(at(path), options);
/** Networks that take long to quantize; REQUANT_TOPOLOGIES=all tests them too. */
const LARGE = ['inception_v2', 'resnet50', 'densenet121'];
const ALL = process.env['REQUANT_TOPOLOGIES'] === 'all';
/** The method that searches nothing: these tests are about the networks. */
const quick = defaultQuantization.withCalibration(MinMaxMethod());
const integers = (model: Model) => (sample: NamedValues): Promise<NamedValues> => model.execute(sample, { fastMode: true });
const numbersOf = (outputs: NamedValues, name: string): Float32Array => outputs[name]?.data as Float32Array;
const bestOf = (scores: ArrayLike<number>): number => Array.from(scores).reduce((best, x, i) => (x > (scores[best] ?? -Infinity) ? i : best), 0);
const inFloat = (model: Model): readonly unknown[] => model.graph.nodes.filter((node) => node.kind === 'float').map((node) => node.attrs['type'] ?? node.op);
const top1 = async (execute: (sample: NamedValues) => Promise<NamedValues>, net: LoadedNet, data: Dataset, count = data.samples): Promise<number> =>
  (await measureAccuracy(execute, net.graph.outputs[0]?.name ?? '', { samples: samplesOf(data, count), labels: [...data.labels ?? []].slice(0, count) })).top1;

/** dB of the largest magnitude over the mean squared difference. */
function psnr(expected: Float32Array, found: Float32Array): number {
  expect(found).toHaveLength(expected.length);
  let peak = 0, squares = 0;
  expected.forEach((x, i) => { peak = Math.max(peak, Math.abs(x)); squares += (x - (found[i] ?? NaN)) ** 2; });
  return 20 * Math.log10(peak) - 10 * Math.log10(squares / expected.length);
}

describe.skipIf(!existsSync(DATA))('real models (skipped where ../shared/data is missing)', () => {
  it.each<readonly [string, ImportOptions, string, Preprocessing, number, number, readonly string[]]>([
    ['magika/standard_v2_1.onnx', { inputShapes: { bytes: [1, 4096] } }, 'magika/standard_v2_1_samples.npz', { scale: 1, mean: [0], std: [1] }, 93.42, 24, ['OneHot', 'ReduceMax', 'ReduceSumSquare', 'BatchNormalization']],
    ['onnx-cifar10/resnet_2b.onnx', {}, 'mlperf-tiny-ic/cifar10_test.npz', { scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] }, 69.8, 1000, []],
    ['onnx-cifar10/cifar10_large.onnx', {}, 'mlperf-tiny-ic/cifar10_test.npz', { scale: 1 / 255, mean: [0], std: [1] }, 75.3, 1000, []],
  ])('%s keeps its measured accuracy in float, and in integers within three points', async (path, options, file, preprocessing, measured, compared, floats) => {
    const net = await open(path, options);
    const data = await openDataset({ path: at(file) }, net.graph.inputs, preprocessing);
    expect(await top1((sample) => net.execute(sample), net, data)).toBeCloseTo(measured, 1);
    const model = await net.quantize(samplesOf(data, 20), quick);
    expect(inFloat(model)).toEqual(floats);
    const float = await top1((sample) => net.execute(sample), net, data, compared);
    expect(await top1(integers(model), net, data, compared)).toBeGreaterThan(float - 3);
    await model.release();
    await net.release();
  }, 120_000);

  it('detection/yolox_nano.onnx finds cat, hot dog and bird, in float and at int8 with its first 30 nodes at int16 (all at int8, two are lost; ONNX Runtime\'s own int8 of these pictures loses one)', async () => {
    const [BIRD, CAT, HOT_DOG] = [14, 15, 52];
    const net = await open('detection/yolox_nano.onnx');
    const samples: NamedValues[] = [];
    for (const name of ['cat_720p', 'hot_dog', 'parrot']) samples.push({ images: await letterbox(at(`detection/images/${name}.jpg`), 416) });
    const early = net.graph.nodes.slice(0, 30).filter((node) => node.precisions.includes('int16')).map(({ name }) => [name, { quantizationPrecision: 'int16' }] as const);
    const model = await net.quantize(samples, quick.withCustomQuantizationConfigs(Object.fromEntries(early)));
    expect(inFloat(model)).toEqual([]);
    for (const execute of [(sample: NamedValues) => net.execute(sample), integers(model)]) {
      const found: number[] = [];
      for (const sample of samples) found.push(surest(numbersOf(await execute(sample), 'output')));
      expect(found).toEqual([CAT, HOT_DOG, BIRD]);
    }
    await model.release();
    await net.release();
  }, 120_000);

  it('ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx, its open dimensions given, tells upright text from text upside down, in float and in integers', async () => {
    await expect(open('ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx')).rejects.toMatchObject({ code: 'SHAPE_UNKNOWN' });
    const net = await open('ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx', { inputShapes: { x: [1, 3, 48, 192] } });
    const lines: NamedValues[] = [];
    for (const turn of [0, 180]) for (const name of ['text_cls', 'text_rec', 'el_rec', 'th_rec']) lines.push({ x: await line(at(`ocr/images/${name}.jpg`), turn) });
    const model = await net.quantize(lines, quick);
    expect(inFloat(model)).toEqual([]);
    for (const execute of [(sample: NamedValues) => net.execute(sample), integers(model)]) {
      const found: number[] = [];
      for (const sample of lines) found.push(bestOf(numbersOf(await execute(sample), net.graph.outputs[0]?.name ?? '')));
      // The first image comes upside down; the second half is the first, turned.
      expect(found).toEqual([1, 0, 0, 0, 0, 1, 1, 1]);
    }
    await model.release();
    await net.release();
  }, 120_000);

  it.each([
    ['version-RFB-320.onnx', 'boxes', 'scores'], ['version-slim-320_without_postprocessing.tflite', 'Identity', 'Identity_1'],
  ])('ultraface/%s finds the same faces in integers', async (file, boxes, scores) => {
    const net = await open(`ultraface/${file}`);
    const data = await openDataset({ path: at('ultraface/images') }, net.graph.inputs, { scale: 1, mean: [127], std: [128] });
    const model = await net.quantize(samplesOf(data, 4), quick);
    expect(inFloat(model)).toEqual([]);
    const faces = (outputs: NamedValues): number => numbersOf(outputs, scores).filter((x, i) => i % 2 === 1 && x > 0.7).length;
    for await (const sample of samplesOf(data, 4)) {
      const [expected, found] = [await net.execute(sample), await integers(model)(sample)];
      expect(psnr(numbersOf(expected, boxes), numbersOf(found, boxes))).toBeGreaterThan(25);
      expect(psnr(numbersOf(expected, scores), numbersOf(found, scores))).toBeGreaterThan(40);
      expect(faces(expected)).toBeGreaterThan(10);
      expect(Math.abs(faces(found) - faces(expected))).toBeLessThanOrEqual(3);
    }
    await model.release();
    await net.release();
  }, 120_000);

  it('ultraface/version-slim-320_without_postprocessing.tflite gives what TensorFlow Lite 2.21 gives for noise', async () => {
    const net = await open('ultraface/version-slim-320_without_postprocessing.tflite');
    const outputs = await net.execute({ input_1: float32([1, 240, 320, 3], noise(240 * 320 * 3).map((x) => 2 * x - 1)) });
    const mean = (x: Float32Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;
    const [boxes, scores] = [numbersOf(outputs, 'Identity'), numbersOf(outputs, 'Identity_1')];
    expect([...boxes.slice(0, 4), ...boxes.slice(-4)].map((x, i) => Math.abs(x - ([0.12646893, 0.08177715, -4.67478085, -4.71187592, -0.1648538, -0.44735649, -1.0743885, -0.93264675][i] ?? NaN)) / 7.451).every((d) => d < 1e-4)).toBe(true);
    expect([...scores.slice(0, 2), ...scores.slice(-2)].map((x, i) => Math.abs(x - ([0.89463961, 0.10536043, 0.96005607, 0.0399439][i] ?? NaN))).every((d) => d < 1e-4)).toBe(true);
    expect(mean(boxes)).toBeCloseTo(-0.88238195, 5);
    await net.release();
  }, 120_000);

  for (const name of ['squeezenet', 'inception_v2', 'resnet50', 'densenet121']) it.skipIf(LARGE.includes(name) && !ALL)(`onnx-topologies/light_${name}.onnx with drawn weights is quantized whole and keeps its first class${LARGE.includes(name) ? ' (skipped without REQUANT_TOPOLOGIES=all)' : ''}`, async () => {
    const net = await loadModel(onnxSource(withDrawnWeights(new Uint8Array(readFileSync(at(`onnx-topologies/light_${name}.onnx`))))));
    const [input, output] = [net.graph.inputs[0], net.graph.outputs[0]];
    const sample = { [input?.name ?? '']: float32(input?.shape ?? [], noise(sizeOf(input?.shape ?? []))) };
    const model = await net.quantize([sample], quick);
    expect(inFloat(model)).toEqual([]);
    const [expected, found] = [await net.execute(sample), await integers(model)(sample)];
    expect(bestOf(numbersOf(found, output?.name ?? ''))).toBe(bestOf(numbersOf(expected, output?.name ?? '')));
    await model.release();
    await net.release();
  }, 400_000);
});

/** YOLOX's input: BGR from 0 to 255, scaled to fit, at the upper left of a grey square. */
async function letterbox(path: string, size: number): Promise<NamedValues[string]> {
  const { data, info } = await sharp(path).resize(size, size, { fit: 'inside', kernel: 'linear' }).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const out = new Float32Array(3 * size * size).fill(114);
  for (let y = 0; y < info.height; y++) for (let x = 0; x < info.width; x++) for (let c = 0; c < 3; c++) out[(c * size + y) * size + x] = data[(y * info.width + x) * 3 + 2 - c] ?? 0;
  return float32([1, 3, size, size], out);
}

/** The class of the surest box: rows are 4 numbers of place, one of presence, 80 of classes. */
function surest(rows: Float32Array): number {
  let best = 0, found = -1;
  for (let row = 0; row < rows.length; row += 85) for (let k = 0; k < 80; k++) {
    const sure = (rows[row + 4] ?? 0) * (rows[row + 5 + k] ?? 0);
    if (sure > best) [best, found] = [sure, k];
  }
  return found;
}

/** A line of text 48 high and at most 192 wide, from -1 to 1, zeros at its right. */
async function line(path: string, turn: number): Promise<NamedValues[string]> {
  const [high, wide] = [48, 192];
  const { width, height } = await sharp(path).metadata();
  const { data, info } = await sharp(path).rotate(turn).resize(Math.min(wide, Math.ceil((high * width) / height)), high, { fit: 'fill', kernel: 'linear' }).flatten({ background: 'white' }).toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const out = new Float32Array(3 * high * wide);
  for (let y = 0; y < high; y++) for (let x = 0; x < info.width; x++) for (let c = 0; c < 3; c++) out[(c * high + y) * wide + x] = (data[(y * info.width + x) * 3 + 2 - c] ?? 0) / 127.5 - 1;
  return float32([1, 3, high, wide], out);
}
