// Nodes that stay in float, in a model that is quantized, saved, loaded, run and exported: whole numbers, empty tensors, constants as outputs, operators
// with several outputs, and islands.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, info, int64, node, ramp, type Small } from '../../test/small-onnx.ts';
import { ModelView, OriginalView } from '../contract/index.ts';
import { ATTRIBUTE_TYPE, decodeModel, encodeModel, type ModelProto, type NodeProto } from '../onnx/index.ts';
import { encodeSima } from '../save/sima.ts';
import { float32, type NamedValues } from '../tensor/tensor.ts';
import { loadModel, type LoadedNet } from './loaded-net.ts';
import { modelView, originalView } from './model-view.ts';
import { Model } from './model.ts';
import { onnxSource } from './source.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-float-nodes-')); });
afterAll(() => rm(folder, { recursive: true }));

const open = (small: Small): Promise<LoadedNet> => loadModel(onnxSource(bytesOf(small)));
const x = (shape: readonly number[], seed = 1): NamedValues => ({ x: float32(shape, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(seed * (i + 1)))) });

/** Quantized, saved, loaded: what the float network gives, what both models give. */
async function thrice(net: LoadedNet, sample: NamedValues, name: string): Promise<readonly NamedValues[]> {
  const model = await net.quantize([sample, sample]);
  await model.save(name, folder);
  const loaded = await Model.load(name, folder);
  const results = [await net.execute(sample), await model.execute(sample), await loaded.execute(sample), await loaded.execute(sample, { way: 'reference' })];
  for (const each of [net, model, loaded]) await each.release();
  return results;
}

describe('a model saved and loaded', () => {
  it('keeps the types of whole numbers between float nodes and at its outputs', async () => {
    const net = await open({
      input: [1, 6], outputs: [info('y', [1, 2], 7)], constants: { k: int64(2) }, declared: [info('v', [1, 2]), info('i', [1, 2], 7)],
      nodes: [node('Relu', ['x'], ['r']), node('TopK', ['r', 'k'], ['v', 'i']), node('Add', ['i', 'i'], ['y'])],
    });
    const results = await thrice(net, { x: float32([1, 6], [0, 3, -1, 9, 2, 1]) }, 'positions');
    for (const { y } of results) expect(y).toEqual({ dtype: 'int64', shape: [1, 2], data: BigInt64Array.of(6n, 2n) });
  });

  it('keeps an output that is constant, beside one that is quantized', async () => {
    const net = await open({ input: [1, 4], output: [2], nodes: [node('Shape', ['x'], ['y'])] });
    for (const { y } of await thrice(net, x([1, 4]), 'constant')) expect(y).toEqual({ dtype: 'int64', shape: [2], data: BigInt64Array.of(1n, 4n) });
  });

  it('runs operators around an empty tensor', async () => {
    const net = await open({ input: [1, 0, 4], output: [1, 2, 4], nodes: [node('Concat', ['x', 'w'], ['c'], { axis: 1 }), node('Relu', ['c'], ['y'])], constants: { w: ramp(1, 2, 4) } });
    const [float, ...quantized] = await thrice(net, x([1, 0, 4]), 'empty');
    expect(float?.['y']?.data).toEqual(ramp(1, 2, 4).data);
    for (const { y } of quantized) (y?.data as Float32Array).forEach((value, i) => expect(value).toBeCloseTo(i + 1, 1));
  });
});

/** y = x where its sum is above 0, else -x. */
const flip: NodeProto = {
  opType: 'If', input: ['positive'], output: ['flipped'], attribute: [
    { name: 'then_branch', type: ATTRIBUTE_TYPE.graph, g: { name: 'then', node: [node('Identity', ['c'], ['same'])], output: [info('same', [1, 4, 8, 8])] } },
    { name: 'else_branch', type: ATTRIBUTE_TYPE.graph, g: { name: 'else', node: [node('Neg', ['c'], ['negated'])], output: [info('negated', [1, 4, 8, 8])] } },
  ],
};
const branching: Small = {
  constants: { w: ramp(4, 3, 1, 1), v: ramp(2, 4, 1, 1), zero: float32([], [0]) }, output: [1, 2, 8, 8], declared: [info('flipped', [1, 4, 8, 8])],
  nodes: [
    node('Conv', ['x', 'w'], ['c']), node('ReduceSum', ['c'], ['total'], { keepdims: 0 }), node('Greater', ['total', 'zero'], ['positive']),
    flip, node('Conv', ['flipped', 'v'], ['y']),
  ],
};

describe('an island', () => {
  it('runs a branch between two quantized convolutions, and the branch reads what it captured', async () => {
    const net = await open(branching);
    expect(net.graph.nodes.filter((each) => each.op === 'island').map((each) => [each.unit, each.reason])).toEqual([['APU', 'If run as one in ONNX Runtime']]);
    const sizes = [1, 3].map((seed) => x([1, 3, 8, 8], seed));
    for (const [i, sample] of sizes.entries()) {
      const [float, ...quantized] = await thrice(await open(branching), sample, `branch${i}`);
      const peak = (float?.['y']?.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const { y } of quantized) (y?.data as Float32Array).forEach((value, k) => expect(Math.abs(value - Number(float?.['y']?.data[k]))).toBeLessThan(peak / 40));
    }
    // The sum of sines times positive weights changes its sign with the seed: both branches ran.
    const sums = sizes.map(({ x: t }) => (t?.data as Float32Array).reduce((sum, value, k) => sum + value * (Math.floor(k / 64) + 1), 0));
    expect(sums.map(Math.sign).sort()).toEqual([-1, 1]);
    await net.release();
  });

  it('gives outputs whose shape the data decide', async () => {
    const model: Small = { input: [1, 4], nodes: [node('Relu', ['x'], ['r']), node('NonZero', ['r'], ['z']), node('Transpose', ['z'], ['y'])], outputs: [info('y', ['found', 2], 7)] };
    const results = await thrice(await open(model), { x: float32([1, 4], [1, -1, 2, -2]) }, 'found');
    for (const { y } of results) expect(y).toEqual({ dtype: 'int64', shape: [2, 2], data: BigInt64Array.of(0n, 0n, 0n, 2n) });
  });

  it('keeps a sequence to itself', async () => {
    const model: Small = {
      input: [2, 3], output: [1, 3], constants: { last: { dtype: 'int64', shape: [], data: BigInt64Array.of(-1n) } },
      nodes: [node('SplitToSequence', ['x'], ['rows'], { axis: 0 }), node('SequenceAt', ['rows', 'last'], ['y'])],
    };
    const sample = x([2, 3]);
    for (const { y } of await thrice(await open(model), sample, 'sequence')) expect(y?.data).toEqual((sample['x']?.data as Float32Array).slice(3));
  });

  it('is shown: its operators, what they weigh, and ? for an open dimension', async () => {
    const net = await open({ input: [1, 4], nodes: [node('NonZero', ['x'], ['z']), node('Transpose', ['z'], ['y'])], outputs: [info('y', ['found', 2], 7)] });
    const view = v.parse(ModelView, modelView(net.graph));
    expect(view.nodes).toMatchObject([{ op: 'island', unit: 'APU', output: 'y', shape: [-1, 2], dtype: 'int64', constants: [{ role: 'operators' }] }]);
    expect(v.parse(OriginalView, originalView(net)).nodes).toMatchObject([{ type: 'NonZero and 1 more', outputs: [{ value: 'y', shape: [-1, 2] }] }]);
    await net.release();
  });

  it('goes along into fast mode', async () => {
    const net = await open(branching);
    const sample = x([1, 3, 8, 8]);
    const model = await net.quantize([sample]);
    expect(await model.execute(sample, { fastMode: true })).toEqual(await model.execute(sample, { way: 'reference' }));
    expect(model.ways().map(({ way }) => way)).toContain('inside-float');
    expect(model.ways().map(({ way }) => way)).toContain('float');
    await model.release();
    await net.release();
  });

  it.each<[string, (model: ModelProto) => ModelProto]>([
    ['that would read another file', (model) => ({ ...model, graph: { ...model.graph, initializer: [{ name: 'k', dims: [1], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: '/etc/passwd' }] }] } })],
    ['that hides such a tensor in a branch', (model) => ({ ...model, graph: { ...model.graph, node: (model.graph?.node ?? []).map((each) => ({ ...each, attribute: (each.attribute ?? []).map((a) => (a.g ? { ...a, g: { ...a.g, initializer: [{ name: 'k', dims: [1], dataType: 1, dataLocation: 1 }] } } : a)) })) } })],
    ['with other doors', (model) => ({ ...model, graph: { ...model.graph, input: [] } })],
    ['with doors of another type', (model) => ({ ...model, graph: { ...model.graph, output: [info('flipped', [1, 4, 8, 8], 7)] } })],
    ['without operators', (model) => ({ ...model, graph: { ...model.graph, node: [] } })],
  ])('of a saved model %s is refused when it is loaded', async (_, change) => {
    const net = await open(branching);
    const model = await net.quantize([x([1, 3, 8, 8])]);
    const island = model.graph.nodes.find((each) => each.op === 'island')?.inputs.at(-1) ?? '';
    const bytes = encodeModel(change(decodeModel(model.graph.constants.get(island)?.data as Uint8Array)));
    const constants = new Map(model.graph.constants).set(island, { dtype: 'uint8', shape: [bytes.length], data: bytes });
    await writeFile(join(folder, 'hostile.sima'), encodeSima({ graph: { ...model.graph, constants }, settings: {}, reports: [] }));
    await expect(Model.load('hostile', folder)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await model.release();
    await net.release();
  });
});

describe('an operator of which several outputs are read', () => {
  const W = float32([1, 8, 3], Float32Array.from({ length: 24 }, (_, i) => Math.sin(i) / 2)), R = float32([1, 8, 2], Float32Array.from({ length: 16 }, (_, i) => Math.cos(i) / 2));
  const lstm: Small = {
    input: [5, 1, 3], constants: { W, R }, outputs: [info('y', [5, 1, 1, 2]), info('h', [1, 1, 2]), info('c', [1, 1, 2])],
    nodes: [node('LSTM', ['x', 'W', 'R'], ['y', 'h', 'c'], { hidden_size: 2 })],
  };

  it('is computed once, saved, loaded and exported with all of them', async () => {
    const net = await open(lstm);
    expect(net.graph.nodes.map(({ op, outputs }) => [op, outputs])).toEqual([['opaque', ['y', 'h', 'c']]]);
    const sample = x([5, 1, 3]);
    const model = await net.quantize([sample]);
    await model.export('onnx-qdq', join(folder, 'lstm.onnx'));
    const exported = decodeModel(new Uint8Array(await readFile(join(folder, 'lstm.onnx'))));
    expect(exported.graph?.node?.filter(({ opType }) => opType === 'LSTM')).toHaveLength(1);
    const session = await ort.InferenceSession.create(join(folder, 'lstm.onnx'));
    const found = await session.run({ x: new ort.Tensor('float32', sample['x']?.data as Float32Array, [5, 1, 3]) });
    await session.release();
    await model.release();
    const results = await thrice(net, sample, 'lstm');
    for (const name of ['y', 'h', 'c']) for (const result of results) expect(result[name]?.data, name).toEqual(found[name]?.data);
    // The last step's output is the hidden state.
    expect(Array.from(found['y']?.data as Float32Array).slice(-2)).toEqual(Array.from(found['h']?.data as Float32Array));
  });
});
