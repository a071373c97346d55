// A model whose loop goes on as long as the file says: who runs it can stop it all the same. Native code hears nothing while it runs, so these are real processes.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info, node } from '../../test/small-onnx.ts';
import { DEFAULT_RECIPE } from '../contract/index.ts';
import { ATTRIBUTE_TYPE, encodeModel, tensorToProto } from '../onnx/index.ts';
import { writeNpz } from '../tensor/npz.ts';
import { float32, tensor } from '../tensor/tensor.ts';

const BUILT = new URL('../../dist/core/', import.meta.url);
let folder = '';
const at = (name: string): string => join(folder, name);

/** x is negated `trips` times; what comes out is for the accelerator. */
const looping = (trips: bigint): Uint8Array => encodeModel({
  irVersion: 8, opsetImport: [{ domain: '', version: 17 }],
  graph: {
    name: 'looping', input: [info('x', [1, 4])], output: [info('y', [1, 4])], valueInfo: [info('turned', [1, 4])],
    initializer: [tensorToProto(tensor('int64', [], BigInt64Array.of(trips)), 'trips'), tensorToProto({ dtype: 'bool', shape: [], data: Uint8Array.of(1) }, 'go')],
    node: [{
      opType: 'Loop', input: ['trips', 'go', 'x'], output: ['turned'], attribute: [{
        name: 'body', type: ATTRIBUTE_TYPE.graph,
        g: { name: 'body', input: [info('i', [], 7), info('on', [], 9), info('v', [1, 4])], output: [info('still', [], 9), info('w', [1, 4])], node: [node('Identity', ['on'], ['still']), node('Neg', ['v'], ['w'])] },
      }],
    }, node('Relu', ['turned'], ['y'])],
  },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-endless-'));
  await writeFile(at('short.onnx'), looping(3n));
  await writeFile(at('endless.onnx'), looping(2n ** 62n));
  await writeNpz(at('in.npz'), { x: float32([2, 4], [1, 2, 3, 4, -1, -2, -3, -4]) });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cli = (...argv: readonly string[]): ChildProcess => spawn(process.execPath, [new URL('cli/main.js', BUILT).pathname, ...argv], { stdio: 'ignore' });

describe('a loop without end', () => {
  it('on the command line ends with the first Ctrl-C, and a loop with an end is run', async () => {
    expect(await once(cli('execute', at('short.onnx'), '--inputs', at('in.npz'), '--output', at('out.npz')), 'exit')).toEqual([0, null]);
    const running = cli('execute', at('endless.onnx'), '--inputs', at('in.npz'), '--output', at('never.npz'));
    const ended = once(running, 'exit');
    await wait(3000);
    expect(running.exitCode).toBe(null);
    running.kill('SIGINT');
    expect(await Promise.race([ended, wait(2000, 'it goes on')])).toEqual([null, 'SIGINT']);
  }, 60_000);

  it('in the studio is left behind when it was cancelled; the studio goes on with a new engine, and its process ends', async () => {
    const script = `
      import { createHost } from ${JSON.stringify(new URL('engine/host.js', BUILT).href)};
      const host = createHost({ start: null, patience: 300 });
      const lost = [];
      host.onLost((message) => lost.push(message));
      let cancel = () => undefined;
      const call = (method, params) => host.handle(method, params, { progress: () => undefined, onCancel: (listener) => { cancel = listener; } });
      const open = async (name) => {
        await call('model.open', { file: host.grant(${JSON.stringify(folder)} + '/' + name, name) });
        for (const role of ['calibration', 'evaluation']) await call('data.open', { role, files: [host.grant(${JSON.stringify(at('in.npz'))}, 'in.npz')], preprocessing: { scale: 1, mean: [0], std: [1] } });
        const run = call('run.start', { recipe: ${JSON.stringify(DEFAULT_RECIPE)} });
        if (name === 'endless.onnx') setTimeout(() => cancel(), 1500);
        return run.then(({ nodes }) => nodes.length > 0, ({ code }) => code);
      };
      console.log(JSON.stringify([await open('endless.onnx'), lost, await open('short.onnx')]));
      await host.close();`;
    await writeFile(at('studio.mjs'), script);
    const child = spawn(process.execPath, [at('studio.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (text: Buffer) => { out += text.toString(); });
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    expect(JSON.parse(out)).toEqual(['ENGINE_LOST', ['The engine did not stop within 0.3 seconds of being cancelled'], true]);
  }, 60_000);
});
