// The studio's built files, and nothing outside their folder.
import { readFile, realpath } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { answer, answerText } from './answers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** Serves `pathname` from `root`; `/` is index.html. Names with a hash, in assets/, never change and may be kept. */
export async function serveStatic(response: ServerResponse, root: string, pathname: string): Promise<void> {
  const file = await resolveInside(root, pathname === '/' ? '/index.html' : pathname);
  const type = file && TYPES[extname(file).toLowerCase()];
  if (!file || !type) return answerText(response, 404, 'There is nothing here.');
  const caching = pathname.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : type.startsWith('text/html') ? 'no-store' : 'no-cache';
  answer(response, 200, type, await readFile(file), {}, caching);
}

/** The real path of a file below `root`, or undefined; what `..`, escapes and links lead to is looked at after they are followed. */
async function resolveInside(root: string, pathname: string): Promise<string | undefined> {
  try {
    const name = decodeURIComponent(pathname);
    if (name.includes('\0')) return undefined;
    const home = await realpath(root);
    const file = await realpath(join(home, name));
    return file.startsWith(home + sep) ? file : undefined;
  } catch {
    return undefined;
  }
}
