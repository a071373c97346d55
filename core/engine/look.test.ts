// Looking closely at a node: the parts of an error add up to the error that the run measured, and pictures hold what the node gave.
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomTensor, smallNetwork } from '../../test/graphs/build.ts';
import { DEFAULT_RECIPE, FEEDS, NodeErrors, NodeMap, NodeOutput, type PartErrors } from '../contract/index.ts';
import { arrive } from '../contract/method.ts';
import { partition } from '../partition/index.ts';
import { openDataset, type Dataset } from '../tensor/dataset.ts';
import { createAnalyst } from './analyst.ts';
import { createNet, loadModel, type LoadedNet } from './loaded-net.ts';
import { createLook, type Look } from './look.ts';
import { startRun, type Run } from './run.ts';
import { channelDifference, channelMeans, fitted, planeOf, toBytes } from './tiles.ts';

interface Scene { readonly net: LoadedNet; readonly run: Run; readonly look: Look }

async function looking(net: LoadedNet, dataset: Dataset, samples: number, keep: number): Promise<Scene> {
  const analyst = createAnalyst(net, dataset, samples, keep);
  const run = await startRun(net, { params: { recipe: DEFAULT_RECIPE, accuracySamples: 0 }, number: 1, calibration: dataset, evaluation: dataset, samples, analyst, job: {} });
  return { net, run, look: createLook(() => ({ run, analyst, port: net.graph.inputs[0] })) };
}
const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Every node's errors by part, against those of the run. */
async function partsAddUp({ run, look }: Scene): Promise<void> {
  for (const feed of FEEDS) for (const whole of run.view[feed]) {
    const parts = arrive(NodeErrors, await look.errors({ node: whole.name, run: run.view.id, feed }, {}), 'errors');
    for (const part of [parts.samples, parts.channels ?? parts.samples] satisfies PartErrors[]) {
      expect(mean(part.mae) / (whole.mae || 1)).toBeCloseTo(whole.mae === 0 ? 0 : 1, 5);
      expect(mean(part.mse) / (whole.mse || 1)).toBeCloseTo(whole.mse === 0 ? 0 : 1, 5);
      // One peak for all: psnr ranks the parts as mse does, and the whole lies among them.
      if (whole.mse > 0) expect([Math.min(...part.psnr) <= whole.psnr + 1e-4, Math.max(...part.psnr) >= whole.psnr - 1e-4]).toEqual([true, true]);
    }
    expect(parts.samples.mae).toHaveLength(run.view.analysisSamples);
  }
}

describe('a small network', () => {
  const dataset: Dataset = { name: 'random', samples: 3, labels: Int32Array.of(4, 5, 6), sample: async (i) => ({ x: randomTensor([1, 8, 8, 3], 70 + i, 2) }) };
  let scene: Scene;
  beforeAll(async () => { scene = await looking(createNet(partition(smallNetwork())), dataset, 3, 2 ** 28); });

  it('has errors by sample and by channel that add up to those of the run, kept values or none', async () => {
    await partsAddUp(scene);
    const without = await looking(scene.net, dataset, 3, 0);
    await partsAddUp(without);
    expect(without.run.view.memory.bytes).toBe(0);
  });

  it('shows every channel of a sample, the worst first, and one of them whole', async () => {
    const { run, look, net } = scene;
    const node = net.graph.nodes.find(({ outputs }) => net.graph.values.get(outputs[0] ?? '')?.shape.join() === '1,8,8,8')?.name ?? '';
    const output = arrive(NodeOutput, await look.output({ node, run: run.view.id, feed: 'local', sample: 1 }), 'output'), { sheet } = output;
    expect([output.shape, output.label, output.input?.width]).toEqual([[1, 8, 8, 8], 5, 8]);
    expect([...sheet?.channels ?? []].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...sheet?.errors.mse ?? []]).toEqual([...sheet?.errors.mse ?? []].sort((a, b) => b - a));
    const worst = sheet?.channels[0] ?? 0;
    const map = arrive(NodeMap, await look.map({ node, run: run.view.id, feed: 'local', sample: 1, channel: worst }), 'map');
    expect([map.width, map.height, map.step]).toEqual([8, 8, 1]);
    expect(map.float).toEqual(output.float.filter((_, i) => i % 8 === worst));
    expect(map.quantized).toEqual(output.quantized.filter((_, i) => i % 8 === worst));
    expect(map.float.reduce((sum, f, i) => sum + (f - (map.quantized[i] ?? 0)) ** 2, 0) / 64).toBeCloseTo(sheet?.errors.mse[0] ?? NaN, 8);
  });

  it('shows an output without spatial dimensions as a strip', async () => {
    const { run, look, net } = scene;
    const node = net.graph.nodes.find(({ op }) => op === 'fully_connected')?.name ?? '';
    const params = { node, run: run.view.id, feed: 'cumulative', sample: 0 } as const;
    expect((await look.output(params)).sheet).toBeNull();
    const strip = await look.map({ ...params, channel: null });
    expect([strip.width, strip.height, strip.float]).toEqual([5, 1, (await look.output(params)).float]);
  });

  it('refuses what is not there', async () => {
    const { run, look, net } = scene;
    const node = net.graph.nodes[0]?.name ?? '', params = { node, run: run.view.id, feed: 'local', sample: 0 } as const;
    await expect(look.output({ ...params, node: 'none' })).rejects.toMatchObject({ code: 'NODE_UNKNOWN' });
    await expect(look.output({ ...params, sample: 3 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(look.map({ ...params, channel: 1e6 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(() => arrive(NodeMap, { width: 2, height: 2, step: 1, float: new Float32Array(3), quantized: new Float32Array(3) }, 'map')).toThrow('the picture is not whole');
  });
});

describe('tiles', () => {
  it('join pixels to their mean, and keep a single bad one', () => {
    const plane = { height: 5, width: 7 }, source = { plane, channels: 2 }, size = fitted(plane, 3);
    const float = Float32Array.from({ length: 70 }, (_, i) => i % 11), quantized = Float32Array.from(float);
    quantized[2 * (3 * 7 + 6) + 1] = -90;
    expect(size).toEqual({ height: 2, width: 3, step: 3 });
    const means = channelMeans(float, source, 1, size);
    const first = [0, 1, 2, 7, 8, 9, 14, 15, 16].map((p) => float[2 * p + 1] ?? NaN);
    expect(means[0]).toBeCloseTo(first.reduce((a, b) => a + b, 0) / 9, 5);
    const difference = channelDifference(float, quantized, source, 1, size);
    expect([...difference].map((x) => x !== 0)).toEqual([false, false, false, false, false, true]);
    expect([...toBytes(difference, -100, 100)].slice(0, 2)).toEqual([128, 128]);
  });
  it('see a row in one spatial dimension, and nothing in none', () => {
    expect([planeOf([1, 4, 6, 3]), planeOf([1, 9, 3]), planeOf([1, 2, 3, 4, 5]), planeOf([1, 10])]).toEqual([{ height: 4, width: 6 }, { height: 1, width: 9 }, { height: 6, width: 4 }, null]);
  });
});

const FOLDER = '../shared/data/mlperf-tiny-ic';
const present = existsSync(FOLDER);
if (!present) console.log('skipped: looking into resnet8, since ../shared/data/mlperf-tiny-ic is not there');

describe.skipIf(!present)('resnet8 on CIFAR-10', () => {
  let scene: Scene;
  beforeAll(async () => {
    const net = await loadModel(`${FOLDER}/resnet8_float.tflite`);
    scene = await looking(net, await openDataset({ path: `${FOLDER}/cifar10_test.npz` }, net.graph.inputs, { scale: 1, mean: [0], std: [1] }), 4, 2 ** 28);
  });
  afterAll(async () => { await scene?.net.release(); });

  it('has errors by part that add up', () => partsAddUp(scene));

  it('gives the same picture for the first node with either feed, since both see the same image', async () => {
    const node = scene.net.graph.nodes[0]?.name ?? '', at = { node, run: scene.run.view.id, sample: 2 };
    const local = await scene.look.output({ ...at, feed: 'local' });
    expect(await scene.look.output({ ...at, feed: 'cumulative' })).toEqual(local);
    expect([local.sheet?.width, local.sheet?.height, local.sheet?.channels.length, local.input?.width]).toEqual([32, 32, 16, 32]);
  });
});
