// One-operator quantized TFLite files with random scales and shapes: flavour tflite gives the integers of TensorFlow Lite's reference kernels, which
// test/golden/tflite_operators.py and tflite_movement.py kept; saved and loaded it gives them again; flavour sima runs the same files and stays near, but
// refuses int16.
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
/** The mean distance of each output from the integers expected, in steps. */
async function distances(model: Model, net: LoadedNet, x: NamedTensors, expected: readonly (readonly number[])[]): Promise<number[]> {
  const y = await model.execute(x, { way: 'reference' });
  return net.original.outputs.map((port, i) => {
    const { scales, zeroPoints, dtype } = net.original.stored?.get(port.value) ?? { scales: [], zeroPoints: [], dtype: 'int8' };
    const zero = (zeroPoints[0] ?? 0) - (dtype === 'uint8' ? 128 : 0);
    const real = Array.from((y[port.name]?.data ?? []) as ArrayLike<number>);
    return real.reduce((sum, r, k) => sum + Math.abs(r / (scales[0] ?? 1) + zero - (expected[i]?.[k] ?? NaN)), 0) / real.length;
  });
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
    await exact.save('saved', folder);
    const again = await Model.load('saved', folder);
    expect(await outputs(again, net, x)).toEqual(expected);
    if (/^\w+ int16 /.test(name)) {
      // What stays in float there.
      if (!/^(M..IMUM|REDUCE_M|DEQUANTIZE|QUANTIZE)/.test(name)) expect(() => net.convertToSimaQuantization()).toThrow('the file stores it as int16');
      for (const model of [exact, again]) await model.release();
      return net.release();
    }
    const sima = net.convertToSimaQuantization();
    // A QUANTIZE moves nothing in real numbers, so sima keeps no node for it, and nothing is clipped there.
    if (!name.startsWith('QUANTIZE')) expect(Math.max(...await distances(sima, net, x, expected))).toBeLessThan(STEPS);
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
