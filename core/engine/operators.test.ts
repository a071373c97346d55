// The table of operators, row by row: each has an integer form at the precisions that it asks for and at no other, in one network that mixes
// them all, at int8, int16 and mixed; every way of execution gives the same integers.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder, randomTensor } from '../../test/graphs/build.ts';
import { everyOperator } from '../../test/graphs/every-operator.ts';
import { CalibrationMethod, type Precision } from '../ir/index.ts';
import { operator, OPERATOR_NAMES } from '../ops/index.ts';
import { partition } from '../partition/index.ts';
import { defaultQuantization, int16Quantization, type QuantizationConfig } from '../quantize/index.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import { createNet } from './loaded-net.ts';
import { Model } from './model.ts';

const BOTH = ['int8', 'int16'];
/** ModelSDK's operators at 8 and at 16 bits, and the nodes of the network that stand for each. */
const ROWS: readonly (readonly [row: string, precisions: readonly string[], nodes: readonly string[]])[] = [
  ['ArgMinMax', ['int8'], ['arg_max', 'arg_min']],
  ['BatchMatMul', ['int8'], ['batch_matmul']],
  ['BinaryElementwise (add, sub, mul)', BOTH, ['add', 'sub', 'mul', 'mul.constant']],
  ['Broadcast', BOTH, ['broadcast_to']],
  ['Clip', ['int8'], ['clip']],
  ['ConcatBatch', ['int8'], ['concat.batch']],
  ['Concat', BOTH, ['concat', 'concat.constant']],
  ['Conv2D', BOTH, ['conv2d', 'conv_transpose2d', 'fully_connected']],
  ['LayerNorm', ['int8'], ['layer_norm']],
  ['LRN', ['int8'], ['lrn']],
  ['Pool (global avg)', BOTH, ['global_avg_pool2d', 'mean', 'sum']],
  ['Pool (max, avg)', BOTH, ['max_pool2d', 'max_pool2d.dilated', 'avg_pool2d']],
  ['Prelu', ['int8'], ['prelu']],
  ['Relu', ['int8'], ['relu']],
  ['Slice', BOTH, ['slice', 'gather', 'pad', 'reshape']],
  ['Softmax', BOTH, ['softmax', 'softmax.rows']],
  ['Transpose', ['int8'], ['transpose']],
  ['UDF', BOTH, ['udf']],
  ['Upscale', BOTH, ['resize_nearest', 'resize_bilinear']],
];
/** The row that is no node of a network: it stands on edges between precisions. */
const REQUANTIZATION = 'requantize';

const net = createNet(partition(everyOperator()));
const nodeOf = (output: string) => net.graph.nodes.find((node) => node.outputs[0] === output);
const samples = [1, 2, 3].map((seed): NamedTensors => ({ x: randomTensor([1, 6, 6, 8], seed) }));
const [sample = {}] = samples;
const quick = (config: QuantizationConfig): QuantizationConfig => config.withCalibration(CalibrationMethod.fromStr('min_max'));
const models = new Map<string, Model>();
beforeAll(async () => {
  const able = net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);
  const wide = Object.fromEntries(able.filter((_, i) => i % 2 === 1).map((name) => [name, { quantizationPrecision: 'int16' as const }]));
  const configs = {
    int8: quick(defaultQuantization), int16: quick(int16Quantization), tflite: quick(defaultQuantization).withRequantizationMode('tflite'),
    mixed: quick(defaultQuantization).withCustomQuantizationConfigs(wide).withUnquantizedNodes(net.graph.nodes.filter((_, i) => i % 5 === 2).map((node) => node.name)),
  };
  for (const [name, config] of Object.entries(configs)) models.set(name, await net.quantize(samples, config));
});
afterAll(async () => { for (const model of models.values()) await model.release(); await net.release(); });
const modelOf = (name: string): Model => {
  const model = models.get(name);
  if (!model) throw new Error(`there is no model ${name}`);
  return model;
};

describe('the table', () => {
  test.each(ROWS)('%s: %j', (_row, precisions, outputs) => {
    for (const output of outputs) {
      const node = nodeOf(output);
      expect(node?.precisions, output).toEqual(precisions);
      for (const precision of BOTH as Precision[]) {
        const twin = modelOf(precision).graph.nodes.find(({ name }) => name === node?.name);
        // What has no 16 bits stays at 8 when all the rest goes up.
        expect(twin).toMatchObject({ kind: 'integer', unit: 'MLA', precision: precisions.includes(precision) ? precision : 'int8' });
      }
    }
  });

  test('Requantization: to 16 bits, and back, on edges between precisions', () => {
    const { nodes, values } = modelOf('mixed').graph;
    const types = new Set(nodes.filter((node) => node.op === REQUANTIZATION).map((node) => values.get(node.outputs[0] ?? '')?.quantization?.dtype));
    expect([...types].sort()).toEqual(['int16', 'int8']);
  });

  test('names every operator that has an integer form', () => {
    const named = new Set([REQUANTIZATION, 'quantize', 'dequantize', ...ROWS.flatMap(([, , outputs]) => outputs.map((output) => nodeOf(output)?.op ?? ''))]);
    expect(OPERATOR_NAMES.filter((name) => operator(name).run && !named.has(name))).toEqual([]);
  });
});

describe('one network of all operators', () => {
  test.each(['int8', 'int16', 'tflite', 'mixed'])('%s: every way of execution gives the integers of the reference', async (name) => {
    const model = modelOf(name);
    const expected = await model.execute(sample, { way: 'reference' });
    for (const way of ['kernels', 'integer-operators', 'inside-float', 'fastest'] as const) expect(await model.execute(sample, { way }), way).toEqual(expected);
    // A node that a way does not take runs on its reference kernel, and the reason is said.
    for (const way of ['kernels', 'integer-operators', 'inside-float'] as const) for (const node of model.ways(way)) if (node.way === 'reference') expect(node.reason, node.name).toMatch(/\w/);
  });

  test('on the integer kernels nothing is left to the readable kernels; inside floating point at 8 bits only what needs 64-bit products', () => {
    for (const name of ['int8', 'int16'] as const) expect(modelOf(name).ways('kernels').filter(({ way }) => way === 'reference'), name).toEqual([]);
    expect(modelOf('int8').ways('inside-float').flatMap((node) => (node.way === 'kernels' ? [node.name] : []))).toEqual([nodeOf('layer_norm')?.name]);
  });

  test('each operator is near to float, and the nearer the more bits it has', async () => {
    const mse = async (name: string): Promise<Map<string, number>> =>
      new Map((await modelOf(name).analyzeQuantizationError(samples, 'mse', { localFeed: true })).nodes.map((node) => [node.name, node.mse]));
    const [narrow, wide] = [await mse('int8'), await mse('int16')];
    for (const [, precisions, outputs] of ROWS) for (const output of outputs) {
      const name = nodeOf(output)?.name ?? '';
      const [at8, at16] = [narrow.get(name) ?? NaN, wide.get(name) ?? NaN];
      expect(at8, output).toBeLessThan(output.startsWith('arg') ? 1 : 2e-3);
      // Weights have 8 bits at either precision.
      if (precisions.includes('int16')) expect(at16, output).toBeLessThan(operator(nodeOf(output)?.op ?? '').traits.includes('weighted') ? at8 : at8 / 1000);
    }
  });
});

test('integer nodes behind a position read it through float', async () => {
  const g = graphBuilder('behind');
  const x = g.input('x', [1, 5, 4]);
  const y = g.node('mul', [g.node('arg_max', [x], { axis: 2, keepDims: true, last: false }, 'position'), g.constant('k', randomTensor([1, 5, 1], 3))], { activation: 'none' }, 'y');
  const behind = createNet(partition(g.done(y)));
  const data = [1, 2].map((seed) => ({ x: randomTensor([1, 5, 4], seed) }));
  const model = await behind.quantize(data, quick(defaultQuantization));
  expect(model.graph.nodes.map((node) => node.op)).toEqual(['quantize', 'arg_max', 'dequantize', 'quantize', 'mul', 'dequantize']);
  const [given = {}] = data;
  const [float, exact] = [await behind.execute(given), await model.execute(given, { way: 'reference' })];
  (float['y']?.data as Float32Array).forEach((value, i) => expect(Number(exact['y']?.data[i])).toBeCloseTo(value, 1));
  const folder = await mkdtemp(join(tmpdir(), 'requant-positions-'));
  await model.save('positions', folder);
  expect(await (await Model.load('positions', folder)).execute(given)).toEqual(exact);
  await rm(folder, { recursive: true, force: true });
});
