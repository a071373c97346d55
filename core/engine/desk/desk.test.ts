// The desk: projects saved and found again, sittings kept over a crash, recent files, settings.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RECIPE, DEFAULT_SETTINGS, FULL_SWEEP, type FileRef, type ProjectContent, type RunView } from '../../contract/index.ts';
import { createDesk, type Desk } from './desk.ts';
import { createGrants, type Grants } from './grants.ts';
import { parseProject, projectBytes } from './project-file.ts';

let home: string;
let work: string;
let grants: Grants;
let desk: Desk;
const start = (root: string | null = null): void => {
  grants = createGrants();
  desk = createDesk({ home, root, grants, keepBlob: () => 'blob' });
};
beforeEach(async () => {
  [home, work] = await Promise.all([mkdtemp(join(tmpdir(), 'requant-home-')), mkdtemp(join(tmpdir(), 'requant-work-'))]);
  await writeFile(join(work, 'net.onnx'), 'a network');
  await writeFile(join(work, 'data.npz'), 'samples');
  start();
});
afterEach(async () => { for (const folder of [home, work]) await rm(folder, { recursive: true, force: true }); });

const choice = (files: FileRef[] = []): ProjectContent['data']['calibration'] => ({ files, labels: null, key: '', labelsKey: '', scale: '1/255', mean: '0', std: '1', layout: '', dequantize: '', resize: 'crop', keep: '87.5', pad: '0', channelOrder: 'bgr', rawType: 'uint8', rawShape: '' });
const RUN: RunView = {
  id: 'r1', number: 1, recipe: DEFAULT_RECIPE, calibrationSamples: 4, analysisSamples: 2, nodes: [], local: [{ name: 'MLA_0/a', mae: 0, mse: 0, psnr: Infinity }], cumulative: [],
  accuracy: null, boundaries: 0, weightBytes: 1, notices: [], seconds: 1, draft: false, ran: { local: 1, cumulative: 1 }, memory: { kept: 0, samples: 2, bytes: 0, budget: 1 },
};
const granted = (name: string): FileRef => grants.grant(join(work, name), name);
/** All of a project that names no file and no run. */
const REST = {
  inputShapes: { x: [1, 12] },
  recipe: { ...DEFAULT_RECIPE, nodes: { 'MLA_0/a': { precision: 'int16' as const } } },
  sweeps: [{
    id: 's1', recipe: DEFAULT_RECIPE, plan: FULL_SWEEP, calibrationSamples: 4, analysisSamples: 2, float: null, seconds: 1,
    rows: [{ method: 'mse', weights: 'per-channel', activations: 'asymmetric', psnr: Infinity, top1: null, top5: null, weightBytes: 1, seconds: 0.1 }],
  }],
  samples: { calibration: '8', analysis: '', accuracy: '0' }, notes: { r1: 'best so far' }, shownRun: 'r1', comparedRun: null,
  view: { selection: ['MLA_0/a'], overlay: 'error', metric: 'mae', feed: 'local', graph: 'partitioned', collapsed: ['MLA 0'], camera: { x: 1, y: 2, zoom: 0.5 } },
} satisfies Omit<ProjectContent, 'model' | 'data' | 'runs'>;
const content = (): ProjectContent => ({ ...REST, model: granted('net.onnx'), data: { calibration: choice([granted('data.npz')]), evaluation: choice() }, runs: [{ id: 'r1', number: 7 }] });
async function save(name = 'mine.requant'): Promise<FileRef> {
  const target = granted(name);
  await desk.answers['project.run']({ run: RUN });
  await desk.answers['project.save']({ content: content(), name, target });
  return target;
}

describe('a project', () => {
  it('comes back as it was saved, in an engine that knows nothing of it', async () => {
    await save();
    start();
    const { content: opened, model, data } = await desk.answers['project.open']({ file: granted('mine.requant') });
    expect(model).toEqual({ name: 'net.onnx', state: 'same' });
    expect(data).toEqual({ calibration: [], evaluation: [] });
    const { runs, model: file, data: choices, ...rest } = opened;
    const { runs: _, model: __, data: ___, ...was } = content();
    expect(rest).toEqual(was);
    // An exact node has infinite psnr, which JSON alone cannot say.
    expect(runs).toEqual([{ ...RUN, number: 7 }]);
    expect(grants.of((file as FileRef).id)?.path).toBe(join(work, 'net.onnx'));
    expect(choices.calibration).toMatchObject({ scale: '1/255', files: [{ name: 'data.npz' }] });
  });
  it('that was saved before there were sweeps has none', async () => {
    await save();
    const { sweeps, ...older } = JSON.parse(await readFile(join(work, 'mine.requant'), 'utf8')) as Record<string, unknown>;
    expect(sweeps).toHaveLength(1);
    await writeFile(join(work, 'mine.requant'), JSON.stringify(older));
    start();
    expect((await desk.answers['project.open']({ file: granted('mine.requant') })).content).toMatchObject({ sweeps: [], runs: [{ number: 7 }] });
  });
  it('is written beside its place and renamed into it', async () => {
    await save();
    await expect(desk.answers['project.save']({ content: content(), name: 'x', target: grants.grant(join(work, 'no', 'x.requant'), 'x.requant') })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect((await readdir(work)).sort()).toEqual(['data.npz', 'mine.requant', 'net.onnx']);
  });
  it('finds its files when they moved together with it', async () => {
    await save();
    await rename(work, `${work}-moved`);
    work = `${work}-moved`;
    start();
    expect((await desk.answers['project.open']({ file: granted('mine.requant') })).model.state).toBe('same');
  });
  it('says when the model has changed or is gone, and takes another one in its place', async () => {
    await save();
    await writeFile(join(work, 'net.onnx'), 'a NETWORK');
    start();
    const changed = await desk.answers['project.open']({ file: granted('mine.requant') });
    expect(changed.model).toEqual({ name: 'net.onnx', state: 'changed' });
    await rename(join(work, 'net.onnx'), join(work, 'other.onnx'));
    expect((await desk.answers['project.open']({ file: granted('mine.requant') })).model.state).toBe('missing');
    await writeFile(join(work, 'back.onnx'), 'a network');
    expect((await desk.answers['project.open']({ file: granted('mine.requant'), model: granted('back.onnx') })).model).toEqual({ name: 'back.onnx', state: 'same' });
    expect((await desk.answers['project.open']({ file: granted('mine.requant'), model: granted('other.onnx') })).model.state).toBe('changed');
  });
  it('says which data is not as it was: changed data is still given, missing data is not', async () => {
    await save();
    await writeFile(join(work, 'data.npz'), 'SAMPLES');
    start();
    const changed = await desk.answers['project.open']({ file: granted('mine.requant') });
    expect(changed.data.calibration).toEqual([{ name: 'data.npz', state: 'changed' }]);
    expect(changed.content.data.calibration.files).toHaveLength(1);
    await rm(join(work, 'data.npz'));
    const missing = await desk.answers['project.open']({ file: granted('mine.requant') });
    expect(missing.data.calibration).toEqual([{ name: 'data.npz', state: 'missing' }]);
    expect(missing.content.data.calibration.files).toEqual([]);
  });
  it('means the model as it was when it was opened, not as it was when the project was saved', async () => {
    const file = granted('net.onnx');
    desk.used('model.open', { file });
    await desk.answers['project.run']({ run: RUN });
    await desk.answers['sitting.keep']({ content: content(), project: null });
    await writeFile(join(work, 'net.onnx'), 'a NETWORK');
    await desk.answers['project.save']({ content: content(), name: '', target: granted('mine.requant') });
    start();
    expect((await desk.answers['project.open']({ file: granted('mine.requant') })).model.state).toBe('changed');
  });
  it('names no place of an upload, which is gone with the server', async () => {
    const upload = grants.grant(join(work, 'net.onnx'), 'net.onnx', { id: 'u', uploaded: true });
    await desk.answers['project.run']({ run: RUN });
    await desk.answers['project.save']({ content: { ...content(), model: upload }, name: '', target: granted('mine.requant') });
    expect(await readFile(join(work, 'mine.requant'), 'utf8')).not.toContain(JSON.stringify(join(work, 'net.onnx')));
    expect((await desk.answers['project.open']({ file: granted('mine.requant') })).model.state).toBe('uploaded');
  });
  it('takes files only from below the root, where there is one', async () => {
    await mkdir(join(work, 'root'));
    await save();
    await rename(join(work, 'mine.requant'), join(work, 'root', 'mine.requant'));
    await symlink(join(work, 'net.onnx'), join(work, 'root', 'net.onnx'));
    start(join(work, 'root'));
    const { model, data } = await desk.answers['project.open']({ file: granted('root/mine.requant') });
    expect([model.state, data.calibration[0]?.state]).toEqual(['missing', 'missing']);
  });
});

describe('a hostile project file', () => {
  const bytes = (change: object): Uint8Array => new TextEncoder().encode(JSON.stringify({ ...JSON.parse(new TextDecoder().decode(GOOD)) as object, ...change }));
  const body = REST;
  const GOOD = projectBytes({ ...body, model: { name: 'a', path: '/a', size: 1 }, data: { calibration: choice(), evaluation: choice() }, runs: [], folder: null } as never);
  it.each<[string, object, string]>([
    ['another format', { format: 'zip' }, 'FORMAT_CORRUPT'], ['a later version', { version: 2 }, 'FORMAT_UNSUPPORTED'], ['no model', { model: null }, 'FORMAT_CORRUPT'],
    ['a path that is no text', { model: { name: 'a', path: 5, size: 1 } }, 'FORMAT_CORRUPT'], ['a hash that is none', { model: { name: 'a', path: '/a', size: 1, sha256: 'xyz' } }, 'FORMAT_CORRUPT'],
    ['a long text', { samples: { calibration: 'x'.repeat(2000), analysis: '', accuracy: '' } }, 'FORMAT_CORRUPT'], ['a camera nowhere', { view: { camera: { x: 0, y: 0, zoom: 0 } } }, 'FORMAT_CORRUPT'],
    ['runs that are none', { runs: [{ id: 'x' }] }, 'FORMAT_CORRUPT'], ['a recipe of another kind', { recipe: { preset: 'int4' } }, 'FORMAT_CORRUPT'],
  ])('with %s is refused in words', (_what, change, code) => {
    expect(() => parseProject(bytes(change), 'x.requant')).toThrow(expect.objectContaining({ code, where: { file: 'x.requant' } }) as Error);
  });
  it('is refused whatever its bytes are, and never by anything but a known error', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(GOOD.length), (noise, at) => {
      const damaged = new Uint8Array([...GOOD.subarray(0, at), ...noise, ...GOOD.subarray(at + noise.length)]);
      try { parseProject(damaged, 'x'); } catch (error) { expect(error).toMatchObject({ code: expect.stringMatching(/^FORMAT_/) as string }); }
    }), { numRuns: 300 });
    expect(() => parseProject(new TextEncoder().encode('['.repeat(200_000)), 'x')).toThrow(expect.objectContaining({ code: 'FORMAT_CORRUPT' }) as Error);
  });
  it('leads to no device, pipe or other machine', async () => {
    for (const path of ['/dev/zero', '//server/share/net.onnx', '\\\\server\\share\\net.onnx', 'net.onnx', '../net.onnx', '/tmp/\0']) {
      await writeFile(join(work, 'bad.requant'), projectBytes({ ...body, model: { name: 'a', path, size: 9 }, data: { calibration: choice(), evaluation: choice() }, runs: [], folder: work } as never));
      expect((await desk.answers['project.open']({ file: granted('bad.requant') })).model.state, path).toBe('missing');
    }
  });
  it('says nothing of an object\'s own works', () => {
    const { notes } = parseProject(new TextEncoder().encode(new TextDecoder().decode(GOOD).replace(/"notes":\{[^}]*\}/, '"notes":{"__proto__":"x","constructor":"y","r1":"z"}')), 'x');
    expect(Object.keys(notes)).toEqual(['r1']);
  });
});

describe('a sitting', () => {
  it('whose engine died is found by the next one, with its runs, notes and choices', async () => {
    await desk.answers['project.run']({ run: RUN });
    const { sitting } = await desk.answers['sitting.keep']({ content: content(), project: null });
    // As if its process had died: no process has this number.
    const file = join(home, 'sittings', sitting, 'sitting.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(`"owner":${process.pid}`, '"owner":999999999'));
    start();
    const { found } = await desk.answers['sitting.find']({});
    expect(found).toMatchObject({ sitting, model: 'net.onnx', runs: 1, project: null });
    const opened = await desk.answers['sitting.open']({ sitting });
    expect(opened.content).toMatchObject({ recipe: content().recipe, notes: { r1: 'best so far' }, runs: [{ ...RUN, number: 7 }] });
    await desk.answers['sitting.drop']({ sitting });
    expect((await desk.answers['sitting.find']({})).found).toBeNull();
  });
  it('of another engine that lives is left alone', async () => {
    await desk.answers['project.run']({ run: RUN });
    const { sitting } = await desk.answers['sitting.keep']({ content: content(), project: null });
    const file = join(home, 'sittings', sitting, 'sitting.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace(`"owner":${process.pid}`, `"owner":${process.ppid}`));
    start();
    expect((await desk.answers['sitting.find']({})).found).toBeNull();
    expect((await desk.answers['sitting.find']({ mine: sitting })).found).toMatchObject({ sitting });
  });
  it('that was given up or saved is gone, and its engine leaves nothing behind', async () => {
    await desk.answers['project.run']({ run: RUN });
    await desk.answers['sitting.keep']({ content: content(), project: null });
    await desk.answers['sitting.drop']({});
    expect((await desk.answers['sitting.find']({})).found).toBeNull();
    await desk.close();
    expect(await readdir(join(home, 'sittings'))).toEqual([]);
  });
  it('is not shown to a page that chooses from another folder', async () => {
    start(work);
    await desk.answers['project.run']({ run: RUN });
    await desk.answers['sitting.keep']({ content: content(), project: null });
    await desk.close();
    start(home);
    expect((await desk.answers['sitting.find']({})).found).toBeNull();
    start(work);
    expect((await desk.answers['sitting.find']({})).found).not.toBeNull();
  });
  it('with a damaged file is no sitting, and names that are paths find none', async () => {
    const { sitting } = await desk.answers['sitting.keep']({ content: { ...content(), runs: [] }, project: null });
    await writeFile(join(home, 'sittings', sitting, 'sitting.json'), '{"version":1');
    start();
    expect((await desk.answers['sitting.find']({})).found).toBeNull();
    await expect(desk.answers['sitting.open']({ sitting: '../../etc' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await desk.answers['sitting.drop']({ sitting: '..' });
    expect(existsSync(home)).toBe(true);
  });
});

describe('recent files', () => {
  const list = async () => (await desk.answers['recent.list']({})).files.map(({ file, kind, missing }) => [file.name, kind, missing]);
  it('are the newest first, each once, and missing ones are marked and removed', async () => {
    desk.used('model.open', { file: granted('net.onnx') });
    await expect.poll(list).toEqual([['net.onnx', 'model', false]]);
    await save();
    expect(await list()).toEqual([['mine.requant', 'project', false], ['net.onnx', 'model', false]]);
    await rm(join(work, 'net.onnx'));
    start();
    expect(await list()).toEqual([['mine.requant', 'project', false], ['net.onnx', 'model', true]]);
    const [, gone] = (await desk.answers['recent.list']({})).files;
    if (gone) await desk.answers['recent.remove']({ file: gone.file });
    expect(await list()).toEqual([['mine.requant', 'project', false]]);
  });
  it('are no uploads, and none from outside the root', async () => {
    desk.used('model.open', { file: grants.grant(join(work, 'data.npz'), 'data.npz', { uploaded: true }) });
    await save();
    expect(await list()).toEqual([['mine.requant', 'project', false]]);
    start(home);
    expect(await list()).toEqual([]);
  });
});

describe('settings', () => {
  it('are kept; what makes no sense is the default', async () => {
    await desk.answers['settings.write']({ settings: { ...DEFAULT_SETTINGS, threads: 3, theme: 'dark' } });
    start();
    expect((await desk.answers['settings.read']({})).settings).toEqual({ ...DEFAULT_SETTINGS, threads: 3, theme: 'dark' });
    await writeFile(join(home, 'settings.json'), JSON.stringify({ threads: 0, theme: 'pink', memoryMiB: 64 }));
    expect((await desk.answers['settings.read']({})).settings).toEqual({ ...DEFAULT_SETTINGS, memoryMiB: 64 });
    await writeFile(join(home, 'settings.json'), 'no JSON');
    expect((await desk.answers['settings.read']({})).settings).toEqual(DEFAULT_SETTINGS);
  });
});
