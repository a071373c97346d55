// Pools, means and sums: exact against naive big-integer oracles, and emitted as float ONNX that computes what their definition says.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import type { Precision } from '../ir/index.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { operator, type KernelCall } from './index.ts';

const scheme = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), precision: fc.constantFrom<Precision>('int8', 'int16'), asymmetric: fc.boolean(), outputRange: fc.constantFrom(0.02, 3, 200) });
type Scheme = typeof scheme extends fc.Arbitrary<infer T> ? T : never;
const settingsOf = (s: Scheme) => ({ ...SETTINGS, precision: s.precision, asymmetricActivations: s.asymmetric });
const outputOf = (s: Scheme) => spanning([-s.outputRange, 2 * s.outputRange], s.precision, s.asymmetric);

/** clamp(rshr(sum * m, n) + zy) in big integers. */
function rescaled(call: KernelCall, sum: bigint, multiplier: number, shift: number): number {
  const n = BigInt(shift);
  const product = sum * BigInt(multiplier);
  const y = (n > 0n ? (product + (1n << (n - 1n))) >> n : product << -n) + BigInt(call.outputQuantization?.zeroPoint ?? 0);
  const [min, max] = call.outputQuantization?.dtype === 'int16' ? [-32768n, 32767n] : [-128n, 127n];
  return Number(y < min ? min : y > max ? max : y);
}

const windows = fc.record({
  height: fc.integer({ min: 3, max: 7 }), width: fc.integer({ min: 3, max: 6 }), channels: fc.integer({ min: 1, max: 3 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)), dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })), countIncludePad: fc.boolean(),
});
type Windows = typeof windows extends fc.Arbitrary<infer T> ? T : never;

/** The window's attributes with padding kept below the kernel, as ONNX Runtime asks, or nothing where it does not fit. */
function attributesOf(op: string, g: Windows): Readonly<Record<string, unknown>> | undefined {
  const pads = g.pads.map((p, i) => Math.min(p, (g.kernel[i % 2] ?? 1) - 1));
  const attrs = { kernel: g.kernel, strides: g.strides, pads, ...(op === 'max_pool2d' ? { dilations: g.dilations } : { countIncludePad: g.countIncludePad }) };
  try { operator(op).shapes({ attrs: attrs as never, inputs: [{ name: 'x', shape: [1, g.height, g.width, g.channels] }], where: {} }); } catch { return undefined; }
  return attrs;
}

/** What each window holds, padding left out. */
function held(shape: readonly number[], outputShape: readonly number[], attrs: Readonly<Record<string, unknown>>, data: ArrayLike<number>): number[][] {
  const { kernel, strides, pads, dilations = [1, 1] } = attrs as { kernel: number[]; strides: number[]; pads: number[]; dilations?: number[] };
  const [, h = 1, w = 1, c = 1] = shape;
  const [, rows = 1, columns = 1] = outputShape;
  const all: number[][] = [];
  for (let r = 0; r < rows; r++) for (let q = 0; q < columns; q++) for (let k = 0; k < c; k++) {
    const values: number[] = [];
    for (let i = 0; i < (kernel[0] ?? 1); i++) for (let j = 0; j < (kernel[1] ?? 1); j++) {
      const y = r * (strides[0] ?? 1) + i * (dilations[0] ?? 1) - (pads[0] ?? 0);
      const x = q * (strides[1] ?? 1) + j * (dilations[1] ?? 1) - (pads[1] ?? 0);
      if (y >= 0 && y < h && x >= 0 && x < w) values.push(data[(y * w + x) * c + k] ?? 0);
    }
    all.push(values);
  }
  return all;
}

describe('pools', () => {
  test('the largest of a window, whatever its strides, padding and dilations', () => {
    fc.assert(fc.property(windows, scheme, (g, s) => {
      const attrs = attributesOf('max_pool2d', g);
      if (!attrs) return;
      const x = randomTensor([1, g.height, g.width, g.channels], random(s.seed), -2, 1);
      const { result, call, outputShape } = integerRun('max_pool2d', attrs, [given(x)], outputOf(s), settingsOf(s));
      expect(Array.from(result.data, Number)).toEqual(held(x.shape, outputShape, attrs, call.inputs[0]?.data as Int8Array).map((values) => Math.max(...values)));
    }), { numRuns: 150 });
  });

  test('averages are exact sums, rescaled once by the number of values that count', () => {
    fc.assert(fc.property(windows, scheme, (g, s) => {
      const attrs = attributesOf('avg_pool2d', g);
      if (!attrs) return;
      const x = randomTensor([1, g.height, g.width, g.channels], random(s.seed), -2, 5);
      const { result, call, outputShape } = integerRun('avg_pool2d', attrs, [given(x)], outputOf(s), settingsOf(s));
      const zx = call.inputQuantization[0]?.zeroPoint ?? 0;
      const expected = held(x.shape, outputShape, attrs, call.inputs[0]?.data as Int8Array).map((values) => {
        const i = (g.countIncludePad ? g.kernel[0] * g.kernel[1] : values.length) - 1;
        return rescaled(call, values.reduce((sum, q) => sum + BigInt(q - zx), 0n), Number(call.constants['multiplier']?.data[i]), Number(call.constants['shift']?.data[i]));
      });
      expect(Array.from(result.data, Number)).toEqual(expected);
    }), { numRuns: 150 });
  });

  test.each(['max_pool2d', 'avg_pool2d'])('the float form of %s computes the definition in ONNX Runtime', async (op) => {
    await fc.assert(fc.asyncProperty(windows, async (g) => {
      const attrs = attributesOf(op, g);
      if (!attrs) return;
      const x = randomTensor([1, g.height, g.width, g.channels], random(g.height), -2, 5);
      const y = await floatRun(op, attrs, [given(x)]);
      held(x.shape, y.shape, attrs, x.data).forEach((values, i) => {
        const sum = values.reduce((a, b) => a + b, 0);
        expect(y.data[i]).toBeCloseTo(op === 'max_pool2d' ? Math.max(...values) : sum / (g.countIncludePad ? g.kernel[0] * g.kernel[1] : values.length), 5);
      });
    }), { numRuns: 40 });
  });
});

const reductions = fc.record({ shape: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }), mask: fc.nat(15), keepDims: fc.boolean() });
/** The parts of `data` that each output adds up, by brute force over the input. */
function parts(shape: readonly number[], axes: readonly number[], data: ArrayLike<number>): number[][] {
  const groups = new Map<string, number[]>();
  for (let i = 0; i < sizeOf(shape); i++) {
    const index = shape.map((d, k) => Math.floor(i / sizeOf(shape.slice(k + 1))) % d);
    const key = index.filter((_, k) => !axes.includes(k)).join();
    groups.set(key, [...groups.get(key) ?? [], data[i] ?? 0]);
  }
  return [...groups.values()];
}

describe.each(['mean', 'sum'] as const)('%s', (op) => {
  test('is the exact sum over any axes, rescaled once', () => {
    fc.assert(fc.property(reductions, scheme, ({ shape, mask, keepDims }, s) => {
      const axes = shape.flatMap((_, i) => ((mask >> i) & 1 ? [i] : []));
      const x = randomTensor(shape, random(s.seed), -2, 5);
      const { result, call, outputShape } = integerRun(op, { axes, keepDims }, [given(x)], outputOf(s), settingsOf(s));
      const zx = call.inputQuantization[0]?.zeroPoint ?? 0;
      const { multiplier, shift } = call.attrs as { multiplier: number; shift: number };
      expect(Array.from(result.data, Number)).toEqual(parts(shape, axes, call.inputs[0]?.data as Int8Array).map((values) => rescaled(call, values.reduce((sum, q) => sum + BigInt(q - zx), 0n), multiplier, shift)));
      expect(outputShape).toEqual(shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d])));
      const sx = Number(call.inputQuantization[0]?.scale);
      const sy = Number(call.outputQuantization?.scale);
      const count = op === 'mean' ? sizeOf(axes.map((a) => shape[a] ?? 1)) : 1;
      expect(Math.abs((multiplier * 2 ** -shift * count * sy) / sx - 1)).toBeLessThanOrEqual(2 ** -15);
    }), { numRuns: 150 });
  });

  test('its float form computes the definition in ONNX Runtime', async () => {
    await fc.assert(fc.asyncProperty(reductions, async ({ shape, mask, keepDims }) => {
      const axes = shape.flatMap((_, i) => ((mask >> i) & 1 ? [i] : []));
      const x: Tensor<'float32'> = randomTensor(shape, random(mask + 1), -2, 5);
      const y = await floatRun(op, { axes, keepDims }, [given(x)]);
      parts(shape, axes, x.data).forEach((values, i) => {
        const count = op === 'mean' ? values.length : 1;
        const magnitude = values.reduce((a, b) => a + Math.abs(b), 0) / count;
        expect(Math.abs(Number(y.data[i]) - values.reduce((a, b) => a + b, 0) / count)).toBeLessThanOrEqual(1e-6 * magnitude + 1e-6);
      });
    }), { numRuns: 40 });
  });

  test('more numbers than its sum can hold exactly stay in float', () => {
    expect(operator(op).precisions({ attrs: { axes: [1], keepDims: false } as never, inputs: [{ name: 'x', shape: [1, 2 ** 21 + 1] }], where: {} })).toHaveProperty('reason');
  });
});
