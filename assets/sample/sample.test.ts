// The committed sample does what it claims: it is small, it is what the script draws, and the network names the drawings.
import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModel } from '../../core/onnx/index.ts';
import { openNpz } from '../../core/tensor/npz.ts';
import { draw, IMAGE_BYTES } from './draw.ts';
import { PREPROCESSING } from './network.ts';
import { countCorrectByOnnxRuntime } from './onnx-accuracy.ts';
import { DATA_SETS, dataSet, outputFiles, type DataSet } from './output.ts';
import { picturesOf, type Pictures } from './pictures.ts';
import { randomOf } from './random.ts';
import { LABELS } from './shapes.ts';

const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const FILES = [...outputFiles(new Uint8Array()).keys()];

describe('the committed files', () => {
  test('are all there, in less than a million bytes', () => {
    expect(FILES.filter((name) => !existsSync(at(name)))).toEqual([]);
    expect(FILES.reduce((sum, name) => sum + statSync(at(name)).size, 0)).toBeLessThan(1_000_000);
  });

  test('at least 95 % of the test drawings are named correctly in float', async () => {
    const pictures = await committed('test');
    const correct = await countCorrectByOnnxRuntime(await readFile(at('shapes.onnx')), pictures);
    expect(correct / pictures.count).toBeGreaterThanOrEqual(0.95);
  });

  test.each(Object.keys(DATA_SETS) as DataSet[])('%s.npz is what the script draws, bit for bit', async (name) => {
    const [file, drawn] = [await committed(name), dataSet(name)];
    expect(file.count).toBe(DATA_SETS[name]);
    expect(Buffer.compare(file.pixels, drawn.pixels)).toBe(0);
    expect(file.labels).toEqual(drawn.labels);
  });

  test('the model has batch norms to fold, depthwise convolutions and a residual addition', async () => {
    const nodes = decodeModel(await readFile(at('shapes.onnx'))).graph?.node ?? [];
    const count = (opType: string): number => nodes.filter((node) => node.opType === opType).length;
    const depthwise = nodes.filter((node) => node.attribute?.some(({ name, i }) => name === 'group' && (i ?? 1) > 1));
    expect({ conv: count('Conv'), norm: count('BatchNormalization'), add: count('Add'), depthwise: depthwise.length })
      .toEqual({ conv: 9, norm: 9, add: 1, depthwise: 3 });
  });

  test('sample.json tells how to prepare a picture, labels.txt names the ten classes', async () => {
    expect(JSON.parse(await readFile(at('sample.json'), 'utf8'))).toMatchObject({ ...PREPROCESSING, mean: [0.5], std: [0.25] });
    expect((await readFile(at('labels.txt'), 'utf8')).trim().split('\n')).toEqual(LABELS);
  });
});

describe('drawing', () => {
  const label = fc.integer({ min: 0, max: LABELS.length - 1 });
  test('the same seed draws the same picture, another seed another', () => {
    fc.assert(fc.property(label, fc.nat(), fc.nat(), (which, seed, other) => {
      fc.pre(seed !== other);
      const bytes = draw(which, randomOf('x', seed));
      expect(draw(which, randomOf('x', seed))).toEqual(bytes);
      expect(draw(which, randomOf('x', other))).not.toEqual(bytes);
      expect(bytes).toHaveLength(IMAGE_BYTES);
    }), { numRuns: 30 });
  });
  test('a set of pictures is the same whole or in parts', () => {
    const whole = picturesOf('parts', 0, 20);
    const part = picturesOf('parts', 7, 5);
    expect(part.pixels).toEqual(whole.pixels.subarray(7 * IMAGE_BYTES, 12 * IMAGE_BYTES));
    expect(part.labels).toEqual(whole.labels.subarray(7, 12));
  });
  test('training, calibration and test share no picture', () => {
    const sets = ['train', 'calibration', 'test'].map((name) => picturesOf(name, 0, 100).pixels);
    const prints = sets.flatMap((pixels) => Array.from({ length: 100 }, (_, n) => Buffer.from(pixels.subarray(n * IMAGE_BYTES, (n + 1) * IMAGE_BYTES)).toString('base64')));
    expect(new Set(prints).size).toBe(300);
  });
  test('there is no class ten', () => expect(() => draw(10, randomOf('x'))).toThrow(RangeError));
});

async function committed(name: DataSet): Promise<Pictures> {
  const npz = await openNpz(at(`${name}.npz`));
  const [x, y] = [await npz.read('x'), await npz.read('y')];
  expect([x.dtype, x.shape.slice(1), y.dtype]).toEqual(['uint8', [32, 32, 3], 'int64']);
  return { count: x.shape[0] ?? 0, pixels: x.data as Uint8Array, labels: Uint8Array.from(y.data as BigInt64Array, Number) };
}
