// Strings at a network's doors: words become numbers, numbers become words, and what lies between is quantized.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info, node } from '../../test/small-onnx.ts';
import { runProgram } from '../cli/program.ts';
import { ATTRIBUTE_TYPE, encodeModel, tensorToProto, type AttributeProto, type NodeProto } from '../onnx/index.ts';
import { encodeSima } from '../save/sima.ts';
import { openDataset } from '../tensor/dataset.ts';
import { openNpz, writeNpz } from '../tensor/npz.ts';
import { float32, type NamedValues, type StringTensor } from '../tensor/tensor.ts';
import { createCancelToken } from './cancel.ts';
import { dataView } from './data-view.ts';
import { loadModel, Metric, Model, onnxSource, type LoadedNet } from './pipeline.ts';

const STRING = 8, INT64 = 7;
const texts = (shape: readonly number[], ...data: string[]): StringTensor => ({ dtype: 'string', shape, data });
const words = (...list: string[]): NamedValues => ({ words: texts([1, list.length], ...list) });
const strings = (name: string, ...list: string[]): AttributeProto => ({ name, type: ATTRIBUTE_TYPE.strings, strings: list.map((text) => new TextEncoder().encode(text)) });
const encoder = (input: string, output: string, ...attribute: AttributeProto[]): NodeProto => ({ opType: 'LabelEncoder', domain: 'ai.onnx.ml', input: [input], output: [output], attribute });

/** Four words are numbers, go through two dense layers, and the surest class is a word again. */
const classifier = (elemType = STRING): Uint8Array => encodeModel({
  irVersion: 8, opsetImport: [{ domain: '', version: 17 }, { domain: 'ai.onnx.ml', version: 2 }],
  graph: {
    name: 'words', input: [info('words', ['batch', 4], elemType)], output: [info('class', [1], STRING), info('scores', [1, 3])],
    valueInfo: [info('numbers', ['batch', 4]), info('best', [1], INT64)],
    initializer: [tensorToProto(float32([4, 5], [1, -1, 0, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0, 1, -1, 0, 0, 0, 0, 1]), 'v'), tensorToProto(float32([5, 3], [0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]), 'w')],
    node: [
      encoder('words', 'numbers', strings('keys_strings', 'up', 'down', 'Straße'), { name: 'values_floats', type: ATTRIBUTE_TYPE.floats, floats: [1, -1, 0.5] }, { name: 'default_float', type: ATTRIBUTE_TYPE.float, f: 0 }),
      node('MatMul', ['numbers', 'v'], ['hidden']), node('Relu', ['hidden'], ['bent']), node('MatMul', ['bent', 'w'], ['scores']),
      node('ArgMax', ['scores'], ['best'], { axis: 1, keepdims: 0 }),
      encoder('best', 'class', { name: 'keys_int64s', type: ATTRIBUTE_TYPE.ints, ints: [0, 1, 2] }, strings('values_strings', 'left', 'middle 中', 'right')),
    ],
  },
});
const SENTENCES = [words('up', 'up', 'down', 'Straße'), words('down', 'up', 'up', 'up'), words('Straße', 'other', '', 'up')];

let folder = '';
let net: LoadedNet;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-strings-')); net = await loadModel(onnxSource(classifier())); });
afterAll(async () => { await net.release(); await rm(folder, { recursive: true, force: true }); });

describe('a network that reads and gives strings', () => {
  it('keeps them in islands, and places the rest on the accelerator', () => {
    expect(net.graph.inputs).toMatchObject([{ name: 'words', shape: [1, 4], dtype: 'string' }]);
    expect(net.graph.outputs).toMatchObject([{ name: 'class', shape: [1], dtype: 'string' }, { name: 'scores', dtype: 'float32' }]);
    expect(net.graph.nodes.map(({ op, unit }) => [op, unit])).toEqual([['island', 'APU'], ['fully_connected', 'MLA'], ['fully_connected', 'MLA'], ['arg_max', 'MLA'], ['opaque', 'APU'], ['island', 'APU']]);
  });

  it('is calibrated, quantized, analysed, saved and loaded, and gives the same words in every way of running', async () => {
    const model = await net.quantize(SENTENCES);
    expect((await model.analyzeQuantizationError(SENTENCES, Metric.psnr, { localFeed: false })).nodes.every(({ psnr }) => psnr > 25)).toBe(true);
    await model.save('words', folder);
    const loaded = await Model.load('words', folder);
    const classes = new Set<string>();
    for (const sentence of SENTENCES) {
      const expected = (await net.execute(sentence))['class'] as StringTensor;
      classes.add(expected.data[0] ?? '');
      for (const each of [model, loaded]) for (const way of ['fastest', 'integer-operators', 'inside-float', 'reference'] as const) expect((await each.execute(sentence, { way }))['class']).toEqual(expected);
    }
    expect(classes).toEqual(new Set(['left', 'middle 中']));
    await expect(net.values(SENTENCES[0] ?? {}, [net.graph.outputs[0]?.value ?? ''])).rejects.toMatchObject({ code: 'DTYPE_MISMATCH' });
    await model.release();
    await loaded.release();
  });

  it('is exported with its strings and the other domain that reads them', async () => {
    const model = await net.quantize(SENTENCES);
    for (const format of ['onnx-qdq', 'onnx-exact'] as const) {
      await model.export(format, join(folder, 'words.onnx'));
      const session = await ort.InferenceSession.create(join(folder, 'words.onnx'));
      for (const sentence of SENTENCES) {
        const found = await session.run({ words: new ort.Tensor('string', [...sentence['words']?.data as readonly string[]], [1, 4]) });
        expect(found['class']?.data).toEqual((await net.execute(sentence))['class']?.data);
      }
      await session.release();
    }
    await model.release();
  });

  it.each<[string, NamedValues, string]>([
    ['numbers', { words: float32([1, 4], [1, 2, 3, 4]) }, 'DTYPE_MISMATCH'],
    ['something that is no text', { words: texts([1, 4], 'up', 'up', 3 as unknown as string, 'up') }, 'DTYPE_MISMATCH'],
    ['too few words', words('up', 'down'), 'SHAPE_MISMATCH'],
  ])('takes no %s', async (_, given, code) => { await expect(net.execute(given)).rejects.toMatchObject({ code, where: { tensor: 'words' } }); });

  it('a network of numbers takes no strings', async () => {
    const numbers = await loadModel(onnxSource(encodeModel({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], graph: { name: 'n', node: [node('Relu', ['x'], ['y'])], input: [info('x', [1, 2])], output: [info('y', [1, 2])] } })));
    await expect(numbers.execute({ x: texts([1, 2], 'a', 'b') })).rejects.toMatchObject({ code: 'DTYPE_MISMATCH', where: { tensor: 'x' } });
    await numbers.release();
  });

  it('a saved model whose integers or float nodes would read strings is refused when it is loaded', async () => {
    const model = await net.quantize(SENTENCES);
    const { graph } = model;
    const value = graph.nodes.find(({ kind }) => kind === 'integer')?.outputs[0] ?? '';
    const numbers = graph.nodes[0]?.outputs[0] ?? '';
    const changes = [{ [value]: { name: value, shape: [1, 5], quantization: null, dtype: 'string' as const } }, { [numbers]: { name: numbers, shape: [1, 4], quantization: null, dtype: 'string' as const } }];
    for (const change of changes) {
      await writeFile(join(folder, 'hostile.sima'), encodeSima({ graph: { ...graph, values: new Map([...graph.values, ...Object.entries(change)]) }, settings: {}, reports: [] }));
      await expect(Model.load('hostile', folder)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    }
    await model.release();
  });
});

describe('strings in an .npz', () => {
  it('are samples: on the command line from IN.npz to OUT.npz, and in the studio without a range or a picture', async () => {
    const [file, input, output] = ['words.onnx', 'in.npz', 'out.npz'].map((name) => join(folder, name)) as [string, string, string];
    await writeFile(file, classifier());
    const all = SENTENCES.flatMap((sentence) => [...(sentence['words']?.data as readonly string[])]);
    await writeNpz(input, { words: texts([3, 4], ...all) });
    let err = '';
    const code = await runProgram(['execute', file, '--inputs', input, '--output', output], { out: () => undefined, err: (text) => { err += text; }, watched: false, cancel: createCancelToken(), onInterrupt: () => undefined });
    expect([code, err]).toEqual([0, '']);
    const expected = await Promise.all(SENTENCES.map(async (sentence) => ((await net.execute(sentence))['class']?.data as readonly string[])[0]));
    expect(await (await openNpz(output)).readValues('class')).toEqual(texts([3], ...expected.map(String)));
    const data = await openDataset({ path: input }, net.graph.inputs, { scale: 1, mean: [0], std: [1] });
    const [port] = net.graph.inputs;
    if (!port) throw new Error('the network has an input');
    expect(await dataView('calibration', data, port, { scale: 1, mean: [0], std: [1] })).toMatchObject({ samples: 3, min: 0, max: 0, preview: [] });
    await writeNpz(input, { words: float32([3, 4], new Float32Array(12)) });
    await expect(openDataset({ path: input }, net.graph.inputs, { scale: 1, mean: [0], std: [1] })).rejects.toMatchObject({ code: 'DTYPE_MISMATCH' });
  });
});

it('an input of an element type that nothing here holds is refused by its number', async () => {
  const COMPLEX64 = 14;
  await expect(loadModel(onnxSource(classifier(COMPLEX64)))).rejects.toMatchObject({ code: 'FORMAT_UNSUPPORTED', message: 'inputs of element type 14 are not read', where: { tensor: 'words' } });
});
