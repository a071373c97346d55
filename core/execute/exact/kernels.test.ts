// Every fast kernel against the operator's reference kernel, bit for bit: random shapes and schemes, extreme values, sums past 2^31, ties.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Precision, Quantization } from '../../ir/index.ts';
import { INTEGER_RANGE, rescale } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { compare, int32, int8, q, random, startThreads, stored, whole, type OneNode, type Random } from '../../../test/against-reference.ts';

startThreads();

const seeds = fc.integer({ min: 1, max: 1e6 });
const precisions = fc.constantFrom<Precision>('int8', 'int16');
const zeroPointOf = (next: Random, dtype: Precision): number => { const [low, high] = INTEGER_RANGE[dtype]; return next() < 0.3 ? 0 : next() < 0.3 ? low : whole(next, low, high); };

const windows = fc.record({
  seed: seeds, input: precisions, output: precisions, extreme: fc.boolean(), mode: fc.constantFrom<'sima' | 'tflite' | 'none'>('sima', 'tflite', 'none'),
  batch: fc.integer({ min: 1, max: 2 }), height: fc.integer({ min: 1, max: 19 }), width: fc.integer({ min: 1, max: 17 }),
  kernelH: fc.integer({ min: 1, max: 4 }), kernelW: fc.integer({ min: 1, max: 4 }), strideH: fc.integer({ min: 1, max: 3 }), strideW: fc.integer({ min: 1, max: 3 }),
  dilationH: fc.integer({ min: 1, max: 3 }), dilationW: fc.integer({ min: 1, max: 3 }), pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 })) as [fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>]),
  kind: fc.constantFrom<'plain' | 'grouped' | 'depthwise'>('plain', 'grouped', 'depthwise'), channels: fc.integer({ min: 1, max: 21 }), outputs: fc.integer({ min: 1, max: 19 }),
  perChannel: fc.boolean(), activation: fc.constantFrom('none', 'relu', 'relu6'), shift: fc.integer({ min: -2, max: 24 }),
});

/** A convolution with random integer attributes, not those that quantization would choose: the kernels must be exact for any. */
function convolution(c: typeof windows extends fc.Arbitrary<infer T> ? T : never): OneNode | undefined {
  const next = random(c.seed);
  const groups = c.kind === 'plain' ? 1 : c.kind === 'depthwise' ? c.channels : 3;
  const perGroup = c.kind === 'grouped' ? Math.ceil(c.channels / 3) : c.kind === 'depthwise' ? 1 : c.channels;
  const channels = perGroup * groups;
  const outputs = c.kind === 'depthwise' ? c.channels : c.kind === 'grouped' ? Math.ceil(c.outputs / 3) * 3 : c.outputs;
  const rows = Math.floor((c.height + c.pads[0] + c.pads[2] - ((c.kernelH - 1) * c.dilationH + 1)) / c.strideH) + 1;
  const columns = Math.floor((c.width + c.pads[1] + c.pads[3] - ((c.kernelW - 1) * c.dilationW + 1)) / c.strideW) + 1;
  if (rows < 1 || columns < 1) return undefined;
  const shape = [c.batch, c.height, c.width, channels];
  const input = q(c.input, zeroPointOf(next, c.input));
  const output: Quantization = c.mode === 'none' ? { dtype: 'int32', scale: Array.from({ length: outputs }, () => 0.001 + next()), zeroPoint: 0 } : q(c.output, zeroPointOf(next, c.output));
  const [min, max] = INTEGER_RANGE[output.dtype];
  const scales = c.perChannel ? outputs : 1;
  // Small ones too: such sums fit float32.
  const biasReach = c.seed % 2 ? 2 ** 16 : c.input === 'int16' ? 2 ** 40 : 2 ** 24;
  const biases = Array.from({ length: outputs }, () => whole(next, -biasReach, biasReach));
  return {
    op: 'conv2d',
    attrs: {
      strides: [c.strideH, c.strideW], pads: c.pads, dilations: [c.dilationH, c.dilationW], groups, mode: c.mode, activation: c.activation,
      min: c.mode !== 'none' && c.activation !== 'none' ? output.zeroPoint : min, max,
    },
    constants: {
      weights: int8([outputs, c.kernelH, c.kernelW, perGroup], () => (c.extreme ? (next() < 0.5 ? -127 : 127) : whole(next, -127, 127))),
      bias: c.input === 'int16' ? { dtype: 'int64', shape: [outputs], data: BigInt64Array.from(biases, BigInt) } : int32(biases),
      ...(c.mode === 'none' ? {} : { shift: int32(Array.from({ length: scales }, () => c.shift + whole(next, 0, 4))) }),
      ...(c.mode === 'tflite' ? { multiplier: int32(Array.from({ length: scales }, () => whole(next, 128, 255))) } : {}),
    },
    inputs: [{ tensor: stored(shape, c.input, next, c.extreme), quantization: input }],
    output: { shape: [c.batch, rows, columns, outputs], quantization: output },
  };
}

describe('convolution equals the reference bit for bit', () => {
  test('any shape, stride, padding, dilation, group, scheme and mode', () => {
    fc.assert(fc.property(windows, (c) => { const node = convolution(c); if (node) compare(node); }), { numRuns: 250 });
  });

  test('windows of many channels: several tiles of channels, several blocks of pixels', () => {
    for (const [channels, outputs, size, kernel] of [[72, 40, 15, 3], [130, 17, 9, 1], [515, 9, 3, 3]] as const) {
      for (const precision of ['int8', 'int16'] as const) {
        const node = convolution({
          seed: channels, input: precision, output: precision, extreme: false, mode: 'sima', batch: 1, height: size, width: size, kernelH: kernel, kernelW: kernel,
          strideH: 1, strideW: 1, dilationH: 1, dilationW: 1, pads: kernel === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0], kind: 'plain', channels, outputs, perChannel: true, activation: 'none',
          shift: precision === 'int8' ? 14 : 18,
        });
        if (node) compare(node);
      }
    }
  });

  const rowOf = (values: readonly number[], weights: readonly number[], bias: bigint, constants: Record<string, Tensor>, attrs: Record<string, unknown>): OneNode => ({
    op: 'fully_connected', attrs: { activation: 'none', min: -32768, max: 32767, ...attrs },
    constants: { weights: { dtype: 'int8', shape: [1, weights.length], data: Int8Array.from(weights) }, bias: { dtype: 'int64', shape: [1], data: BigInt64Array.of(bias) }, ...constants },
    inputs: [{ tensor: { dtype: 'int16', shape: [1, values.length], data: Int16Array.from(values) }, quantization: q('int16', 0) }],
    output: { shape: [1, 1], quantization: q('int16', 0) },
  });

  test('sums past 2^31 are kept in doubles', () => {
    const length = 1400;
    compare(rowOf(new Array<number>(length).fill(32767), new Array<number>(length).fill(127), 5n, { shift: int32([18]) }, { mode: 'sima' }));
    compare(rowOf(new Array<number>(length).fill(-32768), new Array<number>(length).fill(127), -5n, { shift: int32([18]) }, { mode: 'sima' }));
  });

  test('products past 2^53 are kept in 64-bit integers, and past 2^62 left to the reference', () => {
    const multiplier = int32([251]);
    compare(rowOf([32767, -32768], [127, 3], 2n ** 46n + 12345n, { shift: int32([40]), multiplier }, { mode: 'tflite' }));
    compare(rowOf([32767, -32768], [127, 3], -(2n ** 47n) + 1n, { shift: int32([41]), multiplier }, { mode: 'tflite' }));
    compare(rowOf([32767, -32768], [127, 3], 2n ** 52n, { shift: int32([46]), multiplier: int32([2 ** 20]) }, { mode: 'tflite' }), 'reference');
    compare(rowOf([32767, -32768], [127, 3], 2n ** 60n, { shift: int32([46]) }, { mode: 'sima' }), 'reference');
  });

  test('ties go up, for every shift and both signs', () => {
    for (let shift = 1; shift <= 20; shift++) for (const steps of [-3, -2, -1, 0, 1, 2]) for (const off of [-1, 0, 1]) {
      const target = steps * 2 ** shift + 2 ** (shift - 1) + off;
      compare(rowOf([100], [1], BigInt(target - 100), { shift: int32([shift]) }, { mode: 'sima' }));
    }
  });

  test('sums as large as float32 rounds exactly, and one past it', () => {
    for (let shift = 3; shift <= 23; shift++) for (const past of [0, 1]) for (const sign of [-1, 1]) for (const x of [-32768, -12345, 32767]) {
      // 2 (32768 + |bias|) + 1 < 2^24 is what is proved.
      compare(rowOf([x], [1], BigInt(sign * (2 ** 23 - 1 - 32768 + past)), { shift: int32([shift]) }, { mode: 'sima' }));
    }
  });

  test('many rows, one row, two rows of a fully connected layer', () => {
    for (const rows of [1, 2, 3, 7, 200]) for (const [length, outputs] of [[10, 3], [64, 8], [33, 21]] as const) {
      const next = random(rows * length);
      compare({
        op: 'fully_connected', attrs: { activation: 'none', mode: 'sima', min: -128, max: 127 },
        constants: { weights: int8([outputs, length], () => whole(next, -127, 127)), bias: int32(Array.from({ length: outputs }, () => whole(next, -9999, 9999))), shift: int32([9]) },
        inputs: [{ tensor: stored([rows, length], 'int8', next, false), quantization: q('int8', -7) }], output: { shape: [rows, outputs], quantization: q('int8', 11) },
      });
    }
  });
});

describe('operators without weights equal the reference bit for bit', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  /** Any of the ways in which a shape broadcasts to another. */
  const broadcast = (shape: readonly number[], next: Random): readonly number[] => shape.map((d) => (next() < 0.4 ? 1 : d)).slice(next() < 0.3 ? whole(next, 0, shape.length - 1) : 0);
  const binaries = fc.record({ seed: seeds, shape: shapes, precision: precisions, op: fc.constantFrom('add', 'sub', 'mul'), extreme: fc.boolean(), constant: fc.boolean(), spread: fc.boolean(), shift: fc.integer({ min: -4, max: 30 }) });

  test('add, sub, mul, with every broadcast and constant operands', () => {
    fc.assert(fc.property(binaries, ({ seed, shape, precision, op, extreme, constant, spread, shift }) => {
      const next = random(seed);
      const sides = spread ? (next() < 0.5 ? [shape, broadcast(shape, next)] : [broadcast(shape, next), shape]) : [shape, shape];
      const [za, zb, zy] = [0, 0, 0].map(() => zeroPointOf(next, precision)) as [number, number, number];
      const [a, b] = sides.map((s) => stored(s, precision, next, extreme)) as [Tensor, Tensor];
      const [min, max] = INTEGER_RANGE[precision];
      compare({
        op, attrs: op === 'mul' ? { za, zb, min, max, multiplier: whole(next, 16384, 32767), shift } : { za, zb, min: next() < 0.3 ? zy : min, max, ma: whole(next, 0, 32767), mb: whole(next, 0, 32767), shift },
        constants: constant ? { b } : {},
        inputs: [{ tensor: a, quantization: q(precision, za) }, ...(constant ? [] : [{ tensor: b, quantization: q(precision, zb) }])],
        output: { shape, quantization: q(precision, zy) },
      });
    }), { numRuns: 200 });
  });

  test('requantize, relu and clip between any precisions', () => {
    fc.assert(fc.property(fc.record({ seed: seeds, shape: shapes, from: precisions, to: precisions, extreme: fc.boolean(), ratio: fc.constantFrom(1e-4, 0.01, 0.7, 1, 3, 300), op: fc.constantFrom('requantize', 'relu', 'clip') }), ({ seed, shape, from, to, extreme, ratio, op }) => {
      const next = random(seed);
      const zy = zeroPointOf(next, to);
      const [min, max] = INTEGER_RANGE[to];
      compare({
        op, attrs: { ...rescale(ratio * (0.5 + next())), ...(op === 'requantize' ? {} : { min: zy, max }), ...(op === 'clip' ? { min } : {}) },
        inputs: [{ tensor: stored(shape, from, next, extreme), quantization: q(from, zeroPointOf(next, from)) }], output: { shape, quantization: q(to, zy) },
      });
    }), { numRuns: 150 });
  });

  test('concat along every dimension', () => {
    fc.assert(fc.property(fc.record({ seed: seeds, shape: shapes, precision: precisions, parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }) }), ({ seed, shape, precision, parts }) => {
      const next = random(seed);
      const axis = whole(next, 0, shape.length - 1);
      const along = (n: number): number[] => shape.map((d, i) => (i === axis ? n : d));
      const steps = parts.map(() => rescale(0.2 + 2 * next()));
      compare({
        op: 'concat', attrs: { axis, multipliers: steps.map((s) => s.multiplier), shifts: steps.map((s) => s.shift) },
        inputs: parts.map((n) => ({ tensor: stored(along(n), precision, next, false), quantization: q(precision, zeroPointOf(next, precision)) })),
        output: { shape: along(parts.reduce((a, b) => a + b, 0)), quantization: q(precision, zeroPointOf(next, precision)) },
      });
    }), { numRuns: 100 });
  });

  test('pools, with padding and without', () => {
    fc.assert(fc.property(fc.record({
      seed: seeds, precision: precisions, extreme: fc.boolean(), height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }), channels: fc.integer({ min: 1, max: 20 }),
      dilation: fc.integer({ min: 1, max: 3 }), kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })), stride: fc.integer({ min: 1, max: 3 }), pad: fc.integer({ min: 0, max: 3 }),
      op: fc.constantFrom('max_pool2d', 'avg_pool2d', 'global_avg_pool2d'), countIncludePad: fc.boolean(),
    }), ({ seed, precision, extreme, height, width, channels, dilation, kernel, stride, pad, op, countIncludePad }) => {
      const next = random(seed);
      const spread = op === 'max_pool2d' ? dilation : 1;
      const before = [Math.min(pad, kernel[0] - 1), Math.min(pad, kernel[1] - 1)] as const;
      const [rows, columns] = op === 'global_avg_pool2d' ? [1, 1] : [Math.floor((height + 2 * before[0] - (kernel[0] - 1) * spread - 1) / stride) + 1, Math.floor((width + 2 * before[1] - (kernel[1] - 1) * spread - 1) / stride) + 1];
      if (rows < 1 || columns < 1) return;
      const input = q(precision, zeroPointOf(next, precision));
      const count = op === 'global_avg_pool2d' ? height * width : kernel[0] * kernel[1];
      const steps = Array.from({ length: count }, (_, i) => rescale((0.5 + next()) / (i + 1)));
      compare({
        op, attrs: op === 'global_avg_pool2d' ? {} : { kernel, strides: [stride, stride], pads: [...before, ...before], ...(op === 'avg_pool2d' ? { countIncludePad } : { dilations: [spread, spread] }) },
        constants: op === 'max_pool2d' ? {} : { multiplier: int32(steps.map((s) => s.multiplier)), shift: int32(steps.map((s) => s.shift)) },
        inputs: [{ tensor: stored([1, height, width, channels], precision, next, extreme), quantization: input }],
        output: { shape: [1, rows, columns, channels], quantization: op === 'max_pool2d' ? input : q(precision, zeroPointOf(next, precision)) },
      });
    }), { numRuns: 150 });
  });

  test('transpose, slice, pad, tables, softmax, quantize, dequantize', () => {
    fc.assert(fc.property(fc.record({ seed: seeds, shape: shapes, precision: precisions, scale: fc.constantFrom(1e-6, 0.01, 1, 50) }), ({ seed, shape, precision, scale }) => {
      const next = random(seed);
      const x = stored(shape, precision, next, false);
      const input = q(precision, zeroPointOf(next, precision), scale);
      const inputs = [{ tensor: x, quantization: input }];
      const [low, high] = INTEGER_RANGE[precision];
      const perm = shape.map((_, i) => i).sort(() => next() - 0.5);
      compare({ op: 'transpose', attrs: { perm }, inputs, output: { shape: perm.map((p) => shape[p] ?? 0), quantization: input } });
      const starts = shape.map((d) => whole(next, 0, d - 1));
      const steps = shape.map(() => whole(next, 1, 3));
      compare({ op: 'slice', attrs: { starts, ends: shape, steps }, inputs, output: { shape: shape.map((d, i) => Math.ceil((d - (starts[i] ?? 0)) / (steps[i] ?? 1))), quantization: input } });
      const pads = shape.map(() => [whole(next, 0, 2), whole(next, 0, 2)]);
      compare({ op: 'pad', attrs: { pads, value: 0 }, inputs, output: { shape: shape.map((d, i) => d + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0)), quantization: input } });
      compare({ op: 'udf', attrs: { function: 'exp' }, constants: { table: stored([high - low + 1], precision, next, false) }, inputs, output: { shape, quantization: input } });
      const table = int32(Array.from({ length: high - low + 1 }, (_, d) => Math.round(Math.exp(-Math.min(scale, 1) * d) * 2 ** 30)));
      compare({ op: 'softmax', attrs: { axis: whole(next, 0, shape.length - 1), ...rescale(1 / (1e-3 + next())) }, constants: { table }, inputs, output: { shape, quantization: q(precision, zeroPointOf(next, precision)) } });
      compare({ op: 'dequantize', attrs: {}, inputs, output: { shape, quantization: null } });
      // Halves between two integers as well, and values far outside.
      const reals = Float32Array.from(x.data as ArrayLike<number>, (value) => (next() < 0.3 ? scale * (value + 0.5) : next() < 0.1 ? value * 1e20 : scale * (value + next())));
      compare({ op: 'quantize', attrs: {}, inputs: [{ tensor: { dtype: 'float32', shape, data: reals }, quantization: null }], output: { shape, quantization: input } });
    }), { numRuns: 100 });
  });

  test('accumulators are dequantized with the scale of their channel', () => {
    compare({
      op: 'dequantize', attrs: {}, inputs: [{ tensor: int32([2147483647, -2147483648, 5, -6, 7, 8]), quantization: { dtype: 'int32', scale: [0.5, 3e-7], zeroPoint: 0 } }],
      output: { shape: [6], quantization: null },
    });
  });

  test('a value that is not finite is refused with its place', () => {
    const node = (x: number): OneNode => ({
      op: 'quantize', attrs: {}, inputs: [{ tensor: { dtype: 'float32', shape: [3], data: Float32Array.of(1, x, 2) }, quantization: null }], output: { shape: [3], quantization: q('int8', 0) },
    });
    for (const x of [NaN, Infinity, -Infinity]) expect(() => compare(node(x))).toThrow(/element 1/);
  });
});
