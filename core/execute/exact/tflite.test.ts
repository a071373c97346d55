// TensorFlow Lite's own arithmetic on the kernels against the readable kernels: any multiplier and shift, extreme values, negative halves.
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { compare, int32, int8, q, random, startThreads, stored, whole, type OneNode, type Random } from '../../../test/against-reference.ts';

startThreads();

const seeds = fc.integer({ min: 1, max: 1e6 });
const zeroPoint = (next: Random): number => (next() < 0.3 ? 0 : next() < 0.3 ? -128 : whole(next, -128, 127));
const multiplier = (next: Random): number => (next() < 0.1 ? 0 : next() < 0.1 ? 2 ** 31 - 1 : whole(next, 2 ** 30, 2 ** 31 - 1));
const factor = (next: Random, low: number, high: number): { multiplier: number; shift: number } => ({ multiplier: multiplier(next), shift: whole(next, low, high) });
const bounds = (next: Random): { min: number; max: number } => (next() < 0.5 ? { min: -128, max: 127 } : { min: whole(next, -128, 0), max: whole(next, 1, 127) });

const layers = fc.record({
  seed: seeds, extreme: fc.boolean(), height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }), channels: fc.integer({ min: 1, max: 21 }), outputs: fc.integer({ min: 1, max: 19 }),
  kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 2 }), pad: fc.integer({ min: 0, max: 1 }), depthwise: fc.boolean(), perChannel: fc.boolean(),
  // Most shifts leave something between the bounds; the rest are where the arithmetic ends.
  shift: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -14, max: -4 }) }, { weight: 1, arbitrary: fc.constantFrom(-31, -1, 0, 1, 5, 30) }),
});
const constants = (next: Random, outputs: number, perChannel: boolean, shift: number) => {
  const scales = perChannel ? outputs : 1;
  return {
    bias: int32(Array.from({ length: outputs }, () => whole(next, -(2 ** 20), 2 ** 20))),
    multiplier: int32(Array.from({ length: scales }, () => multiplier(next))), shift: int32(Array.from({ length: scales }, () => Math.max(-31, Math.min(30, shift + whole(next, -2, 2))))),
  };
};
const weight = (next: Random, extreme: boolean) => (): number => (extreme ? (next() < 0.5 ? -127 : 127) : whole(next, -127, 127));

describe('TensorFlow Lite\'s arithmetic equals its reference bit for bit', () => {
  test('convolutions, depthwise and not', () => {
    fc.assert(fc.property(layers, ({ seed, extreme, height, width, channels, outputs: wanted, kernel, stride, pad, depthwise, perChannel, shift }) => {
      const next = random(seed);
      const outputs = depthwise ? channels : wanted;
      const [rows, columns] = [height, width].map((size) => Math.floor((size + 2 * pad - kernel) / stride) + 1) as [number, number];
      if (rows < 1 || columns < 1) return;
      compare({
        op: 'tflite_conv2d', attrs: { strides: [stride, stride], pads: [pad, pad, pad, pad], dilations: [1, 1], groups: depthwise ? channels : 1, ...bounds(next) },
        constants: { weights: int8([outputs, kernel, kernel, depthwise ? 1 : channels], weight(next, extreme)), ...constants(next, outputs, perChannel, shift) },
        inputs: [{ tensor: stored([1, height, width, channels], 'int8', next, extreme), quantization: q('int8', zeroPoint(next)) }],
        output: { shape: [1, rows, columns, outputs], quantization: q('int8', zeroPoint(next)) },
      });
    }), { numRuns: 150 });
  });

  test('fully connected layers, which round once (int8) or twice (uint8)', () => {
    fc.assert(fc.property(layers, fc.integer({ min: 1, max: 7 }), ({ seed, extreme, channels, outputs, perChannel, shift }, rows) => {
      const next = random(seed);
      compare({
        op: 'tflite_fully_connected', attrs: { ...bounds(next), roundings: perChannel ? 1 : 2 },
        constants: { weights: int8([outputs, channels], weight(next, extreme)), ...constants(next, outputs, perChannel, shift) },
        inputs: [{ tensor: stored([rows, channels], 'int8', next, extreme), quantization: q('int8', zeroPoint(next)) }], output: { shape: [rows, outputs], quantization: q('int8', zeroPoint(next)) },
      });
    }), { numRuns: 80 });
  });

  test('halves of both signs, by every right shift', () => {
    for (let shift = -12; shift <= 0; shift++) for (const steps of [-3, -2, -1, 0, 1, 2]) for (const off of [-1, 0, 1]) {
      const sum = steps * 2 ** (1 - shift) + 2 ** -shift + off;
      const node = (op: string): OneNode => ({
        op, attrs: { min: -128, max: 127, roundings: 1, strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], groups: 1 },
        constants: { weights: int8(op === 'tflite_conv2d' ? [1, 1, 1, 1] : [1, 1], () => 1), bias: int32([sum - 100]), multiplier: int32([2 ** 30]), shift: int32([shift]) },
        inputs: [{ tensor: { dtype: 'int8', shape: op === 'tflite_conv2d' ? [1, 1, 1, 1] : [1, 1], data: Int8Array.of(100) }, quantization: q('int8', 0) }],
        output: { shape: op === 'tflite_conv2d' ? [1, 1, 1, 1] : [1, 1], quantization: q('int8', 0) },
      });
      compare(node('tflite_conv2d'));
      compare(node('tflite_fully_connected'));
    }
  });

  test('sums, and values stored anew', () => {
    fc.assert(fc.property(seeds, fc.integer({ min: 1, max: 70 }), fc.boolean(), (seed, length, extreme) => {
      const next = random(seed);
      const side = () => ({ tensor: stored([1, length], 'int8', next, extreme), quantization: q('int8', zeroPoint(next)) });
      const output = { shape: [1, length], quantization: q('int8', zeroPoint(next)) };
      const [a, b] = [side(), side()];
      const zeros = { za: a.quantization.zeroPoint, zb: b.quantization.zeroPoint, headroom: 20 };
      compare({ op: 'tflite_add', attrs: { a: factor(next, -9, 0), b: factor(next, -9, 0), y: factor(next, -24, -14), ...zeros, ...bounds(next) }, inputs: [a, b], output });
      compare({ op: 'tflite_reshape', attrs: factor(next, -4, 3), inputs: [side()], output });
    }), { numRuns: 100 });
  });

  test('sums that may pass 32 bits are left to the reference', () => {
    const next = random(1);
    const inputs = [0, 1].map(() => ({ tensor: stored([1, 9], 'int8', next, true), quantization: q('int8', 127) }));
    const most = { multiplier: 2 ** 31 - 1, shift: 3 };
    compare({ op: 'tflite_add', attrs: { a: most, b: most, y: { multiplier: 2 ** 30, shift: -20 }, za: 127, zb: 127, headroom: 20, min: -128, max: 127 }, inputs, output: { shape: [1, 9], quantization: q('int8', 0) } }, 'reference');
    compare({
      op: 'tflite_fully_connected', attrs: { min: -128, max: 127, roundings: 1 }, inputs: inputs.slice(0, 1), output: { shape: [1, 1], quantization: q('int8', 0) },
      constants: { weights: int8([1, 9], () => 127), bias: int32([2 ** 31 - 1]), multiplier: int32([2 ** 30]), shift: int32([-20]) },
    }, 'reference');
  });
});
