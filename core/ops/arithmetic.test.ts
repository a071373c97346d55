// The shared integer arithmetic, against definitions in exact rational numbers.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixedPoint, floorLog2, quantizationOf, quantizeValue, rint, rshr, rshrWide } from './arithmetic.ts';

const whole = (bits: number): fc.Arbitrary<number> => fc.integer({ min: -(2 ** bits), max: 2 ** bits });

describe('rounding', () => {
  test('rint rounds halves to even', () => {
    expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4999, -3.7].map(rint)).toEqual([0, 2, 2, -0, -2, -2, 2, -4].map((x) => x + 0));
  });
  test('rshr is floor((a + 2^(n-1)) / 2^n), in doubles as in big integers', () => {
    fc.assert(fc.property(whole(50), fc.integer({ min: -2, max: 50 }), (a, n) => {
      const exact = n > 0 ? (BigInt(a) + 2n ** BigInt(n - 1)) >> BigInt(n) : BigInt(a) * 2n ** BigInt(-n);
      expect(BigInt(rshr(a, n))).toBe(exact);
      expect(rshrWide(BigInt(a), n)).toBe(exact);
    }));
  });
  test('rshr rounds halves up, negative ones too', () => {
    expect([rshr(1, 1), rshr(-1, 1), rshr(3, 1), rshr(-3, 1), rshr(5, 0), rshr(3, -2)]).toEqual([1, 0, 2, -1, 5, 12]);
  });
});

describe('fixed point', () => {
  test('floorLog2 is exact at powers of two and next to them', () => {
    for (let e = -1060; e < 1023; e += 7) {
      expect(floorLog2(2 ** e)).toBe(e);
      if (e > -1000) expect(floorLog2(2 ** e * (1 - 2 ** -53))).toBe(e - 1);
    }
  });
  test('the multiplier has its bits and is the nearest one', () => {
    fc.assert(fc.property(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.constantFrom(8, 15), (value, bits) => {
      const { multiplier, shift } = fixedPoint(value, bits);
      expect(multiplier).toBeGreaterThanOrEqual(2 ** (bits - 1));
      expect(multiplier).toBeLessThan(2 ** bits);
      expect(Math.abs(multiplier * 2 ** -shift - value)).toBeLessThanOrEqual(2 ** -shift / 2 * (1 + 1e-12));
    }));
  });
});

describe('from a range to scale and zero point', () => {
  const range = fc.tuple(fc.float({ min: -1000, max: 1000, noNaN: true }), fc.float({ min: -1000, max: 1000, noNaN: true })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  test('0 is stored exactly, and the ends of the range are within one step', () => {
    fc.assert(fc.property(range, fc.constantFrom('int8' as const, 'int16' as const), fc.boolean(), ([min, max], precision, asymmetric) => {
      fc.pre(max - min > 1e-3);
      const q = quantizationOf(min, max, precision, asymmetric);
      const image = (x: number): number => q.scale * (quantizeValue(x, q) - q.zeroPoint);
      expect(image(0)).toBe(0);
      expect(Math.abs(image(min) - min)).toBeLessThanOrEqual(q.scale * 1.0001);
      expect(Math.abs(image(max) - max)).toBeLessThanOrEqual(q.scale * 1.0001);
      if (!asymmetric) expect(q.zeroPoint).toBe(0);
    }));
  });
  test('an empty range gets scale 1 and zero point 0', () => {
    expect(quantizationOf(3, 3, 'int8', true)).toEqual({ dtype: 'int8', scale: 1, zeroPoint: 0 });
  });
});
