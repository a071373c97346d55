// The commands over the real engine and real files, where these are at hand: the whole job from a shell.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCancelToken } from '../engine/cancel.ts';
import { openNpz } from '../tensor/npz.ts';
import { runProgram } from './program.ts';

const REAL = resolve(import.meta.dirname, '../../../shared/data');
const MNIST = [`${REAL}/onnx-small/mnist.onnx`, `${REAL}/onnx-small/mnist_test_0_4999.npz`] as const;
/** Classes in the order of their numbers, which is that of the alphabet. */
const CIFAR10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-real-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '', err = '';
  const code = await runProgram(argv, { out: (text) => { out += text; }, err: (text) => { err += text; }, watched: false, cancel: createCancelToken(), onInterrupt: () => undefined });
  return { code, out, err };
}
async function json(...argv: readonly string[]): Promise<unknown> {
  const { code, out, err } = await run(...argv, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
}

describe.skipIf(!existsSync(REAL))('real models (skipped where ../shared/data is missing)', () => {
  it("resnet8 in float meets TensorFlow Lite's own 87.2 % on the CIFAR-10 images", async () => {
    expect(await json('evaluate', `${REAL}/mlperf-tiny-ic/resnet8_float.tflite`, '--data', `${REAL}/mlperf-tiny-ic/cifar10_test.npz`)).toMatchObject({ samples: 1000, top1: 87.2 });
  });

  it('images in folders are labelled by these: the same network on the same pictures is as accurate', async () => {
    const model = `${REAL}/mlperf-tiny-ic/resnet8_float.tflite`, npz = await openNpz(`${REAL}/mlperf-tiny-ic/cifar10_test.npz`);
    const [x, y] = [await npz.read('x'), await npz.read('y')], bytes = 32 * 32 * 3;
    for (let i = 0; i < 100; i++) {
      const kind = join(folder, 'cifar10', `${CIFAR10[Number(y.data[i])]}`);
      await mkdir(kind, { recursive: true });
      await sharp(Uint8Array.from(x.data.subarray(i * bytes, (i + 1) * bytes) as ArrayLike<number>), { raw: { width: 32, height: 32, channels: 3 } }).png().toFile(join(kind, `${i}.png`));
    }
    const { top1 } = await json('evaluate', model, '--data', npz.file, '--samples', '100') as { top1: number };
    expect(await json('evaluate', model, '--data', join(folder, 'cifar10'))).toMatchObject({ samples: 100, top1 });
    expect(top1).toBeGreaterThan(75);
  });

  it('a frozen TensorFlow graph is fed at an inner tensor, and ended where it is told to', async () => {
    const model = [`${REAL}/tf-kws/DS_CNN_S.pb`, '--input-shape', 'Mfcc:0=1,49,10'] as const;
    expect(await json('inspect', ...model, '--outputs', 'MobileNet/fc1/BiasAdd:0')).toMatchObject({
      inputs: [{ name: 'Mfcc:0', shape: [1, 49, 10] }], outputs: [{ name: 'MobileNet/fc1/BiasAdd:0', shape: [1, 12] }],
    });
    expect(await json('evaluate', ...model, '--data', `${REAL}/tf-kws/DS_CNN_S.mfcc.npz`)).toMatchObject({ samples: 150, top1: 88.67 });
    expect((await run('inspect', model[0])).err).toContain('--input-shape');
  });

  it('mnist.onnx goes from inspect to analyze, channels-last data for a channels-first model', async () => {
    const { nodes } = await json('inspect', MNIST[0]) as { nodes: { name: string }[] };
    const sima = join(folder, 'made/mnist');
    const mixed = nodes.at(-1)?.name ?? '';
    expect(await json('quantize', MNIST[0], '--calibration', MNIST[1], '--samples', '50', '--output', sima, '--int16', mixed))
      .toMatchObject({ nodes: { int8: nodes.length - 1, int16: 1, float: 0 }, samples: 50, calibrated: { samples: 50 } });
    expect((await readdir(join(folder, 'made'))).sort()).toEqual(['mnist.sima', 'mnist.sima.json']);

    const accuracy = await json('evaluate', `${sima}.sima`, '--data', MNIST[1], '--samples', '100') as { top1: number };
    expect(accuracy.top1).toBeGreaterThanOrEqual(97);

    const errors = await json('analyze', `${sima}.sima`, '--float', MNIST[0], '--data', MNIST[1], '--samples', '5', '--metric', 'psnr', '--local-feed') as { nodes: { name: string; error: number | null }[] };
    expect(errors.nodes.map(({ name }) => name)).toEqual(nodes.map(({ name }) => name));
    for (const { name, error } of errors.nodes) expect(error ?? Infinity, name).toBeGreaterThan(25);

    await json('execute', `${sima}.sima`, '--inputs', MNIST[1], '--samples', '3', '--reference', '--output', join(folder, 'out.npz'));
    const out = await openNpz(join(folder, 'out.npz'));
    expect((await out.read(out.keys[0] ?? '')).shape).toEqual([3, 10]);
  });

  it('a TFLite model that arrives quantized is converted with its own scales and keeps its accuracy; to calibrate it is refused', async () => {
    const model = `${REAL}/mlperf-tiny-kws/dscnn_int8.tflite`;
    const data = [`${REAL}/mlperf-tiny-kws/samples_int8.npz`, '--dequantize', '0.5847029089927673,83', '--samples', '200'] as const;
    const sima = join(folder, 'arrived/dscnn');
    expect(await json('convert', model, '--flavor', 'sima', '--output', sima)).toMatchObject({ files: [`${sima}.sima`, `${sima}.sima.json`], flavor: 'sima', nodes: { int8: 13, int16: 0, float: 0 } });
    const top1 = async (path: string): Promise<number> => ((await json('evaluate', path, '--data', ...data)) as { top1: number }).top1;
    expect(Math.abs(await top1(`${sima}.sima`) - await top1(model))).toBeLessThanOrEqual(1);
    const { nodes } = await json('analyze', `${sima}.sima`, '--float', model, '--data', ...data.slice(0, 3), '--samples', '3', '--metric', 'psnr', '--local-feed') as { nodes: { name: string; error: number | null }[] };
    for (const { name, error } of nodes) expect(error ?? Infinity, name).toBeGreaterThan(25);

    const exact = join(folder, 'arrived/exact');
    await json('convert', model, '--flavor', 'tflite', '--output', exact);
    expect(await top1(`${exact}.sima`)).toBe(await top1(model));
    const against = async (path: string): Promise<readonly (number | null)[]> => (await json('analyze', `${path}.sima`, '--float', model, '--data', ...data.slice(0, 3), '--samples', '3', '--metric', 'mae', '--against', 'tflite') as { nodes: { error: number | null }[] }).nodes.map(({ error }) => error);
    expect(new Set(await against(exact))).toEqual(new Set([0]));
    expect(Math.max(...(await against(sima)).map((error) => error ?? 0))).toBeGreaterThan(0);

    const refused = await run('quantize', model, '--calibration', ...data, '--output', join(folder, 'no/net'));
    expect([refused.code, existsSync(join(folder, 'no'))]).toEqual([1, false]);
    expect(refused.err).toContain('requant convert');
    expect((await run('convert', `${REAL}/mlperf-tiny-kws/dscnn_float.tflite`, '--output', join(folder, 'no/net'))).err).toContain('did not arrive quantized');
  });

  it('an unknown node is named, and nothing is written', async () => {
    const { code, err } = await run('quantize', MNIST[0], '--calibration', MNIST[1], '--samples', '2', '--output', join(folder, 'none/q'), '--int16', 'MLA_0/nobody');
    expect(code).toBe(1);
    expect(err).toContain('node MLA_0/nobody');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('data of another shape is refused with both shapes', async () => {
    const { code, err } = await run('evaluate', MNIST[0], '--data', `${REAL}/mlperf-tiny-ic/cifar10_test.npz`);
    expect(code).toBe(1);
    expect(err).toContain('samples of shape [32, 32, 3] (array [1000, 32, 32, 3]) do not fit the input [1, 1, 28, 28] (SHAPE_MISMATCH)');
  });
});
