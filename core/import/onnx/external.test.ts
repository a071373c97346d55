// Weights in files beside an ONNX model: read where they are needed, and never from anywhere else.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { info, node } from '../../../test/small-onnx.ts';
import { loadModel } from '../../engine/loaded-net.ts';
import { ATTRIBUTE_TYPE, encodeModel, tensorToProto, type TensorProto } from '../../onnx/index.ts';
import { float32 } from '../../tensor/tensor.ts';
import { importModel } from '../index.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-external-')); });
afterAll(() => rm(folder, { recursive: true }));
/** 1 to 12 as float32: rows of w, then of v. */
const NUMBERS = Float32Array.from({ length: 12 }, (_, i) => i + 1);
beforeEach(async () => { await writeFile(join(folder, 'weights.bin'), new Uint8Array(NUMBERS.buffer)); });

type Fields = Readonly<Record<string, string | number>>;
const outside = (name: string, dims: readonly number[], fields: Fields, dataType = 1): TensorProto =>
  ({ name, dims, dataType, dataLocation: 1, externalData: Object.entries(fields).map(([key, value]) => ({ key, value: String(value) })) });
const bytesOf = (weights: readonly TensorProto[]): Uint8Array => encodeModel({
  irVersion: 8, opsetImport: [{ domain: '', version: 13 }],
  graph: { name: 'outside', node: [node('MatMul', ['x', 'w'], ['a']), node('Add', ['a', 'v'], ['y'])], input: [info('x', [1, 2])], output: [info('y', [1, 3])], initializer: weights },
});
const W: Fields = { location: 'weights.bin', offset: 0, length: 24 }, V: Fields = { location: 'weights.bin', offset: 24, length: 12 };
const open = async (...weights: readonly TensorProto[]) => {
  const path = join(folder, 'model.onnx');
  await writeFile(path, bytesOf(weights));
  return loadModel(path);
};

describe('weights beside the model', () => {
  it('are read at their offsets', async () => {
    const net = await open(outside('w', [2, 3], W), outside('v', [3], V));
    const { y } = await net.execute({ x: float32([1, 2], [1, 10]) });
    expect(y?.data).toEqual(Float32Array.of(41 + 7, 52 + 8, 63 + 9));
    await net.release();
  });
  it('need no length, may share a stretch, and may lie in a folder inside', async () => {
    await mkdir(join(folder, 'deep'), { recursive: true });
    await writeFile(join(folder, 'deep', 'w.bin'), new Uint8Array(NUMBERS.buffer, 0, 24));
    const net = await open(outside('w', [2, 3], { location: 'deep/w.bin' }), outside('v', [2, 3], { location: 'deep/w.bin' }));
    expect((await net.execute({ x: float32([1, 2], [0, 0]) }))['y']?.data).toEqual(NUMBERS.slice(0, 6));
    await net.release();
  });
  it('are not looked for where no operator reads them', async () => {
    const net = await open(outside('w', [2, 3], W), outside('v', [3], V), outside('unused', [3], { location: 'gone.bin' }));
    await net.release();
  });
  it('cannot be there for a model that is no file', () => {
    expect(() => importModel(bytesOf([outside('w', [2, 3], W), outside('v', [3], V)]), 'm.onnx')).toThrow(expect.objectContaining({ code: 'FORMAT_UNSUPPORTED' }));
  });
});

describe('weights of a branch and of an attribute', () => {
  const choosing = (inBranch: TensorProto, inAttribute: TensorProto): Uint8Array => encodeModel({
    irVersion: 8, opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name: 'choosing', input: [info('x', [1, 2])], output: [info('y', [1, 2])], valueInfo: [info('chosen', [1, 2])], initializer: [tensorToProto(float32([], [0]), 'zero')],
      node: [
        node('ReduceSum', ['x'], ['sum'], { keepdims: 0 }), node('Greater', ['sum', 'zero'], ['positive']),
        {
          opType: 'If', input: ['positive'], output: ['chosen'], attribute: [
            { name: 'then_branch', type: ATTRIBUTE_TYPE.graph, g: { name: 'then', node: [node('Add', ['x', 'k'], ['more'])], initializer: [inBranch], output: [info('more', [1, 2])] } },
            { name: 'else_branch', type: ATTRIBUTE_TYPE.graph, g: { name: 'else', node: [node('Neg', ['x'], ['less'])], output: [info('less', [1, 2])] } },
          ],
        },
        { opType: 'Constant', output: ['c'], attribute: [{ name: 'value', type: ATTRIBUTE_TYPE.tensor, t: inAttribute }] },
        node('Mul', ['chosen', 'c'], ['y']),
      ],
    },
  });
  const opened = async (inBranch: TensorProto, inAttribute: TensorProto) => {
    await writeFile(join(folder, 'choosing.onnx'), choosing(inBranch, inAttribute));
    return loadModel(join(folder, 'choosing.onnx'));
  };
  it('are read, too', async () => {
    const net = await opened(outside('k', [2], { location: 'weights.bin', offset: 8 }), outside('', [1, 2], { location: 'weights.bin', offset: 16 }));
    expect((await net.execute({ x: float32([1, 2], [1, 2]) }))['y']?.data).toEqual(Float32Array.of((1 + 3) * 5, (2 + 4) * 6));
    expect((await net.execute({ x: float32([1, 2], [-1, -2]) }))['y']?.data).toEqual(Float32Array.of(1 * 5, 2 * 6));
    await net.release();
  });
  it.each<[string, Fields, string]>([
    ['outside the folder', { location: '../weights.bin' }, 'FORMAT_CORRUPT'], ['beyond the file', { location: 'weights.bin', offset: 44 }, 'FORMAT_TOO_LARGE'], ['in no file', { location: 'gone.bin' }, 'FILE_NOT_FOUND'],
  ])('%s are refused', async (_, fields, code) => {
    const fine = outside('k', [2], { location: 'weights.bin' });
    await expect(opened(outside('k', [2], fields), fine)).rejects.toMatchObject({ code, where: { tensor: 'k' } });
    await expect(opened(fine, outside('c', [1, 2], fields))).rejects.toMatchObject({ code, where: { node: 'c' } });
  });
});

describe('a hostile model', () => {
  const cases: readonly (readonly [string, TensorProto, string])[] = [
    ['that climbs out of its folder', outside('v', [3], { location: '../weights.bin' }), 'FORMAT_CORRUPT'],
    ['that climbs out from inside', outside('v', [3], { location: 'deep/../../x' }), 'FORMAT_CORRUPT'],
    ['that climbs out the other way', outside('v', [3], { location: '..\\weights.bin' }), 'FORMAT_CORRUPT'],
    ['that names any file', outside('v', [3], { location: '/etc/passwd' }), 'FORMAT_CORRUPT'],
    ['that follows a link out', outside('v', [3], { location: 'link.bin' }), 'FORMAT_CORRUPT'],
    ['that names its folder', outside('v', [3], { location: '.' }), 'FORMAT_CORRUPT'],
    ['that names nothing', outside('v', [3], {}), 'FORMAT_CORRUPT'],
    ['with a name that ends early', outside('v', [3], { location: 'weights.bin\0.txt' }), 'FORMAT_CORRUPT'],
    ['whose file is missing', outside('v', [3], { location: 'gone.bin' }), 'FILE_NOT_FOUND'],
    ['that reads past the end', outside('v', [3], { ...V, offset: 40 }), 'FORMAT_TOO_LARGE'],
    ['with an offset below 0', outside('v', [3], { ...V, offset: -12 }), 'FORMAT_CORRUPT'],
    ['with an offset in other digits', outside('v', [3], { ...V, offset: '0x18' }), 'FORMAT_CORRUPT'],
    ['whose length is not that of its shape', outside('v', [3], { ...V, length: 16 }), 'FORMAT_CORRUPT'],
    ['that declares a terabyte', outside('v', [2 ** 38], { location: 'weights.bin' }), 'FORMAT_TOO_LARGE'],
    ['of no possible shape', outside('v', [2 ** 50, 2 ** 50], { location: 'weights.bin' }), 'FORMAT_CORRUPT'],
    ['that reads the same bytes many times', outside('v', [10], { location: 'weights.bin', offset: 4 }), 'FORMAT_TOO_LARGE'],
    ['with strings outside', outside('v', [3], V, 8), 'MODEL_INVALID'],
  ];
  it.each(cases)('%s is refused, naming the tensor', async (_, v, code) => {
    await rm(join(folder, 'link.bin'), { force: true });
    await symlink('/etc/hostname', join(folder, 'link.bin'));
    await expect(open(outside('w', [2, 3], W), v)).rejects.toMatchObject({ code });
    if (code !== 'MODEL_INVALID') await expect(open(outside('w', [2, 3], W), v)).rejects.toMatchObject({ where: { tensor: 'v' } });
  });
});
