// Integers in ONNX Runtime, inside floating point and on its operators for integers, against the reference kernels, bit for bit: single operators on random and extreme integers, then whole networks.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CalibrationMethod, defaultQuantization, int16Quantization, loadModel, openDataset, quantizationScheme, samplesOf, type QuantizationConfig } from '../../index.ts';
import type { ActivationQuantization, Precision, Quantization, QuantizedGraph } from '../../ir/index.ts';
import { weightLoops } from '../../kernels/index.ts';
import { INTEGER_RANGE, operator } from '../../ops/index.ts';
import { allocate, float32, sizeOf, type NamedValues, type Tensor } from '../../tensor/tensor.ts';
import { runNode } from '../reference.ts';
import { createExactExecutor } from './index.ts';

function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

interface Case {
  readonly op: string;
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Shapes of the inputs; a constant one is drawn as float weights. */
  readonly inputs: readonly { readonly shape: readonly number[]; readonly constant?: true }[];
  /** The precision at which its products pass 2^53, so that its kernel runs. */
  readonly kernelAt?: Precision;
}
const IMAGE = { shape: [1, 6, 5, 4] };
const weights = (...shape: number[]) => ({ shape, constant: true as const });
const WINDOW = { strides: [1, 2], pads: [1, 0, 1, 1] };
const CASES: readonly Case[] = [
  { op: 'conv2d', attrs: { ...WINDOW, dilations: [2, 1], groups: 1, activation: 'relu6' }, inputs: [IMAGE, weights(3, 3, 2, 4), weights(3)] },
  { op: 'conv2d', attrs: { ...WINDOW, dilations: [1, 1], groups: 4, activation: 'none' }, inputs: [IMAGE, weights(8, 2, 3, 1), weights(8)] },
  { op: 'conv2d', attrs: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, activation: 'relu' }, inputs: [{ shape: [1, 3, 3, 300] }, weights(2, 3, 3, 300), weights(2)] },
  { op: 'conv_transpose2d', attrs: { strides: [2, 1], pads: [1, 0, 0, 1], outputPadding: [1, 0], dilations: [1, 2], groups: 2, activation: 'none' }, inputs: [IMAGE, weights(6, 3, 2, 2), weights(6)] },
  { op: 'fully_connected', attrs: { activation: 'none' }, inputs: [{ shape: [3, 40] }, weights(5, 40), weights(5)] },
  { op: 'batch_matmul', attrs: { transposeA: false, transposeB: true }, inputs: [{ shape: [2, 1, 3, 300] }, { shape: [4, 5, 300] }] },
  { op: 'batch_matmul', attrs: { transposeA: true, transposeB: false }, inputs: [weights(6, 3), { shape: [2, 6, 4] }] },
  { op: 'add', attrs: { activation: 'relu' }, inputs: [IMAGE, IMAGE] },
  { op: 'sub', attrs: { activation: 'none' }, inputs: [weights(4), IMAGE] },
  { op: 'mul', attrs: { activation: 'none' }, inputs: [IMAGE, { shape: [1, 1, 1, 4] }] },
  { op: 'max_pool2d', attrs: { kernel: [2, 2], strides: [2, 1], pads: [1, 0, 0, 1], dilations: [1, 2] }, inputs: [IMAGE] },
  { op: 'avg_pool2d', attrs: { kernel: [3, 2], ...WINDOW, countIncludePad: false }, inputs: [IMAGE] },
  { op: 'avg_pool2d', attrs: { kernel: [3, 2], ...WINDOW, countIncludePad: true }, inputs: [IMAGE] },
  { op: 'global_avg_pool2d', attrs: {}, inputs: [IMAGE] },
  { op: 'mean', attrs: { axes: [1, 3], keepDims: false }, inputs: [IMAGE] },
  { op: 'sum', attrs: { axes: [2], keepDims: true }, inputs: [IMAGE] },
  { op: 'broadcast_to', attrs: { shape: [2, 6, 5, 4] }, inputs: [{ shape: [6, 1, 4] }] },
  { op: 'resize_nearest', attrs: { rows: [0, 0, 2, 5], columns: [4, 1] }, inputs: [IMAGE] },
  { op: 'resize_bilinear', attrs: { rows: [0, 0.3, 2.5, 5], columns: [0, 0.75, 1.6, 4, 4] }, inputs: [IMAGE], kernelAt: 'int16' },
  { op: 'relu', attrs: {}, inputs: [IMAGE] },
  { op: 'concat', attrs: { axis: 3 }, inputs: [IMAGE, { shape: [1, 6, 5, 2] }] },
  { op: 'concat', attrs: { axis: 1 }, inputs: [weights(1, 2, 5, 4), IMAGE, weights(1, 1, 5, 4)] },
  { op: 'prelu', attrs: {}, inputs: [IMAGE, weights(4)] },
  { op: 'softmax', attrs: { axis: 2 }, inputs: [{ shape: [2, 3, 11] }] },
  { op: 'softmax', attrs: { axis: 1 }, inputs: [IMAGE] },
  { op: 'slice', attrs: { starts: [0, 5, 0, 1], ends: [1, -1, 5, 4], steps: [1, -2, 1, 2] }, inputs: [IMAGE] },
  { op: 'lrn', attrs: { size: 3, alpha: 0.5, beta: 0.75, bias: 1 }, inputs: [IMAGE] },
  { op: 'lrn', attrs: { size: 7, alpha: 1e-4, beta: 0.5, bias: 2 }, inputs: [IMAGE] },
  { op: 'arg_max', attrs: { axis: 3, keepDims: true, last: false }, inputs: [IMAGE] },
  { op: 'arg_min', attrs: { axis: 1, keepDims: false, last: true }, inputs: [IMAGE] },
  { op: 'gather', attrs: { axis: 1, indices: [3, 3, 0, 5] }, inputs: [IMAGE] },
  { op: 'udf', attrs: { function: 'sigmoid' }, inputs: [IMAGE] },
  { op: 'transpose', attrs: { perm: [0, 2, 3, 1] }, inputs: [IMAGE] },
  { op: 'pad', attrs: { pads: [[0, 0], [1, 0], [0, 2], [0, 0]], value: 0 }, inputs: [IMAGE] },
];

/** A graph of one twin, quantized as drawn, and stored inputs of which a third are extreme. */
function single(c: Case, next: () => number, precision: Precision, requantization: 'sima' | 'tflite', outputInt32: boolean): { graph: QuantizedGraph; inputs: Record<string, Tensor> } {
  const definition = operator(c.op);
  const [low, high] = INTEGER_RANGE[precision];
  const quantization = (): ActivationQuantization => ({ dtype: precision, scale: 2 ** (-8 * next()), zeroPoint: next() < 0.2 ? 0 : Math.round(low + (high - low) * next()) });
  const operands = c.inputs.map(({ shape, constant }, i) => ({ name: `x${i}`, shape, ...(constant ? { constant: float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => 2 * next() - 1)) } : {}) }));
  const inputQuantization = c.inputs.map(({ constant }) => (constant ? undefined : quantization()));
  const given = { attrs: c.attrs as never, inputs: operands, where: {} };
  const output = definition.traits.includes('passThrough') ? inputQuantization[0] ?? quantization() : quantization();
  const plan = definition.quantize?.({ ...given, loops: weightLoops, settings: { precision, perChannelWeights: next() < 0.5, asymmetricActivations: true, requantization, outputInt32, biasCorrection: false, weightRounding: 'squant' }, inputQuantization, outputQuantization: output });
  if (!plan) throw new Error(`${c.op} has no twin`);
  const value = (name: string, shape: readonly number[], q: Quantization | null) => [name, { name, shape, quantization: q }] as const;
  const active = plan.activations.map((i) => operands[i]?.name ?? '');
  const graph: QuantizedGraph = {
    name: c.op, inputs: [], outputs: [], notices: [],
    values: new Map([...plan.activations.map((i) => value(`x${i}`, c.inputs[i]?.shape ?? [], inputQuantization[i] ?? null)), value('y', definition.shapes(given)[0] ?? [], plan.output)]),
    constants: new Map(Object.entries(plan.constants)),
    nodes: [{ name: 'n', kind: 'integer', op: c.op, unit: 'MLA', partition: 0, attrs: plan.attrs, inputs: active, outputs: ['y'], constants: Object.fromEntries(Object.keys(plan.constants).map((role) => [role, role])), precision, identity: 'y' }],
  };
  const draw = (): number => { const r = next(); return r < 0.17 ? low : r < 0.34 ? high : Math.round(low + (high - low) * next()); };
  const inputs = Object.fromEntries(plan.activations.map((i) => {
    const shape = c.inputs[i]?.shape ?? [];
    const data = allocate(precision, sizeOf(shape));
    for (let k = 0; k < data.length; k++) data[k] = draw();
    return [`x${i}`, { dtype: precision, shape, data }] as const;
  }));
  return { graph, inputs };
}

describe('single operators', () => {
  test.each(CASES.map((c, i) => [c.op, i, c] as const))('%s (%i) equals its reference kernel', async (_name, _i, c) => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom<Precision>('int8', 'int16'), fc.constantFrom<'sima' | 'tflite'>('sima', 'tflite'), fc.boolean(), async (seed, precision, mode, raw) => {
      if (precision === 'int16' && ['relu', 'prelu', 'batch_matmul', 'lrn', 'arg_max', 'arg_min'].includes(c.op)) return;
      const { graph, inputs } = single(c, random(seed), precision, mode, raw && precision === 'int8');
      const [node] = graph.nodes;
      const executor = createExactExecutor(graph, { runFloat: () => Promise.reject(new Error('no node here runs in float')) });
      try {
        expect(executor.ways('inside-float')[0]?.way === 'inside-float').toBe(precision !== c.kernelAt);
        const expected = node && runNode(graph, node, node.inputs.map((name) => inputs[name] as Tensor));
        for (const way of ['inside-float', 'integer-operators'] as const) expect((await executor.run(inputs, ['y'], { way }))['y'], way).toEqual(expected);
      } finally { await executor.release(); }
    }), { numRuns: 12 });
  });
});

const SAMPLE = { model: resolve(import.meta.dirname, '../../../assets/sample/shapes.onnx'), data: resolve(import.meta.dirname, '../../../assets/sample/calibration.npz') };
const REAL = resolve(import.meta.dirname, '../../../../shared/data');
const SETTINGS: readonly (readonly [string, QuantizationConfig])[] = [
  ['int8', defaultQuantization],
  ['int16', int16Quantization],
  ['tflite, per tensor, symmetric', defaultQuantization.withRequantizationMode('tflite').withWeightQuantization(quantizationScheme(false, false)).withActivationQuantization(quantizationScheme(false, false)).withCalibration(CalibrationMethod.fromStr('min_max'))],
];
const NETWORKS = [
  { name: 'the sample', ...SAMPLE },
  { name: 'resnet8', model: `${REAL}/mlperf-tiny-ic/resnet8_float.tflite`, data: `${REAL}/mlperf-tiny-ic/cifar10_calibration.npz` },
  { name: 'mnist', model: `${REAL}/onnx-small/mnist.onnx`, data: `${REAL}/onnx-small/mnist_test_0_4999.npz` },
];

describe('whole networks', () => {
  for (const { name, model, data } of NETWORKS) {
    test.skipIf(!existsSync(model))(`${name}: every setting, mixed precision and a float node included (skipped where ../shared/data is missing)`, async () => {
      const net = await loadModel(model);
      const samples: NamedValues[] = [];
      for await (const sample of samplesOf(await openDataset({ path: data }, net.graph.inputs, { scale: 1, mean: [0], std: [1] }), 4)) samples.push(sample);
      expect(samples).toHaveLength(4);
      const statistics = await net.calibrate(samples);
      const able = net.graph.nodes.filter((node) => node.precisions.includes('int16'));
      const mixed = defaultQuantization.withCustomQuantizationConfigs({ [able[1]?.name ?? '']: { quantizationPrecision: 'int16' } }).withUnquantizedNodes([able[2]?.name ?? '']);
      for (const [setting, config] of [...SETTINGS, ['mixed', mixed] as const]) {
        const quantized = net.quantizeWith(statistics, config);
        for (const sample of samples) {
          const expected = await quantized.execute(sample, { way: 'reference' });
          for (const way of ['inside-float', 'integer-operators'] as const) expect(await quantized.execute(sample, { way }), `${setting} ${way}`).toEqual(expected);
        }
        await quantized.release();
      }
      await net.release();
    });
  }
});
