// TensorFlow Lite's fixed-point arithmetic against its definition in big integers.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { doublingHighMul, fixedPoint, roundingShift, scaled, scaledOnce, scaledReduced } from './fixed-point.ts';
import { exponential } from './softmax.ts';

const int32 = fc.oneof(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), fc.constantFrom(0, 1, -1, 2 ** 30, -(2 ** 30), 2 ** 31 - 1, -(2 ** 31) + 1));

it('the high half of a doubled product: (a * b + nudge) / 2^31, truncated', () => {
  fc.assert(fc.property(int32, int32, (a, b) => {
    const product = BigInt(a) * BigInt(b);
    const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
    expect(doublingHighMul(a, b) + 0).toBe(Number((product + nudge) / (1n << 31n)));
  }));
});

it('a rounding shift takes halves away from zero', () => {
  fc.assert(fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, n) => {
    const size = BigInt(Math.abs(x));
    const rounded = n === 0 ? size : (size + (1n << BigInt(n - 1))) >> BigInt(n);
    expect(roundingShift(x, n) + 0).toBe(Number(x < 0 ? -rounded : rounded) + 0);
  }));
  expect([-3, -2, -1, 1, 2, 3].map((x) => roundingShift(x, 1))).toEqual([-2, -1, -1, 1, 1, 2]);
});

it('a real factor as multiplier and shift: within 2^-31 of it, and a product within one of the real one', () => {
  fc.assert(fc.property(fc.double({ min: 2 ** -20, max: 2 ** 7, noNaN: true }), fc.integer({ min: -(2 ** 20), max: 2 ** 20 }), (real, x) => {
    const { multiplier, shift } = fixedPoint(real);
    expect(multiplier).toBeGreaterThanOrEqual(2 ** 30);
    expect(multiplier).toBeLessThan(2 ** 31);
    expect(Math.abs(multiplier * 2 ** (shift - 31) - real) / real).toBeLessThanOrEqual(2 ** -31);
    expect(Math.abs(scaled(x, multiplier, shift) - x * real)).toBeLessThanOrEqual(1);
    expect(Math.abs(scaledOnce(x, multiplier, shift) - x * real)).toBeLessThanOrEqual(0.501);
  }));
  expect(fixedPoint(1)).toEqual({ multiplier: 2 ** 30, shift: 1 });
  expect(fixedPoint(2 ** -40)).toEqual({ multiplier: 0, shift: 0 });
});

it('the exponential of a distance is right to 2^-21', () => {
  expect(exponential(0)).toBe(2 ** 31 - 1);
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31) + 1, max: -1 }), (a) => {
    expect(Math.abs(exponential(a) / 2 ** 31 - Math.exp(a / 2 ** 26))).toBeLessThan(2 ** -21);
  }));
});

it('a sum of 48 bits times the upper 16 bits of a multiplier, rounded once, cut to 32 bits', () => {
  const edge = fc.oneof(fc.integer({ min: -(2 ** 47) + 1, max: 2 ** 47 - 1 }), fc.integer({ min: 2 ** 37 - 3, max: 2 ** 37 + 3 }), fc.integer({ min: -3, max: 3 }));
  fc.assert(fc.property(edge, fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }), fc.integer({ min: -31, max: 7 }), (x, multiplier, shift) => {
    const upper = (BigInt(multiplier) + 32768n) / 65536n;
    const product = BigInt(x) * (upper > 32767n ? 32767n : upper) + (1n << BigInt(14 - shift));
    expect(scaledReduced(x, multiplier, shift)).toBe(Number(BigInt.asIntN(32, product >> BigInt(15 - shift))));
  }));
});
