// Operators that move, reduce, resize, normalize or multiply activations, on the fast kernels against their reference kernels, bit for bit.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weightLoops } from '../../kernels/index.ts';
import { operator } from '../../ops/index.ts';
import type { Precision } from '../../ir/index.ts';
import { INTEGER_RANGE, rescale } from '../../ops/index.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { compare, int32, int8, q, random, startThreads, stored, whole, type Random } from '../../../test/against-reference.ts';

startThreads();

const seeds = fc.integer({ min: 1, max: 1e6 });
const precisions = fc.constantFrom<Precision>('int8', 'int16');
const shapes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
const cases = fc.record({ seed: seeds, precision: precisions, extreme: fc.boolean(), shape: shapes });
const zeroPointOf = (next: Random, dtype: Precision): number => { const [low, high] = INTEGER_RANGE[dtype]; return next() < 0.3 ? 0 : next() < 0.3 ? low : whole(next, low, high); };
const int64 = (values: readonly number[]): Tensor => ({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });

describe('transposed convolution equals the reference bit for bit', () => {
  const windows = fc.record({
    seed: seeds, input: precisions, output: precisions, extreme: fc.boolean(), mode: fc.constantFrom<'sima' | 'tflite' | 'none'>('sima', 'tflite', 'none'),
    batch: fc.integer({ min: 1, max: 2 }), size: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })), kernel: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })), dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    pads: fc.tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: 3 })) as [fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>]),
    kind: fc.constantFrom<'plain' | 'grouped' | 'depthwise'>('plain', 'grouped', 'depthwise'), channels: fc.integer({ min: 1, max: 9 }), outputs: fc.integer({ min: 1, max: 11 }),
    shift: fc.integer({ min: -2, max: 20 }),
  });

  test('any stride, dilation, padding and group, with phases that see no input', () => {
    fc.assert(fc.property(windows, (c) => {
      const next = random(c.seed);
      const groups = c.kind === 'plain' ? 1 : c.kind === 'depthwise' ? c.channels : 2;
      const perGroup = c.kind === 'depthwise' ? 1 : c.channels;
      const channels = perGroup * groups;
      const outputs = c.kind === 'depthwise' ? c.channels : c.outputs * groups;
      const outputPadding = c.strides.map((s) => whole(next, 0, s - 1)) as [number, number];
      const [rows, columns] = [0, 1].map((d) => ((c.size[d] ?? 0) - 1) * (c.strides[d] ?? 1) + ((c.kernel[d] ?? 0) - 1) * (c.dilations[d] ?? 1) + 1 + (outputPadding[d] ?? 0) - (c.pads[d] ?? 0) - (c.pads[d + 2] ?? 0)) as [number, number];
      if (rows < 1 || columns < 1) return;
      const output = c.mode === 'none' ? { dtype: 'int32' as const, scale: 0.5, zeroPoint: 0 } : q(c.output, zeroPointOf(next, c.output));
      const [min, max] = INTEGER_RANGE[output.dtype];
      const biases = Array.from({ length: outputs }, () => whole(next, -(2 ** 20), 2 ** 20));
      compare({
        op: 'conv_transpose2d', attrs: { strides: c.strides, pads: c.pads, dilations: c.dilations, groups, outputPadding, mode: c.mode, activation: 'none', min, max },
        constants: {
          weights: int8([outputs, ...c.kernel, perGroup], () => (c.extreme ? (next() < 0.5 ? -127 : 127) : whole(next, -127, 127))),
          bias: c.input === 'int16' ? int64(biases) : int32(biases),
          ...(c.mode === 'none' ? {} : { shift: int32(Array.from({ length: outputs }, () => c.shift + whole(next, 0, 4))) }),
          ...(c.mode === 'tflite' ? { multiplier: int32(Array.from({ length: outputs }, () => whole(next, 128, 255))) } : {}),
        },
        inputs: [{ tensor: stored([c.batch, ...c.size, channels], c.input, next, c.extreme), quantization: q(c.input, zeroPointOf(next, c.input)) }],
        output: { shape: [c.batch, rows, columns, outputs], quantization: output },
      });
    }), { numRuns: 90 });
  });
});

describe('the product of two activations equals the reference bit for bit', () => {
  const matrices = fc.record({
    seed: seeds, extreme: fc.boolean(), rows: fc.integer({ min: 1, max: 13 }), inner: fc.integer({ min: 1, max: 21 }), columns: fc.integer({ min: 1, max: 19 }),
    batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), transposeA: fc.boolean(), transposeB: fc.boolean(), constant: fc.constantFrom('none', 'a', 'b'), output: precisions,
  });
  test('either transposed, either constant, batches that broadcast', () => {
    fc.assert(fc.property(matrices, ({ seed, extreme, rows, inner, columns, batch, transposeA, transposeB, constant, output }) => {
      const next = random(seed);
      const thinned = (): number[] => batch.map((d) => (next() < 0.3 ? 1 : d)).slice(next() < 0.3 ? batch.length : 0);
      const [first, second] = next() < 0.5 ? [batch, thinned()] : [thinned(), batch];
      const a = stored([...first, ...(transposeA ? [inner, rows] : [rows, inner])], 'int8', next, extreme);
      const b = stored([...second, ...(transposeB ? [columns, inner] : [inner, columns])], 'int8', next, extreme);
      const [za, zb] = [zeroPointOf(next, 'int8'), zeroPointOf(next, 'int8')];
      compare({
        op: 'batch_matmul', attrs: { transposeA, transposeB, za, zb, ...rescale(2 ** -whole(next, 2, 14) * (0.5 + next())) },
        constants: constant === 'a' ? { a } : constant === 'b' ? { b } : {},
        inputs: [...(constant === 'a' ? [] : [{ tensor: a, quantization: q('int8', za) }]), ...(constant === 'b' ? [] : [{ tensor: b, quantization: q('int8', zb) }])],
        output: { shape: [...batch, rows, columns], quantization: q(output, zeroPointOf(next, output)) },
      });
    }), { numRuns: 150 });
  });

  test('sums past 2^31', () => {
    const inner = 40_000;
    for (const [x, z] of [[-128, 127], [127, -128]] as const) {
      const full = (shape: readonly number[]): Tensor => int8(shape, () => x);
      compare({
        op: 'batch_matmul', attrs: { transposeA: false, transposeB: true, za: z, zb: z, ...rescale(2 ** -26) }, inputs: [[1, inner], [3, inner]].map((shape) => ({ tensor: full(shape), quantization: q('int8', z) })),
        output: { shape: [1, 3], quantization: q('int8', 0) },
      });
    }
  });
});

describe('reductions equal the reference bit for bit', () => {
  const axesOf = (shape: readonly number[], next: Random): number[] => shape.flatMap((_, d) => (next() < 0.5 ? [d] : []));
  test('sums and means over any dimensions', () => {
    fc.assert(fc.property(cases, precisions, ({ seed, precision, extreme, shape }, to) => {
      const next = random(seed);
      const axes = axesOf(shape, next);
      const count = axes.reduce((n, d) => n * (shape[d] ?? 1), 1);
      compare({
        op: next() < 0.5 ? 'mean' : 'sum', attrs: { axes, keepDims: false, ...rescale((0.3 + next()) / count) },
        inputs: [{ tensor: stored(shape, precision, next, extreme), quantization: q(precision, zeroPointOf(next, precision)) }],
        output: { shape: shape.filter((_, d) => !axes.includes(d)), quantization: q(to, zeroPointOf(next, to)) },
      });
    }), { numRuns: 120 });
  });

  test('more numbers than 32 bits hold the sum of, along rows and along columns', () => {
    const count = 70_001;
    for (const shape of [[count, 1], [count, 3]]) for (const value of [-32768, 32767]) {
      compare({
        op: 'mean', attrs: { axes: [0], keepDims: false, ...rescale(1 / count) }, inputs: [{ tensor: { dtype: 'int16', shape, data: new Int16Array(count * (shape[1] ?? 1)).fill(value) }, quantization: q('int16', 0) }],
        output: { shape: [shape[1] ?? 1], quantization: q('int16', 0) },
      });
    }
  });

  test('where the largest and the smallest lie, the first or the last of equal ones', () => {
    fc.assert(fc.property(cases, fc.boolean(), ({ seed, precision, shape }, last) => {
      const next = random(seed);
      const axis = whole(next, 0, shape.length - 1);
      const values = stored(shape, precision, next, next() < 0.5);
      compare({
        op: next() < 0.5 ? 'arg_max' : 'arg_min', attrs: { axis, keepDims: true, last }, inputs: [{ tensor: values, quantization: q(precision, 0) }],
        output: { shape: shape.with(axis, 1), quantization: { dtype: 'int32', scale: 1, zeroPoint: 0 } },
      });
    }), { numRuns: 60 });
  });
});

describe('movement equals the reference bit for bit', () => {
  test('gather, broadcast, slices backwards, and int32', () => {
    fc.assert(fc.property(cases, ({ seed, precision, shape }) => {
      const next = random(seed);
      const positions = next() < 0.2;
      const quantization = positions ? { dtype: 'int32' as const, scale: 1, zeroPoint: 0 } : q(precision, zeroPointOf(next, precision));
      const values = stored(shape, precision, next, false);
      const tensor: Tensor = positions ? { dtype: 'int32', shape, data: Int32Array.from(values.data as Int16Array, (x) => x * 60_000) } : values;
      const inputs = [{ tensor, quantization }];
      const axis = whole(next, 0, shape.length - 1);
      const indices = Array.from({ length: whole(next, 1, 9) }, () => whole(next, 0, (shape[axis] ?? 1) - 1));
      compare({ op: 'gather', attrs: { axis, indices }, inputs, output: { shape: shape.with(axis, indices.length), quantization } });
      const larger = [...(next() < 0.5 ? [2] : []), ...shape.map((d) => (d === 1 ? whole(next, 1, 3) : d))];
      compare({ op: 'broadcast_to', attrs: { shape: larger }, inputs, output: { shape: larger, quantization } });
      const starts = shape.map((d) => whole(next, 0, d - 1));
      const steps = shape.map(() => whole(next, 1, 2) * (next() < 0.5 ? -1 : 1));
      const ends = shape.map((d, i) => ((steps[i] ?? 1) > 0 ? d : -1));
      compare({ op: 'slice', attrs: { starts, ends, steps }, inputs, output: { shape: starts.map((start, i) => Math.ceil(((ends[i] ?? 0) - start) / (steps[i] ?? 1))), quantization } });
    }), { numRuns: 100 });
  });

  test('concat with constant parts', () => {
    fc.assert(fc.property(cases, fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), ({ seed, precision, shape }, constant) => {
      const next = random(seed);
      const axis = whole(next, 0, shape.length - 1);
      const parts = constant.map((fixed) => ({ fixed, tensor: stored(shape.with(axis, whole(next, 1, 5)), precision, next, false) }));
      const steps = parts.filter(({ fixed }) => !fixed).map(() => rescale(0.2 + 2 * next()));
      compare({
        op: 'concat', attrs: { axis, multipliers: steps.map((s) => s.multiplier), shifts: steps.map((s) => s.shift) },
        constants: Object.fromEntries(parts.flatMap(({ fixed, tensor }, i) => (fixed ? [[`input${i}`, tensor]] : []))),
        inputs: parts.flatMap(({ fixed, tensor }) => (fixed ? [] : [{ tensor, quantization: q(precision, zeroPointOf(next, precision)) }])),
        output: { shape: shape.with(axis, parts.reduce((n, { tensor }) => n + (tensor.shape[axis] ?? 0), 0)), quantization: q(precision, zeroPointOf(next, precision)) },
      });
    }), { numRuns: 60 });
  });
});

describe('resizing equals the reference bit for bit', () => {
  const images = fc.record({
    seed: seeds, precision: precisions, extreme: fc.boolean(), batch: fc.integer({ min: 1, max: 2 }), height: fc.integer({ min: 1, max: 6 }), width: fc.integer({ min: 1, max: 6 }), channels: fc.integer({ min: 1, max: 19 }),
    rows: fc.integer({ min: 1, max: 9 }), columns: fc.integer({ min: 1, max: 9 }),
  });
  test('nearest and bilinear, at any positions', () => {
    fc.assert(fc.property(images, fc.integer({ min: -12, max: 6 }), ({ seed, precision, extreme, batch, height, width, channels, rows, columns }, exponent) => {
      const next = random(seed);
      const inputs = [{ tensor: stored([batch, height, width, channels], precision, next, extreme), quantization: q(precision, zeroPointOf(next, precision)) }];
      const shape = [batch, rows, columns, channels];
      const at = (count: number, size: number, place: () => number): number[] => Array.from({ length: count }, () => Math.min(size - 1, place()));
      const nearest = { rows: at(rows, height, () => whole(next, 0, height - 1)), columns: at(columns, width, () => whole(next, 0, width - 1)) };
      compare({ op: 'resize_nearest', attrs: nearest, inputs, output: { shape, quantization: inputs[0]?.quantization ?? null } });
      const between = { rows: at(rows, height, () => next() * height), columns: at(columns, width, () => whole(next, 0, 4 * width) / 4) };
      const { multiplier, shift } = rescale(2 ** exponent * (0.5 + next()));
      compare({ op: 'resize_bilinear', attrs: { ...between, multiplier, shift: shift + 28 }, inputs, output: { shape, quantization: q(precision, zeroPointOf(next, precision)) } });
    }), { numRuns: 100 });
  });
});

describe('normalization and prelu equal the reference bit for bit', () => {
  /** The integer twin that quantization makes, with real factors. */
  const planned = (op: string, attrs: Readonly<Record<string, unknown>>, shape: readonly number[], factors: readonly (Tensor | undefined)[], sx: number, zx: number, sy: number, zy: number, settings: object = {}) => {
    const definition = operator(op);
    const plan = definition.quantize?.({
      attrs: attrs as never, where: {}, loops: weightLoops, inputs: [{ name: 'x', shape }, ...factors.map((constant) => constant && ({ name: 'f', shape: constant.shape, constant }))],
      settings: settings as never, inputQuantization: [q('int8', zx, sx)], outputQuantization: q('int8', zy, sy),
    });
    if (!plan) throw new Error(`${op} has no plan`);
    return plan;
  };
  const reals = (shape: readonly number[], next: Random, spread: number): Tensor<'float32'> => ({ dtype: 'float32', shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (next() < 0.1 ? 0 : spread * (next() - 0.5))) });

  test('layer normalization: rows that vary, hardly vary and do not', () => {
    fc.assert(fc.property(cases, fc.constantFrom(1e-12, 1e-5, 0.1, 0), fc.constantFrom(1e-4, 0.02, 3), ({ seed, extreme, shape }, epsilon, sx) => {
      const next = random(seed);
      const axis = whole(next, 0, shape.length - 1);
      const row = shape.slice(axis);
      const [zx, zy] = [zeroPointOf(next, 'int8'), zeroPointOf(next, 'int8')];
      const plan = planned('layer_norm', { axis, epsilon }, shape, [next() < 0.2 ? undefined : reals(row, next, 4), next() < 0.2 ? undefined : reals(row, next, 2)], sx, zx, 0.02, zy);
      const constant = whole(next, -128, 127);
      const x = next() < 0.3 ? int8(shape, () => constant + (next() < 0.05 && constant < 127 ? 1 : 0)) : stored(shape, 'int8', next, extreme);
      compare({ op: 'layer_norm', attrs: plan.attrs, constants: plan.constants, inputs: [{ tensor: x, quantization: q('int8', zx, sx) }], output: { shape, quantization: plan.output } });
    }), { numRuns: 150 });
  });

  test('long rows', () => {
    const next = random(5);
    for (const length of [768, 4097]) {
      const plan = planned('layer_norm', { axis: 1, epsilon: 1e-6 }, [3, length], [reals([length], next, 2), reals([length], next, 1)], 0.05, 3, 0.03, -4);
      for (const extreme of [false, true]) compare({ op: 'layer_norm', attrs: plan.attrs, constants: plan.constants, inputs: [{ tensor: stored([3, length], 'int8', next, extreme), quantization: q('int8', 3, 0.05) }], output: { shape: [3, length], quantization: plan.output } });
    }
  });

  test('local response normalization', () => {
    fc.assert(fc.property(cases, fc.constantFrom(1, 3, 5, 9), fc.constantFrom(0, 0.5, 0.75, 2), fc.constantFrom(1e-4, 1, 40), ({ seed, extreme, shape }, size, beta, alpha) => {
      const next = random(seed);
      const image = [1, shape[0] ?? 1, shape[1] ?? 1, 3 * (shape[2] ?? 1)];
      const [zx, zy] = [zeroPointOf(next, 'int8'), zeroPointOf(next, 'int8')];
      const plan = planned('lrn', { size, alpha, beta, bias: 1 + next() }, image, [], 0.05, zx, 0.02, zy);
      compare({ op: 'lrn', attrs: plan.attrs, constants: plan.constants, inputs: [{ tensor: stored(image, 'int8', next, extreme), quantization: q('int8', zx, 0.05) }], output: { shape: image, quantization: plan.output } });
    }), { numRuns: 80 });
  });

  test('prelu, with one slope, one a channel, or any that broadcasts', () => {
    fc.assert(fc.property(cases, ({ seed, extreme, shape }) => {
      const next = random(seed);
      const slope = shape.map((d) => (next() < 0.4 ? 1 : d)).slice(next() < 0.4 ? whole(next, 0, shape.length - 1) : 0);
      const [zx, zy] = [zeroPointOf(next, 'int8'), zeroPointOf(next, 'int8')];
      const plan = planned('prelu', {}, shape, [reals(slope, next, 4)], 0.05, zx, 0.03 * (1 + next()), zy);
      compare({ op: 'prelu', attrs: plan.attrs, constants: plan.constants, inputs: [{ tensor: stored(shape, 'int8', next, extreme), quantization: q('int8', zx, 0.05) }], output: { shape, quantization: plan.output } });
    }), { numRuns: 80 });
  });

  test('what is not proved stays on the reference', () => {
    const plan = planned('layer_norm', { axis: 0, epsilon: 1e3 }, [5], [], 1e-6, 0, 0.02, 0);
    expect(Number(plan.attrs['epsilon'])).toBeGreaterThan(2 ** 63);
    compare({ op: 'layer_norm', attrs: plan.attrs, constants: plan.constants, inputs: [{ tensor: int8([5], () => 7), quantization: q('int8', 0) }], output: { shape: [5], quantization: plan.output } }, 'reference');
  });
});
