// Messages as text: what is sent arrives, with or without what JSON cannot say.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './codec.ts';

const value = fc.letrec((tie) => ({
  leaf: fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.double().map((x) => (Object.is(x, -0) ? 0 : x)), fc.uint8Array({ maxLength: 9 }), fc.float32Array({ maxLength: 5 })),
  any: fc.oneof({ depthSize: 'small' }, tie('leaf'), fc.array(tie('any'), { maxLength: 4 }), fc.dictionary(fc.string().filter((key) => key !== '__proto__' && key !== '$requant'), tie('any'), { maxKeys: 4, noNullPrototype: true })),
})).any;

it('arrives as it was sent, whether it needs marks or not', () => {
  fc.assert(fc.property(value, (sent) => { expect(decodeMessage(encodeMessage(sent))).toEqual(sent); }), { numRuns: 500 });
});

it('says numbers without end, bytes and floats in marks only where there are any', () => {
  expect(encodeMessage({ a: 1, b: ['$', null] })).toBe('{"a":1,"b":["$",null]}');
  expect(decodeMessage(encodeMessage({ psnr: Infinity, pixels: Uint8Array.of(1, 2, 3, 4) }))).toEqual({ psnr: Infinity, pixels: Uint8Array.of(1, 2, 3, 4) });
});

it('carries any number of bytes', () => {
  for (const length of [8190, 8191, 8192, 100_001]) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 7919) & 255);
    const [got] = decodeMessage(encodeMessage([bytes])) as readonly [Uint8Array];
    expect(got.length).toBe(length);
    expect(got.every((byte, i) => byte === bytes[i])).toBe(true);
  }
});

it('refuses what cannot travel and what it did not write', () => {
  for (const bad of [{ big: 1n }, { call: () => 1 }]) expect(() => encodeMessage(bad)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }) as Error);
  for (const bad of ['{', '{"$requant":"date"}', '{"$requant":"bytes","value":"*"}', '{"$requant":"bytes","value":"AAAé"}', '{"$requant":"float32","value":"AAA="}']) expect(() => decodeMessage(bad)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }) as Error);
});
