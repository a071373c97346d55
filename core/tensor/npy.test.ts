// What .npy files are accepted, exactly, and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequantError, type ErrorCode } from '../errors/index.ts';
import { formatNpy, parseNpy, parseNpyValues } from './npy.ts';
import { allocate, DTYPES, float32, sizeOf, tensor, type StringTensor, type Tensor, type TensorData } from './tensor.ts';

const codeOf = (action: () => unknown): ErrorCode | undefined => {
  try { action(); } catch (error) { if (error instanceof RequantError) return error.code; throw error; }
  return undefined;
};

/** A .npy as any writer might make it: header text, body, version. */
function file(header: string, body: readonly number[] | Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const wide = version > 1;
  const bytes = new Uint8Array(8 + (wide ? 4 : 2) + text.length + body.length);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (wide) view.setUint32(8, text.length, true); else view.setUint16(8, text.length, true);
  bytes.set(text, wide ? 12 : 10);
  bytes.set(body, bytes.length - body.length);
  return bytes;
}
const header = (descr: string, shape: string, fortran = 'False'): string => `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

const anyTensor: fc.Arbitrary<Tensor> = fc.tuple(fc.constantFrom(...DTYPES), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })).chain(([dtype, shape]) =>
  fc.uint8Array({ minLength: sizeOf(shape) * 8, maxLength: sizeOf(shape) * 8 }).map((bytes) => {
    const data: TensorData = allocate(dtype, sizeOf(shape));
    new Uint8Array(data.buffer).set(bytes.subarray(0, data.byteLength));
    if (dtype === 'bool') (data as Uint8Array).forEach((b, i, all) => { all[i] = b & 1; });
    return tensor(dtype, shape, data);
  }));

describe('.npy', () => {
  it('reads back what it writes, for every type and shape, to the bit', () => {
    fc.assert(fc.property(anyTensor, (t) => {
      const back = parseNpy(formatNpy(t));
      expect(back.dtype).toBe(t.dtype);
      expect(back.shape).toEqual(t.shape);
      expect(Buffer.from(back.data.buffer, back.data.byteOffset, back.data.byteLength)).toEqual(Buffer.from(t.data.buffer));
    }));
  });

  it('never throws anything but a RequantError, whatever the bytes', () => {
    const good = formatNpy(float32([2, 3], [1, 2, 3, 4, 5, 6]));
    fc.assert(fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, byte, cut) => {
      const bytes = good.slice(0, cut);
      if (at < cut) bytes[at] = byte;
      codeOf(() => parseNpy(bytes));
    }), { numRuns: 2000 });
  });

  it('reads versions 2 and 3, and the long integers of Python 2', () => {
    expect(parseNpy(file(header('|i1', '(2,)'), [1, 255], 2)).data).toEqual(Int8Array.of(1, -1));
    expect(parseNpy(file(header('|u1', '(2L,)'), [1, 255], 3)).data).toEqual(Uint8Array.of(1, 255));
  });

  it('turns column-major arrays into row-major ones', () => {
    expect(parseNpy(file(header('|u1', '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6]))).toEqual(tensor('uint8', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6)));
  });

  it('swaps big-endian numbers', () => {
    expect(parseNpy(file(header('>i2', '(2,)'), [1, 2, 255, 254])).data).toEqual(Int16Array.of(258, -2));
  });

  it('widens float16: one, the smallest number, the largest, minus infinity', () => {
    const t = parseNpy(file(header('<f2', '(4,)'), [0x00, 0x3c, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xfc]));
    expect(t).toEqual(float32([4], [1, 2 ** -24, 65504, -Infinity]));
  });

  it('accepts a scalar and an empty array', () => {
    expect(parseNpy(file(header('|u1', '()'), [7]))).toEqual(tensor('uint8', [], Uint8Array.of(7)));
    expect(parseNpy(file(header('<f4', '(0, 5)'), [])).shape).toEqual([0, 5]);
  });

  it('reads text as NumPy stores it: padded with zeros, in either byte order and dimension order', () => {
    // numpy.array([['a', 'Straße'], ['', '中😀']])
    const padded = ['a', 'Straße', '', '中😀'].flatMap((text) => { const points = [...text].map((c) => c.codePointAt(0) ?? 0); return [...points, ...new Array<number>(6 - points.length).fill(0)]; });
    const expected = { dtype: 'string', shape: [2, 2], data: ['a', 'Straße', '', '中😀'] };
    const little = (points: readonly number[]): number[] => points.flatMap((p) => [p & 255, (p >> 8) & 255, p >> 16, 0]);
    expect(parseNpyValues(file(header('<U6', '(2, 2)'), little(padded)))).toEqual(expected);
    expect(parseNpyValues(file(header('>U6', '(2, 2)'), padded.flatMap((p) => [0, p >> 16, (p >> 8) & 255, p & 255])))).toEqual(expected);
    const turned = [0, 2, 1, 3].flatMap((i) => padded.slice(i * 6, i * 6 + 6));
    expect(parseNpyValues(file(header('<U6', '(2, 2)', 'True'), little(turned)))).toEqual(expected);
    expect(parseNpyValues(formatNpy(expected as StringTensor))).toEqual(expected);
    expect(parseNpyValues(formatNpy({ dtype: 'string', shape: [0], data: [] }))).toEqual({ dtype: 'string', shape: [0], data: [] });
  });

  it.each<[string, Uint8Array, ErrorCode]>([
    ['a number that is no code point', file(header('<U1', '(1,)'), [0, 0, 0x11, 0]), 'FORMAT_CORRUPT'],
    ['fewer characters than it declares', file(header('<U2', '(1,)'), [65, 0, 0, 0]), 'FORMAT_CORRUPT'],
    ['texts without characters, which cost the file nothing', file(header('<U0', '(1073741824,)'), []), 'FORMAT_TOO_LARGE'],
    ['characters beyond every disk', file(header('<U9007199254740991', '(2,)'), [1]), 'FORMAT_TOO_LARGE'],
  ])('refuses text with %s', (_what, bytes, code) => {
    expect(codeOf(() => parseNpyValues(bytes))).toBe(code);
  });

  it.each<[string, Uint8Array, ErrorCode]>([
    ['other files', Buffer.from('hello, world'), 'FORMAT_UNKNOWN'],
    ['nothing at all', new Uint8Array(0), 'FORMAT_UNKNOWN'],
    ['an unknown version', file(header('|u1', '(1,)'), [1], 9), 'FORMAT_UNSUPPORTED'],
    ['too few elements', file(header('<f4', '(2,)'), [1, 2, 3, 4]), 'FORMAT_CORRUPT'],
    ['a shape beyond every disk', file(header('<f8', '(9999999999, 9999999999)'), [1]), 'FORMAT_TOO_LARGE'],
    ['an impossible shape hidden behind a 0', file(header('<f8', '(9999999999, 9999999999, 0)'), []), 'FORMAT_TOO_LARGE'],
    ['a terabyte declared in a small file', file(header('|u1', '(1099511627776,)'), [1]), 'FORMAT_CORRUPT'],
    ['a negative dimension', file(header('|u1', '(-1,)'), [1]), 'FORMAT_CORRUPT'],
    ['text', file(header('<U40', '(1,)'), new Uint8Array(160)), 'DTYPE_MISMATCH'],
    ['pickled objects', file(header('|O', '(1,)'), [1]), 'DTYPE_MISMATCH'],
    ['complex numbers', file(header('<c8', '(1,)'), new Uint8Array(8)), 'DTYPE_MISMATCH'],
    ['structured types', file("{'descr': [('a', '<f4'), ('b', [('c', '|u1')])], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(5)), 'DTYPE_MISMATCH'],
    ['code in the header', file("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,), }", [1]), 'FORMAT_CORRUPT'],
    ['a key twice', file("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,), }", [1]), 'FORMAT_CORRUPT'],
    ['a missing key', file("{'descr': '|u1', 'shape': (1,), }", [1]), 'FORMAT_CORRUPT'],
    ['a header length beyond the file', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 255, 127, 1), 'FORMAT_CORRUPT'],
    ['a huge header', Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255), 'FORMAT_TOO_LARGE'],
  ])('refuses %s', (_what, bytes, code) => {
    expect(codeOf(() => parseNpy(bytes))).toBe(code);
  });
});
