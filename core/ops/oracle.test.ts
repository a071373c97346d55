// Reference kernels against docs/numerics.md in big integers, straight from its formulas: random shapes and scales, and stored integers of which
// a third are extreme. Kernels with an oracle in a test of their own are listed at the end, so that none is without.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extremeRun, random, type Attributes, type OperandShape } from '../../test/one-node.ts';
import type { Precision } from '../ir/index.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, operator, OPERATOR_NAMES, requantizeAttributes, type KernelCall } from './index.ts';

type Index = readonly number[];
interface Drawn {
  readonly attrs: Attributes;
  readonly inputs: readonly OperandShape[];
}
interface Oracle {
  readonly op: string;
  readonly draw: (pick: (min: number, max: number) => number) => Drawn;
  /** The stored integer at an index of the output. */
  readonly expected: (call: KernelCall, at: Index) => bigint;
}

const indices = (shape: readonly number[]): Index[] => Array.from({ length: sizeOf(shape) }, (_, i) => shape.map((d, k) => Math.floor(i / sizeOf(shape.slice(k + 1))) % d));
/** A stored integer, trailing dimensions lined up and those of 1 repeated. */
function stored(t: Tensor | undefined, at: Index): bigint {
  const shape = t?.shape ?? [];
  const own = at.slice(at.length - shape.length).map((i, d) => (shape[d] === 1 ? 0 : i));
  return BigInt(t?.data[own.reduce((flat, i, d) => flat * (shape[d] ?? 1) + i, 0)] ?? NaN);
}
const rshr = (a: bigint, n: number): bigint => (n > 0 ? (a + (1n << BigInt(n - 1))) >> BigInt(n) : a << BigInt(-n));
const zero = (call: KernelCall, i: number): bigint => BigInt(call.inputQuantization[i]?.zeroPoint ?? 0);
function clamped(call: KernelCall, y: bigint): bigint {
  const [low, high] = INTEGER_RANGE[call.outputQuantization?.dtype ?? 'int8'];
  const { min = low, max = high } = call.attrs as { min?: number; max?: number };
  const whole = y + BigInt(call.outputQuantization?.zeroPoint ?? 0);
  return whole < BigInt(min) ? BigInt(min) : whole > BigInt(max) ? BigInt(max) : whole;
}
const number = (call: KernelCall, name: string): number => call.attrs[name] as number;
const list = (call: KernelCall, name: string): readonly number[] => call.attrs[name] as number[];
const scaled = (call: KernelCall, d: bigint): bigint => clamped(call, rshr(d * BigInt(number(call, 'multiplier')), number(call, 'shift')));

/** Operands a and b less their zero points, from the constants where they are one. */
function pair(call: KernelCall, at: Index): readonly [bigint, bigint] {
  let next = 0;
  const side = (role: 'a' | 'b'): bigint => stored(call.constants[role] ?? call.inputs[next++], at) - BigInt(number(call, `z${role}`));
  return [side('a'), side('b')];
}
const shapeOf = (pick: (min: number, max: number) => number): number[] => Array.from({ length: pick(1, 4) }, () => pick(1, 5));
/** Two that broadcast to a shape, one of them constant now and then. */
const broadcasting: Oracle['draw'] = (pick) => {
  const shape = shapeOf(pick);
  const thinned = (): number[] => shape.slice(pick(0, shape.length)).map((d) => (pick(0, 2) === 0 ? 1 : d));
  const constant = pick(0, 5);
  const inputs = [pick(0, 1) === 0 ? shape : thinned(), thinned()];
  if (pick(0, 1) === 0) inputs.reverse();
  return { attrs: { activation: ['none', 'relu', 'relu6'][pick(0, 2)] }, inputs: inputs.map((s, i) => ({ shape: s, ...(constant === i ? { constant: true as const } : {}) })) };
};
/** `from` says which input index an output index holds; undefined: the zero point. */
const moving = (op: string, draw: (pick: (min: number, max: number) => number, shape: number[]) => Attributes, from: (call: KernelCall, at: Index) => Index | undefined, rank?: number): Oracle => ({
  op,
  draw: (pick) => { const shape = rank === undefined ? shapeOf(pick) : Array.from({ length: rank }, () => pick(1, 5)); return { attrs: draw(pick, shape), inputs: [{ shape }] }; },
  expected: (call, at) => { const source = from(call, at); return source ? stored(call.inputs[0], source) : zero(call, 0); },
});
const argument = (op: string, beats: (a: bigint, b: bigint) => boolean): Oracle => ({
  op,
  draw: (pick) => { const shape = shapeOf(pick); return { attrs: { axis: pick(0, shape.length - 1), keepDims: pick(0, 1) === 1, last: pick(0, 1) === 1 }, inputs: [{ shape }] }; },
  expected: (call, at) => {
    const axis = number(call, 'axis');
    const [x] = call.inputs;
    const row = Array.from({ length: x?.shape[axis] ?? 0 }, (_, k) => stored(x, call.attrs['keepDims'] ? at.with(axis, k) : at.toSpliced(axis, 0, k)));
    const best = row.reduce((a, b) => (beats(b, a) ? b : a));
    return BigInt(call.attrs['last'] ? row.lastIndexOf(best) : row.indexOf(best));
  },
});
const elementwise = (op: string, attrs: (pick: (min: number, max: number) => number) => Attributes, expected: Oracle['expected']): Oracle =>
  ({ op, draw: (pick) => ({ attrs: attrs(pick), inputs: [{ shape: shapeOf(pick) }] }), expected });
const rescaled: Oracle['expected'] = (call, at) => scaled(call, stored(call.inputs[0], at) - zero(call, 0));

const ORACLES: readonly Oracle[] = [
  ...([['add', 1n], ['sub', -1n]] as const).map(([op, sign]): Oracle => ({ op, draw: broadcasting, expected: (call, at) => {
    const [a, b] = pair(call, at);
    return clamped(call, rshr(a * BigInt(number(call, 'ma')) + sign * b * BigInt(number(call, 'mb')), number(call, 'shift')));
  } })),
  { op: 'mul', draw: broadcasting, expected: (call, at) => { const [a, b] = pair(call, at); return scaled(call, a * b); } },
  elementwise('relu', () => ({}), rescaled),
  elementwise('clip', (pick) => ({ min: pick(0, 1) === 0 ? null : -pick(0, 9) / 3, max: pick(0, 1) === 0 ? null : pick(1, 9) / 3 }), rescaled),
  elementwise('udf', () => ({ function: 'tanh', parameters: {} }), (call, at) => {
    const [low] = INTEGER_RANGE[call.inputQuantization[0]?.dtype ?? 'int8'];
    return BigInt(call.constants['table']?.data[Number(stored(call.inputs[0], at)) - low] ?? NaN);
  }),
  { op: 'global_avg_pool2d', draw: (pick) => ({ attrs: {}, inputs: [{ shape: [pick(1, 2), pick(1, 6), pick(1, 6), pick(1, 4)] }] }), expected: (call, [n = 0, , , c = 0]) => {
    const [, h = 1, w = 1] = call.inputs[0]?.shape ?? [];
    const sum = indices([h, w]).reduce((total, [y = 0, x = 0]) => total + stored(call.inputs[0], [n, y, x, c]) - zero(call, 0), 0n);
    return clamped(call, rshr(sum * BigInt(call.constants['multiplier']?.data[h * w - 1] ?? 0), Number(call.constants['shift']?.data[h * w - 1])));
  } },
  { op: 'concat', draw: (pick) => {
    const shape = shapeOf(pick);
    const axis = pick(0, shape.length - 1);
    const constant = pick(0, 4);
    return { attrs: { axis }, inputs: Array.from({ length: pick(2, 4) }, (_, i) => ({ shape: shape.with(axis, pick(1, 3)), ...(constant === i ? { constant: true as const } : {}) })) };
  }, expected: (call, at) => {
    const axis = number(call, 'axis');
    let place = at[axis] ?? 0;
    for (let i = 0, next = 0; ; i++) {
      const constant = call.constants[`input${i}`];
      const t = constant ?? call.inputs[next];
      const length = t?.shape[axis] ?? Infinity;
      if (place >= length) { place -= length; if (!constant) next++; continue; }
      const q = stored(t, at.with(axis, place));
      return constant ? q : clamped(call, rshr((q - zero(call, next)) * BigInt(list(call, 'multipliers')[next] ?? 0), list(call, 'shifts')[next] ?? 0));
    }
  } },
  argument('arg_max', (a, b) => a > b), argument('arg_min', (a, b) => a < b),
  moving('reshape', (_pick, shape) => ({ shape: [sizeOf(shape)] }), (call, [flat = 0]) => indices(call.inputs[0]?.shape ?? [])[flat]),
  moving('transpose', (pick, shape) => { const perm = shape.map((_, i) => i); for (let i = perm.length - 1; i > 0; i--) { const j = pick(0, i); [perm[i], perm[j]] = [perm[j] ?? 0, perm[i] ?? 0]; } return { perm }; },
    (call, at) => at.map((_, d) => at[list(call, 'perm').indexOf(d)] ?? 0)),
  moving('slice', (pick, shape) => {
    const starts = shape.map((d) => pick(0, d - 1));
    return { starts, ends: shape.map((d, i) => pick((starts[i] ?? 0) + 1, d)), steps: shape.map(() => pick(1, 3)) };
  }, (call, at) => at.map((i, d) => (list(call, 'starts')[d] ?? 0) + i * (list(call, 'steps')[d] ?? 1))),
  moving('gather', (pick, shape) => { const axis = pick(0, shape.length - 1); return { axis, indices: Array.from({ length: pick(1, 6) }, () => pick(0, (shape[axis] ?? 1) - 1)) }; },
    (call, at) => at.with(number(call, 'axis'), list(call, 'indices')[at[number(call, 'axis')] ?? 0] ?? 0)),
  moving('broadcast_to', (pick, shape) => {
    const front = Array.from({ length: pick(0, 2) }, () => pick(1, 3));
    shape.forEach((_, i) => { if (pick(0, 1) === 0) shape[i] = 1; });
    return { shape: [...front, ...shape.map((d) => (d === 1 ? pick(1, 4) : d))] };
  }, (_call, at) => at),
  moving('pad', (pick, shape) => ({ pads: shape.map(() => [pick(0, 2), pick(0, 2)]), value: 0 }), (call, at) => {
    const source = at.map((i, d) => i - ((call.attrs['pads'] as number[][])[d]?.[0] ?? 0));
    return source.every((i, d) => i >= 0 && i < (call.inputs[0]?.shape[d] ?? 0)) ? source : undefined;
  }),
  moving('resize_nearest', (pick, [, rows = 1, columns = 1]) => ({ rows: Array.from({ length: pick(1, 6) }, () => pick(0, rows - 1)), columns: Array.from({ length: pick(1, 6) }, () => pick(0, columns - 1)) }),
    (call, [n = 0, y = 0, x = 0, c = 0]) => [n, list(call, 'rows')[y] ?? 0, list(call, 'columns')[x] ?? 0, c], 4),
];

const seeds = fc.integer({ min: 1, max: 1e9 });
const precisions = fc.constantFrom<Precision>('int8', 'int16');
const numbers = (t: Tensor): bigint[] => Array.from(t.data as ArrayLike<number>, BigInt);

describe('equals its formula in big integers', () => {
  test.each(ORACLES.map((oracle) => [oracle.op, oracle] as const))('%s', (op, { draw, expected }) => {
    fc.assert(fc.property(seeds, precisions, (seed, wished) => {
      const next = random(seed);
      const { attrs, inputs } = draw((min, max) => min + Math.floor(next() * (max - min + 1)));
      if (inputs.every((input) => input.constant)) return;
      const view = { attrs: attrs as never, inputs: inputs.map(({ shape }, i) => ({ name: `${i}`, shape })), where: {} };
      const possible = operator(op).precisions(view);
      const precision = 'reason' in possible || !possible.includes(wished) ? 'int8' : wished;
      const { call, result } = extremeRun(op, attrs, inputs, next, precision);
      expect(result.shape).toEqual(call.outputShape);
      expect(numbers(result)).toEqual(indices(call.outputShape).map((at) => expected(call, at)));
    }), { numRuns: 150 });
  });

  test('requantize, between any two precisions', () => {
    fc.assert(fc.property(seeds, precisions, precisions, (seed, from, to) => {
      const { call } = extremeRun('relu', {}, [{ shape: [40] }], random(seed), from);
      const output = extremeRun('relu', {}, [{ shape: [1] }], random(seed + 1), to).call.outputQuantization;
      const again = { ...call, attrs: requantizeAttributes({ scale: Number(call.inputQuantization[0]?.scale) }, { scale: Number(output?.scale) }), outputQuantization: output };
      expect(numbers(operator('requantize').run?.(again) as Tensor)).toEqual(indices([40]).map((at) => rescaled(again, at)));
    }), { numRuns: 150 });
  });
});

/** Kernels whose oracle stands in a test of its own. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'convolution.test.ts': ['conv2d', 'conv_transpose2d', 'fully_connected'], 'batch-matmul.test.ts': ['batch_matmul'], 'pools.test.ts': ['max_pool2d', 'avg_pool2d', 'mean', 'sum'],
  'resize.test.ts': ['resize_bilinear'], 'prelu.test.ts': ['prelu'], 'softmax.test.ts': ['softmax'], 'normalization.test.ts': ['layer_norm', 'lrn'],
};
/** From and to real numbers: numerics 1, in doubles. */
const CONVERSIONS = ['quantize', 'dequantize'];
test('no reference kernel is without an oracle', () => {
  for (const [file, ops] of Object.entries(ELSEWHERE)) {
    const text = readFileSync(resolve(import.meta.dirname, file), 'utf8');
    for (const op of ops) expect(text, file).toContain(`'${op}'`);
    expect(text, file).toMatch(/BigInt/);
  }
  const proved = new Set([...ORACLES.map(({ op }) => op), 'requantize', ...Object.values(ELSEWHERE).flat(), ...CONVERSIONS]);
  expect(OPERATOR_NAMES.filter((name) => operator(name).run && !proved.has(name))).toEqual([]);
});
