// Which groups of elementwise operators become one function, and that the network computes the same afterwards.
import { describe, expect, it } from 'vitest';
import { graphBuilder, randomTensor } from '../../../test/graphs/build.ts';
import { createFloatSession } from '../../execute/index.ts';
import type { Graph } from '../../ir/index.ts';
import { float32 } from '../../tensor/tensor.ts';
import { partition } from '../index.ts';

type Builder = ReturnType<typeof graphBuilder>;
const SHAPE = [1, 3, 4, 5];
const PLAIN = { activation: 'none' };

/** Short names for what files are made of. */
function language(g: Builder) {
  let n = 0;
  const number = (value: number): string => g.constant(`k${n++}`, float32([], [value]));
  const node = (op: string, inputs: readonly string[], attrs: Readonly<Record<string, unknown>> = PLAIN): string => g.node(op, inputs, attrs, `v${n++}`);
  return {
    add: (a: string, b: number) => node('add', [a, number(b)]),
    plus: (a: string, b: string) => node('add', [a, b]),
    mul: (a: string, b: string) => node('mul', [a, b]),
    scale: (a: string, b: number) => node('mul', [a, number(b)]),
    clip: (a: string, min: number, max: number) => node('clip', [a], { min, max }),
    f: (name: string, a: string, parameters: Readonly<Record<string, number>> = {}) => node('udf', [a], { function: name, parameters }),
  };
}
type Language = ReturnType<typeof language>;

function build(write: (l: Language, x: string) => string): Graph {
  const g = graphBuilder();
  const x = g.input('x', SHAPE);
  return g.done(write(language(g), x));
}

const FORMS: readonly (readonly [form: string, name: string, write: (l: Language, x: string) => string])[] = [
  ['x sigmoid(x)', 'silu', (l, x) => l.mul(x, l.f('sigmoid', x))],
  ['sigmoid(1.702 x) x', 'silu', (l, x) => l.mul(l.f('sigmoid', l.scale(x, 1.702)), x)],
  ['x relu6(x + 3) / 6', 'hard_swish', (l, x) => l.scale(l.mul(x, l.clip(l.add(x, 3), 0, 6)), 1 / 6)],
  ['x (relu6(x + 3) / 6)', 'hard_swish', (l, x) => l.mul(x, l.scale(l.clip(l.add(x, 3), 0, 6), 1 / 6))],
  ['x hard_sigmoid(x)', 'hard_swish', (l, x) => l.mul(x, l.f('hard_sigmoid', x))],
  ['relu6(x + 3) / 6', 'hard_sigmoid', (l, x) => l.scale(l.clip(l.add(x, 3), 0, 6), 1 / 6)],
  ['x tanh(softplus(x))', 'mish', (l, x) => l.mul(x, l.f('tanh', l.f('softplus', x)))],
  ['x tanh(log(1 + exp(x)))', 'mish', (l, x) => l.mul(x, l.f('tanh', l.f('log', l.add(l.f('exp', x), 1))))],
  ['gelu, halved last', 'gelu', (l, x) => l.scale(l.mul(x, l.add(l.f('erf', l.scale(x, Math.fround(Math.SQRT1_2))), 1)), 0.5)],
  ['gelu, halved first', 'gelu', (l, x) => l.mul(l.scale(x, 0.5), l.add(l.f('erf', l.scale(x, Math.SQRT1_2)), 1))],
  ['gelu by tanh', 'gelu_tanh', (l, x) => l.scale(l.mul(x, l.add(l.f('tanh', l.scale(l.plus(x, l.scale(l.f('pow', x, { exponent: 3 }), 0.044715)), 0.797884583)), 1)), 0.5)],
  ['1 / sqrt(x)', 'rsqrt', (l, x) => l.f('reciprocal', l.f('sqrt', x))],
  ['x x', 'square', (l, x) => l.mul(x, x)],
];

describe('groups that compute a named function', () => {
  it.each(FORMS)('%s is %s', async (_, name, write) => {
    const plain = build(write);
    const named = partition(plain);
    expect(named.nodes.map((node) => node.attrs['function'] ?? node.op)).toEqual([name]);
    expect(named.nodes[0]?.sources).toHaveLength(plain.nodes.length);
    const input = { x: randomTensor(SHAPE, 7) };
    const outputs = await Promise.all([plain, named].map(async (graph) => {
      const [port] = graph.outputs;
      const session = await createFloatSession(graph, [port?.value ?? '']);
      const result = (await session.run(input))[port?.value ?? ''];
      await session.release();
      return result;
    }));
    outputs[0]?.data.forEach((value, i) => {
      if (Number.isNaN(Number(value))) expect(outputs[1]?.data[i]).toBeNaN();
      else expect(outputs[1]?.data[i]).toBeCloseTo(Number(value), 5);
    });
  });
});

describe('groups that stay as they are', () => {
  const ops = (write: (l: Language, x: string) => string): readonly string[] => partition(build(write)).nodes.map((node) => node.op);
  it('another constant is another function', () => expect(ops((l, x) => l.scale(l.mul(x, l.clip(l.add(x, 3), 0, 6)), 0.2))).not.toEqual(['udf']));
  it('a clamp far out is seen', () => expect(ops((l, x) => { const c = l.clip(x, -30, 30); return l.mul(c, l.f('sigmoid', x)); })).toEqual(['clip', 'udf', 'mul']));
  it('a value that somebody else reads stays', () => {
    expect(ops((l, x) => { const s = l.f('sigmoid', x); return l.plus(l.mul(x, s), s); })).toEqual(['udf', 'mul', 'add']);
  });
  it('a function on its own is not renamed', () => expect(partition(build((l, x) => l.f('pow', x))).nodes[0]?.attrs['function']).toBe('pow'));
});
