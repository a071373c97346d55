// batch_matmul: exact against a naive big-integer product over broadcast batches, close to float, and emitted as what it means.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import { sizeOf } from '../tensor/tensor.ts';
import { operator } from './index.ts';

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), rows: fc.integer({ min: 1, max: 4 }), inner: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 4 }),
  batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), onesA: fc.nat(3), onesB: fc.nat(3), shorter: fc.boolean(),
  transposeA: fc.boolean(), transposeB: fc.boolean(), constant: fc.constantFrom<'none' | 'a' | 'b'>('none', 'none', 'a', 'b'), asymmetric: fc.boolean(), range: fc.constantFrom(0.5, 4, 40),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function operandsOf(c: Case) {
  const next = random(c.seed);
  const dims = (ones: number): number[] => c.batch.map((d, i) => ((ones >> i) & 1 ? 1 : d));
  const a = [...dims(c.onesA), ...(c.transposeA ? [c.inner, c.rows] : [c.rows, c.inner])];
  const b = [...dims(c.onesB).slice(c.shorter ? 1 : 0), ...(c.transposeB ? [c.columns, c.inner] : [c.inner, c.columns])];
  return [randomTensor(a, next, -2, 3), randomTensor(b, next, -1, 1)] as const;
}

/** Every output by its index, straight from the definition. */
function products<T>(c: Case, a: readonly number[], b: readonly number[], out: readonly number[], zero: T, term: (i: number, j: number, sum: T) => T): T[] {
  return Array.from({ length: sizeOf(out) }, (_, flat) => {
    const index = out.map((d, k) => Math.floor(flat / sizeOf(out.slice(k + 1))) % d);
    const [r = 0, q = 0] = index.slice(-2);
    const at = (shape: readonly number[], last: readonly number[]): number => {
      const batch = shape.slice(0, -2);
      const place = [...batch.map((d, k) => (d === 1 ? 0 : index[k + out.length - shape.length] ?? 0)), ...last];
      return place.reduce((n, i, k) => n * (shape[k] ?? 1) + i, 0);
    };
    let sum = zero;
    for (let k = 0; k < c.inner; k++) sum = term(at(a, c.transposeA ? [k, r] : [r, k]), at(b, c.transposeB ? [q, k] : [k, q]), sum);
    return sum;
  });
}

describe('batch_matmul', () => {
  const given2 = (c: Case) => operandsOf(c).map((t, i) => (c.constant === (['a', 'b'] as const)[i] ? fixed(t) : given(t)));
  const attrsOf = ({ transposeA, transposeB }: Case) => ({ transposeA, transposeB });

  test('equals the big-integer oracle, whatever is transposed, broadcast or constant, saturation included', () => {
    fc.assert(fc.property(cases, (c) => {
      const { result, call, outputShape } = integerRun('batch_matmul', attrsOf(c), given2(c), spanning([-c.range, c.range * 2], 'int8', c.asymmetric), { ...SETTINGS, asymmetricActivations: c.asymmetric });
      const { za, zb, multiplier, shift } = call.attrs as { za: number; zb: number; multiplier: number; shift: number };
      let next = 0;
      const a = call.constants['a'] ?? call.inputs[next++];
      const b = call.constants['b'] ?? call.inputs[next];
      const sums = products(c, a?.shape ?? [], b?.shape ?? [], outputShape, 0n, (i, j, sum) => sum + BigInt(Number(a?.data[i]) - za) * BigInt(Number(b?.data[j]) - zb));
      const n = BigInt(shift);
      const expected = sums.map((sum) => {
        const p = sum * BigInt(multiplier);
        const y = Number(n > 0n ? (p + (1n << (n - 1n))) >> n : p << -n) + (call.outputQuantization?.zeroPoint ?? 0);
        return Math.min(127, Math.max(-128, y));
      });
      expect(Array.from(result.data, Number)).toEqual(expected);
    }), { numRuns: 200 });
  });

  test('is within one step of the correctly rounded float product of what it is given', () => {
    fc.assert(fc.property(cases, (c) => {
      if (c.constant !== 'none') return;
      const settings = { ...SETTINGS, asymmetricActivations: c.asymmetric };
      const run = (range: readonly number[]) => integerRun('batch_matmul', attrsOf(c), given2(c), spanning(range, 'int8', c.asymmetric), settings);
      const { seen, call, outputShape } = run([-1, 1]);
      const exact = products(c, call.inputs[0]?.shape ?? [], call.inputs[1]?.shape ?? [], outputShape, 0, (i, j, sum) => sum + (seen[0]?.[i] ?? 0) * (seen[1]?.[j] ?? 0));
      const { result, plan } = run([...exact, 0]);
      exact.forEach((value, i) => expect(Math.abs(Number(result.data[i]) - Math.round(value / Number(plan.output.scale)) - plan.output.zeroPoint)).toBeLessThanOrEqual(1));
    }), { numRuns: 100 });
  });

  test('its float form computes the definition in ONNX Runtime', async () => {
    await fc.assert(fc.asyncProperty(cases, async (c) => {
      const [a, b] = operandsOf(c);
      const y = await floatRun('batch_matmul', attrsOf(c), given2(c));
      products(c, a.shape, b.shape, y.shape, 0, (i, j, sum) => sum + (a.data[i] ?? 0) * (b.data[j] ?? 0)).forEach((sum, i) => expect(y.data[i]).toBeCloseTo(sum, 4));
    }), { numRuns: 40 });
  });

  test('has 8 bits only, and none for sums that could be inexact', () => {
    const precisions = (inner: number) => operator('batch_matmul').precisions({ attrs: { transposeA: false, transposeB: false } as never, inputs: [{ name: 'a', shape: [1, inner] }, { name: 'b', shape: [inner, 1] }], where: {} });
    expect(precisions(8)).toEqual(['int8']);
    expect(precisions(2 ** 20 + 1)).toHaveProperty('reason');
  });
});
