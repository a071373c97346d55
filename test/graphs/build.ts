// Small float graphs for tests, built node by node with shapes worked out by the operators themselves.
import type { Graph, Node, Value } from '../../core/ir/index.ts';
import { nodeView, operator } from '../../core/ops/index.ts';
import { float32, type Tensor } from '../../core/tensor/tensor.ts';

export interface GraphBuilder {
  input(name: string, shape: readonly number[]): string;
  constant(name: string, t: Tensor): string;
  node(op: string, inputs: readonly string[], attrs: Record<string, unknown>, output: string): string;
  done(...outputs: readonly string[]): Graph;
}

export function graphBuilder(name = 'test'): GraphBuilder {
  const values = new Map<string, Value>();
  const constants = new Map<string, Tensor>();
  const nodes: Node[] = [];
  const inputs: Graph['inputs'][number][] = [];
  return {
    input: (input, shape) => {
      values.set(input, { name: input, shape, dtype: 'float32' });
      inputs.push({ name: input, value: input, shape, dtype: 'float32' });
      return input;
    },
    constant: (constant, t) => { constants.set(constant, t); return constant; },
    node: (op, from, attrs, output) => {
      const node: Node = { op, attrs, inputs: from, outputs: [output], sources: [{ name: output, type: op }] };
      const [shape = []] = operator(op).shapes(nodeView({ values, constants }, node));
      values.set(output, { name: output, shape, dtype: 'float32' });
      nodes.push(node);
      return output;
    },
    done: (...outputs) => ({
      name, format: 'onnx', inputs, values, constants, nodes,
      outputs: outputs.map((value) => ({ name: value, value, shape: values.get(value)?.shape ?? [], dtype: 'float32' as const })),
    }),
  };
}

/** Numbers that look like weights or activations and are the same on every machine (Lehmer generator). */
export function randomFloats(length: number, seed: number, spread = 1): Float32Array {
  let state = (seed * 7919 + 12345) % 2147483647 || 1;
  return Float32Array.from({ length }, () => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647 - 0.5) * 2 * spread;
  });
}
export const randomTensor = (shape: readonly number[], seed: number, spread = 1): Tensor => float32(shape, randomFloats(shape.reduce((n, d) => n * d, 1), seed, spread));

/** conv + relu, depthwise, residual add, pools, dense, softmax: one of each of the common kinds. */
export function smallNetwork(): Graph {
  const g = graphBuilder('small');
  const conv = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation: 'none' };
  const x = g.input('x', [1, 8, 8, 3]);
  const w1 = g.constant('w1', randomTensor([8, 3, 3, 3], 1, 0.5));
  const b1 = g.constant('b1', randomTensor([8], 2, 0.2));
  const c1 = g.node('relu', [g.node('conv2d', [x, w1, b1], conv, 'c1')], {}, 'r1');
  const w2 = g.constant('w2', randomTensor([8, 3, 3, 1], 3, 0.5));
  const d = g.node('relu', [g.node('conv2d', [c1, w2], { ...conv, groups: 8 }, 'd')], {}, 'dr');
  const w3 = g.constant('w3', randomTensor([8, 1, 1, 8], 4, 0.5));
  const p = g.node('conv2d', [d, w3], { ...conv, pads: [0, 0, 0, 0] }, 'p');
  const bias = g.constant('bias', randomTensor([1, 1, 1, 8], 5, 0.2));
  const sum = g.node('relu', [g.node('add', [g.node('add', [p, bias], { activation: 'none' }, 'pb'), c1], { activation: 'none' }, 'sum')], {}, 'res');
  const m = g.node('max_pool2d', [sum], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }, 'm');
  const a = g.node('avg_pool2d', [m], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], countIncludePad: false }, 'a');
  const f = g.node('reshape', [a], { shape: [1, 32] }, 'f');
  const w4 = g.constant('w4', randomTensor([5, 32], 6, 0.5));
  const b4 = g.constant('b4', randomTensor([5], 7, 0.2));
  return g.done(g.node('softmax', [g.node('fully_connected', [f, w4, b4], { activation: 'none' }, 'logits')], { axis: 1 }, 'probabilities'));
}
