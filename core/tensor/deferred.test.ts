// Tensors whose data are worked out when they are read: the same as those worked out at once, and once only.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deferred, float32, inAnyOrder, transpose, transposeLater } from './tensor.ts';

describe('a deferred tensor', () => {
  it('is worked out at the first look, and then is an ordinary one', () => {
    let times = 0;
    const t = deferred('float32', [2], () => { times++; return Float32Array.of(1, 2); });
    expect(times).toBe(0);
    expect([t.data, t.data, { ...t }]).toEqual([Float32Array.of(1, 2), Float32Array.of(1, 2), float32([2], [1, 2])]);
    expect(structuredClone(t)).toEqual(float32([2], [1, 2]));
    expect(times).toBe(1);
  });

  it('moved later holds what is moved at once, for any shape and order', () => {
    const cases = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }).chain((shape) =>
      fc.record({ shape: fc.constant(shape), perm: fc.shuffledSubarray(shape.map((_, i) => i), { minLength: shape.length }) }));
    fc.assert(fc.property(cases, ({ shape, perm }) => {
      const t = float32(shape, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i));
      const later = transposeLater(t, perm);
      // Asked without regard to order, nothing is moved.
      expect(inAnyOrder(later)).toBe(t.data);
      expect(later).toEqual(transpose(t, perm));
      expect(inAnyOrder(later)).toEqual(later.data);
    }));
  });
});
