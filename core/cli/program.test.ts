// The command line against a made-up engine: what goes to standard output, what to standard error, and the exit codes.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureAccuracy } from '../engine/accuracy.ts';
import { createCancelToken } from '../engine/cancel.ts';
import { RequantError } from '../errors/index.ts';
import { CalibrationMethod } from '../ir/index.ts';
import { openNpz, writeNpz } from '../tensor/npz.ts';
import { float32, tensor, type NamedTensors } from '../tensor/tensor.ts';
import type { Engine } from './command.ts';
import { runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-cli-'));
  await writeNpz(at('data.npz'), { x: float32([3, 2], [1, 0, 0, 1, 3, 2]), y: tensor('int64', [3], BigInt64Array.of(0n, 1n, 1n)) });
  await writeFile(at('bad.npz'), 'nothing');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A network whose scores are its input. */
function engine(seen: { recipe?: unknown; saved?: unknown; way?: unknown; exported?: unknown } = {}): () => Promise<Engine> {
  const port = { name: 'in', value: 'in', shape: [1, 2], dtype: 'float32' };
  const node = { name: 'MLA_0/conv2d_0', op: 'conv2d', unit: 'MLA', inputs: ['in', 'w', ''], outputs: ['out'], precisions: ['int8', 'int16'] };
  const graph = { inputs: [port], outputs: [{ ...port, name: 'out', value: 'out' }], nodes: [node], constants: new Map([['w', null]]), values: new Map([['out', { shape: [1, 2] }]]) };
  const execute = async (inputs: NamedTensors, options?: { way?: string }): Promise<NamedTensors> => {
    seen.way = options?.way;
    return { out: inputs['in'] ?? float32([0], []) };
  };
  const release = async (): Promise<void> => undefined;
  const model = {
    graph: { ...graph, nodes: [{ ...node, kind: 'integer', precision: 'int8' }, { ...node, kind: 'requantize' }, { ...node, kind: 'float' }], notices: ['kept at int8'] },
    execute, release,
    ways: () => [{ name: 'MLA_0/conv2d_0', way: 'kernels' }, { name: 'a', way: 'reference', reason: 'it is odd' }],
    choices: () => [{ partition: 'MLA_0', nodes: 2, way: 'kernels', milliseconds: { kernels: 1.25, 'integer-operators': 1.5, 'inside-float': 2 }, reason: 'the integer kernels are faster here' }],
    save: async (name: string, directory: string) => { seen.saved = [name, directory]; return [`${directory}/${name}.sima`, `${directory}/${name}.sima.json`]; },
    export: async (_format: string, file: string) => { seen.exported = file; return 42; },
    analyzeQuantizationError: async () => ({ nodes: [{ name: 'MLA_0/conv2d_0', mae: 0, mse: 0, psnr: Infinity }] }),
  };
  const fake = {
    configFromRecipe: (recipe: unknown) => { seen.recipe = recipe; return recipe; },
    loadModel: async (path: string) => {
      if (path === 'broken.onnx') throw new RequantError('FORMAT_CORRUPT', 'it is\ndamaged', { file: path });
      return { graph, execute, release, quantize: async (data: AsyncIterable<NamedTensors>) => { for await (const _ of data) continue; return model; } };
    },
    Model: { load: async () => model },
    measureAccuracy,
    CalibrationMethod,
  };
  return async () => fake as unknown as Engine;
}

async function run(line: string, options: { engine?: () => Promise<Engine>; cancelled?: boolean } = {}): Promise<{ code: number; out: string; err: string }> {
  let out = '', err = '';
  const cancel = createCancelToken();
  if (options.cancelled) cancel.cancel();
  const terminal: Terminal = { out: (text) => { out += text; }, err: (text) => { err += text; }, watched: false, cancel, onInterrupt: () => undefined };
  const code = await runProgram(line.split(' ').map((word) => word.replace('@', `${folder}/`)), terminal, options.engine ?? engine());
  return { code, out, err };
}
const json = async (line: string, made?: () => Promise<Engine>): Promise<unknown> => {
  const { code, out, err } = await run(`${line} --json`, made ? { engine: made } : {});
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};

describe('help', () => {
  it.each(['', 'inspect', 'quantize', 'sweep', 'evaluate', 'execute', 'analyze', 'export', 'serve'])('requant %s --help prints help and succeeds', async (command) => {
    const { code, out, err } = await run(`${command} --help`.trim());
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^Usage: requant ${command}`));
    if (command !== '') expect(out).toContain('--json');
  });

  it('fails with one line for a missing command, option or choice', async () => {
    expect(await run('fly')).toMatchObject({ code: 1, out: '', err: "error: unknown command 'fly'\n" });
    expect(await run('evaluate m.onnx')).toMatchObject({ code: 1, out: '', err: "error: required option '--data <DATA>' not specified\n" });
    expect((await run('quantize m --calibration d --output o --preset int4')).err).toBe("error: option '--preset <PRESET>' argument 'int4' is invalid. Allowed choices are int8, int16.\n");
    expect((await run('evaluate m --data d --mean x')).err).toContain('A number is expected');
  });
});

describe('commands', () => {
  it('inspect lists ports and nodes, constants left out', async () => {
    expect(await json('inspect m.onnx')).toEqual({
      inputs: [{ name: 'in', shape: [1, 2], dtype: 'float32' }],
      outputs: [{ name: 'out', shape: [1, 2], dtype: 'float32' }],
      nodes: [{ name: 'MLA_0/conv2d_0', op: 'conv2d', unit: 'MLA', inputs: ['in'], output: 'out', shape: [1, 2], precisions: ['int8', 'int16'] }],
    });
    expect((await run('inspect m.onnx')).out).toContain('MLA_0/conv2d_0  conv2d  MLA   [1, 2]  int8, int16');
  });

  it('evaluate counts top-1 and top-5', async () => {
    expect(await json('evaluate m.onnx --data @data.npz')).toEqual({ samples: 3, top1: 66.67, top5: 100 });
    expect(await json('evaluate m.sima --data @data.npz --samples 2')).toEqual({ samples: 2, top1: 100, top5: 100 });
    expect((await run('evaluate m.onnx --data @data.npz')).out).toBe('3 samples: top-1 66.67 %, top-5 100 %\n');
  });

  it('evaluate finds label 0 where it is told to', async () => {
    expect(await json('evaluate m.onnx --data @data.npz --samples 1 --label-offset 1')).toEqual({ samples: 1, top1: 0, top5: 100 });
    expect((await run('evaluate m.onnx --data @data.npz --label-offset 1')).err).toContain("label 2 is not among the model's 2 classes");
  });

  it('evaluate preprocesses: the lower score wins after a scale of -1', async () => {
    expect(await json('evaluate m.onnx --data @data.npz --scale -1')).toEqual({ samples: 3, top1: 33.33, top5: 100 });
  });

  it('evaluate reads bare numbers, of the type and shape that are said', async () => {
    await writeFile(at('data.raw'), Uint8Array.of(1, 0, 0, 1, 3, 2));
    await writeFile(at('labels.csv'), '0\n1\n1\n');
    expect(await json('evaluate m.onnx --data @data.raw --raw-type uint8 --raw-shape 2 --labels @labels.csv')).toEqual({ samples: 3, top1: 66.67, top5: 100 });
    expect((await run('evaluate m.onnx --data @data.raw --labels @labels.csv')).err).toContain('it holds 6 bytes, which is no whole number of samples: one of [1, 2] in float32 takes 8 (DATA_INVALID). Say what one sample is');
  });

  it('execute writes the outputs, stacked', async () => {
    const seen: { way?: unknown } = {};
    expect(await json('execute m.sima --inputs @data.npz --output @out.npz', engine(seen))).toMatchObject({ samples: 3, outputs: [{ name: 'out', dtype: 'float32', shape: [3, 2] }] });
    expect(seen.way).toBe('fastest');
    expect(await json('execute m.sima --inputs @data.npz --output @out.npz')).toMatchObject({ ways: { kernels: 1, integerOperators: 0, insideFloat: 0 }, partitions: [{ partition: 'MLA_0', way: 'kernels' }] });
    expect((await run('execute m.sima --inputs @data.npz --output @out.npz')).out).toContain('MLA_0, 2 nodes: on the integer kernels; the integer kernels are faster here (kernels 1.3 ms, operators for integers 1.5 ms, inside floating point 2.0 ms)');
    expect((await run('execute m.sima --inputs @data.npz --output @out.npz')).out).toContain('a ran on its reference kernel: it is odd');
    expect(await (await openNpz(at('out.npz'))).read('out')).toEqual(float32([3, 2], [1, 0, 0, 1, 3, 2]));
    await json('execute m.sima --inputs @data.npz --output @out.npz --fast', engine(seen));
    expect(seen.way).toBe('inside-float');
    await json('execute m.sima --inputs @data.npz --output @out.npz --integer', engine(seen));
    expect(seen.way).toBe('integer-operators');
    await json('execute m.sima --inputs @data.npz --output @out.npz --kernels', engine(seen));
    expect(seen.way).toBe('kernels');
    await json('execute m.sima --inputs @data.npz --output @out.npz --reference', engine(seen));
    expect(seen.way).toBe('reference');
  });

  it('quantize passes every choice on, and counts nodes, not conversions between them', async () => {
    const seen: { recipe?: unknown; saved?: unknown } = {};
    const document = await json('quantize m.onnx --calibration @data.npz --output @made/name.sima --preset int16 --calibration-method percentile --percentile 99.5 --weights per-tensor --activations symmetric --requantization tflite --int16 a,b --int8 c --output-int32 b --unquantized d --channel-equalization --weight-rounding nearest', engine(seen));
    expect(seen.recipe).toEqual({
      preset: 'int16', calibration: { method: 'percentile', percentile: 99.5 }, weights: 'per-tensor', activations: 'symmetric', requantization: 'tflite', biasCorrection: true, channelEqualization: true, weightRounding: 'nearest',
      nodes: { a: { precision: 'int16' }, b: { precision: 'int16', outputInt32: true }, c: { precision: 'int8' }, d: { unquantized: true } },
    });
    expect(seen.saved).toEqual(['name', at('made')]);
    expect(document).toMatchObject({ nodes: { int8: 1, int16: 0, float: 1 }, samples: 3, notices: ['kept at int8'] });
  });

  it('quantize corrects biases with the int16 preset, unless told', async () => {
    const chosen = async (flags: string): Promise<unknown> => {
      const seen: { recipe?: { biasCorrection: boolean } } = {};
      await json(`quantize m.onnx --calibration @data.npz --output @b${flags}`, engine(seen));
      return seen.recipe?.biasCorrection;
    };
    expect([await chosen(''), await chosen(' --bias-correction'), await chosen(' --preset int16'), await chosen(' --preset int16 --no-bias-correction')]).toEqual([false, true, true, false]);
  });

  it.each(['MSE', 'MIN_MAX', 'MOVING_AVERAGE', 'HISTOGRAM_ENTROPY', 'HISTOGRAM_PERCENTILE'])('quantize knows the method %s by its other name too', async (name) => {
    const seen: { recipe?: { calibration: unknown } } = {};
    await json(`quantize m.onnx --calibration @data.npz --output @b --calibration-method ${name}`, engine(seen));
    expect(seen.recipe?.calibration).toEqual({ method: CalibrationMethod.fromStr(name).name });
  });

  it('quantize --arm-only takes no data and no choices', async () => {
    expect(await json('quantize m.onnx --arm-only --output @arm')).toEqual({ files: [at('arm.sima'), at('arm.sima.json')], nodes: { int8: 1, int16: 0, float: 1 }, armOnly: true, notices: ['kept at int8'] });
    expect((await run('quantize m.onnx --arm-only --int16 a --output @arm')).err).toContain("cannot be used with option '--int16 <NODE,...>'");
  });

  it('export writes one file in the format asked for', async () => {
    const seen: { exported?: unknown } = {};
    expect(await json('export m.sima --format onnx-qdq --output @m.onnx', engine(seen))).toEqual({ file: at('m.onnx'), format: 'onnx-qdq', bytes: 42 });
    expect(seen.exported).toBe(at('m.onnx'));
    expect((await run('export m.sima --format onnx --output @m.onnx')).err).toContain('Allowed choices are onnx-qdq');
  });

  it('analyze has no number for an infinite psnr in JSON, and says inf in text', async () => {
    expect(await json('analyze m.sima --float m.onnx --data @data.npz --metric psnr')).toEqual({ nodes: [{ name: 'MLA_0/conv2d_0', error: null }] });
    expect(await json('analyze m.sima --float m.onnx --data @data.npz --metric mae')).toEqual({ nodes: [{ name: 'MLA_0/conv2d_0', error: 0 }] });
    expect((await run('analyze m.sima --float m.onnx --data @data.npz --metric psnr')).out).toContain('Infinity');
  });
});

describe('errors', () => {
  it('are one line on standard error, with nothing on standard output, --json or not', async () => {
    for (const flag of ['', ' --json']) {
      expect(await run(`inspect broken.onnx${flag}`)).toEqual({ code: 1, out: '', err: 'broken.onnx: it is damaged (FORMAT_CORRUPT). The file is damaged or cut short; export or download it again.\n' });
    }
    expect((await run('inspect broken.onnx --verbose')).err).toMatch(/program\.test\.ts/);
  });

  it.each([
    ['evaluate m.onnx --data @none.npz', 'FILE_NOT_FOUND'],
    ['evaluate m.onnx --data @bad.npz', 'FORMAT_UNKNOWN'],
    ['evaluate m.onnx --data @data.npz --labels z', 'DATA_KEY_MISSING'],
    ['evaluate m.onnx --data @data.npz --input nobody=x', 'CONFIG_INVALID'],
    ['evaluate m.onnx --data @data.npz --mean 1,2,3', 'CONFIG_INVALID'],
    ['execute m.onnx --inputs @data.npz --output @o.npz --fast', 'CONFIG_INVALID'],
    ['execute m.sima --inputs @data.npz --output @o.npz --fast --reference', 'CONFIG_INVALID'],
    ['execute m.sima --inputs @data.npz --output @o.txt', 'CONFIG_INVALID'],
    ['execute m.sima --inputs @data.npz --output @no/such/o.npz', 'FILE_UNWRITABLE'],
    ['quantize m.onnx --calibration @data.npz --output @q --int16 a --unquantized a', 'CONFIG_INVALID'],
    ['quantize m.onnx --calibration @data.npz --output @q --bins 3', 'CONFIG_INVALID'],
    ['quantize m.onnx --calibration @data.npz --output @q --calibration-method best', 'CONFIG_INVALID'],
    ['quantize m.onnx --output @q', 'CONFIG_INVALID'],
    ['quantize m.onnx --calibration @data.npz --output @data.npz/q', 'FILE_UNWRITABLE'],
    ['analyze m.onnx --float m.onnx --data @data.npz', 'FORMAT_UNKNOWN'],
    ['export m.onnx --format onnx-qdq --output @m.onnx', 'FORMAT_UNKNOWN'],
    ['serve @none.onnx', 'FILE_NOT_FOUND'],
    ['serve m.onnx --sample', 'CONFIG_INVALID'],
  ])('%s: %s', async (line, code) => {
    const result = await run(line);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toContain(`(${code})`);
    expect(result.err.split('\n')).toHaveLength(2);
  });

  it('a cancelled command ends with 130 and saves nothing', async () => {
    const seen: { saved?: unknown } = {};
    expect(await run('quantize m.onnx --calibration @data.npz --output @q', { cancelled: true, engine: engine(seen) })).toEqual({ code: 130, out: '', err: 'Cancelled; nothing was changed.\n' });
    expect(seen.saved).toBeUndefined();
  });
});
