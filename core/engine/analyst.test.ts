// At once: errors after a change, measured from what is known, are those of a full run to the last bit; and only what changed is run.
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallNetwork, randomTensor } from '../../test/graphs/build.ts';
import { CALIBRATION_METHODS, DEFAULT_RECIPE, PRESET_RECIPES, type NodeChoice, type Recipe } from '../contract/index.ts';
import type { Statistics } from '../ir/index.ts';
import { partition } from '../partition/index.ts';
import { openDataset, samplesOf, type Dataset } from '../tensor/dataset.ts';
import type { NamedTensors } from '../tensor/tensor.ts';
import { comparedValues, createAnalyst, type Analyst } from './analyst.ts';
import { createNet, loadModel, type LoadedNet } from './loaded-net.ts';
import { configFromRecipe } from './settings.ts';

const SAMPLES = 3;
const dataset: Dataset = { name: 'random', samples: SAMPLES, sample: async (i) => ({ x: randomTensor([1, 8, 8, 3], 40 + i, 2) }) };

/** Both errors after each recipe, measured at once and by a full run of its own. */
async function compare(net: LoadedNet, statistics: Statistics, analyst: Analyst, recipe: Recipe): Promise<{ readonly ran: number }> {
  const config = configFromRecipe(recipe);
  const model = net.quantizeWith(statistics, config);
  const local = await analyst.measure(model, true, {});
  const cumulative = await analyst.measure(model, false, {});
  // A copy of the statistics remembers nothing: this quantizes and measures from scratch.
  const fresh = net.quantizeWith({ ...statistics }, config);
  // Float values asked for in the same company are rounded the same way.
  const float = { values: async (inputs: NamedTensors) => net.values(inputs, comparedValues(net.graph)) };
  for (const [localFeed, { report }] of [[true, local], [false, cumulative]] as const) {
    const full = await fresh.analyzeQuantizationError(samplesOf(analyst.of, analyst.samples), 'psnr', { localFeed, float });
    expect(report.nodes).toEqual(full.nodes);
  }
  await model.release();
  await fresh.release();
  return { ran: cumulative.ran };
}

describe('a small network', () => {
  let net: LoadedNet;
  let statistics: Statistics;
  beforeAll(async () => {
    net = createNet(partition(smallNetwork()));
    statistics = await net.calibrate(samplesOf(dataset));
  });

  it('gives the errors of a full run after any chain of changes, whatever the memory', async () => {
    const names = net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);
    const choice: fc.Arbitrary<NodeChoice> = fc.constantFrom({}, { precision: 'int16' }, { unquantized: true }, { precision: 'int8' });
    const recipe = fc.record({ method: fc.constantFrom(...CALIBRATION_METHODS), weights: fc.constantFrom('per-channel' as const, 'per-tensor' as const), nodes: fc.dictionary(fc.constantFrom(...names), choice, { maxKeys: 3 }) })
      .map(({ method, weights, nodes }): Recipe => ({ ...DEFAULT_RECIPE, calibration: { method }, weights, nodes }));
    await fc.assert(fc.asyncProperty(fc.array(recipe, { minLength: 2, maxLength: 4 }), fc.constantFrom(0, 3000, 2 ** 30), async (recipes, budget) => {
      const analyst = createAnalyst(net, dataset, SAMPLES, budget);
      for (const each of recipes) await compare(net, statistics, analyst, each);
      expect(analyst.memory.bytes).toBeLessThanOrEqual(budget);
    }), { numRuns: 4 });
  });

  it('goes from one change to another as from the state before both', async () => {
    const [first = '', second = ''] = net.graph.nodes.filter((node) => node.op === 'conv2d').map((node) => node.name);
    const int16 = (name: string): Recipe => ({ ...DEFAULT_RECIPE, nodes: { [name]: { precision: 'int16' } } });
    const chain = async (recipes: readonly Recipe[]): Promise<readonly number[]> => {
      const analyst = createAnalyst(net, dataset, SAMPLES, 2 ** 30), ran: number[] = [];
      for (const recipe of recipes) {
        const model = net.quantizeWith(statistics, configFromRecipe(recipe));
        ran.push((await analyst.measure(model, true, {})).ran);
        await model.release();
      }
      await compare(net, statistics, analyst, recipes.at(-1) ?? DEFAULT_RECIPE);
      return ran;
    };
    const [, alone = 0] = await chain([DEFAULT_RECIPE, int16(second)]);
    // Those that read it get the same float values at the same precision as before, by way of a conversion.
    expect(alone).toBe(1);
    expect((await chain([DEFAULT_RECIPE, int16(first), int16(first), int16(second)])).slice(2)).toEqual([0, alone]);
  });

  it('runs only what comes after a change', async () => {
    const analyst = createAnalyst(net, dataset, SAMPLES, 2 ** 30);
    const all = (await compare(net, statistics, analyst, DEFAULT_RECIPE)).ran;
    const last = net.graph.nodes.findLast((node) => node.precisions.includes('int16'))?.name ?? '';
    const { ran } = await compare(net, statistics, analyst, { ...DEFAULT_RECIPE, nodes: { [last]: { precision: 'int16' } } });
    expect(ran).toBeGreaterThan(0);
    expect(ran).toBeLessThan(all / 2);
    expect((await compare(net, statistics, analyst, { ...DEFAULT_RECIPE, nodes: { [last]: { precision: 'int16' } } })).ran).toBe(0);
  });

  it('stops when it is cancelled, and is right afterwards', async () => {
    const analyst = createAnalyst(net, dataset, SAMPLES, 2 ** 30);
    await compare(net, statistics, analyst, DEFAULT_RECIPE);
    const model = net.quantizeWith(statistics, configFromRecipe(PRESET_RECIPES.int16));
    const stop = { flag: new SharedArrayBuffer(4), cancelled: true, cancel: () => undefined, throwIfCancelled: () => { throw new Error('stopped'); } };
    await expect(analyst.measure(model, false, { cancel: stop })).rejects.toThrow('stopped');
    await compare(net, statistics, analyst, { ...DEFAULT_RECIPE, calibration: { method: 'entropy' } });
  });
});

const RESNET = '../shared/data/mlperf-tiny-ic/resnet8_float.tflite';
const DATA = '../shared/data/mlperf-tiny-ic/cifar10_calibration.npz';
const present = existsSync(RESNET);
if (!present) console.log('skipped: changes at once on resnet8, since ../shared/data/mlperf-tiny-ic is not there');

describe.skipIf(!present)('resnet8', () => {
  it('gives the errors of a full run after a node and after a method was changed', async () => {
    const net = await loadModel(RESNET);
    const data = await openDataset({ path: DATA }, net.graph.inputs, { scale: 1, mean: [0], std: [1] });
    const statistics = await net.calibrate(samplesOf(data, 8));
    const analyst = createAnalyst(net, data, 2, 2 ** 30);
    await compare(net, statistics, analyst, DEFAULT_RECIPE);
    const node = net.graph.nodes[8]?.name ?? '';
    const { ran } = await compare(net, statistics, analyst, { ...DEFAULT_RECIPE, nodes: { [node]: { precision: 'int16' } } });
    expect(ran).toBeLessThan(net.graph.nodes.length);
    await compare(net, statistics, analyst, { ...DEFAULT_RECIPE, calibration: { method: 'percentile' }, nodes: { [node]: { unquantized: true } } });
    await net.release();
  });
});
