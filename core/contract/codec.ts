// Messages as text, for links that carry text (WebSocket): JSON, with typed arrays and non-finite numbers spelled out.
// Bulk data does not go this way; it is fetched from /_blob/<id>.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES = new Map([...ALPHABET].map((c, i) => [c, i]));

function toBase64(bytes: Uint8Array): string {
  const out: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out.push(ALPHABET.charAt(n >> 18) + ALPHABET.charAt((n >> 12) & 63) + (left > 1 ? ALPHABET.charAt((n >> 6) & 63) : '=') + (left > 2 ? ALPHABET.charAt(n & 63) : '='));
  }
  return out.join('');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const clean = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4));
  let bits = 0, held = 0, at = 0;
  for (const c of clean) {
    const code = CODES.get(c);
    if (code === undefined) throw new RequantError('MESSAGE_INVALID', 'a binary part of a message is damaged');
    bits = (bits << 6) | code;
    held += 6;
    if (held >= 8) { held -= 8; bytes[at++] = (bits >> held) & 255; }
  }
  return bytes;
}

const MARK = '$requant';
const Marked = v.object({ [MARK]: v.picklist(['number', 'bytes', 'float32']), value: v.optional(v.string()) });

/** Does JSON say all of it as it is? Looking is much cheaper than JSON's own replacer, which is called for every value of a large model. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string': case 'boolean': case 'undefined': return true;
    case 'number': return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (ArrayBuffer.isView(value)) return false;
      return Array.isArray(value) ? value.every(isPlain) : Object.values(value).every(isPlain);
    default: return false;
  }
}

/** Text of a message. Raises MESSAGE_INVALID for what cannot travel. */
export function encodeMessage(message: unknown): string {
  if (isPlain(message)) return JSON.stringify(message);
  return JSON.stringify(message, (_key, value: unknown) => {
    if (typeof value === 'number' && !Number.isFinite(value)) return { [MARK]: 'number', value: String(value) };
    if (value instanceof Uint8Array) return { [MARK]: 'bytes', value: toBase64(value) };
    if (value instanceof Float32Array) return { [MARK]: 'float32', value: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
    if (typeof value === 'bigint' || typeof value === 'function') throw new RequantError('MESSAGE_INVALID', `a ${typeof value} cannot travel`);
    return value;
  });
}

/** The message of a text. Raises MESSAGE_INVALID for anything that {@link encodeMessage} did not write. */
export function decodeMessage(text: string): unknown {
  try {
    // The same on this side: a text without marks is read as it is.
    if (!text.includes(MARK)) return JSON.parse(text) as unknown;
    return JSON.parse(text, (_key, value: unknown) => {
      if (value === null || typeof value !== 'object' || !(MARK in value)) return value;
      const marked = v.parse(Marked, value);
      const body = marked.value ?? '';
      switch (marked[MARK]) {
        case 'number': return Number(body);
        case 'bytes': return fromBase64(body);
        case 'float32': return new Float32Array(fromBase64(body).buffer);
      }
    }) as unknown;
  } catch (error) {
    if (error instanceof RequantError) throw error;
    throw new RequantError('MESSAGE_INVALID', 'a message is not valid JSON', {}, { cause: error });
  }
}
