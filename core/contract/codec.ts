// Messages as text, for links that carry text (WebSocket): JSON, with typed arrays and non-finite numbers spelled out.
// Bulk data does not go this way; it is fetched from /_blob/<id>.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LETTERS = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const PADDING = '='.charCodeAt(0);
const NO_LETTER = 255;
/** What each letter stands for, by its code. */
const VALUES = new Uint8Array(128).fill(NO_LETTER);
LETTERS.forEach((letter, value) => { VALUES[letter] = value; });

/** Characters that are made into text at once: as many arguments as a call surely takes. */
const PIECE = 8192;

function toBase64(bytes: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  for (let i = 0, at = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) codes[at++] = LETTERS[(n >> shift) & 63] ?? 0;
  }
  codes.fill(PADDING, codes.length - ((3 - (bytes.length % 3)) % 3));
  let text = '';
  for (let i = 0; i < codes.length; i += PIECE) text += String.fromCharCode(...codes.subarray(i, i + PIECE));
  return text;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === PADDING) end--;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let bits = 0, held = 0, at = 0;
  for (let i = 0; i < end; i++) {
    const code = VALUES[text.charCodeAt(i)] ?? NO_LETTER;
    if (code === NO_LETTER) throw new RequantError('MESSAGE_INVALID', 'a binary part of a message is damaged');
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

/** What was spelled out, as it was; objects and lists are changed where they are. */
function restored(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (MARK in value) {
    const marked = v.parse(Marked, value);
    const body = marked.value ?? '';
    switch (marked[MARK]) {
      case 'number': return Number(body);
      case 'bytes': return fromBase64(body);
      case 'float32': return new Float32Array(fromBase64(body).buffer);
    }
  }
  const parts = value as Record<string, unknown>;
  for (const key of Object.keys(parts)) {
    const part = parts[key];
    if (part !== null && typeof part === 'object') parts[key] = restored(part);
  }
  return value;
}

/** The message of a text. Raises MESSAGE_INVALID for anything that {@link encodeMessage} did not write. */
export function decodeMessage(text: string): unknown {
  try {
    const message = JSON.parse(text) as unknown;
    return text.includes(MARK) ? restored(message) : message;
  } catch (error) {
    if (error instanceof RequantError) throw error;
    throw new RequantError('MESSAGE_INVALID', 'a message is not valid JSON', {}, { cause: error });
  }
}
