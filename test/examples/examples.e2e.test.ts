// Every script of examples/ runs as its own program, on a few samples, and prints what it promises.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
const SAMPLES = '6';

/** What each script must print; a script without a row here fails the first test. */
const PRINTS: Readonly<Record<string, readonly RegExp[]>> = {
  'calibration-data': [/^shapes: 15 nodes quantized with 6 samples$/m],
  'default-quantization': [/^MLA_0\/conv2d_add_relu6_0 +int8, scale [\d.e-]+, zero point -?\d+$/m, /float32$/m],
  'quantization-schemes': [/^zero points of symmetric activations: 0$/m, /^refused: weights cannot be asymmetric \(SCHEME_FORBIDDEN\)/m],
  'int16-quantization': [/^int8: mean PSNR over nodes [\d.]+ dB$/m, /^int16: mean PSNR over nodes [\d.]+ dB$/m],
  'mixed-precision': [/^input_int16: true {2}MLA_0\/conv2d_add_5$/m, /^input_int16: true {2}MLA_0\/max_pool2d_3$/m],
  'calibration-methods': ['percentile', 'moving_average', 'min_max', 'mse', 'entropy'].map((name) => new RegExp(`^${name} +scale of MLA_0/conv2d_add_relu6_1: [\\d.e-]+$`, 'm')),
  'int32-output': [/^MLA_0\/dense_add_13: int32$/m, /^MLA_0\/softmax_14: float32$/m],
  'overriding-parameters': [/bits: 16/, /requantizationMode: 'tflite'/, /biasCorrection: true/],
  sweep: [/^best: .* %; saved as .*shapes_best\.sima and .*shapes_best\.sima\.json$/m, /% of 6: percentile, weights per tensor, activations asymmetric$/m],
  'save-and-load': [/^wrote .*shapes\.sima and .*shapes\.sima\.json$/m, /^same outputs: true$/m],
  'layer-statistics': [/^MLA_0\/softmax_14 +mae [\d.e-]+$/m, /metric: 'mae'/, /^the whole network, after loading: psnr [\d.]+ dB$/m],
  'evaluate-accuracy': [/^float \d of 6, quantized \d of 6$/m],
  'arrived-quantized': [/^wrote .*resnet8_int8\.sima and .*resnet8_int8\.sima\.json$/m, /: flavours differ by at most 0(\.\d+)?$/m],
  tutorial: [/^Quantizing the model\.$/m, /^All samples are in\.$/m, /^6 samples in [\d.]+ s\.$/m],
};

/** Scripts that are told which model, where it is there. */
const MODELS: Readonly<Record<string, URL>> = { 'arrived-quantized': new URL('../../../shared/data/mlperf-tiny-ic/resnet8_int8.tflite', import.meta.url) };

/** Each script writes into a folder of its own there: two save models of one name. */
let output = '';
beforeAll(async () => { output = await mkdtemp(join(tmpdir(), 'requant-examples-')); });
afterAll(() => rm(output, { recursive: true, force: true }));

function run(name: string): Promise<{ code: number | null; out: string; err: string }> {
  const model = MODELS[name];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(EXAMPLES, `${name}.mjs`), ...(model ? [fileURLToPath(model)] : [])], {
      stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000,
      env: { ...process.env, REQUANT_EXAMPLE_SAMPLES: SAMPLES, REQUANT_EXAMPLE_OUTPUT: join(output, name), NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => { out += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { err += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('examples', () => {
  test('every script is held to something', async () => {
    const scripts = (await readdir(EXAMPLES)).filter((file) => file.endsWith('.mjs') && file !== 'sample.mjs').map((file) => file.replace('.mjs', ''));
    expect(scripts.sort()).toEqual(Object.keys(PRINTS).sort());
  });
  test.concurrent.for(Object.entries(PRINTS))('%s', async ([name, patterns], { skip }) => {
    const model = MODELS[name];
    skip(model !== undefined && !existsSync(model), '../shared/data is missing');
    const { code, out, err } = await run(name);
    expect([code, name === 'tutorial' ? '' : err], err).toEqual([0, '']);
    for (const pattern of patterns) expect(out).toMatch(pattern);
    if (name === 'tutorial') expect(err).toMatch(/^INFO shapes: quantized 15 of 15 nodes$/m);
    if (name === 'sweep') expect(out.match(/ % of 6: /g)).toHaveLength(20);
  });
});
