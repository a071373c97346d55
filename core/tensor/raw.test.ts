// Raw files as samples: the same numbers as a .npy of them gives, and files that are not what they are said to be.
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequantError } from '../errors/index.ts';
import { openDataset, type DatasetSource } from './dataset.ts';
import type { InputShape } from './layout.ts';
import { formatNpy } from './npy.ts';
import { UNCHANGED, type Preprocessing } from './preprocessing.ts';
import { openRaw, RAW_TYPES, type RawType } from './raw.ts';
import { allocate, bytesOf, DTYPES, float32, type DType, type Tensor } from './tensor.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-raw-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

const vector: InputShape = { name: 'features', shape: [1, 3] };
/** Channels first, as an ONNX file has it. */
const image: InputShape = { name: 'image', shape: [1, 2, 2, 3], toGraph: [0, 2, 3, 1] };
const write = async (name: string, data: ArrayBufferView): Promise<string> => {
  await writeFile(at(name), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return at(name);
};
const open = (path: string, port = vector, raw?: DatasetSource['raw'], preprocessing: Preprocessing = UNCHANGED) => openDataset({ path, ...(raw && { raw }) }, [port], preprocessing);

describe('a raw file', () => {
  it('gives samples of the model\'s own type and shape, one behind the other, with labels from a file beside', async () => {
    await writeFile(at('labels.csv'), '4\n2\n');
    const data = await openDataset({ path: await write('two.raw', Float32Array.of(1, 2, 3, 4, 5, 6)), labels: at('labels.csv') }, [vector], { scale: 2, mean: [1], std: [1] });
    expect(data).toMatchObject({ name: 'two.raw', samples: 2, labels: Int32Array.of(4, 2) });
    expect(await data.sample(1)).toEqual({ features: float32([1, 3], [7, 9, 11]) });
    const tokens = await open(await write('tokens.bin', BigInt64Array.of(1n, -2n, 3n)), { ...vector, dtype: 'int64' });
    expect(await tokens.sample(0)).toEqual({ features: float32([1, 3], [1, -2, 3]) });
  });

  it('of any type holds the same samples as a .npy of the same array', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...DTYPES), fc.integer({ min: 1, max: 4 }), fc.uint8Array({ minLength: 96, maxLength: 96 }), async (type: DType, samples, noise) => {
      const length = samples * 3, elements = allocate(type, length);
      // Small numbers, so that no type has a NaN among them.
      for (let i = 0; i < length; i++) elements[i] = (type === 'int64' || type === 'uint64' ? BigInt(noise[i] ?? 0) : (noise[i] ?? 0) % (type === 'bool' ? 2 : 100));
      const array = { dtype: type, shape: [samples, 3], data: elements } as Tensor;
      await writeFile(at('same.npy'), formatNpy(array));
      const raw = await open(await write('same.raw', array.data), vector, { type }), npy = await open(at('same.npy'));
      expect(raw.samples).toBe(npy.samples);
      for (let i = 0; i < samples; i++) expect(await raw.sample(i)).toEqual(await npy.sample(i));
    }), { numRuns: 60 });
  });

  it('may hold half precision, and any byte but 0 for true', async () => {
    expect(await (await open(await write('half.raw', Uint16Array.of(0x3c00, 0xc000, 0x3800)), vector, { type: 'float16' })).sample(0)).toEqual({ features: float32([1, 3], [1, -2, 0.5]) });
    expect(await (await open(await write('bool.raw', Uint8Array.of(0, 1, 7)), vector, { type: 'bool' })).sample(0)).toEqual({ features: float32([1, 3], [0, 1, 1]) });
  });

  it('lies in the order of dimensions that layout or shape say', async () => {
    const path = await write('pixels.raw', Uint8Array.from({ length: 12 }, (_, i) => i));
    const turned = float32([1, 2, 2, 3], [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11]);
    expect(await (await open(path, image, { type: 'uint8' }, { ...UNCHANGED, layout: 'nhwc' })).sample(0)).toEqual({ image: turned });
    expect(await (await open(path, image, { type: 'uint8', shape: [2, 3, 2] })).sample(0)).toEqual({ image: turned });
    expect(await (await open(path, image, { type: 'uint8' })).sample(0)).toEqual({ image: float32([1, 2, 2, 3], Array.from({ length: 12 }, (_, i) => i)) });
  });

  it('is checked before memory is spent, whatever its size and however large the input', async () => {
    const hole = await write('hole.raw', new Uint8Array(0));
    await truncate(hole, 6 * 2 ** 40);
    // Six tebibytes that take no room: only the sample asked for is read.
    const data = await open(hole, vector, { type: 'uint8' });
    expect(data.samples).toBe(2 * 2 ** 40);
    expect(await data.sample(data.samples - 1)).toEqual({ features: float32([1, 3], [0, 0, 0]) });
    const wide: InputShape = { name: 'wide', shape: [1, 2 ** 40, 2 ** 40] };
    await expect(open(await write('small.raw', Float32Array.of(1)), wide)).rejects.toMatchObject({ code: 'DATA_INVALID' });
    await expect(openRaw(hole, { type: 'float64', shape: [2 ** 53 - 1, 2 ** 53 - 1] })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it('of any length and any claim is opened whole or refused with a hint', async () => {
    const shapes = fc.array(fc.constantFrom(1, 2, 3, 0, -1, 0.5, NaN, Infinity, 2 ** 53), { maxLength: 40 });
    await fc.assert(fc.asyncProperty(fc.integer({ min: 0, max: 64 }), fc.constantFrom(...RAW_TYPES), shapes, async (size, type: RawType, shape) => {
      const path = await write('any.raw', new Uint8Array(size));
      const opened = await openRaw(path, { type, shape }).catch((error: unknown) => error);
      if (opened instanceof RequantError) {
        expect(opened.where.file).toBe(path);
        expect(opened.hint).not.toBe('');
        expect(['CONFIG_INVALID', 'DATA_INVALID', 'DATA_EMPTY']).toContain(opened.code);
        return;
      }
      const raw = opened as Awaited<ReturnType<typeof openRaw>>, { samples } = raw;
      const bytes = shape.reduce((n, d) => n * d, type === 'float16' ? 2 : bytesOf(type));
      expect(samples * bytes).toBe(size);
      expect((await raw.at(samples - 1)).shape).toEqual(shape);
    }), { numRuns: 200 });
  });

  it.each<[string, Partial<DatasetSource>, InputShape[], string]>([
    ['a rest behind the last sample', {}, [{ name: 'four', shape: [1, 4] }], 'DATA_INVALID'],
    ['a shape that does not fit the input', { raw: { shape: [1, 2] } }, [vector], 'SHAPE_MISMATCH'],
    ['an array of labels in it', { labelsKey: 'y' }, [vector], 'DATA_KEY_MISSING'],
    ['two inputs', {}, [vector, vector], 'DATA_KEY_MISSING'],
    ['an input of strings', {}, [{ ...vector, dtype: 'string' }], 'DTYPE_MISMATCH'],
    ['a raw type for a file that has a header', { path: 'a.npz', raw: { type: 'int8' } }, [vector], 'CONFIG_INVALID'],
  ])('refuses %s', async (_, source, ports, code) => {
    const path = await write('six.raw', Float32Array.of(1, 2, 3, 4, 5, 6));
    await expect(openDataset({ path, ...source }, ports, UNCHANGED)).rejects.toMatchObject({ code });
  });

  it('that became shorter is said at the sample that is no longer there', async () => {
    const data = await open(await write('shrinks.raw', Float32Array.of(1, 2, 3, 4, 5, 6)));
    await truncate(at('shrinks.raw'), 20);
    await data.sample(0);
    await expect(data.sample(1)).rejects.toMatchObject({ code: 'FORMAT_CORRUPT', where: { sample: 1 } });
  });
});
