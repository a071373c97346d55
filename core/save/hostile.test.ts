// Saved models, changed in every way that a stranger may think of: loaded and run, or refused with a RequantError; never a crash or a wait.
// REQUANT_FUZZ=10000 changes that many files at random, each loaded and run within a second; without it two hundred are, and given longer.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { unzipSync, zipSync, strFromU8, strToU8 } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyOperator } from '../../test/graphs/every-operator.ts';
import { randomTensor } from '../../test/graphs/build.ts';
import { random } from '../../test/one-node.ts';
import { createNet } from '../engine/loaded-net.ts';
import { defaultQuantization, float32, loadModel, Model, RequantError, tensor, type Tensor } from '../index.ts';
import { partition } from '../partition/index.ts';
import { formatNpy } from '../tensor/npy.ts';
import { loadSima } from './sima.ts';

type Json = Record<string, unknown>;
const FUZZ = Number(process.env['REQUANT_FUZZ'] ?? 0);
/** Loading and running one file; a test machine that is busy gets more. */
const LONGEST_MS = FUZZ > 0 ? 1000 : 10_000;
const MOST_BYTES = 2 ** 30;
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
async function outcome(bytes: Uint8Array, fed: Readonly<Record<string, Tensor>> = inputs): Promise<string> {
  const path = join(folder, 'm.sima');
  await writeFile(path, bytes);
  let model: Model | undefined;
  try {
    model = await Model.load(path);
    await model.execute(fed, { way: 'kernels' });
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
  test('what is loaded equals what was saved', async () => {
    await writeFile(join(folder, 'm.sima'), whole);
    const { graph } = await loadSima(join(folder, 'm.sima'));
    expect(graph.nodes.map((node) => node.name)).toEqual(listOf(parsed(), 'nodes').map((node) => node['name']));
  });
});

describe('files changed at random', () => {
  const strange = [null, 0, -1, 1, 3, 1e9, -1e9, 2 ** 31, 2 ** 53, 0.5, 1e-300, 1e300, '', 'x', 'int8', 'int16', 'int32', 'float32', 'float', 'add', 'conv2d', 'udf', 'none', [], {}, [1], [1, 1, 1, 1], [[0, 0]], true, '__proto__'];
  type Seed = { readonly files: Readonly<Record<string, Uint8Array>>; readonly inputs: Readonly<Record<string, Tensor>>; readonly paths: readonly (readonly (string | number)[])[] };
  const seeds: Seed[] = [];
  const pathsOf = (model: Json): (string | number)[][] => {
    const paths: (string | number)[][] = [];
    const walk = (value: unknown, path: (string | number)[]): void => {
      if (path.length > 0) paths.push(path);
      if (Array.isArray(value)) value.slice(0, 60).forEach((inner, i) => walk(inner, [...path, i]));
      else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(model, []);
    return paths;
  };
  beforeAll(async () => {
    seeds.push({ files, inputs, paths: pathsOf(parsed()) });
    const graph = everyOperator();
    const net = createNet(partition(graph), graph);
    const x = randomTensor([1, 6, 6, 8], 1, 2);
    const sixteen = Object.fromEntries(net.graph.nodes.filter((node) => node.precisions.includes('int16')).map((node) => [node.name, { quantizationPrecision: 'int16' as const }]));
    for (const config of [defaultQuantization.withRequantizationMode('tflite'), defaultQuantization.withCustomQuantizationConfigs(sixteen)]) {
      const model = await net.quantize([{ x }], config);
      const archive = unzipSync(model.files('m')[0]?.bytes ?? new Uint8Array(0));
      seeds.push({ files: archive, inputs: { x }, paths: pathsOf(JSON.parse(strFromU8(archive['model.json'] ?? new Uint8Array(0))) as Json) });
      await model.release();
    }
    await net.release();
  });

  /** One file, made of a seed by a few changes; the same for the same numbers. */
  function changed(seed: Seed, next: () => number): Uint8Array {
    const any = (n: number): number => Math.floor(next() * n);
    const model = JSON.parse(strFromU8(seed.files['model.json'] ?? new Uint8Array(0))) as Json;
    const archive: Record<string, Uint8Array> = { ...seed.files };
    for (let count = 1 + any(3); count > 0; count--) {
      const name = Object.keys(archive)[any(Object.keys(archive).length)] ?? '';
      const path = seed.paths[any(seed.paths.length)] ?? [];
      const last = path.at(-1) ?? '';
      const holder = path.slice(0, -1).reduce<unknown>((at, key) => (at as Json | undefined)?.[key], model) as Json | undefined;
      const old = holder?.[last];
      const other = path.slice(0, -1).reduce<unknown>((at, key) => (at as Json | undefined)?.[key], model);
      const kind = any(6);
      if (kind === 0 && archive[name]) { const bytes = archive[name].slice(); for (let i = 1 + any(8); i > 0; i--) bytes[any(bytes.length)] = any(256); archive[name] = bytes; }
      else if (kind === 1 && name !== 'model.json') archive[name] = seed.files[Object.keys(seed.files)[any(Object.keys(seed.files).length)] ?? ''] ?? new Uint8Array(0);
      else if (kind === 2 && typeof old === 'number' && holder) holder[last] = old + any(5) - 2;
      else if (kind === 3 && Array.isArray(other)) { if (any(2) === 0) other.splice(Number(last), 1); else other.push(other[any(other.length)]); }
      else if (kind === 4 && typeof old === 'string' && holder) holder[last] = seed.paths[any(seed.paths.length)]?.at(-1) ?? '';
      else if (holder && typeof holder === 'object') holder[last] = strange[any(strange.length)];
    }
    if (archive['model.json'] === seed.files['model.json']) archive['model.json'] = strToU8(JSON.stringify(model));
    const bytes = zipSync(archive, { level: 0 });
    if (any(10) === 0) bytes[any(bytes.length)] = any(256);
    return any(40) === 0 ? bytes.slice(0, any(bytes.length)) : bytes;
  }

  test('each is refused with its reason or runs, soon and in bounded memory', async () => {
    const codes = new Map<string, number>();
    let slowest = 0, most = 0;
    for (let run = 0; run < (FUZZ || 200); run++) {
      const seed = seeds[run % seeds.length] as Seed;
      const bytes = changed(seed, random(run));
      const began = performance.now();
      let code = '';
      try { code = await outcome(bytes, seed.inputs); } catch (error) { throw new Error(`file ${run}`, { cause: error }); }
      slowest = Math.max(slowest, performance.now() - began);
      most = Math.max(most, process.memoryUsage().rss);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    if (FUZZ) console.log(`${FUZZ} files: ${[...codes].map(([code, n]) => `${code || 'ran'} ${n}`).join(', ')}; slowest ${slowest.toFixed(0)} ms, most memory ${(most / 2 ** 20).toFixed(0)} MiB`);
    expect([...codes.keys()].filter((code) => !/^(FORMAT_.*|MODEL_INVALID|OPERATOR_UNSUPPORTED|SHAPE_MISMATCH|DTYPE_MISMATCH|RUNTIME_FAILED|)$/.test(code))).toEqual([]);
    expect(slowest).toBeLessThan(LONGEST_MS);
    expect(most).toBeLessThan(MOST_BYTES);
  }, FUZZ > 0 ? 3_600_000 : 60_000);
});
