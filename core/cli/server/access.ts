// Who may talk to the server: requests addressed to this machine, from the studio's own page, with the token.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const createToken = (): string => randomBytes(32).toString('base64url');

/** Names under which a browser on this machine reaches it. The port is free: a tunnel may give it another one. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost']);

/** Is the request addressed to this machine by one of its own names? Else a foreign name was made to point here (DNS rebinding). */
export function isOwnHost(request: IncomingMessage): boolean {
  const match = /^([a-z0-9.-]+)(:\d{1,5})?$/i.exec(request.headers.host ?? '');
  return match !== null && OWN_NAMES.has((match[1] ?? '').toLowerCase());
}

/** Does the request come from the studio's page, or from no page at all? Browsers always name the page of a foreign origin. */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin } = request.headers;
  return origin === undefined || origin.toLowerCase() === `http://${request.headers.host ?? ''}`.toLowerCase();
}

/** Compares in constant time, whatever the lengths. */
export function hasToken(request: IncomingMessage, url: URL, token: string): boolean {
  const header = request.headers['x-requant-token'];
  const given = typeof header === 'string' ? header : (url.searchParams.get('token') ?? '');
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
