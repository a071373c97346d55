// The studio's server: who is let in, which files are given out, what uploads are taken.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createClient, socketLink, type FileRef } from '../../contract/index.ts';
import { RequantError } from '../../errors/index.ts';
import { startStudioServer, type StudioServer, type StudioServerOptions } from './server.ts';

let root = '';
let server: StudioServer;
let granted: { path: string; name: string }[];
let lose: (message: string) => void;
let cancelled: boolean;
let closed: boolean;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'requant-server-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html>studio');
  await writeFile(join(root, 'assets/main-1234.js'), 'export {}');
  await writeFile(join(folder, 'secret.json'), '{"secret":1}');
  await symlink(join(folder, 'secret.json'), join(root, 'link.json'));
  granted = []; cancelled = false; closed = false;
  const host = {
    handle: async (method: string, _params: unknown, context: { onCancel: (listener: () => void) => void; progress: (p: { stage: string; fraction: number }) => void }) => {
      if (method === 'engine.hello') return { version: '1', start: null };
      if (method !== 'data.state') throw new RequantError('DATA_EMPTY', 'nothing here', { file: 'x' });
      context.progress({ stage: 'waiting', fraction: 0.5 });
      return new Promise((_resolve, reject) => { context.onCancel(() => { cancelled = true; reject(new RequantError('CANCELLED', 'stopped')); }); });
    },
    grant: (path: string, name: string): FileRef => { granted.push({ path, name }); return { id: `file-${granted.length}`, name }; },
    blob: (id: string) => (id === 'b/1' ? { name: 'näme.sima', bytes: Uint8Array.of(1, 2, 3) } : undefined),
    onLost: (listener: (message: string) => void) => { lose = listener; },
    close: async () => { closed = true; },
  };
  server = await startStudioServer({ host: host as unknown as StudioServerOptions['host'], root, uploadLimit: 1000 });
});
afterEach(async () => { await server.close(); await rm(dirname(root), { recursive: true, force: true }); });

const base = (): string => `http://127.0.0.1:${server.port}`;
/** fetch cannot set Host and Origin, and tidies paths; this sends what it is told. */
function send(path: string, options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}): Promise<{ status: number; body: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, method: options.method ?? 'GET', headers: options.headers ?? {} }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers }));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}
const open = (query: string, options: { headers?: Record<string, string> } = {}): Promise<WebSocket> => new Promise((resolve, reject) => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${query}`, options);
  socket.once('open', () => resolve(socket));
  socket.once('error', reject);
});

describe('static files', () => {
  it('gives the studio with a strict policy and without caching', async () => {
    const { status, body, headers } = await send('/');
    expect([status, body]).toEqual([200, '<!doctype html>studio']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-type': 'text/html; charset=utf-8' });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';");
  });

  it('lets hashed assets be kept', async () => {
    expect((await send('/assets/main-1234.js')).headers).toMatchObject({ 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=31536000, immutable' });
  });

  it.each(['/../secret.json', '/..%2fsecret.json', '/%2e%2e/secret.json', '/assets/../../secret.json', '/link.json', '/assets', '/nothing.js', '/%00', '/%ff', '//secret.json'])('keeps what is outside: %s', async (path) => {
    const { status, body } = await send(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain('secret":');
  });

  it('answers to its own names only, so that no foreign name can be made to point here', async () => {
    expect((await send('/', { headers: { host: 'evil.example:80' } })).status).toBe(403);
    expect((await send('/', { headers: { host: 'localhost:9999' } })).status).toBe(200);
    expect((await send('/', { method: 'PUT' })).status).toBe(405);
  });
});

describe('uploads', () => {
  const post = (query: string, body: string | Buffer, headers: Record<string, string> = {}) => send(`/_file?${query}`, { method: 'POST', headers: { 'x-requant-token': server.token, ...headers }, body });

  it('stores a file privately under its own name and gives the engine its path', async () => {
    const { status, body } = await post('name=my%20model.onnx', 'bytes');
    expect([status, JSON.parse(body)]).toEqual([200, { id: 'file-1', name: 'my model.onnx', size: 5 }]);
    expect(granted[0]?.path.endsWith('/my model.onnx')).toBe(true);
    expect(await readFile(granted[0]?.path ?? '', 'utf8')).toBe('bytes');
  });

  it('keeps a name that is a path inside its own folder', async () => {
    expect((await post(`name=${encodeURIComponent('../../../etc/passwd')}`, 'x')).status).toBe(200);
    expect(granted[0]).toMatchObject({ name: 'passwd' });
    expect(granted[0]?.path.startsWith(tmpdir())).toBe(true);
    // A path that only goes down is what it is called by, and still no place.
    expect(JSON.parse((await post('name=pictures/cat/1.png', 'x')).body)).toMatchObject({ name: 'pictures/cat/1.png' });
    expect(granted[1]).toMatchObject({ name: 'pictures/cat/1.png' });
    expect(granted[1]?.path).not.toContain('cat');
    for (const bad of ['', '..', 'a/', '%00', 'x'.repeat(300)]) expect((await post(`name=${bad}`, 'x')).status, bad).toBe(400);
  });

  it('refuses too large a file, declared or not, and keeps nothing of it', async () => {
    const large = Buffer.alloc(200_000);
    const declared = await post('name=a.npz', large).catch(() => ({ status: 413, body: 'FORMAT_TOO_LARGE' }));
    expect([declared.status, declared.body]).toEqual([413, expect.stringContaining('FORMAT_TOO_LARGE')]);
    const chunked = await post('name=a.npz', Buffer.alloc(1001), { 'transfer-encoding': 'chunked' });
    expect(chunked.status).toBe(413);
    expect(granted).toEqual([]);
  });

  it('takes none without the token, with a wrong one, or from another page', async () => {
    expect((await send('/_file?name=a', { method: 'POST', body: 'x' })).status).toBe(403);
    expect((await send('/_file?name=a&token=wrong', { method: 'POST', body: 'x' })).status).toBe(403);
    expect((await post('name=a', 'x', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await post('name=a', 'x', { origin: 'null' })).status).toBe(403);
    expect((await post('name=a', 'x', { origin: base() })).status).toBe(200);
    expect(granted).toHaveLength(1);
  });

  describe('beside an earlier one', () => {
    const beside = (name: string, body: string | Buffer, headers?: Record<string, string>) => post(`beside=file-1&name=${encodeURIComponent(name)}`, body, headers);
    const folder = (): string => dirname(granted[0]?.path ?? '');
    beforeEach(async () => { await post('name=net.onnx', 'model'); });

    it('lies in its folder or below, and is not named to the page', async () => {
      expect(await beside('weights.bin', 'w')).toMatchObject({ status: 200, body: '{"size":1}' });
      expect((await beside('parts/1/b.bin', 'bb')).status).toBe(200);
      expect(await readFile(join(folder(), 'weights.bin'), 'utf8') + await readFile(join(folder(), 'parts/1/b.bin'), 'utf8')).toBe('wbb');
      expect(granted).toHaveLength(1);
    });

    it('goes nowhere else, and over nothing', async () => {
      for (const name of ['', '..', '../x', 'a/../../x', '/etc/x', 'a//b', 'a/', './a', 'a\\..\\b', 'a\0b', `${'d/'.repeat(17)}x`, 'x'.repeat(300)]) expect((await beside(name, 'x')).status, name).toBe(400);
      expect((await beside('net.onnx', 'other')).status).toBe(500);
      expect((await beside('net.onnx/x', 'other')).status).toBe(500);
      expect(await readFile(join(folder(), 'net.onnx'), 'utf8')).toBe('model');
      expect((await post('beside=file-2&name=x', 'x')).status).toBe(400);
      expect((await send('/_file?beside=file-1&name=x', { method: 'POST', body: 'x' })).status).toBe(403);
      expect(await readdir(folder())).toEqual(['net.onnx']);
      expect(await readdir(dirname(folder()))).toEqual(['1']);
    });

    it('is bounded together with it, declared or not', async () => {
      expect((await beside('a', Buffer.alloc(900))).status).toBe(200);
      expect((await beside('b', Buffer.alloc(96))).status).toBe(413);
      expect((await beside('c', Buffer.alloc(96), { 'transfer-encoding': 'chunked' })).status).toBe(413);
      expect((await beside('d', Buffer.alloc(95))).status).toBe(200);
      expect((await beside('e', 'x')).status).toBe(413);
      expect((await readdir(folder())).sort()).toEqual(['a', 'd', 'net.onnx']);
    });

    it('is one of a thousand at most', async () => {
      for (let i = 0; i < 1000; i++) await beside(`f${i}`, '');
      expect(await beside('one-more', '')).toMatchObject({ status: 413, body: expect.stringContaining('BUDGET_EXCEEDED') as unknown });
    });
  });

  it('removes every upload when the server closes', async () => {
    await post('name=a.npz', 'x');
    const path = granted[0]?.path ?? '';
    expect(existsSync(path)).toBe(true);
    await server.close();
    expect(existsSync(path)).toBe(false);
    expect(closed).toBe(true);
  });

  it('removes what an upload left that was broken off', async () => {
    await post('name=whole', 'x');
    const uploads = dirname(dirname(granted[0]?.path ?? ''));
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write(`POST /_file?name=half HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Requant-Token: ${server.token}\r\nContent-Length: 100\r\n\r\nhalf`);
        setTimeout(() => { socket.destroy(); resolve(); }, 100);
      });
    });
    await expect.poll(() => readdir(uploads)).toEqual(['1']);
    expect(granted).toHaveLength(1);
    expect((await send('/')).status).toBe(200);
  });
});

describe('downloads', () => {
  it('need the token and carry their name', async () => {
    expect((await send('/_blob/b%2F1')).status).toBe(403);
    const { status, body, headers } = await send(`/_blob/b%2F1?token=${server.token}`);
    expect([status, body]).toEqual([200, '\x01\x02\x03']);
    expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''n%C3%A4me.sima");
    expect((await send(`/_blob/none?token=${server.token}`)).status).toBe(404);
    expect((await send(`/_blob/%ff?token=${server.token}`)).status).toBe(400);
  });
});

describe('the engine', () => {
  it('is not reached without the token, from another page, or at another address', async () => {
    await expect(open('/_engine')).rejects.toThrow('403');
    await expect(open('/_engine?token=wrong')).rejects.toThrow('403');
    await expect(open(`/_engine?token=${server.token}`, { headers: { origin: 'http://evil.example' } })).rejects.toThrow('403');
    await expect(open(`/_engine?token=${server.token}`, { headers: { host: 'evil.example' } })).rejects.toThrow('403');
    await expect(open(`/other?token=${server.token}`)).rejects.toThrow('403');
  });

  it('speaks the contract: results, errors, progress, cancelling, and word of a lost engine', async () => {
    const client = createClient(socketLink(await open(`/_engine?token=${server.token}`, { headers: { origin: base() } })));
    expect(await client.call('engine.hello', {})).toEqual({ version: '1', start: null });
    await expect(client.call('data.close', { role: 'calibration' })).rejects.toMatchObject({ code: 'DATA_EMPTY', where: { file: 'x' } });
    const stop = new AbortController();
    await expect(client.call('data.state', {}, { signal: stop.signal, onProgress: () => stop.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    const lost = new Promise((resolve) => client.onLost(resolve));
    lose('the engine stopped');
    expect(await lost).toBe('the engine stopped');
  });

  it('cancels what still runs for a page that goes away', async () => {
    const socket = await open(`/_engine?token=${server.token}`);
    const client = createClient(socketLink(socket));
    await new Promise<void>((resolve) => { client.call('data.state', {}, { onProgress: () => resolve() }).catch(() => undefined); });
    socket.terminate();
    await expect.poll(() => cancelled).toBe(true);
  });

  it('survives messages that are no messages', async () => {
    for (const bad of ['not JSON', '{"$requant":"date"}', Buffer.of(1, 2, 3)]) {
      const socket = await open(`/_engine?token=${server.token}`);
      const code = new Promise((resolve) => socket.once('close', resolve));
      socket.send(bad);
      expect(await code, String(bad)).toBe(1007);
    }
    expect((await send('/')).status).toBe(200);
  });
});

it('says that a port is taken', async () => {
  const host = { onLost: () => undefined } as unknown as StudioServerOptions['host'];
  await expect(startStudioServer({ host, root, port: server.port })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});
