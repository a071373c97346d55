// .npz: lazily read, written the same way every time, and hostile archives refused before they cost memory.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatNpy } from './npy.ts';
import { formatNpz, openNpz, writeNpz } from './npz.ts';
import { float32, tensor } from './tensor.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-npz-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));
const saved = async (name: string, bytes: Uint8Array): Promise<string> => { await writeFile(join(folder, name), bytes); return join(folder, name); };

const arrays = { x: float32([2, 2], [1, 2, 3, 4]), 'a/b': tensor('int64', [1], BigInt64Array.of(-5n)) };
/** A deflated archive with one array of zeros: a million bytes in about a thousand. */
const zeros = (): Uint8Array => zipSync({ 'x.npy': formatNpy(tensor('uint8', [1_000_000], new Uint8Array(1_000_000))) }, { level: 9 });
/** Finds the one central directory entry and changes a 32-bit field of it. */
function patched(bytes: Uint8Array, field: number, value: number): Uint8Array {
  const out = Buffer.from(bytes);
  const at = out.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  out.writeUInt32LE(value, at + field);
  return out;
}

describe('.npz', () => {
  it.each([false, true])('reads back what it writes (compressed: %s)', async (compress) => {
    const file = join(folder, `round-${compress}.npz`);
    await writeNpz(file, arrays, { compress });
    const npz = await openNpz(file);
    expect(npz.keys).toEqual(['x', 'a/b']);
    expect(await npz.read('x')).toEqual(arrays.x);
    expect(await npz.read('a/b')).toEqual(arrays['a/b']);
  });

  it('writes the same bytes for the same arrays, and leaves no temporary file', async () => {
    const file = join(folder, 'same.npz');
    await writeNpz(file, arrays);
    expect(new Uint8Array(await readFile(file))).toEqual(new Uint8Array(formatNpz(arrays)));
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says which arrays there are when one is missing', async () => {
    const npz = await openNpz(await saved('keys.npz', formatNpz(arrays)));
    await expect(npz.read('z')).rejects.toMatchObject({ code: 'DATA_KEY_MISSING', message: 'there is no array z; the file holds x, a/b' });
  });

  it('refuses an array whose declared size is over the limit, without unpacking it', async () => {
    const npz = await openNpz(await saved('large.npz', zeros()), 1000);
    await expect(npz.read('x')).rejects.toMatchObject({ code: 'FORMAT_TOO_LARGE' });
  });

  it('stops unpacking at the declared size: a bomb that declares little stays little', async () => {
    const npz = await openNpz(await saved('bomb.npz', patched(zeros(), 24, 500)), 1000);
    await expect(npz.read('x')).rejects.toMatchObject({ code: 'FORMAT_TOO_LARGE' });
  });

  it('refuses an array that unpacks to less than it declares', async () => {
    const npz = await openNpz(await saved('short.npz', patched(zeros(), 24, 2_000_000)));
    await expect(npz.read('x')).rejects.toMatchObject({ code: 'FORMAT_CORRUPT' });
  });

  it('notices a changed byte by the checksum', async () => {
    const bytes = formatNpz({ x: float32([1], [1]) });
    const at = Buffer.from(bytes).indexOf(Buffer.from([0, 0, 0x80, 0x3f]));
    bytes[at] = 1;
    await expect((await openNpz(await saved('changed.npz', bytes))).read('x')).rejects.toMatchObject({ code: 'FORMAT_CORRUPT' });
  });

  it.each([
    ['a directory outside the file', (b: Uint8Array) => { const out = Buffer.from(b); out.writeUInt32LE(0xfffffff0, out.length - 6); return out; }, 'FORMAT_CORRUPT'],
    ['more entries than the directory holds', (b: Uint8Array) => { const out = Buffer.from(b); out.writeUInt16LE(60000, out.length - 12); return out; }, 'FORMAT_CORRUPT'],
    ['a truncated archive', (b: Uint8Array) => b.slice(0, b.length - 30), 'FORMAT_CORRUPT'],
    ['another file', () => Buffer.from('not a zip archive at all, but long enough to hold one'), 'FORMAT_UNKNOWN'],
    ['an empty file', () => new Uint8Array(0), 'FORMAT_UNKNOWN'],
  ] as const)('refuses %s', async (what, damage, code) => {
    await expect(openNpz(await saved(`${what}.npz`, damage(formatNpz(arrays))))).rejects.toMatchObject({ code });
  });

  it('says that a file is not there', async () => {
    await expect(openNpz(join(folder, 'none.npz'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(openNpz(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
