// requant://studio/: the built renderer's files, and `/_blob/<id>` for bulk data from the engine.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { protocol } from 'electron';
import { CONTENT_SECURITY_POLICY } from '../core/contract/index.ts';
import { fileOf } from './static-file.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Must run before the app is ready. `standard` gives the page an origin, so that 'self' means something. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'requant', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

export function serveStudio(folder: string, blob: (id: string) => Promise<Uint8Array | null>): void {
  protocol.handle('requant', async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'studio') return refuse(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const id = /^\/_blob\/([\w-]{1,64})$/.exec(url.pathname)?.[1];
    return id === undefined ? serveFile(folder, url.pathname) : serveBlob(await blob(id));
  });
}

async function serveFile(folder: string, pathname: string): Promise<Response> {
  const file = fileOf(folder, pathname);
  if (file === null) return refuse(403);
  try {
    // Whole files: the built renderer's largest is a few megabytes.
    return answer(new Uint8Array(await readFile(file)), TYPES[path.extname(file)] ?? 'application/octet-stream');
  } catch {
    return refuse(404);
  }
}

const serveBlob = (bytes: Uint8Array | null): Response =>
  bytes === null ? refuse(404) : answer(new Uint8Array(bytes), 'application/octet-stream', { 'cache-control': 'no-store' });

const answer = (body: Uint8Array<ArrayBuffer> | null, type: string, more: Record<string, string> = {}, status = 200): Response =>
  new Response(body, {
    status,
    headers: { 'content-type': type, 'content-security-policy': CONTENT_SECURITY_POLICY, 'x-content-type-options': 'nosniff', ...more },
  });
const refuse = (status: number): Response => answer(null, 'text/plain', {}, status);
