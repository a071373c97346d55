// Data sets end to end: made-up files of every kind, and the real ones where they are at hand.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset, samplesOf } from './dataset.ts';
import type { InputShape } from './layout.ts';
import { formatNpy } from './npy.ts';
import { writeNpz } from './npz.ts';
import { UNCHANGED } from './preprocessing.ts';
import { float32, tensor, type NamedValues, type Tensor } from './tensor.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-data-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const vector: InputShape = { name: 'features', shape: [1, 3] };
const bytes = (shape: readonly number[]): Tensor => tensor('uint8', shape, Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i));

describe('arrays', () => {
  it('gives each sample as float32 in the declared shape, labels beside', async () => {
    await writeNpz(at('a.npz'), { x: bytes([4, 3]), y: tensor('int64', [4], BigInt64Array.of(3n, 2n, 1n, 0n)) });
    const data = await openDataset({ path: at('a.npz') }, [vector], { scale: 2, mean: [1], std: [1] });
    expect(data).toMatchObject({ name: 'a.npz', samples: 4, labels: Int32Array.of(3, 2, 1, 0) });
    expect(await data.sample(1)).toEqual({ features: float32([1, 3], [5, 7, 9]) });
    expect(await collect(samplesOf(data, 2))).toEqual([await data.sample(0), await data.sample(1)]);
  });

  it('finds arrays by the inputs\' names, by --input, and as the only one', async () => {
    const second: InputShape = { name: 'second', shape: [1, 2] };
    await writeNpz(at('two.npz'), { x: bytes([2, 3]), second: bytes([2, 2]), other: bytes([2, 2]) });
    expect(await (await openDataset({ path: at('two.npz') }, [vector, second], UNCHANGED)).sample(1)).toEqual({ features: float32([1, 3], [3, 4, 5]), second: float32([1, 2], [2, 3]) });
    const named = await openDataset({ path: at('two.npz'), inputs: { second: 'other' } }, [vector, second], UNCHANGED);
    expect(Object.keys(await named.sample(0))).toEqual(['features', 'second']);
    await writeNpz(at('only.npz'), { pictures: bytes([2, 3]), y: bytes([2]) });
    expect((await openDataset({ path: at('only.npz') }, [vector], UNCHANGED)).labels).toEqual(Int32Array.of(0, 1));
    await expect(openDataset({ path: at('only.npz'), inputs: { nobody: 'x' } }, [vector], UNCHANGED)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(openDataset({ path: at('only.npz') }, [vector, second], UNCHANGED)).rejects.toMatchObject({ code: 'DATA_KEY_MISSING' });
  });

  it('takes an array that is one sample as one sample', async () => {
    await writeFile(at('one.npy'), formatNpy(bytes([3])));
    expect((await openDataset({ path: at('one.npy') }, [vector], UNCHANGED)).samples).toBe(1);
  });

  it('takes labels from a file, and ignores a y that holds none', async () => {
    await writeNpz(at('images.npz'), { x: bytes([2, 3]), y: float32([2, 3], [0, 0.5, 1, 0, 0.5, 1]) });
    expect((await openDataset({ path: at('images.npz') }, [vector], UNCHANGED)).labels).toBeUndefined();
    await expect(openDataset({ path: at('images.npz'), labelsKey: 'y' }, [vector], UNCHANGED)).rejects.toMatchObject({ code: 'DATA_LABELS' });
    await writeFile(at('labels.csv'), '5\n6\n');
    expect((await openDataset({ path: at('images.npz'), labels: at('labels.csv') }, [vector], UNCHANGED)).labels).toEqual(Int32Array.of(5, 6));
  });

  it('names file, tensor and both shapes when a sample does not fit', async () => {
    await writeFile(at('wide.npy'), formatNpy(bytes([2, 5])));
    await expect(openDataset({ path: at('wide.npy') }, [vector], UNCHANGED)).rejects.toMatchObject({
      code: 'SHAPE_MISMATCH', message: 'samples of shape [5] (array [2, 5]) do not fit the input [1, 3]', where: { file: at('wide.npy'), tensor: 'features' },
    });
  });

  it('names tensor and sample of a NaN', async () => {
    await writeFile(at('nan.npy'), formatNpy(float32([2, 3], [0, 0, 0, 0, NaN, 0])));
    const data = await openDataset({ path: at('nan.npy') }, [vector], UNCHANGED);
    await data.sample(0);
    await expect(data.sample(1)).rejects.toMatchObject({ code: 'DATA_INVALID', where: { tensor: 'features', sample: 1 } });
  });

  it.each([
    ['arrays of different length', { x: bytes([2, 3]), second: bytes([3, 2]) }, 'SHAPE_MISMATCH'],
    ['an empty array', { x: bytes([0, 3]), second: bytes([0, 2]) }, 'DATA_EMPTY'],
  ])('refuses %s', async (what, arrays, code) => {
    await writeNpz(at(`${what}.npz`), arrays);
    await expect(openDataset({ path: at(`${what}.npz`) }, [vector, { name: 'second', shape: [1, 2] }], UNCHANGED)).rejects.toMatchObject({ code });
  });
});

describe('images', () => {
  const rgb: InputShape = { name: 'image', shape: [1, 3, 2, 2], toGraph: [0, 2, 3, 1] };
  const red = { r: 255, g: 0, b: 0 };
  beforeAll(async () => {
    await mkdir(at('pictures'));
    await sharp({ create: { width: 5, height: 4, channels: 3, background: red } }).png().toFile(at('pictures/b.png'));
    await sharp({ create: { width: 2, height: 2, channels: 3, background: { r: 0, g: 0, b: 255 } } }).webp({ lossless: true }).toFile(at('pictures/a.webp'));
    await writeFile(at('pictures/notes.txt'), 'no picture');
    await sharp({ create: { width: 2, height: 2, channels: 3, background: red } }).png().toFile(at('outside.png'));
    await symlink(at('outside.png'), at('pictures/link.png'));
    await writeFile(at('names.csv'), 'file,class_index\nb.png,1\na.webp,0\n');
  });

  it('reads a folder in the order of names, resized, in the model\'s order of dimensions, links out of it left out', async () => {
    const data = await openDataset({ path: at('pictures'), labels: at('names.csv') }, [rgb], { scale: 1, mean: [255, 0, 0], std: [1] });
    expect(data).toMatchObject({ samples: 2, labels: Int32Array.of(0, 1) });
    expect(await data.sample(0)).toEqual({ image: float32([1, 3, 2, 2], [-255, -255, -255, -255, 0, 0, 0, 0, 255, 255, 255, 255]) });
    expect(await data.sample(1)).toEqual({ image: float32([1, 3, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) });
  });

  it('labels images by the folders that they lie in, unless a file does or none are wanted', async () => {
    for (const kind of ['zebra', 'ant']) {
      await mkdir(at(`kinds/${kind}`), { recursive: true });
      await sharp({ create: { width: 2, height: 2, channels: 3, background: red } }).png().toFile(at(`kinds/${kind}/${kind}.png`));
    }
    await mkdir(at('kinds/.hidden'));
    await writeFile(at('kinds/.hidden/no.png'), '');
    const data = await openDataset({ path: at('kinds') }, [rgb], UNCHANGED);
    expect(data).toMatchObject({ samples: 2, labels: Int32Array.of(0, 1), classes: new Map([[0, 'ant'], [1, 'zebra']]) });
    const list = { path: [at('kinds/zebra/zebra.png'), at('kinds/ant/ant.png')] };
    expect((await openDataset({ ...list, names: ['zebra/zebra.png', 'ant/ant.png'] }, [rgb], UNCHANGED)).labels).toEqual(Int32Array.of(1, 0));
    expect((await openDataset(list, [rgb], UNCHANGED)).labels).toBeUndefined();
    expect((await openDataset({ path: at('kinds'), labelsKey: false }, [rgb], UNCHANGED)).labels).toBeUndefined();
    await writeFile(at('kinds.csv'), 'ant.png,7\nzebra.png,8\n');
    const told = await openDataset({ path: at('kinds'), labels: at('kinds.csv') }, [rgb], UNCHANGED);
    expect([told.labels, told.classes]).toEqual([Int32Array.of(7, 8), undefined]);
  });

  it('turns pictures grey for a model with one channel', async () => {
    const data = await openDataset({ path: [at('pictures/b.png')] }, [{ name: 'image', shape: [1, 2, 2, 1] }], UNCHANGED);
    const grey = (await data.sample(0))['image'];
    expect(grey?.shape).toEqual([1, 2, 2, 1]);
    expect(Number(grey?.data[0])).toBeGreaterThan(30);
    expect(Number(grey?.data[0])).toBeLessThan(150);
  });

  it.each([
    ['an SVG that is named .png', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', 'FORMAT_UNKNOWN'],
    ['a cut PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'FORMAT_CORRUPT'],
  ] as const)('refuses %s when it is read', async (what, content, code) => {
    await writeFile(at(`${what}.png`), content);
    const data = await openDataset({ path: at(`${what}.png`) }, [rgb], UNCHANGED);
    await expect(data.sample(0)).rejects.toMatchObject({ code, where: { file: at(`${what}.png`) } });
  });

  it('refuses a picture for an input that takes none, and a folder without pictures', async () => {
    await expect(openDataset({ path: at('outside.png') }, [vector], UNCHANGED)).rejects.toMatchObject({ code: 'SHAPE_MISMATCH' });
    await mkdir(at('empty'));
    await expect(openDataset({ path: at('empty') }, [rgb], UNCHANGED)).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
});

const REAL = resolve(import.meta.dirname, '../../../shared/data');
describe.skipIf(!existsSync(REAL))('real data (skipped where ../shared/data is missing)', () => {
  const mean = (t: NamedValues[string] | undefined): number => { let sum = 0; for (const v of t?.data as Float32Array) sum += v; return sum / (t?.data.length ?? 1); };
  it.each([
    ['mlperf-tiny-ic/cifar10_test.npz', { name: 'input_1', shape: [1, 32, 32, 3] }, 1000],
    ['mlperf-tiny-kws/samples_int8.npz', { name: 'input_1', shape: [1, 49, 10, 1] }, 1000],
    ['onnx-small/mnist_test_0_4999.npz', { name: 'Input3', shape: [1, 1, 28, 28], toGraph: [0, 2, 3, 1] }, 5000],
  ])('%s', async (name, port, samples) => {
    const data = await openDataset({ path: join(REAL, name) }, [port], UNCHANGED);
    expect(data.samples).toBe(samples);
    expect(data.labels).toHaveLength(samples);
    expect((await data.sample(samples - 1))[port.name]?.shape).toEqual(port.shape);
  });

  it('imagenet-samples: labels by name, pixels of 224 x 224 as stored', async () => {
    const port = { name: 'in', shape: [1, 224, 224, 3] };
    const data = await openDataset({ path: join(REAL, 'imagenet-samples/images'), labels: join(REAL, 'imagenet-samples/labels.csv') }, [port], UNCHANGED);
    expect(data).toMatchObject({ samples: 500 });
    expect(Array.from(data.labels?.subarray(0, 3) ?? [])).toEqual([0, 2, 4]);
    const direct = await sharp(join(REAL, 'imagenet-samples/images/n01440764_tench.jpg')).raw().toBuffer();
    expect((await data.sample(0))['in']).toEqual(float32([1, 224, 224, 3], Float32Array.from(direct)));
  });

  it('ultraface: (x - 127) / 128 of photographs of any size', async () => {
    const port = { name: 'input', shape: [1, 3, 240, 320], toGraph: [0, 2, 3, 1] };
    const data = await openDataset({ path: join(REAL, 'ultraface/images') }, [port], { scale: 1, mean: [127], std: [128] });
    const image = (await data.sample(0))['input'];
    expect(image?.shape).toEqual([1, 3, 240, 320]);
    expect(Math.abs(mean(image))).toBeLessThan(1);
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
