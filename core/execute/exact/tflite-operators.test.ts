// TensorFlow Lite's operators without weights, its transposed convolution, and its layers of int16 or with weights of more than 8 bits, on the kernels against the
// readable kernels.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INTEGER_RANGE } from '../../ops/index.ts';
import type { Precision } from '../../ir/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { compare, int32, int8, q, random, startThreads, stored, whole, type OneNode, type Random } from '../../../test/against-reference.ts';

startThreads();

const seeds = fc.integer({ min: 1, max: 1e6 });
const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
const cases = fc.record({ seed: seeds, precision: fc.constantFrom<Precision>('int8', 'int16'), extreme: fc.boolean(), shape: shapes });
const zeroPoint = (next: Random, dtype: Precision = 'int8'): number => (dtype === 'int16' || next() < 0.3 ? 0 : next() < 0.3 ? -128 : whole(next, -128, 127));
const multiplier = (next: Random): number => (next() < 0.1 ? 0 : next() < 0.1 ? 2 ** 31 - 1 : whole(next, 2 ** 30, 2 ** 31 - 1));
const factor = (next: Random, low: number, high: number): { multiplier: number; shift: number } => ({ multiplier: multiplier(next), shift: whole(next, low, high) });
const bounds = (next: Random, dtype: Precision): { min: number; max: number } => { const [min, max] = INTEGER_RANGE[dtype]; return next() < 0.5 ? { min, max } : { min: whole(next, min, 0), max: whole(next, 1, max) }; };
const thinned = (shape: readonly number[], next: Random): readonly number[] => shape.map((d) => (next() < 0.4 ? 1 : d)).slice(next() < 0.3 ? whole(next, 0, shape.length - 1) : 0);

describe('two operands', () => {
  const pair = (shape: readonly number[], precision: Precision, extreme: boolean, next: Random) => {
    const shapes = next() < 0.4 ? [shape, shape] : next() < 0.5 ? [shape, thinned(shape, next)] : [thinned(shape, next), shape];
    const constant = next() < 0.3 ? whole(next, 0, 1) : -1;
    const sides = shapes.map((s) => ({ tensor: stored(s, precision, next, extreme), zero: zeroPoint(next, precision) }));
    return {
      zeros: { za: sides[0]?.zero ?? 0, zb: sides[1]?.zero ?? 0 }, constants: Object.fromEntries(sides.flatMap(({ tensor }, i) => (i === constant ? [[i === 0 ? 'a' : 'b', tensor]] : []))),
      inputs: sides.flatMap(({ tensor, zero }, i) => (i === constant ? [] : [{ tensor, quantization: q(precision, zero) }])),
      output: { shape, quantization: q(precision, zeroPoint(next, precision)) },
    };
  };

  test('add, sub and mul, with every broadcast and constant operands', () => {
    fc.assert(fc.property(cases, ({ seed, precision, extreme, shape }) => {
      const next = random(seed);
      const { zeros, ...node } = pair(shape, precision, extreme, next);
      const headroom = precision === 'int8' ? 20 : 15;
      const sum = { a: factor(next, -6, 0), b: factor(next, -6, 0), y: factor(next, -headroom - 2, 1 - headroom), headroom, ...zeros, ...bounds(next, precision) };
      for (const op of ['tflite_add', 'tflite_sub']) compare({ op, attrs: sum, ...node });
      const shifts = next() < 0.5 ? [0, whole(next, 0, 31)] : [whole(next, 0, 15), 0];
      for (const op of ['tflite_add', 'tflite_sub']) compare({ op, attrs: { shifts, ...bounds(next, precision) }, ...node });
      compare({ op: 'tflite_mul', attrs: { ...factor(next, precision === 'int8' ? -10 : -18, -1), ...zeros, ...bounds(next, precision) }, ...node });
    }), { numRuns: 100 });
  });

  test('the larger, the smaller, and prelu', () => {
    fc.assert(fc.property(cases, ({ seed, precision, extreme, shape }) => {
      const next = random(seed);
      const { zeros: _, ...node } = pair(shape, precision, extreme, next);
      for (const op of ['tflite_maximum', 'tflite_minimum']) compare({ op, attrs: {}, ...node });
      const x = { tensor: stored(shape, precision, next, extreme), quantization: q(precision, zeroPoint(next, precision)) };
      const slope = stored(thinned(shape, next), precision, next, extreme);
      const zeroSlope = zeroPoint(next, precision);
      const constant = next() < 0.5;
      compare({
        op: 'tflite_prelu', attrs: { ...factor(next, -3, 1), negative: factor(next, -9, -3), zeroSlope }, constants: constant ? { b: slope } : {},
        inputs: [x, ...(constant ? [] : [{ tensor: slope, quantization: q(precision, zeroSlope) }])], output: { shape, quantization: q(precision, zeroPoint(next, precision)) },
      });
    }), { numRuns: 80 });
  });

  test('the product of two matrices', () => {
    fc.assert(fc.property(seeds, fc.boolean(), fc.boolean(), fc.boolean(), fc.constantFrom('none', 'a', 'b'), fc.constantFrom<Precision>('int8', 'int16'), (seed, extreme, transposeA, transposeB, constant, dtype) => {
      const next = random(seed);
      const [rows, inner, columns] = [whole(next, 1, 11), whole(next, 1, 19), whole(next, 1, 17)];
      const a = stored([2, ...(transposeA ? [inner, rows] : [rows, inner])], dtype, next, extreme);
      const b = stored([next() < 0.5 ? 2 : 1, ...(transposeB ? [columns, inner] : [inner, columns])], dtype, next, extreme);
      const [za, zb] = [zeroPoint(next, dtype), zeroPoint(next, dtype)];
      compare({
        op: 'tflite_batch_matmul', attrs: { transposeA, transposeB, za, zb, ...(dtype === 'int8' ? factor(next, -14, -4) : factor(next, -24, -8)) }, constants: constant === 'a' ? { a } : constant === 'b' ? { b } : {},
        inputs: [...(constant === 'a' ? [] : [{ tensor: a, quantization: q(dtype, za) }]), ...(constant === 'b' ? [] : [{ tensor: b, quantization: q(dtype, zb) }])],
        output: { shape: [2, rows, columns], quantization: q(dtype, zeroPoint(next, dtype)) },
      });
    }), { numRuns: 80 });
  });
});

describe('one operand', () => {
  test('clamps and values stored anew, of 8 and 16 bits', () => {
    fc.assert(fc.property(cases, ({ seed, precision, extreme, shape }) => {
      const next = random(seed);
      const node = { inputs: [{ tensor: stored(shape, precision, next, extreme), quantization: q(precision, zeroPoint(next, precision)) }], output: { shape, quantization: q(precision, zeroPoint(next, precision)) } };
      compare({ op: 'tflite_clamp', attrs: { ...factor(next, -4, 2), ...bounds(next, precision) }, ...node });
      compare({ op: 'tflite_reshape', attrs: factor(next, -4, 2), ...node });
      const to: Precision = precision === 'int8' ? 'int16' : 'int8';
      compare({ op: 'tflite_requantize', attrs: factor(next, -10, 2), inputs: node.inputs, output: { shape, quantization: q(to, zeroPoint(next, to)) } });
    }), { numRuns: 12 });
  });

  test('means, sums, the largest and the smallest over any dimensions', () => {
    fc.assert(fc.property(cases, ({ seed, precision, extreme, shape }) => {
      const next = random(seed);
      const axes = shape.flatMap((_, d) => (next() < 0.5 ? [d] : []));
      const count = axes.reduce((n, d) => n * (shape[d] ?? 1), 1);
      const inputs = [{ tensor: stored(shape, precision, next, extreme), quantization: q(precision, zeroPoint(next, precision)) }];
      const output = { shape: shape.filter((_, d) => !axes.includes(d)), quantization: q(precision, zeroPoint(next, precision)) };
      compare({ op: 'tflite_mean', attrs: { axes, count, ...factor(next, -10, 0) }, inputs, output });
      compare({ op: 'tflite_sum', attrs: { axes, ...factor(next, -10, 0) }, inputs, output });
      compare({ op: 'tflite_reduce_max', attrs: { axes }, inputs, output });
      compare({ op: 'tflite_reduce_min', attrs: { axes }, inputs, output });
    }), { numRuns: 80 });
  });

  test('average pools, halves away from zero or up', () => {
    fc.assert(fc.property(cases, fc.constantFrom('away', 'up'), ({ seed, precision, extreme }, halves) => {
      const next = random(seed);
      const [height, width, channels] = [whole(next, 1, 8), whole(next, 1, 8), whole(next, 1, 19)];
      const kernel = [whole(next, 1, 4), whole(next, 1, 4)] as const;
      const stride = whole(next, 1, 3);
      const pads = kernel.map((k) => Math.min(k - 1, whole(next, 0, 2))) as [number, number];
      const [rows, columns] = [height, width].map((size, d) => Math.floor((size + 2 * (pads[d] ?? 0) - (kernel[d] ?? 1)) / stride) + 1) as [number, number];
      if (rows < 1 || columns < 1) return;
      const quantization = q(precision, zeroPoint(next, precision));
      compare({
        op: 'tflite_avg_pool2d', attrs: { kernel, strides: [stride, stride], pads: [...pads, ...pads], halves, ...bounds(next, precision) },
        inputs: [{ tensor: stored([1, height, width, channels], precision, next, extreme), quantization }], output: { shape: [1, rows, columns, channels], quantization },
      });
    }), { numRuns: 80 });
  });

  test('softmax, of few and of many', () => {
    fc.assert(fc.property(seeds, fc.boolean(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 31 }), (seed, extreme, length, shift) => {
      const next = random(seed);
      const farthest = -Math.floor((31 * 2 ** 26) / 2 ** shift);
      compare({
        op: 'tflite_softmax', attrs: { multiplier: whole(next, 2 ** 30, 2 ** 31 - 1), shift, farthest }, inputs: [{ tensor: stored([3, length], 'int8', next, extreme), quantization: q('int8', 5) }],
        output: { shape: [3, length], quantization: q('int8', -128, 1 / 256) },
      });
    }), { numRuns: 100 });
    fc.assert(fc.property(seeds, fc.boolean(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: -6, max: 6 }), (seed, extreme, length, shift) => {
      const next = random(seed);
      compare({
        op: 'tflite_softmax', attrs: { multiplier: whole(next, 2 ** 30, 2 ** 31 - 1), shift }, inputs: [{ tensor: stored([3, length], 'int16', next, extreme), quantization: q('int16', 0) }],
        output: { shape: [3, length], quantization: q('int16', 0, 2 ** -15) },
      });
    }), { numRuns: 10 });
    // A class among a thousand, and all alike.
    for (const alike of [false, true]) {
      const next = random(7);
      compare({
        op: 'tflite_softmax', attrs: { multiplier: 2 ** 30, shift: 23, farthest: -248 }, inputs: [{ tensor: int8([1, 1001], () => (alike ? 3 : whole(next, -128, 127))), quantization: q('int8', 5) }],
        output: { shape: [1, 1001], quantization: q('int8', -128, 1 / 256) },
      });
    }
  });

  test('bilinear resizing by every rule, signed and unsigned', () => {
    fc.assert(fc.property(seeds, fc.boolean(), fc.constantFrom('corners', 'centres', 'plain'), fc.constantFrom('int8', 'uint8', 'int16'), (seed, extreme, rule, type) => {
      const next = random(seed);
      const [unsigned, dtype] = [type === 'uint8', type === 'int16' ? 'int16' : 'int8'] as const;
      const [height, width, channels, rows, columns] = [whole(next, 1, 7), whole(next, 1, 7), whole(next, 1, 19), whole(next, 1, 12), whole(next, 1, 12)] as const;
      const quantization = q(dtype, zeroPoint(next, dtype));
      compare({
        op: 'tflite_resize_bilinear', attrs: { rows, columns, rule, unsigned }, inputs: [{ tensor: stored([2, height, width, channels], dtype, next, extreme), quantization }],
        output: { shape: [2, rows, columns, channels], quantization },
      });
    }), { numRuns: 60 });
  });

  test('concat of parts that pass, that go through a table, and that are constant', () => {
    fc.assert(fc.property(cases, fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 4 }), ({ seed, precision, shape }, kinds) => {
      const next = random(seed);
      const axis = whole(next, 0, shape.length - 1);
      const parts = kinds.map(([constant, tabled]) => ({ constant, tabled: tabled && precision === 'int8', tensor: stored(shape.with(axis, whole(next, 1, 5)), precision, next, false) }));
      compare({
        op: 'tflite_concat', attrs: { axis },
        constants: Object.fromEntries(parts.flatMap(({ constant, tabled, tensor }, i) => [...(constant ? [[`input${i}`, tensor] as const] : []), ...(tabled ? [[`table${i}`, stored([256], 'int8', next, false)] as const] : [])])),
        inputs: parts.flatMap(({ constant, tensor }) => (constant ? [] : [{ tensor, quantization: q(precision, zeroPoint(next, precision)) }])),
        output: { shape: shape.with(axis, parts.reduce((n, { tensor }) => n + (tensor.shape[axis] ?? 0), 0)), quantization: q(precision, 0) },
      });
    }), { numRuns: 60 });
  });

  test('quantize: halves away from zero, and a value that is not finite is refused with its place', () => {
    const node = (data: Float32Array, precision: Precision, zero: number, scale: number): OneNode => ({
      op: 'tflite_quantize', attrs: {}, inputs: [{ tensor: { dtype: 'float32', shape: [data.length], data }, quantization: null }], output: { shape: [data.length], quantization: q(precision, zero, scale) },
    });
    fc.assert(fc.property(cases, fc.constantFrom(1e-6, 0.01, 0.25, 1, 50), ({ seed, precision, shape }, scale) => {
      const next = random(seed);
      const x = stored([shape.reduce((a, b) => a * b, 1)], precision, next, false);
      compare(node(Float32Array.from(x.data as ArrayLike<number>, (value) => (next() < 0.4 ? scale * (value + 0.5) : next() < 0.1 ? value * 1e20 : scale * (value + next()))), precision, zeroPoint(next, precision), scale));
    }), { numRuns: 60 });
    for (const x of [NaN, Infinity, -Infinity]) expect(() => compare(node(Float32Array.of(1, x, 2), 'int8', 0, 1))).toThrow(/element 1/);
  });
});

describe('layers with weights', () => {
  const layers = fc.record({
    seed: seeds, extreme: fc.boolean(), height: fc.integer({ min: 1, max: 7 }), width: fc.integer({ min: 1, max: 7 }), channels: fc.integer({ min: 1, max: 19 }), outputs: fc.integer({ min: 1, max: 17 }),
    kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), depthwise: fc.boolean(), perChannel: fc.boolean(), bias: fc.constantFrom(2 ** 12, 2 ** 24, 2 ** 40),
  });
  const factors = (next: Random, count: number, low: number, high: number): { multiplier: Tensor; shift: Tensor } => ({
    multiplier: int32(Array.from({ length: count }, () => multiplier(next))), shift: int32(Array.from({ length: count }, () => whole(next, low, high))),
  });
  const weight = (next: Random, extreme: boolean, most: number) => (): number => (extreme ? (next() < 0.5 ? -most : most) : whole(next, -most, most));

  test('activations of int16: convolutions, depthwise and not, and fully connected layers', () => {
    fc.assert(fc.property(layers, ({ seed, extreme, height, width, channels, outputs: wanted, kernel, stride, depthwise, perChannel, bias }) => {
      const next = random(seed);
      const outputs = depthwise ? channels : wanted;
      const [rows, columns] = [height, width].map((size) => Math.floor((size + 2 - kernel) / stride) + 1) as [number, number];
      if (rows < 1 || columns < 1) return;
      // What is left stays within 32 bits, as TensorFlow Lite takes for granted.
      const [low, high] = bias > 2 ** 30 ? [-31, -12] : [-24, -6];
      const constants = (count: number) => ({
        ...factors(next, perChannel ? count : 1, low, high), bias: { dtype: 'int64' as const, shape: [count], data: BigInt64Array.from({ length: count }, () => BigInt(whole(next, -bias, bias))) },
      });
      const weights = weight(next, extreme, 127);
      compare({
        op: 'tflite_conv2d', attrs: { strides: [stride, stride], pads: [1, 1, 1, 1], dilations: [1, 1], groups: depthwise ? channels : 1, ...bounds(next, 'int16') },
        constants: { weights: int8([outputs, kernel, kernel, depthwise ? 1 : channels], weights), ...constants(outputs) },
        inputs: [{ tensor: stored([1, height, width, channels], 'int16', next, extreme), quantization: q('int16', 0) }], output: { shape: [1, rows, columns, outputs], quantization: q('int16', 0) },
      });
      compare({
        op: 'tflite_fully_connected', attrs: { ...bounds(next, 'int16'), roundings: 1 }, constants: { weights: int8([wanted, channels], weights), ...constants(wanted) },
        inputs: [{ tensor: stored([height, channels], 'int16', next, extreme), quantization: q('int16', 0) }], output: { shape: [height, wanted], quantization: q('int16', 0) },
      });
    }), { numRuns: 120 });
  });

  test('activations of int16 with a bias of 32 bits', () => {
    fc.assert(fc.property(layers, ({ seed, extreme, height, width, channels, outputs, kernel, stride, perChannel }) => {
      const next = random(seed);
      const [rows, columns] = [height, width].map((size) => (size - 1) * stride + kernel) as [number, number];
      // Few enough products for 32 bits.
      const weights = int8([outputs, kernel, kernel, channels], weight(next, extreme, 12));
      compare({
        op: 'tflite_conv_transpose2d', attrs: { strides: [stride, stride], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, outputPadding: [0, 0], ...bounds(next, 'int16') },
        constants: { weights, bias: int32(Array.from({ length: outputs }, () => whole(next, -(2 ** 20), 2 ** 20))), ...factors(next, perChannel ? outputs : 1, -14, -1) },
        inputs: [{ tensor: stored([1, height, width, channels], 'int16', next, extreme), quantization: q('int16', 0) }], output: { shape: [1, rows, columns, outputs], quantization: q('int16', 0) },
      });
    }), { numRuns: 50 });
  });

  test('sums of int16 past 2^31 times all 31 bits', () => {
    const length = 1600;
    for (const value of [32767, -32768]) for (const shift of [-22, -17, -16]) {
      compare({
        op: 'tflite_fully_connected', attrs: { min: -32768, max: 32767, roundings: 1 },
        constants: { weights: int8([1, length], () => 127), bias: { dtype: 'int64', shape: [1], data: BigInt64Array.of(12345n) }, multiplier: int32([2 ** 31 - 1]), shift: int32([shift]) },
        inputs: [{ tensor: { dtype: 'int16', shape: [1, length], data: new Int16Array(length).fill(value) }, quantization: q('int16', 0) }], output: { shape: [1, 1], quantization: q('int16', 0) },
      });
    }
  });

  test('weights of uint8 about their zero point, and transposed convolution with them or not', () => {
    fc.assert(fc.property(layers, fc.boolean(), ({ seed, extreme, height, width, channels, outputs: wanted, kernel, stride, depthwise, perChannel }, wide) => {
      const next = random(seed);
      const outputs = depthwise ? channels : wanted;
      const groups = depthwise ? channels : 1;
      const shape = [outputs, kernel, kernel, depthwise ? 1 : channels];
      const count = shape.reduce((a, b) => a * b, 1);
      const make = weight(next, extreme, wide ? 255 : 127);
      const weights: Tensor = wide ? { dtype: 'int16', shape, data: Int16Array.from({ length: count }, make) } : int8(shape, make);
      const constants = { weights, bias: int32(Array.from({ length: outputs }, () => whole(next, -(2 ** 20), 2 ** 20))), ...factors(next, perChannel ? outputs : 1, -14, -4) };
      const inputs = [{ tensor: stored([1, height, width, channels], 'int8', next, extreme), quantization: q('int8', zeroPoint(next)) }];
      const quantization = q('int8', zeroPoint(next));
      const common = { strides: [stride, stride], pads: [0, 0, 0, 0], dilations: [1, 1], groups, ...bounds(next, 'int8') };
      compare({ op: 'tflite_conv_transpose2d', attrs: { ...common, outputPadding: [0, 0] }, constants, inputs, output: { shape: [1, (height - 1) * stride + kernel, (width - 1) * stride + kernel, outputs], quantization } });
      const [rows, columns] = [height, width].map((size) => Math.floor((size - kernel) / stride) + 1) as [number, number];
      if (rows < 1 || columns < 1) return;
      compare({ op: 'tflite_conv2d', attrs: common, constants, inputs, output: { shape: [1, rows, columns, outputs], quantization } });
    }), { numRuns: 100 });
  });
});
