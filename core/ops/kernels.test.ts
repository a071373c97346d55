// The reference kernels of operators without weights against float, on random shapes and ranges.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivationQuantization, Precision } from '../ir/index.ts';
import { given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import { INTEGER_RANGE, operator, quantizationOf } from './index.ts';

describe('operators without weights stay within one step of the float result on the dequantized input', () => {
  const shapes = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), precision: fc.constantFrom<Precision>('int8', 'int16'), asymmetric: fc.boolean() });
  const check = (op: string, attrs: Record<string, unknown>, shape: readonly number[], low: number, high: number, count: number, real: (inputs: readonly Float64Array[], shape: readonly number[]) => Float64Array) =>
    fc.assert(fc.property(shapes, ({ seed, precision, asymmetric }) => {
      const next = random(seed);
      const settings = { ...SETTINGS, precision, asymmetricActivations: asymmetric };
      const operands = Array.from({ length: count }, () => given(randomTensor(shape, next, low, high)));
      const probe = integerRun(op, attrs, operands, quantizationOf(-1, 1, precision, asymmetric), settings);
      const exact = real(probe.seen, shape);
      const out = spanning(exact, precision, asymmetric);
      const { result } = integerRun(op, attrs, operands, out, settings);
      const [qmin, qmax] = INTEGER_RANGE[precision];
      exact.forEach((value, i) => {
        const ideal = Math.min(qmax, Math.max(qmin, Math.round(value / out.scale) + out.zeroPoint));
        expect(Math.abs(Number(result.data[i]) - ideal)).toBeLessThanOrEqual(precision === 'int8' ? 1 : 4);
      });
    }), { numRuns: 60 });

  const shape = [1, 3, 4, 5];
  test('add', () => check('add', { activation: 'none' }, shape, -2, 5, 2, ([a = [], b = []]) => Float64Array.from(a, (x, i) => x + (b[i] ?? 0))));
  test('sub', () => check('sub', { activation: 'none' }, shape, -2, 5, 2, ([a = [], b = []]) => Float64Array.from(a, (x, i) => x - (b[i] ?? 0))));
  test('mul', () => check('mul', { activation: 'none' }, shape, -2, 5, 2, ([a = [], b = []]) => Float64Array.from(a, (x, i) => x * (b[i] ?? 0))));
  test('softmax', () => check('softmax', { axis: 3 }, shape, -6, 6, 1, ([x = new Float64Array()], s) => {
    const n = s.at(-1) ?? 1;
    return x.map((value, i) => {
      const row = x.subarray(i - (i % n), i - (i % n) + n);
      return Math.exp(value) / row.reduce((sum, y) => sum + Math.exp(y), 0);
    });
  }));
  test('sigmoid by table', () => check('udf', { function: 'sigmoid' }, shape, -6, 6, 1, ([x = new Float64Array()]) => x.map((value) => 1 / (1 + Math.exp(-value)))));
  test('global average pool', () => check('global_avg_pool2d', {}, shape, -2, 5, 1, ([x = new Float64Array()], [, h = 1, w = 1, c = 1]) =>
    Float64Array.from({ length: c }, (_, k) => { let sum = 0; for (let i = 0; i < h * w; i++) sum += x[i * c + k] ?? 0; return sum / (h * w); })));
});

describe('operators that only move integers', () => {
  const q: ActivationQuantization = { dtype: 'int8', scale: 0.5, zeroPoint: 3 };
  const run = (op: string, attrs: Record<string, unknown>, shape: readonly number[], data: number[], outputShape: readonly number[]): number[] =>
    Array.from(operator(op).run?.({ attrs, constants: {}, inputs: [{ dtype: 'int8', shape, data: Int8Array.from(data) }], inputQuantization: [q], outputShape, outputQuantization: q }).data as Int8Array);
  test('slice takes every second', () => expect(run('slice', { starts: [0, 1], ends: [1, 5], steps: [1, 2] }, [1, 5], [1, 2, 3, 4, 5], [1, 2])).toEqual([2, 4]));
  test('pad fills with the zero point, which means 0', () => expect(run('pad', { pads: [[0, 0], [1, 2]], value: 0 }, [1, 2], [7, 8], [1, 5])).toEqual([3, 7, 8, 3, 3]));
  test('transpose', () => expect(run('transpose', { perm: [1, 0] }, [2, 3], [1, 2, 3, 4, 5, 6], [3, 2])).toEqual([1, 4, 2, 5, 3, 6]));
  test('broadcast_to repeats along dimensions of 1 and new ones', () => expect(run('broadcast_to', { shape: [2, 2, 3] }, [2, 1], [1, 2], [2, 2, 3])).toEqual([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]));
  test('broadcast_to refuses a shape that would shrink', () =>
    expect(() => operator('broadcast_to').shapes({ attrs: { shape: [1, 2] } as never, inputs: [{ name: 'x', shape: [3, 2] }], where: {} })).toThrow('cannot be broadcast'));
  test('joined along the batch, concat has 8 bits only', () => {
    const precisions = (axis: number) => operator('concat').precisions({ attrs: { axis } as never, inputs: [{ name: 'a', shape: [1, 2] }, { name: 'b', shape: [1, 2] }], where: {} });
    expect(precisions(0)).toEqual(['int8']);
    expect(precisions(1)).toEqual(['int8', 'int16']);
  });
  test('max pool leaves padding out', () => expect(run('max_pool2d', { kernel: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] }, [1, 3, 3, 1], [-9, -8, -7, -6, -5, -4, -3, -2, -1], [1, 2, 2, 1])).toEqual([-9, -7, -3, -1]));
});
