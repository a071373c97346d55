// Every layer's backward pass against finite differences of its forward pass, on random shapes and numbers.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NETWORK, type Block } from '../network.ts';
import { randomOf } from '../random.ts';
import { build } from './build.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { Layer } from './layer.ts';
import { entriesOf, initialise, parametersOn, totalOf } from './parameters.ts';
import { addProduct, matrix, transposed } from './product.ts';
import { volume, type Volume } from './volume.ts';

const STEP = 1e-5;
const shape = fc.record({ count: fc.integer({ min: 2, max: 3 }), side: fc.integer({ min: 2, max: 3 }).map((n) => 2 * n), seed: fc.nat() });
const stride = fc.constantFrom<1 | 2>(1, 2);
const kernel = fc.constantFrom<1 | 3>(1, 3);
const from = fc.integer({ min: 1, max: 5 });
const to = fc.integer({ min: 1, max: 5 });

const BLOCKS: Readonly<Record<string, fc.Arbitrary<Block>>> = {
  'convolution with batch norm': fc.record({ kind: fc.constant('convolution'), name: fc.constant('c'), kernel, stride, from, to }),
  'convolution with ReLU6': fc.record({ kind: fc.constant('convolution'), name: fc.constant('c'), kernel, stride, from, to, ceiling: fc.constant(6) }),
  'depthwise convolution with ReLU': fc.record({ kind: fc.constant('depthwise'), name: fc.constant('d'), stride, channels: from, ceiling: fc.constant(Infinity) }),
  'max pooling': fc.constant({ kind: 'maxPool', name: 'm' }),
  'global average': fc.constant({ kind: 'globalAverage', name: 'g' }),
  'residual around a convolution': from.map((n) => ({ kind: 'residual', name: 'r', body: [{ kind: 'convolution', name: 'c', kernel: 3, stride: 1, from: n, to: n }] })),
};

describe('the gradient is the slope of the loss', () => {
  test.each(Object.entries(BLOCKS))('%s', (_name, blocks) => {
    fc.assert(fc.property(blocks, shape, (block, { count, side, seed }) => {
      checkSlopes([block], count, side, channelsInto(block), seed);
    }), { numRuns: 25 });
  });
  test('fully connected', () => {
    fc.assert(fc.property(from, to, shape, (a, b, { count, seed }) => {
      checkSlopes([{ kind: 'dense', name: 'f', from: a, to: b }], count, 1, a, seed);
    }), { numRuns: 25 });
  });
  test('the whole network, with its loss', () => checkSlopes(NETWORK, 4, 16, 3, 1));
});

test('a matrix product with any strides is the sum that defines it', () => {
  const side = fc.integer({ min: 1, max: 90 });
  fc.assert(fc.property(side, side, side, fc.boolean(), fc.boolean(), fc.nat(), (rows, depth, columns, flipA, flipB, seed) => {
    const random = randomOf('product', seed);
    const a = Float64Array.from({ length: rows * depth }, random.normal);
    const b = Float64Array.from({ length: depth * columns }, random.normal);
    const left = flipA ? transposed(matrix(a, rows)) : matrix(a, depth);
    const right = flipB ? transposed(matrix(b, depth)) : matrix(b, columns);
    const out = new Float64Array(rows * columns).fill(1);
    addProduct(out, left, right, rows, depth, columns);
    const [i, j] = [random.below(rows), random.below(columns)];
    let sum = 1;
    for (let k = 0; k < depth; k++) sum += (a[i * left.row + k * left.column] ?? NaN) * (b[k * right.row + j * right.column] ?? NaN);
    expect(out[i * columns + j]).toBeCloseTo(sum, 9);
  }), { numRuns: 60 });
});

function channelsInto(block: Block): number {
  switch (block.kind) {
    case 'convolution': case 'dense': return block.from;
    case 'depthwise': return block.channels;
    case 'residual': return block.body[0] ? channelsInto(block.body[0]) : 1;
    case 'maxPool': case 'globalAverage': return 3;
  }
}

/** Moves a few inputs and parameters a little each way and compares the change of the loss with the gradient. */
function checkSlopes(blocks: readonly Block[], count: number, side: number, channels: number, seed: number): void {
  const random = randomOf('slopes', seed);
  const entries = entriesOf(blocks);
  const values = new Float64Array(totalOf(entries));
  const gradients = new Float64Array(values.length);
  initialise(entries, values, random);
  for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? 0) + 0.3 * random.normal();
  const layer = build(blocks, parametersOn(entries, values, gradients));
  const input = volume(count, side, side, channels);
  for (let i = 0; i < input.data.length; i++) input.data[i] = random.normal();

  const aim = blocks === NETWORK ? undefined : randomOf('aim', seed);
  const targets = aim ? layer.forward(input, true).data.map(aim.normal) : undefined;
  const { inputGradient } = lossAndGradient(layer, input, targets);
  const measured = gradients.slice();

  const slope = (data: Float64Array, at: number, by: number): number => {
    const kept = data[at] ?? 0;
    data[at] = kept + by;
    const up = lossAndGradient(layer, input, targets).loss;
    data[at] = kept - by;
    const down = lossAndGradient(layer, input, targets).loss;
    data[at] = kept;
    return (up - down) / (2 * by);
  };
  const compare = (data: Float64Array, at: number, expected: number): void => {
    const [wide, narrow] = [slope(data, at, STEP), slope(data, at, STEP / 4)];
    // A kink (a ReLU's corner, a pooling's change of winner) between the two sides has no slope to compare with.
    if (Math.abs(wide - narrow) > 1e-4 * (1 + Math.abs(narrow))) return;
    expect(Math.abs(narrow - expected), `at ${at}: slope ${narrow}, gradient ${expected}`).toBeLessThan(1e-4 * (1 + Math.abs(expected)));
  };
  for (let k = 0; k < 6; k++) {
    const at = random.below(input.data.length);
    compare(input.data, at, inputGradient.data[at] ?? NaN);
  }
  for (const entry of entries) {
    if (entry.statistic) continue;
    const at = entry.offset + random.below(entry.size);
    compare(values, at, measured[at] ?? NaN);
  }

  /** With targets: their inner product with the output. Without: cross-entropy. */
  function lossAndGradient(of: Layer, x: Volume, weights: Float64Array | undefined): { loss: number; inputGradient: Volume } {
    gradients.fill(0);
    const out = of.forward(x, true);
    if (!weights) {
      const { loss, gradient } = crossEntropy(out, Array.from({ length: out.count }, (_, n) => n));
      return { loss, inputGradient: of.backward(gradient) };
    }
    const loss = out.data.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
    return { loss, inputGradient: of.backward({ ...out, data: weights }) };
  }
}
