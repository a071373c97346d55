// ONNX Runtime's operators for integers: that they round as the proofs say, that layers of all shapes give the integers of the reference, and that what is not
// proved stands in floating point among them, with its reason.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emitIntegerGraph, integerFormOf, type EmittedGraph } from '../../emit/index.ts';
import type { Quantization, QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { requantized } from '../../ops/index.ts';
import { float32, sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';
import { runNode } from '../reference.ts';
import { createSession } from '../session.ts';
import { createExactExecutor } from './index.ts';
import { integerRuntime } from './runtime-check.ts';

const random = (seed: number) => { let state = (seed % 2147483646) + 1; return (): number => (state = (state * 48271) % 2147483647) / 2147483647; };

interface Value {
  readonly shape: readonly number[];
  readonly zeroPoint: number;
}
/** A graph of one twin. */
function single(op: string, inputs: readonly Value[], output: Value, attrs: QuantizedNode['attrs'], constants: Readonly<Record<string, Tensor>> = {}): { graph: QuantizedGraph; node: QuantizedNode } {
  const quantization = (zeroPoint: number): Quantization => ({ dtype: 'int8', scale: 1, zeroPoint });
  const names = inputs.map((_, i) => `x${i}`);
  const node: QuantizedNode = { name: 'n', kind: 'integer', op, unit: 'MLA', partition: 0, attrs, inputs: names, outputs: ['y'], constants: Object.fromEntries(Object.keys(constants).map((role) => [role, role])), precision: 'int8', identity: 'y' };
  const values = [...inputs.map((value, i) => ({ ...value, name: names[i] ?? '' })), { ...output, name: 'y' }].map(({ name, shape, zeroPoint }) => [name, { name, shape, quantization: quantization(zeroPoint) }] as const);
  return { node, graph: { name: op, inputs: [], outputs: [], notices: [], values: new Map(values), constants: new Map(Object.entries(constants)), nodes: [node] } };
}
const stored = (shape: readonly number[], next: () => number): Tensor => tensor('int8', shape, Int8Array.from({ length: sizeOf(shape) }, () => (next() < 0.3 ? (next() < 0.5 ? -128 : 127) : Math.floor(256 * next()) - 128)));

async function equalsReference({ graph, node }: { graph: QuantizedGraph; node: QuantizedNode }, inputs: readonly Tensor[], signedWeights = false): Promise<void> {
  const named = Object.fromEntries(inputs.map((t, i) => [`x${i}`, t]));
  const session = await createSession(emitIntegerGraph(graph, [node], Object.keys(named), ['y'], { signedWeights }));
  try { expect((await session.run(named))['y']).toEqual(runNode(graph, node, inputs)); } finally { await session.release(); }
}

test('this ONNX Runtime passes the check, with products of uint8 and int8 or without', async () => {
  const found = await integerRuntime(createSession);
  expect(found).toHaveProperty('signedWeights');
});

test('QLinearConv rounds thousands of sums as the model of it does: halves, their neighbours, and scales that nobody proved', async () => {
  const next = random(5), channels = 4096;
  const scales = Float32Array.from({ length: channels }, () => 2 ** -Math.floor(18 * next()) * (next() < 0.5 ? 1 : 1 + next()));
  const bias = Int32Array.from(scales, (s) => Math.round((Math.floor(300 * next()) - 20 + 0.5) / s) + Math.floor(3 * next()) - 1);
  for (const [inner, zeroPoint] of [[4, 0], [3, 0], [4, 90], [3, 255]] as const) {
    const constants: readonly (readonly [string, Tensor])[] = [
      ['one', float32([], [1])], ['zx', tensor('uint8', [], Uint8Array.of(9))], ['w', tensor('int8', [channels, inner, 1, 1], Int8Array.from({ length: channels * inner }, () => Math.floor(3 * next()) - 1))],
      ['sw', float32([channels], scales)], ['zw', tensor('int8', [], Int8Array.of(0))], ['zy', tensor('uint8', [], Uint8Array.of(zeroPoint))], ['b', tensor('int32', [channels], bias)],
    ];
    const graph: EmittedGraph = {
      name: 'sums', opset: 17, initializers: new Map(constants),
      inputs: [{ value: 'x', onnx: 'x', dtype: 'uint8', shape: [1, 1, 1, inner] }], outputs: [{ value: 'y', onnx: 'y', dtype: 'uint8', shape: [1, 1, 1, channels] }],
      nodes: [{ op: 'com.microsoft.QLinearConv', inputs: ['x', 'one', 'zx', 'w', 'sw', 'zw', 'one', 'zy', 'b'], outputs: ['y'], attributes: { channels_last: { int: 1 }, kernel_shape: [1, 1] } }],
    };
    const session = await createSession(graph);
    const { y } = await session.run({ x: tensor('uint8', [1, 1, 1, inner], new Uint8Array(inner).fill(9)) });
    await session.release();
    expect(y?.data).toEqual(Uint8Array.from(bias, (sum, o) => requantized(sum, scales[o] ?? 0, zeroPoint)));
  }
});

describe('layers of all shapes', () => {
  test('convolutions: windows, strides, padding, dilation, groups, both ways of rounding, clamps', () => fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
    const next = random(seed), pick = <T>(...list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
    const depthwise = next() < 0.3, groups = depthwise ? pick(16, 19, 5) : pick(1, 1, 2);
    const channels = depthwise ? groups : groups * pick(1, 3, 4, 8, 16), outputs = depthwise ? groups : groups * pick(1, 5, 16, 24);
    const [kh, kw] = [pick(1, 2, 3), pick(1, 3)], dilations = [pick(1, 2), 1], strides = [pick(1, 2), pick(1, 2, 3)], pads = [pick(0, 1), pick(0, 1), pick(0, 2), pick(0, 1)];
    const [height, width] = [5 + Math.floor(4 * next()), 3 + Math.floor(6 * next())];
    const rows = Math.floor((height + (pads[0] ?? 0) + (pads[2] ?? 0) - (dilations[0] ?? 1) * (kh - 1) - 1) / (strides[0] ?? 1)) + 1, columns = Math.floor((width + (pads[1] ?? 0) + (pads[3] ?? 0) - (kw - 1) - 1) / (strides[1] ?? 1)) + 1;
    const zero = (): number => pick(-128, 127, Math.floor(256 * next()) - 128);
    const [min, max] = pick([-128, 127], [-128, 127], [-100, 60], [3, 127]);
    const mode = pick('sima', 'sima', 'tflite');
    const list = (make: () => number): Tensor => tensor('int32', [outputs], Int32Array.from({ length: outputs }, make));
    const made = single('conv2d', [{ shape: [1, height, width, channels], zeroPoint: zero() }], { shape: [1, rows, columns, outputs], zeroPoint: zero() }, { strides, pads, dilations, groups, mode, activation: 'none', min, max }, {
      weights: stored([outputs, kh, kw, channels / groups], next), bias: list(() => Math.floor((next() - 0.5) * pick(100, 1e5, 2e7))),
      shift: list(() => (mode === 'tflite' ? 8 : 0) + pick(-1, 0, 1, 5, 7, 9, 11, 13, 16)), ...(mode === 'tflite' ? { multiplier: list(() => 128 + Math.floor(128 * next())) } : {}),
    });
    await equalsReference(made, [stored([1, height, width, channels], next)], depthwise);
  }), { numRuns: 25 }));

  test('additions: any scales, zero points and clamps', () => fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
    const next = random(seed), zero = (): number => (next() < 0.3 ? -128 : Math.floor(256 * next()) - 128);
    const shape = [1, 16, 16, 5], [za, zb] = [zero(), zero()], shift = 12 + Math.floor(5 * next());
    const [min, max] = next() < 0.5 ? [-128, 127] : [-90, 100];
    const made = single('add', [{ shape, zeroPoint: za }, { shape, zeroPoint: zb }], { shape, zeroPoint: zero() }, { za, zb, ma: 2 ** 14 + Math.floor(2 ** 14 * next()), mb: 1 + Math.floor(2 ** 15 * next()), shift, min, max });
    await equalsReference(made, [stored(shape, next), stored(shape, next)]);
  }), { numRuns: 8 }));
});

test('a channel that is not proved puts its layer in floating point, alone, and the reason names it', async () => {
  const shape = [1, 2, 2, 40];
  const weights = tensor('int8', [2, 1, 1, 40], new Int8Array(80).fill(127));
  const { graph, node } = single('conv2d', [{ shape, zeroPoint: 0 }], { shape: [1, 2, 2, 2], zeroPoint: 0 }, { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1, mode: 'sima', activation: 'none', min: -128, max: 127 }, {
    weights, bias: tensor('int32', [2], Int32Array.of(0, 0)), shift: tensor('int32', [2], Int32Array.of(12, 17)),
  });
  expect(integerFormOf(graph, node)?.reason).toBe('no float32 is proved to round output channel 1 of it as the twin does');
  const executor = createExactExecutor(graph, { runFloat: () => Promise.reject(new Error('no node here runs in float')) });
  try {
    const x = stored(shape, random(3));
    expect((await executor.run({ x0: x }, ['y'], { way: 'integer-operators' }))['y']).toEqual(runNode(graph, node, [x]));
    expect(executor.ways()).toEqual([{ name: 'n', way: 'integer-operators', reason: expect.stringContaining('output channel 1') as string }]);
  } finally { await executor.release(); }
});
