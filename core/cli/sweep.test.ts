// requant sweep on the built-in sample: twenty rows, the best named and written, one JSON document.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCancelToken } from '../engine/cancel.ts';
import { runProgram } from './program.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-sweep-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...more: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '', err = '';
  const sample = (name: string): string => `assets/sample/${name}`;
  const argv = ['sweep', sample('shapes.onnx'), '--calibration', sample('calibration.npz'), '--calibration-samples', '4', '--data', sample('test.npz'), '--samples', '6',
    '--scale', '1/255', '--mean', '0.5', '--std', '0.25', ...more];
  const code = await runProgram(argv, { out: (text) => { out += text; }, err: (text) => { err += text; }, watched: false, cancel: createCancelToken(), onInterrupt: () => undefined });
  return { code, out, err };
}

it('measures twenty configurations, writes the best, and says all of it as JSON', async () => {
  const { code, out, err } = await run('--output', join(folder, 'best'), '--json');
  expect([code, err]).toEqual([0, '']);
  const { samples, float, rows, best, files } = JSON.parse(out) as { samples: number; float: { top1: number }; rows: { method: string; weights: string; activations: string; top1: number }[]; best: { top1: number }; files: string[] };
  expect([samples, rows.length, new Set(rows.map(({ method, weights, activations }) => `${method} ${weights} ${activations}`)).size]).toEqual([6, 20, 20]);
  expect(float.top1).toBeGreaterThan(50);
  expect(best).toEqual(rows.find(({ top1 }) => top1 === Math.max(...rows.map((row) => row.top1))));
  expect(files.map((file) => file.replace(folder, ''))).toEqual(['/best.sima', '/best.sima.json']);
  expect((await readdir(folder)).sort()).toEqual(['best.sima', 'best.sima.json']);
});

it('needs data of both kinds', async () => {
  let err = '';
  const code = await runProgram(['sweep', 'assets/sample/shapes.onnx', '--data', 'x.npz'], { out: () => undefined, err: (text) => { err += text; }, watched: false, cancel: createCancelToken(), onInterrupt: () => undefined });
  expect(code).toBe(1);
  expect(err).toMatch(/--calibration/);
});
