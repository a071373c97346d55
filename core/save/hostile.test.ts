// Saved models, changed in every way that a stranger may think of: loaded and run, or refused with a RequantError; never a crash or a wait.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { unzipSync, zipSync, strFromU8, strToU8 } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultQuantization, float32, loadModel, Model, RequantError, tensor } from '../index.ts';
import { formatNpy } from '../tensor/npy.ts';
import { loadSima } from './sima.ts';

type Json = Record<string, unknown>;
let folder = '';
let whole: Uint8Array;
let files: Record<string, Uint8Array>;
let inputs: Record<string, ReturnType<typeof float32>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-hostile-'));
  const net = await loadModel(resolve(import.meta.dirname, '../../assets/sample/shapes.onnx'));
  const [port] = net.graph.inputs;
  inputs = { [port?.name ?? '']: float32(port?.shape ?? [], Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => Math.sin(i))) };
  const able = net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => node.name);
  const config = defaultQuantization.withCustomQuantizationConfigs({ [able[1] ?? '']: { quantizationPrecision: 'int16' } }).withUnquantizedNodes([able[3] ?? '']);
  const model = await net.quantize([inputs], config);
  whole = model.files('m')[0]?.bytes ?? new Uint8Array(0);
  files = unzipSync(whole);
  await model.release();
  await net.release();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Loads and runs the bytes; the error's code where they are refused, '' where they run. Anything but a RequantError is thrown on. */
async function outcome(bytes: Uint8Array): Promise<string> {
  const path = join(folder, 'm.sima');
  await writeFile(path, bytes);
  let model: Model | undefined;
  try {
    model = await Model.load(path);
    await model.execute(inputs);
    return '';
  } catch (error) {
    if (error instanceof RequantError && error.code !== 'INTERNAL') return error.code;
    throw error;
  } finally { await model?.release(); }
}
const zipped = (changes: Record<string, Uint8Array | undefined>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries({ ...files, ...changes }).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined)), { level: 1 });
const parsed = (): Json => JSON.parse(strFromU8(files['model.json'] ?? new Uint8Array(0))) as Json;
const withModel = (change: (model: Json) => void): Uint8Array => { const model = parsed(); change(model); return zipped({ 'model.json': strToU8(JSON.stringify(model)) }); };
const listOf = (model: Json, name: string): Json[] => model[name] as Json[];

test('unchanged it runs', async () => { expect(await outcome(whole)).toBe(''); });

describe('archives', () => {
  test('cut short or with flipped bits are refused or read right', async () => {
    await fc.assert(fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), async (share) => {
      expect(await outcome(whole.slice(0, Math.floor(whole.length * share)))).toMatch(/^FORMAT_/);
    }), { numRuns: 25 });
    await fc.assert(fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.integer({ min: 0, max: 7 }), async (share, bit) => {
      const bytes = whole.slice();
      const at = Math.floor(bytes.length * share);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
      expect(await outcome(bytes)).toMatch(/^(FORMAT_.*|MODEL_INVALID|)$/);
    }), { numRuns: 60 });
  });
  test('a missing constant, a stranger, a path out of the folder and an empty archive are refused', async () => {
    expect(await outcome(zipped({ 'constants/0.npy': undefined }))).toBe('FORMAT_CORRUPT');
    expect(await outcome(zipped({ 'constants/999.npy': files['constants/0.npy'] }))).toBe('FORMAT_CORRUPT');
    expect(await outcome(zipped({ '../escaped.npy': files['constants/0.npy'] }))).toBe('FORMAT_CORRUPT');
    expect(await outcome(withModel((model) => { const [first] = listOf(model, 'constants'); if (first) first['file'] = '../../etc/passwd'; }))).toBe('MODEL_INVALID');
    expect(await outcome(zipSync({}))).toBe('FORMAT_UNKNOWN');
    expect(await outcome(zipped({ 'model.json': strToU8('{') }))).toBe('FORMAT_CORRUPT');
  });
  test('a bomb is refused by what it declares, before it is unpacked', async () => {
    const bytes = zipped({});
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    // The central directory's uncompressed sizes, all set to almost 4 GiB.
    for (let at = 0; at + 46 < bytes.length; at++) if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0xfffffff0, true);
    const began = performance.now();
    expect(await outcome(bytes)).toBe('FORMAT_TOO_LARGE');
    expect(performance.now() - began).toBeLessThan(1000);
  });
  test('one name twice is refused', async () => {
    expect(await outcome(withModel((model) => { const list = listOf(model, 'constants'); list.push({ ...list[0], file: 'constants/0.npy' }); }))).toBe('MODEL_INVALID');
    expect(await outcome(withModel((model) => { const list = listOf(model, 'values'); list.push({ ...list[0] }); }))).toBe('MODEL_INVALID');
    expect(await outcome(withModel((model) => { const list = listOf(model, 'nodes'); list.push({ ...list[0] }); }))).toBe('MODEL_INVALID');
  });
});

describe('contents', () => {
  const constants = (type: string): [string, string][] => listOf(parsed(), 'nodes').filter((node) => node['op'] === type)
    .flatMap((node) => Object.entries(node['constants'] as Record<string, string>))
    .map(([role, name]) => [role, String(listOf(parsed(), 'constants').find((constant) => constant['name'] === name)?.['file'])]);
  test('constants of another type, shape or length are refused', async () => {
    const weights = constants('conv2d').find(([role]) => role === 'weights')?.[1] ?? '';
    const shift = constants('conv2d').find(([role]) => role === 'shift')?.[1] ?? '';
    expect(await outcome(zipped({ [weights]: formatNpy(float32([1], [1])) }))).toBe('MODEL_INVALID');
    expect(await outcome(zipped({ [weights]: formatNpy(tensor('int8', [1, 1, 1, 1], Int8Array.of(1))) }))).toBe('MODEL_INVALID');
    expect(await outcome(zipped({ [shift]: formatNpy(tensor('int32', [1], Int32Array.of(2 ** 30))) }))).toBe('MODEL_INVALID');
    expect(await outcome(zipped({ [shift]: formatNpy(tensor('int32', [3], Int32Array.of(1, 2, 3))) }))).toBe('MODEL_INVALID');
    expect(await outcome(zipped({ [weights]: (files[weights] ?? new Uint8Array(0)).slice(0, -1) }))).toBe('FORMAT_CORRUPT');
  });
  test('shapes that the operators would not give, and windows without end, are refused', async () => {
    const last = (model: Json): Json => listOf(model, 'values').at(-1) ?? {};
    expect(await outcome(withModel((model) => { last(model)['shape'] = [1, 11]; }))).toBe('MODEL_INVALID');
    expect(await outcome(withModel((model) => { last(model)['shape'] = [2 ** 28, 2 ** 28]; }))).toBe('MODEL_INVALID');
    expect(await outcome(withModel((model) => { for (const node of listOf(model, 'nodes')) if (node['op'] === 'conv2d') node['attrs'] = { ...node['attrs'] as Json, pads: [1e9, 1e9, 1e9, 1e9] }; }))).toBe('MODEL_INVALID');
  });
  test('any value anywhere replaced by any other is refused or runs', async () => {
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (Array.isArray(value)) value.slice(0, 40).forEach((inner, i) => walk(inner, [...path, i]));
      else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(parsed(), []);
    const strange = fc.constantFrom<unknown>(null, 0, -1, 1, 3, 1e9, -1e9, 2 ** 53, 0.5, 1e300, '', 'x', 'int16', 'add', 'conv2d', 'float', 'none', [], {}, [1], [1, 1, 1, 1], true, '__proto__');
    await fc.assert(fc.asyncProperty(fc.constantFrom(...paths), strange, async (path, value) => {
      const bytes = withModel((model) => {
        let at: unknown = model;
        for (const key of path.slice(0, -1)) at = (at as Json)[key];
        (at as Json)[path.at(-1) ?? ''] = value;
      });
      expect(await outcome(bytes)).toMatch(/^(FORMAT_.*|MODEL_INVALID|OPERATOR_UNSUPPORTED|SHAPE_MISMATCH|DTYPE_MISMATCH|DATA_INVALID|RUNTIME_FAILED|)$/);
    }), { numRuns: 150 });
  });
  test('what is loaded equals what was saved', async () => {
    await writeFile(join(folder, 'm.sima'), whole);
    const { graph } = await loadSima(join(folder, 'm.sima'));
    expect(graph.nodes.map((node) => node.name)).toEqual(listOf(parsed(), 'nodes').map((node) => node['name']));
  });
});
