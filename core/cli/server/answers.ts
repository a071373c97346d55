// Answers of the server: the headers that every one carries, and short texts for what went wrong.
import type { ServerResponse } from 'node:http';

/** The page runs its own scripts only, speaks to this server only, and stands in no frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // React Flow places its nodes by style attributes.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export type Caching = 'no-store' | 'no-cache' | 'public, max-age=31536000, immutable';

export function answer(response: ServerResponse, status: number, type: string, body: Uint8Array | string, more: Readonly<Record<string, string>> = {}, caching: Caching = 'no-store'): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': String(Buffer.byteLength(body)), 'cache-control': caching, ...more });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export const answerText = (response: ServerResponse, status: number, text: string, more: Readonly<Record<string, string>> = {}): void =>
  answer(response, status, 'text/plain; charset=utf-8', `${text}\n`, more);

export const answerJson = (response: ServerResponse, status: number, document: unknown): void =>
  answer(response, status, 'application/json; charset=utf-8', JSON.stringify(document));
