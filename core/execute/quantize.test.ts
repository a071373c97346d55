// Float values to stored integers on the kernels: what the reference gives, or the error that it raises.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantizeTensor } from '../ops/index.ts';
import { float32 } from '../tensor/tensor.ts';
import { sharedKernels, useThreads } from '../kernels/index.ts';
import { quantizeOnKernels } from './index.ts';

const quantizations = fc.record({ dtype: fc.constantFrom('int8' as const, 'int16' as const), scale: fc.constantFrom(1, 0.25, 0.013, 1e-30, 1e30), zeroPoint: fc.integer({ min: -128, max: 127 }) });
/** Halves, values beyond the ends, both zeros, subnormal ones. */
const values = fc.array(fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -600, max: 600 }).map((n) => n / 8), fc.constantFrom(-0, 0, 1e-45)), { maxLength: 40 });

test('equals the reference at any length, to both widths', () => {
  fc.assert(fc.property(values, quantizations, (list, q) => {
    const t = float32([list.length], Float32Array.from(list));
    expect(quantizeOnKernels(t, q)).toEqual(quantizeTensor(t, q));
  }), { numRuns: 300 });
});

test('says which value is no number', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), fc.constantFrom(NaN, Infinity, -Infinity), (length, at, bad) => {
    const t = float32([length], new Float32Array(length).fill(3));
    t.data[at % length] = bad;
    expect(() => quantizeOnKernels(t, { dtype: 'int8', scale: 1, zeroPoint: 0 })).toThrow(`element ${at % length} is ${bad}`);
  }));
});

test('gives the same on one thread and on three, also where the values go there in parts', async () => {
  const t = float32([2 ** 22 + 77], Float32Array.from({ length: 2 ** 22 + 77 }, (_, i) => ((i * 7919) % 1009) / 3 - 170));
  const q = { dtype: 'int8', scale: 1.3, zeroPoint: 3 } as const;
  const bytes = () => Buffer.from((quantizeOnKernels(t, q).data as Int8Array<ArrayBuffer>).buffer);
  try {
    useThreads(1);
    const alone = bytes();
    expect(alone.equals(Buffer.from((quantizeTensor(t, q).data as Int8Array<ArrayBuffer>).buffer))).toBe(true);
    useThreads(3);
    await sharedKernels().ready(3);
    expect(bytes().equals(alone)).toBe(true);
  } finally { useThreads(null); }
});
