// softmax along any dimension: exact against big integers, within one step of the rounded result at 8 bits, as ONNX Runtime computes it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import type { Precision } from '../ir/index.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { divideRounded } from './index.ts';

/** The flat indices that share a sum with each element. */
function rows(shape: readonly number[], axis: number): readonly (readonly number[])[] {
  const stride = sizeOf(shape.slice(axis + 1));
  const length = shape[axis] ?? 1;
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    const first = i - (Math.floor(i / stride) % length) * stride;
    return Array.from({ length }, (__, k) => first + k * stride);
  });
}
function softmax(x: ArrayLike<number>, shape: readonly number[], axis: number): number[] {
  return rows(shape, axis).map((row, i) => {
    const top = Math.max(...row.map((k) => x[k] ?? 0));
    return Math.exp((x[i] ?? 0) - top) / row.reduce((sum, k) => sum + Math.exp((x[k] ?? 0) - top), 0);
  });
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), along: fc.nat(3),
  precision: fc.constantFrom<Precision>('int8', 'int16'), asymmetric: fc.boolean(), reach: fc.constantFrom(0.1, 6, 90),
});

describe('softmax', () => {
  test('equals its formula in big integers, and stays close to the rounded result, along every dimension', () => {
    fc.assert(fc.property(cases, ({ seed, shape, along, precision, asymmetric, reach }) => {
      const axis = along % shape.length;
      const x = randomTensor(shape, random(seed), -reach, reach);
      const out = spanning(softmax(x.data, shape, axis), precision, asymmetric);
      const { result, call, plan, seen } = integerRun('softmax', { axis }, [given(x)], out, { ...SETTINGS, precision, asymmetricActivations: asymmetric });
      const { multiplier, shift } = plan.attrs as { multiplier: number; shift: number };
      const table = plan.constants['table']?.data as Int32Array;
      const q = call.inputs[0]?.data as Int16Array;
      const [min, max] = precision === 'int8' ? [-128, 127] : [-32768, 32767];
      const ideal = softmax(seen[0] ?? [], shape, axis);
      rows(shape, axis).forEach((row, i) => {
        const top = Math.max(...row.map((k) => q[k] ?? 0));
        const entry = (k: number): bigint => BigInt(table[top - (q[k] ?? 0)] ?? 0);
        const a = entry(i) * BigInt(multiplier) * (shift < 0 ? 2n ** BigInt(-shift) : 1n);
        const b = row.reduce((sum, k) => sum + entry(k), 0n) * (shift > 0 ? 2n ** BigInt(shift) : 1n);
        const y = Number((2n * a + b) / (2n * b)) + out.zeroPoint;
        expect(result.data[i]).toBe(Math.max(min, Math.min(max, y)));
        const rounded = Math.max(min, Math.min(max, Math.round((ideal[i] ?? 0) / out.scale) + out.zeroPoint));
        expect(Math.abs(Number(result.data[i]) - rounded)).toBeLessThanOrEqual(precision === 'int8' ? 1 : 4);
      });
    }), { numRuns: 150 });
  });

  test('is emitted along the same dimension', async () => {
    for (const axis of [0, 1, 2, 3]) {
      const x = randomTensor([2, 3, 4, 5], random(axis + 1), -3, 3);
      const y = await floatRun('softmax', { axis }, [given(x)]);
      softmax(x.data, x.shape, axis).forEach((p, i) => expect(y.data[i]).toBeCloseTo(p, 6));
    }
  });
});

test('divideRounded is floor((2a + b) / 2b), beyond 2^53 as well', () => {
  fc.assert(fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (a, b) => {
    const [top, bottom] = [2n * BigInt(a) + BigInt(b), 2n * BigInt(b)];
    const down = top / bottom - (top % bottom < 0n ? 1n : 0n);
    expect(BigInt(divideRounded(a, b))).toBe(down);
  }));
});
