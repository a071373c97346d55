// layer_norm and lrn: exact against their formulas in big integers, within one step of the correctly rounded result, as ONNX Runtime
// computes them, on random shapes, scales and extreme values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning } from '../../test/one-node.ts';
import type { ActivationQuantization } from '../ir/index.ts';
import { float32, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { operator, type KernelCall } from './index.ts';

const stored = (y: number, out: ActivationQuantization): number => Math.max(-128, Math.min(127, y + out.zeroPoint));
const rounded = (real: number, out: ActivationQuantization): number => stored(Math.round(real / out.scale), out);
const shiftRight = (a: bigint, n: bigint): bigint => (n > 0n ? (a + (1n << (n - 1n))) >> n : a << -n);
const numbers = (call: KernelCall, role: string): readonly bigint[] => Array.from(call.constants[role]?.data as ArrayLike<number | bigint>, BigInt);

function layerNorm(x: ArrayLike<number>, length: number, gamma: ArrayLike<number>, beta: ArrayLike<number>, epsilon: number): number[] {
  return Array.from({ length: x.length / length }, (_, r) => Array.from({ length }, (__, k) => x[r * length + k] ?? 0)).flatMap((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / length;
    const spread = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / length + epsilon);
    return row.map((value, k) => (spread === 0 ? 0 : (value - mean) / spread) * (gamma[k] ?? 1) + (beta[k] ?? 0));
  });
}

/** floor(sqrt(n)). */
function squareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (let y = (x + n / x) >> 1n; y < x; y = (x + n / x) >> 1n) x = y;
  return x;
}

/** numerics 5, layer_norm, in big integers. */
function layerNormOracle(call: KernelCall, length: number): number[] {
  const q = Array.from(call.inputs[0]?.data as Int8Array, BigInt);
  const [epsilon, unitBits] = ['epsilon', 'unitBits'].map((name) => BigInt(call.attrs[name] as number)) as [bigint, bigint];
  const [multipliers, shifts, biases] = ['multiplier', 'shift', 'bias'].map((role) => numbers(call, role));
  const n = BigInt(length);
  return Array.from({ length: q.length / length }, (_, r) => q.slice(r * length, (r + 1) * length)).flatMap((row) => {
    const sum = row.reduce((a, b) => a + b, 0n);
    const variance = (n * row.reduce((a, b) => a + b * b, 0n) - sum * sum) * 65536n + epsilon;
    const root = (at: bigint): bigint => squareRoot((1n << (2n * unitBits + 2n * at + 16n)) / variance);
    let shift = -unitBits - 8n;
    if (variance > 0n) while (root(shift + 1n) < 1n << 24n) shift++;
    const factor = variance > 0n ? root(shift) : 0n;
    return row.map((value, k) => {
      const unit = shiftRight((n * value - sum) * factor, shift);
      return stored(Number(shiftRight(unit * (multipliers?.[k] ?? 0n) + (biases?.[k] ?? 0n), shifts?.[k] ?? 0n)), call.outputQuantization as ActivationQuantization);
    });
  });
}

describe('layer_norm', () => {
  const cases = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }), shape: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), along: fc.nat(3), asymmetric: fc.boolean(),
    reach: fc.constantFrom(1e-4, 0.5, 400), epsilon: fc.constantFrom(0, 1e-12, 1e-5, 0.1), gamma: fc.constantFrom([1, 1], [-2, 3], [0, 1e-7], [0.9, 300]), beta: fc.constantFrom([0, 0], [-1, 1], [50, 60]),
    parameters: fc.constantFrom(0, 1, 2),
  });
  test('equals its formula in big integers and stays within one step of the rounded result', () => {
    fc.assert(fc.property(cases, (c) => {
      const axis = c.along % c.shape.length;
      const length = sizeOf(c.shape.slice(axis));
      const next = random(c.seed);
      const x = randomTensor(c.shape, next, -c.reach, 0.7 * c.reach);
      const row = c.shape.slice(axis);
      const gamma = c.parameters > 0 ? randomTensor(row, next, c.gamma[0] ?? 0, c.gamma[1] ?? 0) : undefined;
      const beta = c.parameters > 1 ? randomTensor(row, next, c.beta[0] ?? 0, c.beta[1] ?? 0) : undefined;
      const operands = [given(x), ...[gamma, beta].flatMap((t) => (t ? [fixed(t)] : []))];
      const real = (values: ArrayLike<number>): number[] => layerNorm(values, length, gamma?.data ?? [], beta?.data ?? [], c.epsilon);
      const out = spanning(real(x.data), 'int8', c.asymmetric);
      const { result, call, seen } = integerRun('layer_norm', { axis, epsilon: c.epsilon }, operands, out, { ...SETTINGS, asymmetricActivations: c.asymmetric });
      expect(Array.from(result.data as Int8Array)).toEqual(layerNormOracle(call, length));
      real(seen[0] ?? []).forEach((y, i) => expect(Math.abs(Number(result.data[i]) - rounded(y, out))).toBeLessThanOrEqual(1));
    }), { numRuns: 200 });
  });

  test('holds for long rows of extreme values', () => {
    const length = 4096;
    const x = float32([2, length], Float32Array.from({ length: 2 * length }, (_, i) => (i < length ? (i % 2 === 0 ? 100 : -100) : i === length ? 100 : -100)));
    const out = spanning([-1.2, 64], 'int8', true);
    const { result, call, seen } = integerRun('layer_norm', { axis: 1, epsilon: 1e-5 }, [given(x)], out, SETTINGS);
    expect(Array.from(result.data as Int8Array)).toEqual(layerNormOracle(call, length));
    layerNorm(seen[0] ?? [], length, [], [], 1e-5).forEach((y, i) => expect(Math.abs(Number(result.data[i]) - rounded(y, out))).toBeLessThanOrEqual(1));
  }, 30_000);

  test('a row without variance gives beta', () => {
    const { result } = integerRun('layer_norm', { axis: 1, epsilon: 0 }, [given(float32([2, 2], [3, 3, -1, 3])), fixed(float32([2], [1, 1])), fixed(float32([2], [0.5, 2]))], { dtype: 'int8', scale: 0.5, zeroPoint: 0 }, SETTINGS);
    expect(Array.from(result.data as Int8Array)).toEqual([1, 4, -1, 6]);
  });

  test('is emitted as LayerNormalization, with and without factors', async () => {
    const next = random(4);
    const x = randomTensor([2, 3, 4, 5], next, -2, 3);
    for (const axis of [1, 2, 3]) for (const count of [0, 1, 2]) {
      const row = x.shape.slice(axis);
      const parameters = Array.from({ length: count }, () => randomTensor(row, next, -1, 2));
      const y = await floatRun('layer_norm', { axis, epsilon: 1e-3 }, [given(x), ...parameters.map(fixed)]);
      layerNorm(x.data, sizeOf(row), parameters[0]?.data ?? [], parameters[1]?.data ?? [], 1e-3).forEach((value, i) => expect(y.data[i]).toBeCloseTo(value, 4));
    }
  });
});

interface Lrn { readonly size: number; readonly alpha: number; readonly beta: number; readonly bias: number }
/** The channels that share a sum with channel c. */
const neighbours = (c: number, channels: number, size: number): readonly number[] =>
  Array.from({ length: channels }, (_, k) => k).filter((k) => Math.abs(k - c) <= (size - 1) / 2);
function lrn(x: ArrayLike<number>, channels: number, { size, alpha, beta, bias }: Lrn): number[] {
  return Array.from(x, (value, i) => {
    const sum = neighbours(i % channels, channels, size).reduce((n, k) => n + (x[i - (i % channels) + k] ?? 0) ** 2, 0);
    return value / (bias + (alpha / size) * sum) ** beta;
  });
}

describe('lrn', () => {
  const cases = fc.record({
    seed: fc.integer({ min: 1, max: 1e6 }), channels: fc.integer({ min: 1, max: 12 }), size: fc.constantFrom(1, 3, 5, 9), asymmetric: fc.boolean(), reach: fc.constantFrom(0.01, 3, 500),
    alpha: fc.constantFrom(0, 1e-4, 0.1, 5), beta: fc.constantFrom(0, 0.5, 0.75, 4), bias: fc.constantFrom(1e-3, 1, 2),
  });
  test('equals its formula in big integers and stays within one step of the rounded result', () => {
    fc.assert(fc.property(cases, ({ seed, channels, asymmetric, reach, ...attrs }) => {
      const x = randomTensor([1, 2, 2, channels], random(seed), -reach, 0.6 * reach);
      const out = spanning(lrn(x.data, channels, attrs), 'int8', asymmetric);
      const { result, call, seen } = integerRun('lrn', attrs, [given(x)], out, { ...SETTINGS, asymmetricActivations: asymmetric });
      const [factors = [], rises = [], shifts = []] = ['factor', 'rise', 'shift'].map((role) => numbers(call, role));
      const q = call.inputs[0]?.data as Int8Array;
      const d = Array.from(q, (value) => BigInt(value - (call.inputQuantization[0]?.zeroPoint ?? 0)));
      lrn(seen[0] ?? [], channels, attrs).forEach((real, i) => {
        const sum = neighbours(i % channels, channels, attrs.size).reduce((n, k) => n + (d[i - (i % channels) + k] ?? 0n) ** 2n, 0n);
        const octave = BigInt(Math.max(0, sum.toString(2).length - 7));
        const entry = Number(octave * 64n + (sum >> octave));
        const factor = (factors[entry] ?? 0n) + shiftRight((rises[entry] ?? 0n) * (sum & ((1n << octave) - 1n)), octave);
        expect(result.data[i]).toBe(stored(Number(shiftRight((d[i] ?? 0n) * factor, shifts[entry] ?? 0n)), out));
        expect(Math.abs(Number(result.data[i]) - rounded(real, out))).toBeLessThanOrEqual(1);
      });
    }), { numRuns: 200 });
  });

  test('is emitted as LRN', async () => {
    const x: Tensor<'float32'> = randomTensor([1, 3, 2, 7], random(2), -3, 3);
    for (const size of [1, 3, 5]) {
      const attrs = { size, alpha: 0.5, beta: 0.75, bias: 1.5 };
      const y = await floatRun('lrn', attrs, [given(x)]);
      lrn(x.data, 7, attrs).forEach((value, i) => expect(y.data[i]).toBeCloseTo(value, 5));
    }
  });

  test('a bias of 0 has no finite table', () => {
    const view = { attrs: { size: 5, alpha: 1, beta: 0.5, bias: 0 } as never, inputs: [{ name: 'x', shape: [1, 2, 2, 4] }], where: {} };
    expect(operator('lrn').precisions(view)).toHaveProperty('reason');
  });
});
