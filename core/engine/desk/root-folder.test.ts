// The folder to choose from: what is in it, and that there is no way out of it.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { METHODS } from '../../contract/index.ts';
import { createRootFolder, type RootFolder } from './root-folder.ts';

let folder: string;
let root: RootFolder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-root-'));
  const home = join(folder, 'root');
  await mkdir(join(home, 'models', 'deep'), { recursive: true });
  await mkdir(join(home, 'cats'));
  for (const name of ['models/b.onnx', 'models/a10.onnx', 'models/a9.onnx', 'models/notes.txt', 'models/.hidden.onnx', 'cats/2.png', 'cats/1.JPG', 'top.tflite']) await writeFile(join(home, name), name);
  // Beside the root, with a name that begins like it.
  await mkdir(join(folder, 'root-other'));
  await writeFile(join(folder, 'root-other', 'secret.onnx'), 'secret');
  await writeFile(join(folder, 'secret.onnx'), 'secret');
  await symlink(join(folder, 'secret.onnx'), join(home, 'models', 'out.onnx'));
  await symlink(folder, join(home, 'out'));
  await symlink(join(home, 'models'), join(home, 'inside'));
  await symlink(join(home, 'nowhere'), join(home, 'broken.onnx'));
  root = createRootFolder(home);
});
afterAll(async () => { await rm(folder, { recursive: true, force: true }); });

const names = async (inside: string, filter = ''): Promise<string[]> => (await root.list(inside, 'model', filter)).entries.map(({ name }) => name);

describe('a list', () => {
  it('has folders first, then files of the kind, numbers in order, and nothing hidden or leading out', async () => {
    expect(await names('')).toEqual(['cats', 'models', 'inside', 'top.tflite']);
    expect(await names('models')).toEqual(['deep', 'a9.onnx', 'a10.onnx', 'b.onnx']);
  });
  it('is narrowed by a part of the name, and says its place', async () => {
    expect(await names('models', 'A1')).toEqual(['a10.onnx']);
    expect(await root.list('models', 'model', '')).toMatchObject({ root: 'root', folder: 'models', more: 0 });
  });
  it('follows links that stay inside', async () => {
    expect(await names('inside')).toContain('b.onnx');
  });
});

describe('choosing', () => {
  it('gives a file of its kind, or the images of a folder', async () => {
    expect((await root.choose('models/b.onnx', 'model')).map(({ name }) => name)).toEqual(['b.onnx']);
    expect((await root.choose('cats', 'images')).map(({ name }) => name)).toEqual(['1.JPG', '2.png']);
  });
  it('refuses a file of another kind', async () => {
    await expect(root.choose('models/notes.txt', 'model')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    await expect(root.choose('models', 'images')).rejects.toMatchObject({ code: 'DATA_EMPTY' });
  });
  it('saves projects only, in folders inside, never over a folder', async () => {
    expect((await root.target('models', 'mine.requant')).exists).toBe(false);
    for (const name of ['.bashrc', 'x.onnx', '../x.requant', 'a/b.requant', '.requant', 'x\0.requant']) await expect(root.target('', name), name).rejects.toThrow();
    await expect(root.target('out', 'mine.requant')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('no way out', () => {
  const ways = ['..', '../secret.onnx', 'models/../../secret.onnx', '../root-other/secret.onnx', 'out', 'out/secret.onnx', 'models/out.onnx', 'inside/../../secret.onnx', '/etc/passwd', '//etc/passwd', 'models/out.onnx\0', '\0', 'broken.onnx', 'models\\..\\..\\secret.onnx'];
  it.each(ways)('by %j: it is not there, in the words for what does not exist', async (way) => {
    const missing = { code: 'FILE_NOT_FOUND', message: 'there is no such file or folder below the root folder' };
    await expect(root.choose(way, 'model')).rejects.toMatchObject(missing);
    await expect(root.list(way, 'model', '')).rejects.toMatchObject(missing);
    await expect(root.target(way, 'x.requant')).rejects.toMatchObject(missing);
  });
  it('for any path made of such parts', async () => {
    const part = fc.constantFrom('..', '.', '', 'models', 'out', 'inside', 'root-other', 'secret.onnx', '/', '\0');
    await fc.assert(fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
      const chosen = await root.choose(parts.join('/'), 'model').catch(() => []);
      expect(chosen.every(({ path }) => !path.includes('secret'))).toBe(true);
    }), { numRuns: 200 });
  });
  it('and the contract lets no such path in at all', () => {
    const arrives = (path: string): boolean => v.safeParse(METHODS['files.choose'].params, { path, kind: 'model' }).success;
    expect(ways.filter((way) => !['out', 'out/secret.onnx', 'models/out.onnx', 'broken.onnx'].includes(way)).filter(arrives)).toEqual([]);
    expect(['', 'models', 'models/b.onnx', 'a..b/c'].every(arrives)).toBe(true);
  });
});
