// The reference kernels against naive big-integer oracles and against float, on random shapes and extreme values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ActivationQuantization, Precision } from '../ir/index.ts';
import { float32, sizeOf, type Tensor } from '../tensor/tensor.ts';
import { dequantizeTensor, INTEGER_RANGE, operator, quantizationOf, quantizeTensor, type IntegerPlan, type KernelCall, type QuantizeSettings } from './index.ts';

const SETTINGS: QuantizeSettings = { precision: 'int8', perChannelWeights: true, asymmetricActivations: true, requantization: 'sima', outputInt32: false, biasCorrection: false };

function random(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
const randomTensor = (shape: readonly number[], next: () => number, low: number, high: number): Tensor<'float32'> =>
  float32(shape, Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next()));

/** Quantizes and runs one node with random float data; returns integers and what float would give. */
function integerRun(op: string, attrs: Record<string, unknown>, operands: readonly { tensor: Tensor; constant: boolean }[], output: ActivationQuantization, settings: QuantizeSettings) {
  const definition = operator(op);
  const quantizations = operands.map(({ tensor, constant }) => {
    if (constant) return undefined;
    const values = Array.from(tensor.data, Number);
    return quantizationOf(Math.min(...values), Math.max(...values), settings.precision, settings.asymmetricActivations);
  });
  const inputs = operands.map(({ tensor, constant }, i) => ({ name: `i${i}`, shape: tensor.shape, ...(constant ? { constant: tensor } : {}) }));
  const [outputShape = []] = definition.shapes({ attrs: attrs as never, inputs, where: {} });
  const plan = definition.quantize?.({ attrs: attrs as never, inputs, where: {}, settings, inputQuantization: quantizations, outputQuantization: output }) as IntegerPlan;
  const call: KernelCall = {
    attrs: plan.attrs, constants: plan.constants, outputShape, outputQuantization: plan.output,
    inputs: plan.activations.map((i) => quantizeTensor(operands[i]?.tensor as Tensor, quantizations[i] as ActivationQuantization)),
    inputQuantization: plan.activations.map((i) => quantizations[i] ?? null),
  };
  return { result: definition.run?.(call) as Tensor, call, plan, outputShape };
}

/** Convolution in big integers, straight from numerics section 4. */
function oracle(call: KernelCall, weightShape: readonly number[]): bigint[] {
  const attrs = call.attrs as { strides: number[]; pads: number[]; dilations: number[]; groups: number; min: number; max: number; mode: string };
  const [, h = 0, w = 0, c = 0] = call.inputs[0]?.shape ?? [];
  const [outputs = 0, kh = 0, kw = 0, icg = 0] = weightShape;
  const [, rows = 0, columns = 0] = call.outputShape;
  const x = call.inputs[0]?.data as ArrayLike<number>;
  const weights = call.constants['weights']?.data as ArrayLike<number>;
  const of = (role: string, o: number): bigint => { const d = call.constants[role]?.data as ArrayLike<number | bigint>; return BigInt(d[d.length === 1 ? 0 : o] as number | bigint); };
  const zx = BigInt(call.inputQuantization[0]?.zeroPoint ?? 0);
  const out: bigint[] = [];
  for (let r = 0; r < rows; r++) for (let q = 0; q < columns; q++) for (let o = 0; o < outputs; o++) {
    let acc = of('bias', o);
    const group = Math.floor(o / (outputs / attrs.groups));
    for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) for (let k = 0; k < icg; k++) {
      const y = r * (attrs.strides[0] ?? 1) + i * (attrs.dilations[0] ?? 1) - (attrs.pads[0] ?? 0);
      const z = q * (attrs.strides[1] ?? 1) + j * (attrs.dilations[1] ?? 1) - (attrs.pads[1] ?? 0);
      if (y < 0 || y >= h || z < 0 || z >= w) continue;
      acc += (BigInt(x[(y * w + z) * c + group * icg + k] ?? 0) - zx) * BigInt(weights[((o * kh + i) * kw + j) * icg + k] ?? 0);
    }
    if (attrs.mode !== 'none') {
      if (attrs.mode === 'tflite') acc *= of('multiplier', o);
      const n = of('shift', o);
      acc = (n > 0n ? (acc + (1n << (n - 1n))) >> n : acc << -n) + BigInt(call.outputQuantization?.zeroPoint ?? 0);
    }
    out.push(acc < BigInt(attrs.min) ? BigInt(attrs.min) : acc > BigInt(attrs.max) ? BigInt(attrs.max) : acc);
  }
  return out;
}

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), height: fc.integer({ min: 3, max: 7 }), width: fc.integer({ min: 3, max: 6 }),
  kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 2 }), dilation: fc.integer({ min: 1, max: 2 }), pad: fc.integer({ min: 2, max: 3 }),
  groups: fc.constantFrom(1, 2, 4), perGroup: fc.integer({ min: 1, max: 3 }), outPerGroup: fc.integer({ min: 1, max: 3 }),
  precision: fc.constantFrom<Precision>('int8', 'int16'), requantization: fc.constantFrom<'sima' | 'tflite'>('sima', 'tflite'),
  perChannel: fc.boolean(), asymmetric: fc.boolean(), outputRange: fc.constantFrom(0.01, 1, 30), activation: fc.constantFrom('none', 'relu', 'relu6'),
});

describe('convolution', () => {
  test('equals the big-integer oracle for every kind of shape, scheme and mode, saturation included', () => {
    fc.assert(fc.property(cases, (c) => {
      const next = random(c.seed);
      const channels = c.groups * c.perGroup;
      const outputs = c.groups * c.outPerGroup;
      const x = randomTensor([1, c.height, c.width, channels], next, -2, 3);
      const w = randomTensor([outputs, c.kernel, c.kernel, c.perGroup], next, -1, 1);
      const b = randomTensor([outputs], next, -5, 5);
      const attrs = { strides: [c.stride, c.stride], pads: [c.pad, c.pad, c.pad, c.pad], dilations: [c.dilation, c.dilation], groups: c.groups, activation: c.activation };
      const { result, call } = integerRun('conv2d', attrs, [{ tensor: x, constant: false }, { tensor: w, constant: true }, { tensor: b, constant: true }],
        quantizationOf(-c.outputRange, 2 * c.outputRange, c.precision, c.asymmetric),
        { ...SETTINGS, precision: c.precision, requantization: c.requantization, perChannelWeights: c.perChannel, asymmetricActivations: c.asymmetric });
      expect(Array.from(result.data as ArrayLike<number>, BigInt)).toEqual(oracle(call, w.shape));
    }), { numRuns: 150 });
  });

  test('accumulators past 2^53 are summed in big integers', () => {
    const q: ActivationQuantization = { dtype: 'int16', scale: 1, zeroPoint: 0 };
    const call: KernelCall = {
      attrs: { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, mode: 'sima', min: -32768, max: 32767, activation: 'none' },
      constants: {
        weights: { dtype: 'int8', shape: [1, 1, 1, 4], data: Int8Array.of(127, 127, 127, 127) },
        bias: { dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 60n) }, shift: { dtype: 'int32', shape: [1], data: Int32Array.of(46) },
      },
      inputs: [{ dtype: 'int16', shape: [1, 1, 1, 4], data: Int16Array.of(32767, 32767, 32767, -32768) }],
      inputQuantization: [q], outputShape: [1, 1, 1, 1], outputQuantization: q,
    };
    expect(Array.from(operator('conv2d').run?.(call).data as Int16Array, BigInt)).toEqual(oracle(call, [1, 1, 1, 4]));
  });

  test('output_int32 hands on the accumulator with scale sx * sw', () => {
    const next = random(5);
    const x = randomTensor([1, 4, 4, 3], next, -1, 1);
    const w = randomTensor([2, 3, 3, 3], next, -1, 1);
    const attrs = { strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], groups: 1, activation: 'none' };
    const { result, call, plan } = integerRun('conv2d', attrs, [{ tensor: x, constant: false }, { tensor: w, constant: true }], quantizationOf(-3, 3, 'int8', true), { ...SETTINGS, outputInt32: true });
    expect(result.dtype).toBe('int32');
    expect(Array.from(result.data as Int32Array, BigInt)).toEqual(oracle(call, w.shape));
    expect(plan.output.scale).toHaveLength(2);
  });
});

describe('operators without weights stay within one step of the float result on the dequantized input', () => {
  const shapes = fc.record({ seed: fc.integer({ min: 1, max: 1e6 }), precision: fc.constantFrom<Precision>('int8', 'int16'), asymmetric: fc.boolean() });
  const check = (op: string, attrs: Record<string, unknown>, shape: readonly number[], low: number, high: number, count: number, real: (inputs: readonly Float64Array[], shape: readonly number[]) => Float64Array) =>
    fc.assert(fc.property(shapes, ({ seed, precision, asymmetric }) => {
      const next = random(seed);
      const settings = { ...SETTINGS, precision, asymmetricActivations: asymmetric };
      const operands = Array.from({ length: count }, () => ({ tensor: randomTensor(shape, next, low, high), constant: false }));
      const probe = integerRun(op, attrs, operands, quantizationOf(-1, 1, precision, asymmetric), settings);
      const exactInputs = probe.call.inputs.map((t, i) => Float64Array.from(dequantizeTensor(t, probe.call.inputQuantization[i] as ActivationQuantization).data, Number));
      const exact = real(exactInputs, shape);
      const out = quantizationOf(Math.min(...exact), Math.max(...exact), precision, asymmetric);
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
  test('max pool leaves padding out', () => expect(run('max_pool2d', { kernel: [2, 2], strides: [2, 2], pads: [1, 1, 0, 0] }, [1, 3, 3, 1], [-9, -8, -7, -6, -5, -4, -3, -2, -1], [1, 2, 2, 1])).toEqual([-9, -7, -3, -1]));
});
