// What holds for every quantization: names, placement, determinism, order of samples, saving and loading; on the built-in sample.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smallNetwork } from '../../test/graphs/build.ts';
import { CalibrationMethod } from '../ir/index.ts';
import { partition } from '../partition/index.ts';
import { defaultQuantization, int16Quantization, quantizationScheme, type QuantizationConfig } from '../quantize/index.ts';
import { openDataset } from '../tensor/dataset.ts';
import type { NamedValues } from '../tensor/tensor.ts';
import { createNet, loadModel, type LoadedNet } from './loaded-net.ts';
import { Model } from './model.ts';

const asset = (name: string): string => fileURLToPath(new URL(`../../assets/sample/${name}`, import.meta.url));
const quick = defaultQuantization.withCalibration(CalibrationMethod.fromStr('min_max'));
/** int8, int16, float in the middle, an int32 output and a float end, all in one. */
const mixed = quick.withBiasCorrection().withUnquantizedNodes(['MLA_0/conv2d_add_relu6_7', 'MLA_0/softmax_14']).withCustomQuantizationConfigs({
  'MLA_0/conv2d_add_relu_4': { quantizationPrecision: 'int16' }, 'MLA_0/dense_add_13': { outputInt32: true },
});

let folder = '';
let net: LoadedNet;
let data: readonly NamedValues[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-properties-'));
  net = await loadModel(asset('shapes.onnx'));
  const samples = await openDataset({ path: asset('calibration.npz') }, net.graph.inputs, { scale: 1 / 255, mean: [0.5], std: [0.25] });
  data = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => samples.sample(i)));
});
afterAll(async () => { await net.release(); await rm(folder, { recursive: true, force: true }); });

const simaOf = (model: Model): Uint8Array => model.files('m')[0]?.bytes ?? new Uint8Array();
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length > 1000 && Buffer.from(a).equals(Buffer.from(b));

describe('names and placement', () => {
  const small = createNet(partition(smallNetwork()));
  const names = small.graph.nodes.map((node) => node.name);
  const some = fc.subarray(names);
  const configs: fc.Arbitrary<QuantizationConfig> = fc.record({
    base: fc.constantFrom(quick, int16Quantization.withCalibration(CalibrationMethod.fromStr('min_max'))), perChannel: fc.boolean(), asymmetric: fc.boolean(), mode: fc.constantFrom('sima' as const, 'tflite' as const),
    bits: fc.constantFrom(8, 16), correction: fc.boolean(), equalization: fc.boolean(), float: some, wide: some,
  }).map(({ base, perChannel, asymmetric, mode, bits, correction, equalization, float, wide }) => base
    .withWeightQuantization(quantizationScheme(false, perChannel)).withActivationQuantization(quantizationScheme(asymmetric, false, bits)).withRequantizationMode(mode)
    .withBiasCorrection(correction).withChannelEqualization(equalization).withUnquantizedNodes(float)
    .withCustomQuantizationConfigs(Object.fromEntries(wide.map((name) => [name, { quantizationPrecision: 'int16' }]))));

  test('are those of the network, whatever the settings', async () => {
    const sample = { x: { dtype: 'float32' as const, shape: [1, 8, 8, 3], data: Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)) } };
    const [plain, equalized] = [await small.calibrate([sample]), await small.calibrate([sample], quick.withChannelEqualization())];
    fc.assert(fc.property(configs, (config) => {
      const { graph } = small.quantizeWith(config.channelEqualization ? equalized : plain, config);
      const nodes = graph.nodes.filter((node) => node.kind === 'integer' || node.kind === 'float');
      expect(nodes.map((node) => node.name)).toEqual(names);
      expect(nodes.map((node) => node.identity)).toEqual(small.graph.nodes.map((node) => node.identity));
      for (const node of nodes) expect(node.unit).toBe(config.unquantizedNodes.has(node.name) ? 'APU' : 'MLA');
    }), { numRuns: 25 });
  });

  test('stay when a node in the middle is left in float; the partitions that result stand beside the names', async () => {
    const model = await net.quantize(data, quick.withUnquantizedNodes(['MLA_0/max_pool2d_3', 'MLA_0/conv2d_add_relu6_9']));
    const nodes = model.graph.nodes.filter((node) => node.kind === 'integer' || node.kind === 'float');
    expect(nodes.map((node) => node.name)).toEqual(net.graph.nodes.map((node) => node.name));
    expect(nodes.map((node) => `${node.unit}_${node.partition}`)).toEqual([
      'MLA_0', 'MLA_0', 'MLA_0', 'APU_0', 'MLA_1', 'MLA_1', 'MLA_1', 'MLA_1', 'MLA_1', 'APU_1', 'MLA_2', 'MLA_2', 'MLA_2', 'MLA_2', 'MLA_2',
    ]);
    await model.save('parts', folder);
    expect((await Model.load('parts', folder)).graph.nodes).toEqual(model.graph.nodes);
  });
});

describe('determinism', () => {
  test('the same model, data and settings give the same .sima, byte for byte', async () => {
    const again = await loadModel(asset('shapes.onnx'));
    for (const config of [mixed, mixed.withChannelEqualization().withRequantizationMode('tflite'), defaultQuantization]) {
      expect(same(simaOf(await again.quantize(data, config)), simaOf(await net.quantize(data, config)))).toBe(true);
    }
    await again.release();
  });
  test('the order of the samples does not show, but for the moving average', async () => {
    const shuffled = [3, 0, 5, 1, 4, 2].map((i) => data[i] as NamedValues);
    const [ordered, other] = [await net.calibrate(data), await net.calibrate(shuffled)];
    for (const name of ['min_max', 'mse', 'entropy', 'percentile', 'moving_average']) {
      const config = int16Quantization.withActivationQuantization(quantizationScheme(true, false, 8)).withCalibration(CalibrationMethod.fromStr(name));
      const [a, b] = [simaOf(net.quantizeWith(ordered, config)), simaOf(net.quantizeWith(other, config))];
      expect(same(a, b), name).toBe(name !== 'moving_average');
    }
  });
});

describe('saving and loading', () => {
  test.each([['as they are', false], ['with channel equalization', true]])('a model of int8, int16, int32 and float nodes gives the same bits when loaded again, %s', async (_, equalized) => {
    const model = await net.quantize(data, mixed.withChannelEqualization(equalized));
    const kinds = new Set(model.graph.nodes.map((node) => (node.kind === 'integer' ? model.graph.values.get(node.outputs[0] ?? '')?.quantization?.dtype : node.kind)));
    expect([...kinds].sort()).toEqual(['dequantize', 'float', 'int16', 'int32', 'int8', 'quantize', 'requantize']);
    await model.save('mixed', folder);
    const loaded = await Model.load('mixed', folder);
    const values = [...model.graph.values.keys()].filter((name) => !model.graph.inputs.some((port) => port.value === name));
    for (const sample of data.slice(0, 2)) {
      expect(await loaded.execute(sample)).toEqual(await model.execute(sample));
      expect(await loaded.values(sample, values)).toEqual(await model.values(sample, values));
    }
    expect(same(simaOf(loaded), simaOf(model))).toBe(true);
  });
});
