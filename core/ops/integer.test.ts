// Where ONNX Runtime's rounding is proved to be ours, it is, at every sum; and what is not proved is said.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clamp, rint, rshr } from './arithmetic.ts';
import { createProver, requantized } from './integer.ts';
import { provedSum, SUM_ORDERS } from './integer-add.ts';

describe('rounding a sum', () => {
  const ours = (sum: number, multiplier: number, shift: number, zero: number, min: number, max: number): number => clamp(rshr(sum * multiplier, shift) + zero, min, max);

  test('by a shift alone is proved for every zero point and for up to 14 bits, whatever the sums', () => {
    for (let shift = -2; shift <= 14; shift++) for (const zero of [0, 1, 77, 128, 255]) {
      const prove = createProver(zero, shift < 0 ? zero : 0, 0, 255);
      expect(prove({ multiplier: 1, shift }, -(2 ** 31), 2 ** 31), `${shift} ${zero}`).toBeDefined();
    }
  });

  test('where it is proved it is equal: every sum over the whole range and beyond, shifts and multipliers, bounds', () => {
    let proved = 0;
    fc.assert(fc.property(
      fc.integer({ min: -1, max: 7 }), fc.oneof(fc.constant(1), fc.integer({ min: 128, max: 255 })), fc.integer({ min: 0, max: 255 }), fc.boolean(), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }),
      (bits, multiplier, zero, behind, one, other) => {
        const shift = multiplier === 1 ? bits : bits + 8;
        const [min, max] = one < other ? [one, other] : [other, one];
        const most = Math.ceil((300 * 2 ** Math.max(shift, 0)) / multiplier) + 10;
        const match = createProver(zero, behind ? zero : 0, min, max)({ multiplier, shift }, -most, most);
        if (!match) return;
        proved++;
        for (let sum = -most; sum <= most; sum++) {
          const theirs = clamp(requantized(sum + match.offset, match.scale, behind ? zero : 0), min, max);
          if (theirs !== ours(sum, multiplier, shift, zero, min, max)) throw new Error(`${sum}: ${theirs}`);
        }
      }), { numRuns: 80 });
    expect(proved).toBeGreaterThan(25);
  });

  test('is not proved where float32 cannot tell sums apart, unless they stay where it can', () => {
    const prove = createProver(0, 0, 0, 255);
    expect(prove({ multiplier: 1, shift: 20 }, -(2 ** 30), 2 ** 30)).toBeUndefined();
    expect(prove({ multiplier: 1, shift: 20 }, -1000, 1000)).toBeDefined();
    for (const rise of [{ multiplier: 0, shift: 3 }, { multiplier: 1.5, shift: 3 }, { multiplier: 1, shift: 60 }, { multiplier: 1, shift: NaN }]) expect(prove(rise, -10, 10)).toBeUndefined();
  });
});

describe('adding two operands', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  test('with scales that are proved, every pair in every order is as the twin has it', () => {
    let proved = 0;
    fc.assert(fc.property(byte, byte, byte, fc.integer({ min: 2 ** 14, max: 2 ** 15 }), fc.integer({ min: 2 ** 12, max: 2 ** 15 }), fc.integer({ min: 13, max: 17 }), (za, zb, zero, ma, mb, shift) => {
      const sum = { za, zb, zero, ma, mb, shift };
      const scales = provedSum(sum);
      if (!scales) return;
      proved++;
      for (const order of SUM_ORDERS) for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) {
        const expected = clamp(rshr((a - za) * ma + (b - zb) * mb, shift) + zero, 0, 255);
        if (clamp(rint(order(a, b, scales.ra, scales.rb, sum)), 0, 255) !== expected) throw new Error(`${a} + ${b}`);
      }
    }), { numRuns: 5 });
    expect(proved).toBeGreaterThan(0);
  });

  test('halves on both sides that no scale turns are not proved', () => {
    // 2 * 2^14 / 2^15: every odd sum is a half, above zero and below.
    expect(provedSum({ za: 128, zb: 128, zero: 128, ma: 2 ** 14, mb: 2 ** 14, shift: 15 })).toBeUndefined();
    expect(provedSum({ za: 0, zb: 0, zero: 0, ma: 2 ** 14, mb: 0, shift: 15 })).toBeUndefined();
  });
});
