// DataGenerator and lengthHinted: samples are copies, preprocessing runs in order, lengths are told.
import { describe, expect, test } from 'vitest';
import { convertDataGeneratorToIterable, DataGenerator } from './data-generator.ts';
import { lengthHinted, lengthOf } from './samples.ts';
import { float32, tensor, type NamedTensors, type Tensor } from './tensor.ts';

const collect = async (samples: AsyncIterable<NamedTensors>): Promise<NamedTensors[]> => { const out = []; for await (const sample of samples) out.push(sample); return out; };
const twice = (t: Tensor): Tensor => float32(t.shape, Float32Array.from(t.data as ArrayLike<number>, (x) => 2 * x));

describe('a data generator', () => {
  test('takes samples along the first dimension and preprocesses them by input name, in the order given', async () => {
    const generator = new DataGenerator({ a: tensor('uint8', [3, 2], Uint8Array.of(1, 2, 3, 4, 5, 6)), b: [float32([1], [7]), float32([1], [8]), float32([1], [9])] });
    generator.map({ a: twice }).map({ a: async (t) => float32([2], Float32Array.from(t.data as Float32Array, (x) => x + 1)) });
    expect(await collect(convertDataGeneratorToIterable(generator, { lengthLimit: 2 }))).toEqual([
      { a: float32([2], [3, 5]), b: float32([1], [7]) }, { a: float32([2], [7, 9]), b: float32([1], [8]) },
    ]);
  });
  test('says its length, never more than there is, and may be walked again', async () => {
    const samples = convertDataGeneratorToIterable(new DataGenerator({ x: float32([3, 1], [1, 2, 3]) }), { lengthLimit: 10 });
    expect(lengthOf(samples)).toBe(3);
    expect(await collect(samples)).toEqual(await collect(samples));
  });
  test('hands out copies: preprocessing in place leaves the stored samples as they are', async () => {
    const stored = float32([2, 1], [1, 2]);
    const generator = new DataGenerator({ x: stored }).map({ x: (t) => { t.data[0] = 99; return t; } });
    expect(await collect(convertDataGeneratorToIterable(generator))).toEqual([{ x: float32([1], [99]) }, { x: float32([1], [99]) }]);
    expect(stored).toEqual(float32([2, 1], [1, 2]));
  });
  test.each([
    ['no inputs', () => new DataGenerator({}), 'DATA_EMPTY'],
    ['inputs of different length', () => new DataGenerator({ a: float32([2, 1], [1, 2]), b: float32([1, 1], [1]) }), 'SHAPE_MISMATCH'],
    ['a number that is no stack', () => new DataGenerator({ a: float32([], [1]) }), 'SHAPE_MISMATCH'],
    ['preprocessing of an input that is not there', () => new DataGenerator({ a: float32([1], [1]) }).map({ b: twice }), 'CONFIG_INVALID'],
  ])('refuses %s', (_, make, code) => expect(make).toThrow(expect.objectContaining({ code })));
});

describe('lengthHinted', () => {
  test('adds a length to any iterable and cuts nothing off', async () => {
    const hinted = lengthHinted(1, (function* () { yield { x: float32([1], [1]) }; yield { x: float32([1], [2]) }; })());
    expect(lengthOf(hinted)).toBe(1);
    expect(await collect(hinted)).toHaveLength(2);
  });
  test('arrays know their length, other iterables do not', () => {
    expect(lengthOf([{}])).toBe(1);
    expect(lengthOf(new Set([{}]))).toBeUndefined();
  });
  test('refuses what is no length', () => { for (const bad of [-1, 1.5, NaN]) expect(() => lengthHinted(bad, [])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' })); });
});
