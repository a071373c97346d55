// The header of a .npy file: a Python dictionary literal with the keys descr, fortran_order and shape, and nothing else.
// Parsed by hand, character by character: the text comes from a stranger and is never evaluated.
import { RequantError, type ErrorPlace } from '../errors/index.ts';

export interface NpyDictionary {
  /** Type code such as `<f4`; the literal's own text where the type is structured (a list). */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

type Literal = string | boolean | readonly number[] | { readonly list: string };

const TOKEN = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)\b|(\d+)L?|([{}():,]))/y;

/** Parses the dictionary. Raises FORMAT_CORRUPT for anything that NumPy does not write. */
export function parseNpyDictionary(text: string, where: ErrorPlace = {}): NpyDictionary {
  const fail = (): RequantError => new RequantError('FORMAT_CORRUPT', 'the .npy header is not a dictionary of descr, fortran_order and shape', where);
  let at = 0;

  const next = (): { readonly kind: 'string' | 'boolean' | 'number' | 'mark'; readonly text: string } => {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw fail();
    at = TOKEN.lastIndex;
    const [, single, double, boolean, number, mark] = match;
    if (single !== undefined || double !== undefined) return { kind: 'string', text: single ?? double ?? '' };
    if (boolean !== undefined) return { kind: 'boolean', text: boolean };
    if (number !== undefined) return { kind: 'number', text: number };
    return { kind: 'mark', text: mark ?? '' };
  };
  const expect = (mark: string): void => { const token = next(); if (token.kind !== 'mark' || token.text !== mark) throw fail(); };

  const dimensions = (): readonly number[] => {
    const shape: number[] = [];
    for (;;) {
      const token = next();
      if (token.kind === 'mark' && token.text === ')') return shape;
      if (token.kind !== 'number' || token.text.length > 16) throw fail();
      shape.push(Number(token.text));
      const after = next();
      if (after.kind !== 'mark' || (after.text !== ',' && after.text !== ')')) throw fail();
      if (after.text === ')') return shape;
    }
  };
  /** A structured type: skipped to its closing bracket, kept only as text for the message. */
  const list = (): Literal => {
    const start = at;
    for (let depth = 0; at < text.length; at++) {
      if (text[at] === '[') depth++;
      if (text[at] === ']' && --depth === 0) return { list: text.slice(start, ++at).trim() };
    }
    throw fail();
  };
  const literal = (): Literal => {
    while (text[at] === ' ') at++;
    if (text[at] === '[') return list();
    const token = next();
    if (token.kind === 'string') return token.text;
    if (token.kind === 'boolean') return token.text === 'True';
    if (token.kind === 'mark' && token.text === '(') return dimensions();
    throw fail();
  };

  const entries = new Map<string, Literal>();
  expect('{');
  for (;;) {
    const key = next();
    if (key.kind === 'mark' && key.text === '}') break;
    if (key.kind !== 'string' || entries.has(key.text)) throw fail();
    expect(':');
    entries.set(key.text, literal());
    const after = next();
    if (after.kind === 'mark' && after.text === '}') break;
    if (after.kind !== 'mark' || after.text !== ',') throw fail();
  }
  if (text.slice(at).trim() !== '' || entries.size !== 3) throw fail();

  const descr = entries.get('descr');
  const fortranOrder = entries.get('fortran_order');
  const shape = entries.get('shape');
  if (typeof fortranOrder !== 'boolean' || !Array.isArray(shape)) throw fail();
  if (typeof descr === 'string') return { descr, fortranOrder, shape: shape as readonly number[] };
  if (typeof descr === 'object' && 'list' in descr) return { descr: descr.list, fortranOrder, shape: shape as readonly number[] };
  throw fail();
}
