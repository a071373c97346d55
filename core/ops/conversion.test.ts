// Quantizing a tensor, against the definition of one number.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32 } from '../tensor/tensor.ts';
import { quantizeValue } from './arithmetic.ts';
import { quantizeTensor } from './conversion.ts';

const precision = fc.constantFrom('int8' as const, 'int16' as const);
const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 });

describe('quantizing a tensor', () => {
  test('gives each number the integer of its own, ties, the largest floats and tiny scales among them', () => {
    fc.assert(fc.property(precision, numbers, fc.constantFrom(2 ** -120, 1e-7, 0.25, 1 / 3, 1, 1e30), fc.integer({ min: -128, max: 127 }), (dtype, list, scale, zeroPoint) => {
      const x = Float32Array.from([...list, 3.4e38, -3.4e38, 0, -0, ...[0.5, 1.5, -0.5, -1.5, 200.5].map((steps) => steps * scale)].map(Math.fround).filter(Number.isFinite));
      const q = { dtype, scale, zeroPoint };
      expect([...quantizeTensor(float32([x.length], x), q).data]).toEqual([...x].map((real) => quantizeValue(real, q) + 0));
    }));
  });

  test.each([NaN, Infinity, -Infinity])('refuses %s and says where it stands', (bad) => {
    expect(() => quantizeTensor(float32([3], Float32Array.of(1, 2, bad)), { dtype: 'int8', scale: 1, zeroPoint: 0 }))
      .toThrow(expect.objectContaining({ code: 'DATA_INVALID', message: `element 2 is ${bad}` }));
  });
});
