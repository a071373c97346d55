// Operators that pick and join stored integers: against what they mean element by element, and against ONNX Runtime.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, floatRun, given, integerRun, random, randomTensor, realOf, SETTINGS, spanning } from '../../test/one-node.ts';
import type { Precision } from '../ir/index.ts';
import { float32, numbersOf, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { operator } from './index.ts';

const precision = fc.constantFrom<Precision>('int8', 'int16');
const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
const UNUSED = spanning([-1, 1], 'int8', true);

/** The positions of a tensor's elements, in order. */
const positions = (shape: readonly number[]): readonly (readonly number[])[] =>
  shape.reduce<readonly (readonly number[])[]>((all, d) => all.flatMap((head) => Array.from({ length: d }, (_, i) => [...head, i])), [[]]);
const flat = (shape: readonly number[], position: readonly number[]): number => position.reduce((n, i, d) => n * (shape[d] ?? 1) + i, 0);

/** The kernel and the float form give the elements of `x` at `from(position)`. */
async function picks(op: string, attrs: Readonly<Record<string, unknown>>, x: Tensor<'float32'>, p: Precision, from: (position: readonly number[]) => readonly number[]): Promise<void> {
  const { result, call, outputShape } = integerRun(op, attrs, [given(x)], UNUSED, { ...SETTINGS, precision: p });
  const at = positions(outputShape).map((position) => flat(x.shape, from(position)));
  expect(numbersOf(result)).toEqual(at.map((i) => call.inputs[0]?.data[i]));
  expect(numbersOf(await floatRun(op, attrs, [given(x)]))).toEqual(at.map((i) => x.data[i]));
}

describe('slice', () => {
  test('takes every step-th position, forwards and backwards', async () => {
    await fc.assert(fc.asyncProperty(shapes, fc.infiniteStream(fc.nat(100)), precision, fc.integer({ min: 1, max: 1e6 }), async (shape, stream, p, seed) => {
      const draw = (below: number): number => (stream.next().value as number) % below;
      const bounds = shape.map((d) => {
        const [a, b] = [draw(d), draw(d)].sort((m, n) => m - n) as [number, number];
        const step = draw(3) + 1;
        return draw(2) === 0 ? [a, b + 1, step] as const : [b, a - 1, -step] as const;
      });
      const attrs = { starts: bounds.map((b) => b[0]), ends: bounds.map((b) => b[1]), steps: bounds.map((b) => b[2]) };
      await picks('slice', attrs, randomTensor(shape, random(seed), -1, 1), p, (position) => position.map((i, d) => (bounds[d]?.[0] ?? 0) + i * (bounds[d]?.[2] ?? 1)));
    }), { numRuns: 60 });
  });
  test.each([
    { starts: [0], ends: [5], steps: [1] }, { starts: [4], ends: [-1], steps: [-1] }, { starts: [0], ends: [-1], steps: [1] }, { starts: [0, 0], ends: [1, 1], steps: [1, 1] },
  ])('%o does not fit four numbers', (attrs) => {
    expect(() => operator('slice').shapes({ attrs: attrs as never, inputs: [{ name: 'x', shape: [4] }], where: {} })).toThrow(expect.objectContaining({ code: 'SHAPE_MISMATCH' }));
  });
});

describe('gather', () => {
  test('picks positions in any order, any number of times', async () => {
    await fc.assert(fc.asyncProperty(shapes, fc.nat(3), fc.array(fc.nat(100), { minLength: 1, maxLength: 7 }), precision, fc.integer({ min: 1, max: 1e6 }), async (shape, along, raw, p, seed) => {
      const axis = along % shape.length;
      const indices = raw.map((i) => i % (shape[axis] ?? 1));
      await picks('gather', { axis, indices }, randomTensor(shape, random(seed), -1, 1), p, (position) => position.with(axis, indices[position[axis] ?? 0] ?? 0));
    }), { numRuns: 60 });
  });
  test('an index outside is refused', () => {
    expect(() => operator('gather').shapes({ attrs: { axis: 0, indices: [4] } as never, inputs: [{ name: 'x', shape: [4] }], where: {} })).toThrow(/index 4 is outside 4/);
  });
});

describe('concat', () => {
  const parts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 4 }), constant: fc.boolean() }), { minLength: 1, maxLength: 4 });
  test('joins activations and constants of any quantization, each within half a step of its own and a step of the output', async () => {
    await fc.assert(fc.asyncProperty(shapes, fc.nat(3), parts, precision, fc.boolean(), fc.integer({ min: 1, max: 1e6 }), async (shape, along, sizes, p, asymmetric, seed) => {
      const axis = along % shape.length;
      const next = random(seed);
      const operands = sizes.map(({ size, constant }, i) => {
        const t = randomTensor(shape.with(axis, size), next, -1 - i, 2 + i);
        return constant ? fixed(t) : given(t);
      });
      const whole = shape.with(axis, sizes.reduce((n, part) => n + part.size, 0));
      const expected = new Float32Array(sizeOf(whole));
      let offset = 0;
      for (const { tensor } of operands) {
        for (const position of positions(tensor.shape)) expected[flat(whole, position.with(axis, (position[axis] ?? 0) + offset))] = tensor.data[flat(tensor.shape, position)] ?? 0;
        offset += tensor.shape[axis] ?? 0;
      }
      const out = spanning(expected, p, asymmetric);
      const run = integerRun('concat', { axis }, operands, out, { ...SETTINGS, precision: p, asymmetricActivations: asymmetric });
      const coarsest = Math.max(0, ...run.call.inputQuantization.map((q) => Number(q?.scale)));
      realOf(run).forEach((y, i) => expect(Math.abs(y - (expected[i] ?? 0))).toBeLessThanOrEqual(0.501 * coarsest + out.scale));
      expect(numbersOf(await floatRun('concat', { axis }, operands))).toEqual(Array.from(expected));
    }), { numRuns: 60 });
  });
  test('a constant is stored as the nearest integer of the output', () => {
    const { plan } = integerRun('concat', { axis: 0 }, [given(float32([2], [0, 1])), fixed(float32([2], [0.25, -1]))], { dtype: 'int8', scale: 0.125, zeroPoint: 3 }, SETTINGS);
    expect(plan.constants['input1'] && numbersOf(plan.constants['input1'])).toEqual([5, -5]);
  });
});
