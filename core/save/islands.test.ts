// Operators that only run together (islands) in the files written for other programs: plain ONNX Runtime runs the file and gives what Requant gives.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, info, int64, node, ramp, type Small } from '../../test/small-onnx.ts';
import { defaultQuantization, int16Quantization, loadModel, onnxSource, type Model } from '../engine/pipeline.ts';
import { ATTRIBUTE_TYPE, decodeModel, encodeModel, type NodeProto } from '../onnx/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-islands-')); });
afterAll(() => rm(folder, { recursive: true }));

/** Its sum is above 0 for seed 1, below for others. */
const sample = (seed: number): Tensor<'float32'> => float32([1, 3, 8, 8], Float32Array.from({ length: 192 }, (_, i) => Math.sin(seed * (i + 1)) + (seed === 1 ? 0.5 : -0.5)));
const SHAPE = [1, 4, 8, 8];

/** A branch on the sign of the convolution's sum; each branch reads what is around it. */
const branch = (then: readonly NodeProto[], otherwise: readonly NodeProto[]): NodeProto => ({
  opType: 'If', input: ['positive'], output: ['chosen'], attribute: ([['then_branch', then], ['else_branch', otherwise]] as const).map(([name, nodes]) =>
    ({ name, type: ATTRIBUTE_TYPE.graph, g: { name, node: nodes, output: [info(nodes.at(-1)?.output?.[0] ?? '', SHAPE)] } })),
});
const between = (choice: NodeProto, opset: number): Small => ({
  opset, constants: { w: ramp(4, 3, 1, 1), v: ramp(2, 4, 1, 1), zero: float32([], [0]), ...(opset < 13 ? {} : { axes: int64(1) }) }, output: [1, 2, 8, 8], declared: [info('chosen', SHAPE)],
  nodes: [
    node('Conv', ['x', 'w'], ['c']), node('ReduceMean', ['c'], ['total'], { keepdims: 0 }), node('Greater', ['total', 'zero'], ['positive']),
    choice, node('Conv', ['chosen', 'v'], ['y']),
  ],
});

/** What the exported file gives in plain ONNX Runtime. */
async function plain(model: Model, format: 'onnx-qdq' | 'onnx-exact', feed: Record<string, ort.Tensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
  const file = join(folder, `${format}.onnx`);
  await model.export(format, file);
  // Else ONNX Runtime turns int8 into uint8, whose products overflow 16 bits on processors without VNNI.
  const session = await ort.InferenceSession.create(file, { extra: { session: { qdqisint8allowed: '1' } } });
  try { return await session.run(feed); } finally { await session.release(); }
}

/** Both formats on samples that take both branches: the exact one to the last bit, the other within a few steps. */
async function compare(small: Small, config = defaultQuantization): Promise<void> {
  const net = await loadModel(onnxSource(bytesOf(small)));
  expect(net.graph.nodes.some(({ op }) => op === 'island')).toBe(true);
  const samples = [1, 3].map(sample);
  const model = await net.quantize(samples.map((x) => ({ x })), config);
  for (const x of samples) {
    const { y } = await model.execute({ x }, { way: 'reference' });
    const expected = y?.data as Float32Array;
    const feed = { x: new ort.Tensor('float32', x.data, [...x.shape]) };
    expect((await plain(model, 'onnx-exact', feed))['y']?.data).toEqual(expected);
    const peak = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    ((await plain(model, 'onnx-qdq', feed))['y']?.data as Float32Array).forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(peak / 40));
  }
  await model.release();
  await net.release();
}

describe('an exported file with an island', () => {
  const signs = branch([node('Identity', ['c'], ['same'])], [node('Neg', ['c'], ['negated'])]);
  it('keeps its branches', () => compare(between(signs, 13)));

  it('says an older opset\'s attributes as inputs, in branches too', () => compare(between(branch(
    [node('Unsqueeze', ['c'], ['wide'], { axes: [0] }), node('Squeeze', ['wide'], ['same'], { axes: [0] })],
    [node('Split', ['c'], ['a', 'b'], { axis: 1, split: [1, 3] }), node('Concat', ['b', 'a'], ['ba'], { axis: 1 }), node('ReduceSum', ['ba'], ['sum'], { axes: [1], keepdims: 1 }), node('Sub', ['ba', 'sum'], ['turned'])],
  ), 11)));

  it('at int16 (opset 21) says reductions and splits as that opset does', async () => {
    const net = await loadModel(onnxSource(bytesOf(between(branch(
      [node('ReduceMax', ['c'], ['top'], { axes: [1], keepdims: 1 }), node('Sub', ['c', 'top'], ['below'])],
      [node('Split', ['c'], ['a', 'b'], { axis: 1 }), node('Concat', ['b', 'a'], ['turned'], { axis: 1 })],
    ), 13))));
    const samples = [1, 3].map(sample);
    const model = await net.quantize(samples.map((x) => ({ x })), int16Quantization);
    for (const x of samples) {
      const expected = (await model.execute({ x }))['y']?.data as Float32Array;
      const peak = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const found = (await plain(model, 'onnx-qdq', { x: new ort.Tensor('float32', x.data, [...x.shape]) }))['y']?.data as Float32Array;
      found.forEach((value, i) => expect(Math.abs(value - (expected[i] ?? NaN))).toBeLessThan(peak / 40));
    }
    await model.release();
    await net.release();
  });

  it('is refused where an operator means something else in the opset that the rest needs', async () => {
    const net = await loadModel(onnxSource(bytesOf(between(branch([node('Softmax', ['c'], ['same'])], [node('Neg', ['c'], ['negated'])]), 11))));
    const model = await net.quantize([{ x: sample(1) }]);
    for (const format of ['onnx-qdq', 'onnx-exact'] as const) {
      await expect(model.export(format, join(folder, 'refused.onnx'))).rejects.toMatchObject({ code: 'OPERATOR_UNSUPPORTED', message: 'Softmax of opset 11 means something else in opset 17', hint: 'Convert the model to opset 17 first.' });
    }
    await model.release();
    await net.release();
  });

  it('leaves open what the data decide', async () => {
    const net = await loadModel(onnxSource(bytesOf({ input: [1, 4], nodes: [node('Relu', ['x'], ['r']), node('NonZero', ['r'], ['z']), node('Transpose', ['z'], ['y'])], outputs: [info('y', ['found', 2], 7)] })));
    const model = await net.quantize([{ x: float32([1, 4], [1, -1, 2, -2]) }]);
    for (const format of ['onnx-qdq', 'onnx-exact'] as const) {
      const { y } = await plain(model, format, { x: new ort.Tensor('float32', Float32Array.of(1, -1, 2, -2), [1, 4]) });
      expect([y?.dims, y?.data]).toEqual([[2, 2], BigInt64Array.of(0n, 0n, 0n, 2n)]);
    }
    await model.release();
    await net.release();
  });

  it('brings the file\'s own functions and domains, once, for islands that share them', async () => {
    const doubled: NodeProto = { opType: 'Twice', domain: 'own', input: ['c'], output: ['d'] };
    const again: NodeProto = { opType: 'Twice', domain: 'own', input: ['r'], output: ['y'] };
    const model = decodeModel(bytesOf({ opset: 17, constants: { w: ramp(4, 3, 1, 1) }, output: SHAPE, declared: [info('d', SHAPE), info('r', SHAPE)], nodes: [node('Conv', ['x', 'w'], ['c']), doubled, node('Relu', ['d'], ['r']), again] }));
    const bytes = encodeModel({
      ...model, opsetImport: [{ domain: '', version: 17 }, { domain: 'own', version: 1 }],
      functions: [{ name: 'Twice', domain: 'own', input: ['a'], output: ['b'], node: [node('Add', ['a', 'a'], ['b'])], opsetImport: [{ domain: '', version: 17 }] }],
    });
    const net = await loadModel(onnxSource(bytes));
    expect(net.graph.nodes.filter(({ op }) => op === 'island')).toHaveLength(2);
    const quantized = await net.quantize([{ x: sample(1) }]);
    const { y } = await quantized.execute({ x: sample(1) }, { way: 'reference' });
    const found = await plain(quantized, 'onnx-exact', { x: new ort.Tensor('float32', sample(1).data, [1, 3, 8, 8]) });
    expect(found['y']?.data).toEqual(y?.data);
    await quantized.release();
    await net.release();
  });
});
