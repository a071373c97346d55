// What partitioning promises: folding, fusion, placement and names, on small graphs.
import { describe, expect, test } from 'vitest';
import { graphBuilder, randomTensor, smallNetwork } from '../../test/graphs/build.ts';
import { createFloatSession } from '../execute/index.ts';
import { float32 } from '../tensor/tensor.ts';
import { partition } from './index.ts';

const CONV = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation: 'none' };

describe('names and fusion', () => {
  test('conv, bias add and relu become one node, named by what it holds and counted in execution order', () => {
    expect(partition(smallNetwork()).nodes.map((node) => node.name)).toEqual([
      'MLA_0/conv2d_add_relu_0', 'MLA_0/conv2d_relu_1', 'MLA_0/conv2d_add_2', 'MLA_0/add_relu_3', 'MLA_0/max_pool2d_4',
      'MLA_0/avg_pool2d_5', 'MLA_0/reshape_6', 'MLA_0/dense_add_7', 'MLA_0/softmax_8',
    ]);
  });

  test('a fused node keeps the identity of everything in it', () => {
    const [first] = partition(smallNetwork()).nodes;
    expect(first?.identity).toBe('r1 < conv2d:c1 + relu:r1');
  });

  test('a relu is not fused when somebody else reads what is before it', () => {
    const g = graphBuilder();
    const x = g.input('x', [1, 4, 4, 2]);
    const c = g.node('conv2d', [x, g.constant('w', randomTensor([2, 3, 3, 2], 1))], CONV, 'c');
    const r = g.node('relu', [c], {}, 'r');
    const graph = partition(g.done(g.node('add', [c, r], { activation: 'none' }, 'y')));
    expect(graph.nodes.map((node) => node.op)).toEqual(['conv2d', 'relu', 'add']);
  });

  test('two clamps become the clamp that both allow', () => {
    const g = graphBuilder();
    const c = g.node('conv2d', [g.input('x', [1, 4, 4, 2]), g.constant('w', randomTensor([2, 3, 3, 2], 1))], CONV, 'c');
    const graph = partition(g.done(g.node('clip', [g.node('relu', [c], {}, 'r')], { min: -1, max: 6 }, 'y')));
    expect(graph.nodes.map((node) => node.attrs['activation'])).toEqual(['relu6']);
  });
});

describe('placement', () => {
  test('what has no integer form runs on the APU, says why, and splits the MLA partitions', () => {
    const g = graphBuilder();
    const x = g.input('x', [1, 4, 4, 2]);
    const first = g.node('conv2d', [x, g.constant('w', randomTensor([2, 3, 3, 2], 1))], CONV, 'a');
    const strange = g.node('opaque', [first], { type: 'Round', domain: '', opset: 17, attributes: {}, shape: [1, 4, 4, 2] }, 'b');
    const last = g.node('conv2d', [strange, g.constant('v', randomTensor([2, 3, 3, 2], 2))], CONV, 'c');
    const { nodes } = partition(g.done(last));
    expect(nodes.map((node) => node.name)).toEqual(['MLA_0/conv2d_0', 'APU_0/round_1', 'MLA_1/conv2d_2']);
    expect(nodes[1]?.reason).toBe('Round has no integer form');
  });
});

describe('folding keeps what the network computes', () => {
  test('batch norm, scale and bias behind a convolution, and padding before it', async () => {
    const g = graphBuilder();
    const x = g.input('x', [1, 6, 6, 3]);
    const padded = g.node('pad', [x], { pads: [[0, 0], [1, 1], [1, 1], [0, 0]], value: 0 }, 'padded');
    const c = g.node('conv2d', [padded, g.constant('w', randomTensor([4, 3, 3, 3], 1))], { ...CONV, pads: [0, 0, 0, 0] }, 'c');
    const scaled = g.node('mul', [c, g.constant('s', randomTensor([1, 1, 1, 4], 2))], { activation: 'none' }, 'scaled');
    const parameters = ['gamma', 'beta', 'mean'].map((name, i) => g.constant(name, randomTensor([4], 3 + i)));
    const variance = g.constant('variance', float32([4], [0.5, 1, 2, 0.1]));
    const bn = g.node('batch_norm', [scaled, ...parameters, variance], { epsilon: 1e-3 }, 'bn');
    const plain = g.done(g.node('relu', [bn], {}, 'y'));
    const folded = partition(plain);
    expect(folded.nodes.map((node) => node.name)).toEqual(['MLA_0/conv2d_add_relu_0']);
    const input = { x: randomTensor([1, 6, 6, 3], 9) };
    const [before, after] = await Promise.all([plain, folded].map(async (graph) => (await (await createFloatSession(graph, ['y'])).run(input))['y']));
    expect(after?.shape).toEqual([1, 6, 6, 4]);
    before?.data.forEach((value, i) => expect(after?.data[i]).toBeCloseTo(Number(value), 4));
  });

  test('a lone batch norm becomes a depthwise convolution', () => {
    const g = graphBuilder();
    const parameters = ['gamma', 'beta', 'mean', 'variance'].map((name) => g.constant(name, float32([2], [1, 2])));
    const graph = partition(g.done(g.node('batch_norm', [g.input('x', [1, 4, 4, 2]), ...parameters], { epsilon: 1e-3 }, 'y')));
    expect(graph.nodes.map((node) => [node.op, node.unit])).toEqual([['conv2d', 'MLA']]);
  });
});

describe('bad graphs', () => {
  test('a declared shape that the operator does not give is refused, naming the tensor', () => {
    const graph = smallNetwork();
    const values = new Map(graph.values).set('c1', { name: 'c1', shape: [1, 8, 8, 9], dtype: 'float32' });
    expect(() => partition({ ...graph, values })).toThrow(expect.objectContaining({ code: 'MODEL_INVALID', where: { node: 'c1', tensor: 'c1' } }));
  });
  test('a circle is refused', () => {
    const graph = smallNetwork();
    expect(() => partition({ ...graph, nodes: [...graph.nodes].reverse() })).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
  });
});
