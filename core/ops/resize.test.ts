// resize_nearest and resize_bilinear: integers against a big-integer oracle and against float, and the float form against the definition.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import type { Precision } from '../ir/index.ts';
import { operator } from './index.ts';

const axis = fc.record({ size: fc.integer({ min: 1, max: 5 }), at: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }) });
const images = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), rows: axis, columns: axis, channels: fc.integer({ min: 1, max: 3 }), precision: fc.constantFrom<Precision>('int8', 'int16'), asymmetric: fc.boolean() });
type Image = typeof images extends fc.Arbitrary<infer T> ? T : never;
const positions = ({ size, at }: { size: number; at: readonly number[] }): number[] => at.map((share) => share * (size - 1));
const imageOf = (c: Image) => randomTensor([1, c.rows.size, c.columns.size, c.channels], random(c.seed), -3, 2);

/** The four neighbours of an output with their weights; `weigh` makes numbers of a part of one. */
function blend<T>(c: Image, rows: readonly number[], columns: readonly number[], weigh: (part: number) => readonly [T, T], read: (i: number) => T, multiply: (a: T, b: T) => T, add: (a: T, b: T) => T): T[] {
  const out: T[] = [];
  for (const r of rows) for (const q of columns) for (let k = 0; k < c.channels; k++) {
    const [top, left] = [Math.floor(r), Math.floor(q)];
    const value = (y: number, x: number): T => read((Math.min(y, c.rows.size - 1) * c.columns.size + Math.min(x, c.columns.size - 1)) * c.channels + k);
    const [ry, rz] = weigh(r - top);
    const [cy, cz] = weigh(q - left);
    out.push([[top, left, ry, cy], [top, left + 1, ry, cz], [top + 1, left, rz, cy], [top + 1, left + 1, rz, cz]].map(([y, x, a, b]) => multiply(multiply(a as T, b as T), value(y as number, x as number))).reduce(add));
  }
  return out;
}
const real = (c: Image, rows: readonly number[], columns: readonly number[], data: ArrayLike<number>): number[] =>
  blend(c, rows, columns, (part) => [1 - part, part], (i) => data[i] ?? 0, (a, b) => a * b, (a, b) => a + b);

describe('resize_bilinear', () => {
  test('equals the big-integer oracle: weights in units of 2^-14, one rounding', () => {
    fc.assert(fc.property(images, fc.constantFrom(0.1, 1, 20), (c, range) => {
      const attrs = { rows: positions(c.rows), columns: positions(c.columns) };
      const { result, call } = integerRun('resize_bilinear', attrs, [given(imageOf(c))], spanning([-range, range * 1.5], c.precision, c.asymmetric), { ...SETTINGS, precision: c.precision, asymmetricActivations: c.asymmetric });
      const zx = call.inputQuantization[0]?.zeroPoint ?? 0;
      const { multiplier, shift } = call.attrs as { multiplier: number; shift: number };
      const weigh = (part: number): readonly [bigint, bigint] => { const w = part * 2 ** 14; const whole = Math.abs(w % 1) === 0.5 ? 2 * Math.round(w / 2) : Math.round(w); return [BigInt(2 ** 14 - whole), BigInt(whole)]; };
      const sums = blend(c, attrs.rows, attrs.columns, weigh, (i) => BigInt(Number(call.inputs[0]?.data[i]) - zx), (a, b) => a * b, (a, b) => a + b);
      const [min, max] = c.precision === 'int8' ? [-128, 127] : [-32768, 32767];
      const expected = sums.map((sum) => Math.min(max, Math.max(min, Number((sum * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift)) + (call.outputQuantization?.zeroPoint ?? 0))));
      expect(Array.from(result.data, Number)).toEqual(expected);
    }), { numRuns: 200 });
  });

  test('int8 is within one step of the correctly rounded float result, int16 within ten', () => {
    fc.assert(fc.property(images, (c) => {
      const attrs = { rows: positions(c.rows), columns: positions(c.columns) };
      const settings = { ...SETTINGS, precision: c.precision, asymmetricActivations: c.asymmetric };
      const { seen } = integerRun('resize_bilinear', attrs, [given(imageOf(c))], spanning([-3, 2], c.precision, c.asymmetric), settings);
      const exact = real(c, attrs.rows, attrs.columns, seen[0] ?? []);
      // As wide as interpolated images are: about their input's range.
      const wide = spanning([...exact, -1, 1], c.precision, c.asymmetric);
      const { result } = integerRun('resize_bilinear', attrs, [given(imageOf(c))], wide, settings);
      exact.forEach((value, i) => expect(Math.abs(Number(result.data[i]) - (Math.round(value / wide.scale) + wide.zeroPoint))).toBeLessThanOrEqual(c.precision === 'int8' ? 1 : 10));
    }), { numRuns: 150 });
  });

  test('a constant image stays what it is, to the step', () => {
    const x = given(randomTensor([1, 2, 2, 1], () => 0.75, 0, 1));
    const { result, call } = integerRun('resize_bilinear', { rows: [0, 0.3, 1], columns: [0.123, 1] }, [x], spanning([0, 0.75], 'int16', true), { ...SETTINGS, precision: 'int16' });
    expect(call.inputs[0]?.data[0]).toBe(call.inputs[0]?.data[3]);
    expect(new Set(Array.from(result.data, Number)).size).toBe(1);
  });

  test('its float form computes the definition in ONNX Runtime', async () => {
    await fc.assert(fc.asyncProperty(images, async (c) => {
      const attrs = { rows: positions(c.rows), columns: positions(c.columns) };
      const x = imageOf(c);
      const y = await floatRun('resize_bilinear', attrs, [given(x)]);
      real(c, attrs.rows, attrs.columns, x.data).forEach((value, i) => expect(y.data[i]).toBeCloseTo(value, 5));
    }), { numRuns: 40 });
  });
});

describe('resize_nearest', () => {
  test('takes the integers of the positions given, and its float form the numbers', async () => {
    await fc.assert(fc.asyncProperty(images, async (c) => {
      const attrs = { rows: positions(c.rows).map(Math.round), columns: positions(c.columns).map(Math.round) };
      const { result, call, plan } = integerRun('resize_nearest', attrs, [given(imageOf(c))], spanning([0, 1], c.precision, c.asymmetric), { ...SETTINGS, precision: c.precision, asymmetricActivations: c.asymmetric });
      const picked = (data: ArrayLike<number>): number[] => attrs.rows.flatMap((r) => attrs.columns.flatMap((q) => Array.from({ length: c.channels }, (_, k) => data[(r * c.columns.size + q) * c.channels + k] ?? 0)));
      expect(Array.from(result.data, Number)).toEqual(picked(call.inputs[0]?.data as Int8Array));
      expect(plan.output).toEqual(call.inputQuantization[0]);
      expect(Array.from((await floatRun('resize_nearest', attrs, [given(imageOf(c))])).data, Number)).toEqual(picked(imageOf(c).data));
    }), { numRuns: 40 });
  });
  test('positions outside of the image are refused', () => {
    expect(() => operator('resize_nearest').shapes({ attrs: { rows: [0, 2], columns: [0] } as never, inputs: [{ name: 'x', shape: [1, 2, 2, 1] }], where: {} })).toThrow('outside');
  });
});
