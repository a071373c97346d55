// The library's calls as a program makes them: data of every kind, options, logging, cancellation, models in float.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomTensor, smallNetwork } from '../../test/graphs/build.ts';
import { enableVerboseErrorMessages, RequantError } from '../errors/index.ts';
import { CalibrationMethod, HistogramEntropyMethod, HistogramMSEMethod, HistogramPercentileMethod, MinMaxMethod, MovingAverageMinMaxMethod } from '../ir/index.ts';
import { partition } from '../partition/index.ts';
import { defaultQuantization, int16Quantization } from '../quantize/index.ts';
import { lengthHinted } from '../tensor/samples.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import { createCancelToken } from './cancel.ts';
import { createNet, loadModel } from './loaded-net.ts';
import { LogLevel, type Logger } from './log.ts';
import { Model } from './model.ts';
import { onnxSource, ScalarType, tensorflowSource, tfliteSource } from './source.ts';

const REAL = new URL('../../../shared/data/', import.meta.url);

const net = createNet(partition(smallNetwork()));
const sample = (seed: number): NamedTensors => ({ x: randomTensor([1, 8, 8, 3], seed) });
const data = [1, 2, 3, 4].map(sample);
/** The method that searches nothing: these tests are about everything else. */
const quick = defaultQuantization.withCalibration(MinMaxMethod());
let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-library-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('importer parameters', () => {
  const path = fileURLToPath(new URL('../../assets/sample/shapes.onnx', import.meta.url));
  const names = async (source: Parameters<typeof loadModel>[0]): Promise<readonly string[]> => {
    const opened = await loadModel(source);
    await opened.release();
    return opened.graph.nodes.map((node) => node.name);
  };
  test('open the same network from a path, from importer parameters and from bytes', async () => {
    const byPath = await names(path);
    expect(byPath).toHaveLength(15);
    for (const model of [path, await readFile(path)]) {
      expect(await names(onnxSource(model))).toEqual(byPath);
      expect(await names(onnxSource(model, { image: [1, 3, 32, 32] }, { image: ScalarType.float32 }))).toEqual(byPath);
    }
    const elsewhere = join(folder, 'network.bin');
    await copyFile(path, elsewhere);
    expect(await names(onnxSource(elsewhere))).toEqual(byPath);
    await expect(loadModel(elsewhere)).rejects.toMatchObject({ code: 'FORMAT_UNKNOWN', where: { file: 'network.bin' } });
  });
  test.each([
    ['a shape that the file contradicts', onnxSource(path, { image: [1, 3, 16, 16] }), 'CONFIG_INVALID'],
    ['a shape of no input', onnxSource(path, { picture: [1, 3, 32, 32] }), 'CONFIG_INVALID'],
    ['a type that the file contradicts', onnxSource(path, {}, { image: ScalarType.uint8 }), 'DTYPE_MISMATCH'],
    ['a type of no input', onnxSource(path, {}, { picture: ScalarType.float32 }), 'CONFIG_INVALID'],
    ['bytes that are no model', onnxSource(new TextEncoder().encode('nothing')), 'FORMAT_CORRUPT'],
    ['another format', tfliteSource(path), 'FORMAT_CORRUPT'],
  ])('refuse %s', async (_, source, code) => expect(loadModel(source)).rejects.toMatchObject({ code }));
  test.skipIf(!existsSync(REAL))('feed a frozen graph at the tensor that they name and end it where they say, else where it begins and ends by itself (skipped where ../shared/data is missing)', async () => {
    const frozen = fileURLToPath(new URL('tf-mobilenetv1/mobilenet_v1_0.25_128_frozen.pb', REAL));
    const doors = async (source: Parameters<typeof loadModel>[0]): Promise<unknown> => {
      const opened = await loadModel(source);
      await opened.release();
      return [...opened.graph.inputs, ...opened.graph.outputs].map((port) => [port.name, ...port.shape]);
    };
    expect(await doors(tensorflowSource(frozen))).toEqual([['input', 1, 128, 128, 3], ['MobilenetV1/Predictions/Reshape_1', 1, 1001]]);
    const inner = tensorflowSource(await readFile(frozen), { input: [1, 128, 128, 3] }, ['MobilenetV1/MobilenetV1/Conv2d_0/Relu6']);
    expect(await doors(inner)).toEqual([['input', 1, 128, 128, 3], ['MobilenetV1/MobilenetV1/Conv2d_0/Relu6', 1, 64, 64, 8]]);
    await expect(loadModel(tensorflowSource(frozen, {}, ['nowhere']))).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

describe('calibration data', () => {
  const scales = (model: Model): unknown => [...model.graph.values.values()].map((value) => value.quantization);

  test('may be an array, a set, a generator, an async generator or anything hinted: the parameters are the same', async () => {
    const whole = scales(await net.quantize(data, quick));
    const generated = (function* () { yield* data; })();
    const later = (async function* () { for (const item of data) { await Promise.resolve(); yield item; } })();
    for (const samples of [new Set(data), generated, later, lengthHinted(4, data)]) expect(scales(await net.quantize(samples, quick))).toEqual(whole);
  });
  test('is copied: a generator may yield one and the same dictionary and array again, filled anew', async () => {
    const reused = { x: randomTensor([1, 8, 8, 3], 0) };
    const refilled = (function* () { for (const item of data) { (reused.x.data as Float32Array).set(item['x']?.data as Float32Array); yield reused; } })();
    expect(scales(await net.quantize(refilled, quick))).toEqual(scales(await net.quantize(data, quick)));
  });
  test('is copied when a model is executed, too: the array may be changed while the model runs', async () => {
    const model = await net.quantize(data, quick);
    for (const runner of [net, model]) {
      const input = sample(1);
      const running = runner.execute(input);
      (input['x']?.data as Float32Array).fill(0);
      expect(await running).toEqual(await runner.execute(sample(1)));
    }
  });
  test('that is not a number is refused, naming tensor and sample', async () => {
    const bad = sample(9);
    (bad['x']?.data as Float32Array)[5] = NaN;
    await expect(net.quantize([...data, bad])).rejects.toMatchObject({ code: 'DATA_INVALID', where: { tensor: 'x', sample: 4 } });
    await expect(net.quantize([])).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
  test('is not touched when the configuration is wrong', async () => {
    const untouchable = (function* (): Generator<NamedTensors> { throw new Error('touched'); })();
    await expect(net.quantize(untouchable, defaultQuantization.withUnquantizedNodes(['MLA_0/none_0']))).rejects.toMatchObject({ code: 'NODE_UNKNOWN' });
  });
  test('with a hinted length makes progress a share; without it the count is told', async () => {
    const progress = async (samples: Parameters<typeof net.quantize>[0]) => {
      const seen: (readonly [number, string | undefined])[] = [];
      await net.quantize(samples, quick, { onProgress: ({ fraction, detail }) => seen.push([fraction, detail]) });
      return seen;
    };
    expect(await progress(lengthHinted(4, new Set(data)))).toEqual([[0.25, '1 samples'], [0.5, '2 samples'], [0.75, '3 samples'], [1, '4 samples']]);
    expect(await progress(new Set(data))).toEqual([1, 2, 3, 4].map((n) => [0, `${n} samples`]));
  });
});

describe('calibration methods by name', () => {
  test.each([
    ['MIN_MAX', MinMaxMethod()], ['min_max', MinMaxMethod()], ['MOVING_AVERAGE', MovingAverageMinMaxMethod()], ['moving_average', MovingAverageMinMaxMethod()],
    ['MSE', HistogramMSEMethod(2048)], ['mse', HistogramMSEMethod(2048)], ['HISTOGRAM_ENTROPY', HistogramEntropyMethod(512)], ['entropy', HistogramEntropyMethod(512)],
    ['HISTOGRAM_PERCENTILE', HistogramPercentileMethod(99.9, 1024)], ['percentile', HistogramPercentileMethod(99.9, 1024)],
  ])('%s', (name, method) => expect(CalibrationMethod.fromStr(name)).toEqual(method));
});

describe('armOnly', () => {
  test('calibrates nothing, runs everything in float on the APU, and is saved, loaded and executed', async () => {
    const untouchable = (function* (): Generator<NamedTensors> { throw new Error('touched'); })();
    const model = await net.quantize(untouchable, defaultQuantization, { armOnly: true, modelName: 'arm' });
    expect(model.graph.nodes.map((node) => [node.kind, node.unit, node.partition])).toEqual(net.graph.nodes.map(() => ['float', 'APU', 0]));
    expect(model.graph.nodes.map((node) => node.name)).toEqual(net.graph.nodes.map((node) => node.name));
    await model.save('arm', folder);
    const loaded = await Model.load('arm', folder);
    expect([loaded.graph.name, loaded.settings]).toEqual(['arm', { armOnly: true }]);
    for (const input of data) {
      const [float, own, again] = [await net.execute(input), await model.execute(input), await loaded.execute(input)];
      expect(again).toEqual(own);
      own['probabilities']?.data.forEach((p, i) => expect(p).toBeCloseTo(Number(float['probabilities']?.data[i]), 5));
    }
  });
});

describe('saving and loading', () => {
  test('the ending .sima may be given or left out, for both', async () => {
    const model = await net.quantize(data, int16Quantization.withCalibration(MinMaxMethod()), { modelName: 'named' });
    expect(await model.save('plain', folder)).toEqual(await model.save('plain.sima', folder));
    for (const name of ['plain', 'plain.sima']) expect((await Model.load(name, folder)).graph.name).toBe('named');
    await expect(Model.load('missing', folder)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', where: { file: join(folder, 'missing.sima') } });
  });
  test('a model just quantized knows its float network; a loaded one has to be told, and then finds the same errors', async () => {
    const model = await net.quantize(data, quick);
    const report = await model.analyzeQuantizationError(data, 'mae', { localFeed: false });
    await model.save('analysed', folder);
    const loaded = await Model.load('analysed', folder);
    expect(loaded.reports).toEqual([report]);
    await expect(loaded.analyzeQuantizationError(data, 'mae', { localFeed: false })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await loaded.analyzeQuantizationError(data, 'mae', { localFeed: false, float: net })).toEqual(report);
  });
});

describe('logging', () => {
  const logged = async (logLevel: LogLevel | undefined): Promise<readonly (readonly [LogLevel, string])[]> => {
    const lines: [LogLevel, string][] = [];
    const logger: Logger = { log: (level, message) => { lines.push([level, message]); } };
    await net.quantize(data, quick, { modelName: 'm', logger, ...(logLevel === undefined ? {} : { logLevel }) });
    return lines;
  };
  test('says nothing at the default level, the steps at INFO, and every node at DEBUG', async () => {
    expect(await logged(undefined)).toEqual(await logged(LogLevel.NOTSET));
    expect(await logged(LogLevel.NOTSET)).toEqual([]);
    expect((await logged(LogLevel.INFO)).map(([, message]) => message)).toEqual(['small: calibrated 10 values with 4 samples, one at a time', 'm: quantized 9 of 9 nodes']);
    const verbose = await logged(LogLevel.DEBUG);
    for (const { name } of net.graph.nodes) expect(verbose.some(([level, message]) => level === LogLevel.DEBUG && message.startsWith(`${name}: int8`)), name).toBe(true);
  });
});

describe('cancellation', () => {
  test('stops a calibration between two samples', async () => {
    const cancel = createCancelToken();
    let given = 0;
    const endless = (function* () { for (;;) { if (++given === 3) cancel.cancel(); yield sample(given); } })();
    await expect(net.quantize(endless, quick, { cancel })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(given).toBe(3);
  });
});

describe('verbose error messages', () => {
  test('an error prints as one line; once they are enabled its causes follow', () => {
    const error = new RequantError('MODEL_INVALID', 'it is bent', { node: 'n' }, { hint: 'Straighten it.', cause: new Error('a cog broke') });
    expect(String(error)).toBe('node n: it is bent (MODEL_INVALID). Straighten it.');
    enableVerboseErrorMessages();
    try {
      expect(String(error)).toMatch(/^node n: it is bent \(MODEL_INVALID\). Straighten it.\n.*it is bent[^]*\ncaused by .*a cog broke/);
    } finally { enableVerboseErrorMessages(false); }
  });
});
