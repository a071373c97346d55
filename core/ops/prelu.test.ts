// prelu: exact against big integers, within one step of the correctly rounded result, and as ONNX Runtime computes it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import { float32 } from '../tensor/tensor.ts';
import { operator } from './index.ts';

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), asymmetric: fc.boolean(), shared: fc.boolean(),
  slopes: fc.constantFrom([-0.5, 0.5], [0, 1e-6], [1, 40], [-3, 0]), reach: fc.constantFrom(0.01, 1, 300),
});

describe('prelu', () => {
  test('equals its formula in big integers, and stays within one step of the rounded product', () => {
    fc.assert(fc.property(cases, ({ seed, asymmetric, shared, slopes: [low = 0, high = 0], reach }) => {
      const next = random(seed);
      const x = randomTensor([1, 3, 4, 5], next, -reach, 1.3 * reach);
      const slope = randomTensor(shared ? [1] : [5], next, low, high);
      const slopeAt = (i: number): number => slope.data[shared ? 0 : i % 5] ?? 0;
      const real = Array.from(x.data, (v, i) => (v < 0 ? slopeAt(i) * v : v));
      const out = spanning(real, 'int8', asymmetric);
      const { result, call, seen, plan } = integerRun('prelu', {}, [given(x), fixed(slope)], out, { ...SETTINGS, asymmetricActivations: asymmetric });
      const attrs = plan.attrs as { multiplier: number; shift: number };
      const numbers = (role: string): ArrayLike<number> => plan.constants[role]?.data as Int32Array;
      const q = call.inputs[0]?.data as Int8Array;
      q.forEach((stored, i) => {
        const d = stored - (call.inputQuantization[0]?.zeroPoint ?? 0);
        const k = shared ? 0 : i % 5;
        const [m, n] = d < 0 ? [numbers('multiplier')[k] ?? 0, BigInt(numbers('shift')[k] ?? 0)] : [attrs.multiplier, BigInt(attrs.shift)];
        const product = BigInt(d) * BigInt(m);
        const y = Number(n > 0n ? (product + (1n << (n - 1n))) >> n : product << -n) + out.zeroPoint;
        expect(result.data[i]).toBe(Math.max(-128, Math.min(127, y)));
        const value = seen[0]?.[i] ?? 0;
        const ideal = Math.max(-128, Math.min(127, Math.round((value < 0 ? slopeAt(i) * value : value) / out.scale) + out.zeroPoint));
        expect(Math.abs(Number(result.data[i]) - ideal)).toBeLessThanOrEqual(1);
      });
    }), { numRuns: 150 });
  });

  test('is emitted as the operator that ONNX Runtime knows', async () => {
    const x = randomTensor([1, 3, 4, 5], random(3), -2, 2);
    const slope = float32([5], [0.1, -0.2, 0, 3, 1]);
    const y = await floatRun('prelu', {}, [given(x), fixed(slope)]);
    x.data.forEach((v, i) => expect(y.data[i]).toBeCloseTo(v < 0 ? (slope.data[i % 5] ?? 0) * v : v, 6));
  });

  test('has no 16-bit form, and none at all where its slope is computed', () => {
    const view = (constant: boolean) => ({ attrs: {} as never, where: {}, inputs: [{ name: 'x', shape: [1, 4] }, { name: 's', shape: [4], ...(constant ? { constant: float32([4], [1, 2, 3, 4]) } : {}) }] });
    expect(operator('prelu').precisions(view(true))).toEqual(['int8']);
    expect(operator('prelu').precisions(view(false))).toEqual({ reason: 'its slope is computed while the network runs' });
  });
});
