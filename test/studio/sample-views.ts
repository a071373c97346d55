// Views for tests of the studio: a small model and runs of it, as the engine would send them.
import { DEFAULT_RECIPE, type ModelView, type NodeView, type Recipe, type RunView } from '../../core/contract/index.ts';

export function nodeView(name: string, change: Partial<NodeView> = {}): NodeView {
  return {
    name, op: 'conv2d', className: 'Conv2D', unit: 'MLA', partition: 0, inputs: [], output: `${name}:0`, shape: [1, 8, 8, 16], precisions: ['int8', 'int16'],
    canOutputInt32: true, identity: `${name}:0`, sources: [{ name: `${name}_source`, type: 'Conv' }], attributes: [], constants: [], macs: 1000, ...change,
  };
}

/** conv -> relu (8 bit only) -> add (with conv) -> softmax (float). */
export const CONV = nodeView('MLA_0/conv2d_0', { inputs: ['in'], output: 'a' });
export const RELU = nodeView('MLA_0/relu_1', { op: 'relu', className: 'Relu', inputs: ['a'], output: 'b', precisions: ['int8'], canOutputInt32: false });
export const ADD = nodeView('MLA_0/add_2', { op: 'add', className: 'Add', inputs: ['a', 'b'], output: 'c', canOutputInt32: false });
export const LAST = nodeView('MLA_0/dense_3', { op: 'fully_connected', className: 'FullyConnected', inputs: ['c'], output: 'd' });
export const FLOAT = nodeView('APU_1/softmax_4', { op: 'softmax', className: 'Softmax', unit: 'APU', partition: 1, inputs: ['d'], output: 'e', precisions: [], reason: 'no integer form', canOutputInt32: false });
export const NODES: readonly NodeView[] = [CONV, RELU, ADD, LAST, FLOAT];

export const MODEL: ModelView = {
  name: 'small', format: 'onnx', nodes: [...NODES],
  inputs: [{ name: 'image', value: 'in', shape: [1, 8, 8, 3], dtype: 'float32' }],
  outputs: [{ name: 'probabilities', value: 'e', shape: [1, 10], dtype: 'float32' }],
};

/** A run whose psnr by node is given, mae and mse follow from it. */
export function runView(number: number, psnr: Readonly<Record<string, number>>, recipe: Recipe = DEFAULT_RECIPE): RunView {
  const errors = Object.entries(psnr).map(([name, value]) => ({ name, psnr: value, mse: 10 ** (-value / 10), mae: 10 ** (-value / 20) }));
  return {
    id: `run-${number}`, number, recipe, calibrationSamples: 10, analysisSamples: 4,
    nodes: NODES.map((node) => ({ name: node.name, precision: node.precisions.length === 0 ? 'float' : 'int8', outputInt32: false, input: null, output: null })),
    local: errors, cumulative: errors, accuracy: null, boundaries: 2, weightBytes: 100, notices: [], seconds: 1, draft: false, ran: { local: 5, cumulative: 5 }, memory: { kept: 4, samples: 4, bytes: 1000, budget: 1e6 },
  };
}
