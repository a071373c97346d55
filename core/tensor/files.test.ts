// Reading within limits and writing whole, on a real disk.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureFolder, kindOfPath, readWhole, replaceFile } from './files.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-files-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('files', () => {
  it('refuses to read more than the limit', async () => {
    await writeFile(at('ten'), '0123456789');
    expect(await readWhole(at('ten'), 10)).toHaveLength(10);
    await expect(readWhole(at('ten'), 9)).rejects.toMatchObject({ code: 'FORMAT_TOO_LARGE' });
  });

  it.skipIf(!existsSync('/dev/zero'))('reads no device (skipped where there is no /dev/zero)', async () => {
    await expect(kindOfPath('/dev/zero')).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('replaces a file whole, and leaves nothing behind when it cannot', async () => {
    await replaceFile(at('out'), Buffer.from('old'));
    await replaceFile(at('out'), Buffer.from('new'));
    expect(await readFile(at('out'), 'utf8')).toBe('new');
    await ensureFolder(at('taken'));
    await expect(replaceFile(at('taken'), Buffer.from('x'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('makes folders within folders, and says when it cannot', async () => {
    await Promise.all([ensureFolder(at('a/b/c')), ensureFolder(at('a/b/c'))]);
    expect(await kindOfPath(at('a/b/c'))).toBe('folder');
    await expect(ensureFolder(at('ten/x'))).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });

  it.skipIf(!existsSync('/proc/self'))('does not wait for ever below /proc (skipped where there is none)', async () => {
    await expect(ensureFolder('/proc/requant/x')).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  });
});
