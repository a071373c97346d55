// One-operator quantized TFLite files with random scales and shapes: flavour tflite gives the integers of TensorFlow Lite's reference kernels, which
// test/golden/tflite_operators.py and tflite_movement.py kept, on the fast kernels alone; saved and loaded it gives them again; flavour sima runs the same files and
// stays near.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNpz, type Npz } from '../tensor/npz.ts';
import { float32, type NamedTensors, type Tensor } from '../tensor/tensor.ts';
import { loadModel, Model, tfliteSource, type LoadedNet } from './pipeline.ts';

const FILES: readonly Npz[] = await Promise.all(['tflite-operators', 'tflite-movement'].map((name) => openNpz(fileURLToPath(new URL(`../../test/golden/${name}.npz`, import.meta.url)))));
const golden = {
  read: (key: string): Promise<Tensor> => {
    const file = FILES.find(({ keys }) => keys.includes(key));
    if (!file) throw new Error(`no golden file holds ${key}`);
    return file.read(key);
  },
};
const REFUSED = FILES.flatMap(({ keys }) => keys).filter((key) => key.endsWith('/refused'));
const CASES = FILES.flatMap(({ keys }) => keys).filter((key) => key.endsWith('/model')).map((key) => key.slice(0, -'/model'.length));

/** uint8 is stored 128 lower. */
const asStored = ({ dtype, data }: Tensor): number[] => Array.from(data as ArrayLike<number>, (q) => (dtype === 'uint8' ? q - 128 : q));

/** What the inputs have to be for the case's integers to be stored. */
async function fed(net: LoadedNet, name: string): Promise<NamedTensors> {
  const entries = await Promise.all(net.original.inputs.map(async (port, i) => {
    const q = net.original.stored?.get(port.value);
    const { data } = await golden.read(`${name}/x${i}`);
    return [port.name, float32(port.shape, Float32Array.from(data as ArrayLike<number>, (x) => (q?.scales[0] ?? 1) * (x - (q?.zeroPoints[0] ?? 0))))] as const;
  }));
  return Object.fromEntries(entries);
}

/** The stored integers of each output, in the file's order. */
async function outputs(model: Model, net: LoadedNet, x: NamedTensors): Promise<number[][]> {
  const names = net.original.outputs.map((port) => port.value);
  const values = await model.values(x, names);
  return names.map((name) => Array.from((values[name]?.data ?? []) as ArrayLike<number>, Number));
}

/** Shift-only factors round the weights anew: what that may cost an output on average, in its own steps. The most that was measured is 1.0. */
const STEPS = 1.25;
/** Of int16, whose weights are int8 still: steps of int16 in one of int8. The most that was measured is a third of it. */
const FINER = 256;
const WEIGHTED = /^(CONV_2D|DEPTHWISE_CONV_2D|TRANSPOSE_CONV|FULLY_CONNECTED) int16/;

/** What a model in flavour sima gives, in steps of each output as the file stores it. */
function inSteps(net: LoadedNet, y: Awaited<ReturnType<Model['execute']>>): number[][] {
  return net.original.outputs.map((port) => {
    const { scales, zeroPoints, dtype } = net.original.stored?.get(port.value) ?? { scales: [], zeroPoints: [], dtype: 'float32' };
    const zero = (zeroPoints[0] ?? 0) - (dtype === 'uint8' ? 128 : 0);
    return Array.from((y[port.name]?.data ?? []) as ArrayLike<number>, (real) => real / (scales[0] ?? 1) + zero);
  });
}
const meanDistance = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, k) => sum + Math.abs(x - (b[k] ?? NaN)), 0) / a.length;
/** As the file could hold it. */
const held = (net: LoadedNet, steps: readonly (readonly number[])[]): number[][] => net.original.outputs.map((port, i) => {
  const dtype = net.original.stored?.get(port.value)?.dtype;
  const [min, max] = dtype === undefined ? [-Infinity, Infinity] : dtype === 'int16' ? [-32768, 32767] : [-128, 127];
  return (steps[i] ?? []).map((q) => Math.max(min, Math.min(max, q)));
});

/**
 * The mean distance of each output, in steps: of 8 bits from the integers expected; of int16 from the float network held within the output's range, since TensorFlow
 * Lite itself strays farther from it: its MUL passes 32 bits (1,800 steps), its resizes have weights of 10 bits (43), its LOG runs on lines (18,000).
 */
async function distances(sima: Model, net: LoadedNet, x: NamedTensors, expected: readonly (readonly number[])[], wide: boolean): Promise<number[]> {
  const given = inSteps(net, await sima.execute(x, { way: 'reference' }));
  const wanted = wide ? held(net, inSteps(net, await net.executeInFloat(x))) : expected;
  return (wide ? held(net, given) : given).map((y, i) => meanDistance(y, wanted[i] ?? []));
}

describe('quantized TFLite operators', () => {
  let folder = '';
  beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-operators-')); });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(CASES)('%s', async (name) => {
    const { data } = await golden.read(`${name}/model`);
    const net = await loadModel(tfliteSource(data as Uint8Array));
    const x = await fed(net, name);
    const expected = await Promise.all(net.original.outputs.map(async (_, i) => asStored(await golden.read(`${name}/y${i}`))));
    const exact = net.convertToSimaQuantization({ flavor: 'tflite' });
    expect(await outputs(exact, net, x)).toEqual(expected);
    // On the fast kernels, all of it.
    expect(exact.ways('kernels').filter(({ way }) => way === 'reference')).toEqual([]);
    await exact.save('saved', folder);
    const again = await Model.load('saved', folder);
    expect(await outputs(again, net, x)).toEqual(expected);
    const sima = net.convertToSimaQuantization();
    const wide = / int16 /.test(name);
    // A QUANTIZE moves nothing in real numbers, so sima keeps no node for it, and nothing is clipped there.
    // The float network has no logarithm of what is not above 0.
    if (wide ? !name.startsWith('LOG ') : !name.startsWith('QUANTIZE')) expect(Math.max(...await distances(sima, net, x, expected, wide))).toBeLessThan(STEPS * (WEIGHTED.test(name) ? FINER : 1));
    for (const model of [exact, again, sima]) await model.release();
    await net.release();
  });

  it.each(REFUSED)('%s by TensorFlow Lite is refused by name', async (key) => {
    const [type = ''] = key.split(' ');
    const { data } = await golden.read(key);
    const net = await loadModel(tfliteSource(data as Uint8Array));
    expect(() => net.convertToSimaQuantization({ flavor: 'tflite' })).toThrow(expect.objectContaining({ code: 'OPERATOR_UNSUPPORTED', message: expect.stringContaining(type) as string }));
    await net.release();
  });
});
