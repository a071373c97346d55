// Answers of the server: the headers that every one carries, and short texts for what went wrong.
import type { ServerResponse } from 'node:http';
import { CONTENT_SECURITY_POLICY } from '../../contract/index.ts';

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
