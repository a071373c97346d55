// Convolution, transposed convolution and fully connected layers: exact against naive big-integer oracles on random shapes, schemes and
// extreme values, within the promised distance of the float product, and emitted as float ONNX that computes what their definition says.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixed, floatRun, given, integerRun, random, randomTensor, SETTINGS, spanning, type IntegerRun } from '../../test/one-node.ts';
import type { ActivationQuantization, Precision } from '../ir/index.ts';
import { float32, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, operator, quantizationOf, type KernelCall } from './index.ts';

interface Geometry {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly dilations: readonly [number, number];
  readonly groups: number;
}
type Numbers = ArrayLike<number | bigint>;
/** Pairs that meet: output pixel (r, c) and input pixel (y, x) at tap (i, j). */
type Meets = (g: Geometry, pixel: number, tap: number, axis: 0 | 1) => number;
/** The input position that tap `tap` of output position `pixel` reads, or one outside (-1). */
const convolution: Meets = (g, pixel, tap, axis) => pixel * g.strides[axis] + tap * g.dilations[axis] - g.pads[axis];
const transposed: Meets = (g, pixel, tap, axis) => {
  // Every input position is tried, as the definition scatters it.
  for (let at = 0; at < 64; at++) if (at * g.strides[axis] + tap * g.dilations[axis] - g.pads[axis] === pixel) return at;
  return -1;
};

/** bias[o] + sum (x - zx) * w for every output, straight from numerics section 4, in whatever numbers `of` makes. */
function sums<T extends number | bigint>(g: Geometry, meets: Meets, x: Tensor, w: Tensor, outputShape: readonly number[], of: (q: number | bigint) => T, multiply: (a: T, b: T) => T, add: (a: T, b: T) => T, bias: (o: number) => T): T[] {
  const [, h = 0, width = 0, c = 0] = x.shape;
  const [outputs = 0, kh = 0, kw = 0, icg = 0] = w.shape;
  const [, rows = 0, columns = 0] = outputShape;
  const xs = x.data as Numbers, ws = w.data as Numbers;
  const out: T[] = [];
  for (let r = 0; r < rows; r++) for (let q = 0; q < columns; q++) for (let o = 0; o < outputs; o++) {
    let sum = bias(o);
    const group = Math.floor(o / (outputs / g.groups));
    for (let i = 0; i < kh; i++) for (let j = 0; j < kw; j++) {
      const y = meets(g, r, i, 0), z = meets(g, q, j, 1);
      if (y < 0 || y >= h || z < 0 || z >= width) continue;
      for (let k = 0; k < icg; k++) sum = add(sum, multiply(of(xs[(y * width + z) * c + group * icg + k] ?? 0), of(ws[((o * kh + i) * kw + j) * icg + k] ?? 0)));
    }
    out.push(sum);
  }
  return out;
}

const constantOf = (call: KernelCall, role: string, o: number): bigint => { const d = call.constants[role]?.data as Numbers; return BigInt(d[d.length === 1 ? 0 : o] ?? 0); };
const bigSums = (call: KernelCall, meets: Meets): bigint[] => {
  const zx = call.inputQuantization[0]?.zeroPoint ?? 0;
  const [x] = call.inputs;
  const centred: Tensor = { dtype: 'int32', shape: x?.shape ?? [], data: Int32Array.from(x?.data as ArrayLike<number>, (q) => q - zx) };
  return sums(call.attrs as unknown as Geometry, meets, centred, call.constants['weights'] as Tensor, call.outputShape, BigInt, (a, b) => a * b, (a, b) => a + b, (o) => constantOf(call, 'bias', o));
};

/** From sums to stored outputs, in big integers. */
function requantized(call: KernelCall, values: readonly bigint[]): bigint[] {
  const { min, max, mode } = call.attrs as { min: number; max: number; mode: string };
  const outputs = call.constants['bias']?.data.length ?? 1;
  return values.map((sum, at) => {
    let y = sum;
    if (mode !== 'none') {
      if (mode === 'tflite') y *= constantOf(call, 'multiplier', at % outputs);
      const n = constantOf(call, 'shift', at % outputs);
      y = (n > 0n ? (y + (1n << (n - 1n))) >> n : y << -n) + BigInt(call.outputQuantization?.zeroPoint ?? 0);
    }
    return y < BigInt(min) ? BigInt(min) : y > BigInt(max) ? BigInt(max) : y;
  });
}
const stored = (run: IntegerRun): bigint[] => Array.from(run.result.data as ArrayLike<number>, BigInt);

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }), height: fc.integer({ min: 2, max: 6 }), width: fc.integer({ min: 1, max: 5 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })), pads: fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3)), outputPadding: fc.tuple(fc.nat(2), fc.nat(1)),
  groups: fc.constantFrom(1, 2, 4), perGroup: fc.integer({ min: 1, max: 3 }), outPerGroup: fc.integer({ min: 1, max: 3 }),
  precision: fc.constantFrom<Precision>('int8', 'int16'), requantization: fc.constantFrom<'sima' | 'tflite'>('sima', 'tflite'), outputInt32: fc.constantFrom(false, false, false, true),
  perChannel: fc.boolean(), asymmetric: fc.boolean(), outputRange: fc.constantFrom(0.01, 1, 30), activation: fc.constantFrom('none', 'relu', 'relu6'),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

const attributesOf = (op: string, { strides, pads, dilations, groups, activation, outputPadding }: Case) =>
  ({ strides, pads, dilations, groups, activation, ...(op === 'conv2d' ? {} : { outputPadding: outputPadding.map((extra, i) => Math.min(extra, (strides[i] ?? 1) - 1)) }) });
/** Operands that fit, or nothing where the window and its padding leave no output. */
function operandsOf(op: string, c: Case): { x: Tensor<'float32'>; w: Tensor<'float32'>; b: Tensor<'float32'> } | undefined {
  const next = random(c.seed);
  const x = randomTensor([1, c.height, c.width, c.groups * c.perGroup], next, -2, 3);
  const w = randomTensor([c.groups * c.outPerGroup, ...c.kernel, c.perGroup], next, -1, 1);
  const b = randomTensor([c.groups * c.outPerGroup], next, -5, 5);
  const inputs = [x, w, b].map((tensor, i) => ({ name: `i${i}`, shape: tensor.shape, ...(i > 0 ? { constant: tensor } : {}) }));
  try { operator(op).shapes({ attrs: attributesOf(op, c) as never, inputs, where: {} }); } catch { return undefined; }
  return { x, w, b };
}

describe.each([['conv2d', convolution], ['conv_transpose2d', transposed]] as const)('%s', (op, meets) => {
  test('equals the big-integer oracle for every kind of shape, scheme and mode, saturation included', () => {
    let ran = 0;
    fc.assert(fc.property(cases, (c) => {
      const operands = operandsOf(op, c);
      if (!operands) return;
      ran++;
      const run = integerRun(op, attributesOf(op, c), [given(operands.x), fixed(operands.w), fixed(operands.b)], quantizationOf(-c.outputRange, 2 * c.outputRange, c.precision, c.asymmetric),
        { ...SETTINGS, precision: c.precision, requantization: c.requantization, perChannelWeights: c.perChannel, asymmetricActivations: c.asymmetric, outputInt32: c.outputInt32 && c.activation === 'none' });
      expect(stored(run)).toEqual(requantized(run.call, bigSums(run.call, meets)));
      if (c.outputInt32 && c.activation === 'none') { expect(run.result.dtype).toBe('int32'); expect(run.plan.output.scale).toHaveLength(c.groups * c.outPerGroup); }
    }), { numRuns: 200 });
    expect(ran).toBeGreaterThan(60);
  });

  test('its float form computes the definition in ONNX Runtime', async () => {
    await fc.assert(fc.asyncProperty(cases, async (c) => {
      const operands = operandsOf(op, c);
      if (!operands) return;
      const attrs = attributesOf(op, c);
      const y = await floatRun(op, attrs, [given(operands.x), fixed(operands.w), fixed(operands.b)]);
      const expected = sums(attrs, meets, operands.x, operands.w, y.shape, Number, (a, b) => a * b, (a, b) => a + b, (o) => operands.b.data[o] ?? 0);
      expected.forEach((sum, i) => expect(y.data[i]).toBeCloseTo(c.activation === 'none' ? sum : Math.min(Math.max(sum, 0), c.activation === 'relu' ? Infinity : 6), 4));
    }), { numRuns: 40 });
  });

  test('sima is within half a step of the product, tflite further off by the 8 bits of its multiplier, 1/256 of the value', () => {
    fc.assert(fc.property(cases, fc.double({ min: -12, max: 12, noNaN: true }), (c, octaves) => {
      const operands = operandsOf(op, c);
      if (!operands) return;
      const run = integerRun(op, { ...attributesOf(op, c), activation: 'none' }, [given(operands.x), fixed(operands.w)], quantizationOf(-3 * 2 ** octaves, 5 * 2 ** octaves, c.precision, c.asymmetric),
        { ...SETTINGS, precision: c.precision, requantization: c.requantization, perChannelWeights: c.perChannel, asymmetricActivations: c.asymmetric });
      const sx = Number(run.call.inputQuantization[0]?.scale);
      const sy = Number(run.plan.output.scale);
      const [min, max] = INTEGER_RANGE[c.precision];
      const outputs = operands.w.shape[0] ?? 1;
      const real = operands.w.data;
      const length = real.length / outputs;
      bigSums(run.call, meets).forEach((sum, at) => {
        const o = at % outputs;
        const n = Number(constantOf(run.call, 'shift', o));
        // sima's weight scale follows from the shift; tflite's is max|w| / 127, of the channel or of all.
        const group = c.perChannel ? real.subarray(o * length, (o + 1) * length) : real;
        const sw = c.requantization === 'sima' ? sy / (sx * 2 ** n) : group.reduce((a, w) => Math.max(a, Math.abs(w)), 0) / 127;
        const product = Number(sum) * ((sx * sw) / sy);
        const y = Number(run.result.data[at]) - run.plan.output.zeroPoint;
        if (y + run.plan.output.zeroPoint === min || y + run.plan.output.zeroPoint === max) return;
        expect(Math.abs(y - product)).toBeLessThanOrEqual(0.5 + 1e-6 * (1 + Math.abs(product)) + (c.requantization === 'tflite' ? Math.abs(product) / 256 : 0));
      });
    }), { numRuns: 150 });
  });
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
  expect(Array.from(operator('conv2d').run?.(call).data as Int16Array, BigInt)).toEqual(requantized(call, bigSums(call, convolution)));
});

describe('conv_transpose2d', () => {
  test('a stride-2 kernel of ones spreads each pixel over four', () => {
    const q: ActivationQuantization = { dtype: 'int8', scale: 1, zeroPoint: 0 };
    const result = operator('conv_transpose2d').run?.({
      attrs: { strides: [2, 2], pads: [0, 0, 0, 0], outputPadding: [0, 1], dilations: [1, 1], groups: 1, mode: 'sima', min: -128, max: 127, activation: 'none' },
      constants: {
        weights: { dtype: 'int8', shape: [1, 2, 2, 1], data: Int8Array.of(1, 2, 3, 4) }, bias: { dtype: 'int32', shape: [1], data: Int32Array.of(0) }, shift: { dtype: 'int32', shape: [1], data: Int32Array.of(0) },
      },
      inputs: [{ dtype: 'int8', shape: [1, 1, 2, 1], data: Int8Array.of(5, -7) }], inputQuantization: [q], outputShape: [1, 2, 5, 1], outputQuantization: q,
    });
    expect(Array.from(result?.data as Int8Array)).toEqual([5, 10, -7, -14, 0, 15, 20, -21, -28, 0]);
  });
  test('padding that leaves nothing of the output is refused', () => {
    const attrs = { strides: [1, 1], pads: [1, 1, 1, 1], outputPadding: [0, 0], dilations: [1, 1], groups: 1, activation: 'none' };
    expect(() => operator('conv_transpose2d').shapes({ attrs: attrs as never, inputs: [{ name: 'x', shape: [1, 1, 1, 1] }, { name: 'w', shape: [1, 2, 2, 1] }], where: {} })).toThrow('leaves nothing');
  });
});

describe('sima with an int16 output', () => {
  /** Weights of several channels that lie on one int8 grid, each channel using another part of it. */
  const onGrid = (seed: number, scale: number, reach: readonly number[]): Tensor<'float32'> => {
    const next = random(seed);
    return float32([reach.length, 12], Float32Array.from({ length: reach.length * 12 }, (_, i) => {
      const top = reach[Math.floor(i / 12)] ?? 1;
      return Math.fround(scale * (i % 12 === 0 ? top : Math.round((2 * next() - 1) * top)));
    }));
  };
  test('weights that lie on an int8 grid with one scale are represented without error', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 1e-5, max: 10, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true }), fc.boolean(), (seed, scale, range, perChannel) => {
      const w = onGrid(seed, scale, [127, 90, 5, 33]);
      const x = randomTensor([1, 12], random(seed + 1), -1, 1);
      const run = integerRun('fully_connected', { activation: 'none' }, [given(x), fixed(w)], quantizationOf(-range, range, 'int16', false), { ...SETTINGS, precision: 'int16', perChannelWeights: perChannel });
      const [sx, sy] = [Number(run.call.inputQuantization[0]?.scale), Number(run.plan.output.scale)];
      const weights = run.call.constants['weights']?.data as Int8Array;
      const calibrated = quantizationOf(-range, range, 'int16', false).scale;
      expect(sy / calibrated).toBeGreaterThanOrEqual(1);
      expect(sy / calibrated).toBeLessThan(2);
      w.data.forEach((value, k) => {
        const sw = sy / (sx * 2 ** Number(constantOf(run.call, 'shift', Math.floor(k / 12))));
        expect(Math.abs((weights[k] ?? 0) * sw - value)).toBeLessThanOrEqual(1e-6 * Math.abs(value));
      });
    }), { numRuns: 60 });
  });
  test('an int8 output keeps its calibrated scale', () => {
    const run = integerRun('fully_connected', { activation: 'none' }, [given(randomTensor([1, 12], random(3), -1, 1)), fixed(onGrid(2, 0.01, [127, 64]))], quantizationOf(-1, 1, 'int8', false), SETTINGS);
    expect(run.plan.output.scale).toBe(quantizationOf(-1, 1, 'int8', false).scale);
  });
});

test('fully connected layers of any rank equal the big-integer oracle', () => {
  fc.assert(fc.property(cases, fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 3 }), (c, rows) => {
    const next = random(c.seed);
    const x = randomTensor([...rows, c.perGroup * 5], next, -4, 1);
    const w = randomTensor([c.outPerGroup, c.perGroup * 5], next, -1, 1);
    const run = integerRun('fully_connected', { activation: c.activation }, [given(x), fixed(w), fixed(randomTensor([c.outPerGroup], next, -3, 3))], spanning([-c.outputRange, c.outputRange], c.precision, c.asymmetric),
      { ...SETTINGS, precision: c.precision, requantization: c.requantization, perChannelWeights: c.perChannel, asymmetricActivations: c.asymmetric });
    expect(run.outputShape).toEqual([...rows, c.outPerGroup]);
    // A dense layer is a 1x1 convolution over its rows.
    const [stored8] = run.call.inputs;
    const image: Tensor = { ...stored8 as Tensor, shape: [1, 1, rows.reduce((n, d) => n * d, 1), c.perGroup * 5] };
    const weights: Tensor = { ...run.call.constants['weights'] as Tensor, shape: [c.outPerGroup, 1, 1, c.perGroup * 5] };
    const call = { ...run.call, inputs: [image], constants: { ...run.call.constants, weights }, outputShape: [1, 1, rows.reduce((n, d) => n * d, 1), c.outPerGroup], attrs: { ...run.call.attrs, strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 } };
    expect(stored(run)).toEqual(requantized(call, bigSums(call, convolution)));
  }), { numRuns: 60 });
});
