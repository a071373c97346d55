// Channel equalization: the function stays, the ranges become equal, and what cannot be equalized is left alone.
import { describe, expect, test } from 'vitest';
import { graphBuilder, randomTensor } from '../../test/graphs/build.ts';
import { createNet } from '../engine/loaded-net.ts';
import { createFloatSession } from '../execute/index.ts';
import type { Graph, PartitionedGraph } from '../ir/index.ts';
import { partition } from '../partition/index.ts';
import { scaleChannels, type NamedValues, type Tensor } from '../tensor/tensor.ts';
import { defaultQuantization } from './config.ts';
import { equalize } from './equalize.ts';
import { quantizationScheme } from './scheme.ts';

const CONV = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation: 'none' };

/** Weights whose output channels differ a hundredfold, as those of depthwise layers do after batch norm is folded in. */
const uneven = (shape: readonly number[], seed: number): Tensor => {
  const t = randomTensor(shape, seed);
  const run = t.data.length / (shape[0] ?? 1);
  return { ...t, data: Float32Array.from(t.data as Float32Array, (w, i) => w * 10 ** ((Math.floor(i / run) % 3) - 1)) };
};

/** conv, relu, depthwise, relu, 1x1 conv, max pool, global pool, reshape, dense: one chain of four weighted layers. */
function chain(activation: (g: ReturnType<typeof graphBuilder>, x: string, name: string) => string = (g, x, name) => g.node('relu', [x], {}, name)): Graph {
  const g = graphBuilder('chain');
  const a = activation(g, g.node('conv2d', [g.input('x', [1, 8, 8, 3]), g.constant('w1', uneven([6, 3, 3, 3], 1)), g.constant('b1', randomTensor([6], 2))], CONV, 'c1'), 'a1');
  const b = activation(g, g.node('conv2d', [a, g.constant('w2', uneven([6, 3, 3, 1], 3)), g.constant('b2', randomTensor([6], 4))], { ...CONV, groups: 6 }, 'c2'), 'a2');
  const c = g.node('conv2d', [b, g.constant('w3', uneven([6, 1, 1, 6], 5))], { ...CONV, pads: [0, 0, 0, 0] }, 'c3');
  const pooled = g.node('global_avg_pool2d', [g.node('max_pool2d', [c], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }, 'm')], {}, 'p');
  const flat = g.node('reshape', [pooled], { shape: [1, 6] }, 'f');
  return g.done(g.node('fully_connected', [flat, g.constant('w4', uneven([4, 6], 6)), g.constant('b4', randomTensor([4], 7))], { activation: 'none' }, 'y'));
}

const outputs = async (graph: PartitionedGraph, names: readonly string[], x: Tensor) => (await createFloatSession(graph, names)).run({ x });
const floats = (t: NamedValues[string] | undefined): Float32Array => t?.data as Float32Array;
const largestOf = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);

describe('a chain of weighted layers', () => {
  const graph = partition(chain());
  const equalized = equalize(graph);

  test('computes what it computed, to the rounding of float32, and every value between is the old one over its factors', async () => {
    const names = graph.nodes.flatMap((node) => node.outputs);
    for (const seed of [1, 2, 3]) {
      const x = randomTensor([1, 8, 8, 3], seed);
      const [before, after] = [await outputs(graph, names, x), await outputs(equalized.graph, names, x)];
      for (const name of names) {
        const factors = equalized.factors.get(name);
        const back = factors ? scaleChannels(floats(after[name]), factors, 1) : floats(after[name]);
        const difference = largestOf(floats(before[name]).map((f, i) => f - (back[i] ?? 0)));
        expect(difference, name).toBeLessThan(2e-6 * largestOf(floats(before[name])));
      }
    }
  });

  test('gets equal ranges on both sides of every value between', () => {
    const weights = (output: string): Tensor => {
      const node = equalized.graph.nodes.find((candidate) => candidate.outputs[0] === output);
      return equalized.graph.constants.get(node?.inputs[1] ?? '') as Tensor;
    };
    const range = (t: Tensor, channels: number, at: (i: number, run: number) => number): number[] => {
      const out = new Array<number>(channels).fill(0);
      floats(t).forEach((w, i) => { const c = at(i, t.data.length / (t.shape[0] ?? 1)); out[c] = Math.max(out[c] ?? 0, Math.abs(w)); });
      return out;
    };
    const written = (t: Tensor) => range(t, 6, (i, run) => Math.floor(i / run));
    const read = (t: Tensor) => range(t, 6, (i) => i % 6);
    const depthwise = written(weights('a2'));
    written(weights('a1')).forEach((r, c) => expect(r / (depthwise[c] ?? 0)).toBeCloseTo(1, 2));
    read(weights('c3')).forEach((r, c) => expect(r / (depthwise[c] ?? 0)).toBeCloseTo(1, 2));
    const dense = read(weights('y'));
    written(weights('c3')).forEach((r, c) => expect(r / (dense[c] ?? 0)).toBeCloseTo(1, 2));
  });

  test('keeps names, shapes and placement', () => {
    const plain = ({ name, unit, partition: at, precisions, outputs: out, identity }: PartitionedGraph['nodes'][number]) => ({ name, unit, at, precisions, out, identity });
    expect(equalized.graph.nodes.map(plain)).toEqual(graph.nodes.map(plain));
    expect([...equalized.factors.keys()]).toEqual(['a1', 'a2', 'c3', 'm', 'p', 'f']);
  });

  test('makes int8 with one scale for all weights several times as accurate, in the float network\'s own units', async () => {
    const net = createNet(graph);
    const data = [1, 2, 3, 4].map((seed) => ({ x: randomTensor([1, 8, 8, 3], seed) }));
    const perTensor = defaultQuantization.withWeightQuantization(quantizationScheme(false, false));
    const mse = async (config: typeof perTensor, localFeed: boolean): Promise<readonly number[]> => {
      const report = await (await net.quantize(data, config)).analyzeQuantizationError(data, 'mse', { localFeed, float: net });
      return report.nodes.map((node) => node.mse);
    };
    const [plain, levelled] = [await mse(perTensor, false), await mse(perTensor.withChannelEqualization(), false)];
    expect(levelled.at(-1)).toBeLessThan((plain.at(-1) ?? 0) / 4);
    // Undone right, errors of single nodes stay of the size they have without; left scaled they would be far off.
    const [own, levelledOwn] = [await mse(perTensor, true), await mse(perTensor.withChannelEqualization(), true)];
    levelledOwn.forEach((error, i) => expect(error).toBeLessThan(30 * Math.max(own[i] ?? 0, 1e-4)));
  });
});

describe('left alone', () => {
  const untouched = (graph: Graph, values: readonly string[] = []): void => expect([...equalize(partition(graph)).factors.keys()]).toEqual(values);

  test('layers joined by a clip from above, which does not scale', () => {
    untouched(chain((g, x, name) => g.node('clip', [x], { min: 0, max: 6 }, name)), ['c3', 'm', 'p', 'f']);
  });
  test('layers joined by another function', () => {
    untouched(chain((g, x, name) => g.node('udf', [x], { function: 'sigmoid' }, name)), ['c3', 'm', 'p', 'f']);
  });
  test('a value with a second reader, and one that is an output', () => {
    for (const second of ['reader', 'output']) {
      const g = graphBuilder();
      const a = g.node('conv2d', [g.input('x', [1, 4, 4, 2]), g.constant('w', randomTensor([2, 3, 3, 2], 1))], CONV, 'a');
      const b = g.node('conv2d', [a, g.constant('v', randomTensor([2, 3, 3, 2], 2))], CONV, 'b');
      untouched(second === 'output' ? g.done(a, b) : g.done(g.node('add', [a, b], { activation: 'none' }, 'y')));
    }
  });
  test('a channel without weights keeps its factor at 1, and its bias its size', () => {
    const g = graphBuilder();
    const w = randomTensor([2, 1, 1, 2], 1);
    (w.data as Float32Array).fill(0, 0, 2);
    const a = g.node('conv2d', [g.input('x', [1, 4, 4, 2]), g.constant('w', w), g.constant('bias', randomTensor([2], 3))], { ...CONV, pads: [0, 0, 0, 0] }, 'a');
    const { factors } = equalize(partition(g.done(g.node('conv2d', [a, g.constant('v', randomTensor([2, 3, 3, 2], 2))], CONV, 'b'))));
    expect(factors.get('a')?.[0]).toBe(1);
  });
});
