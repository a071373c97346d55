// What stays together: neighbours, and whatever lies between two of them.
import { describe, expect, it } from 'vitest';
import type { Step } from '../order.ts';
import { grouped, type Group } from './groups.ts';

/** `a>b` reads a and gives b; several are joined by commas. */
const step = (text: string): Step & { readonly text: string } => {
  const [inputs = '', outputs = ''] = text.split('>');
  return { text, inputs: inputs.split(',').filter((name) => name !== ''), outputs: outputs.split(',') };
};
type Named = ReturnType<typeof step>;
function order(texts: readonly string[], inside: readonly string[], free: readonly string[] = [], wanted = ['y']): readonly unknown[] {
  const steps = texts.map(step);
  const chosen = (names: readonly string[]) => new Set(steps.filter(({ text }) => names.includes(text)));
  return grouped(steps, { inside: chosen(inside), free: chosen(free) }, wanted, 'm.onnx').map((each: Named | Group<Named>) => ('members' in each ? each.members.map(({ text }) => text) : each.text));
}

describe('operators that stay together', () => {
  it('are groups of neighbours, in their place among the rest', () => {
    expect(order(['x>a', 'a>b', 'b>c', 'c>d', 'd>y'], ['a>b', 'b>c'])).toEqual(['x>a', ['a>b', 'b>c'], 'c>d', 'd>y']);
    expect(order(['x>a', 'a>b', 'b>c', 'c>y'], ['x>a', 'c>y'])).toEqual([['x>a'], 'a>b', 'b>c', ['c>y']]);
  });
  it('take in what lies between two of a group', () => {
    expect(order(['x>a', 'a>b', 'b>c', 'a,c>y'], ['x>a', 'a,c>y'])).toEqual([['x>a', 'a>b', 'b>c', 'a,c>y']]);
  });
  it('become one where two groups would wait for each other', () => {
    // a1 feeds b1 and b2 feeds a2: each group alone has nothing of the other in between.
    expect(order(['x>a1', 'x>b2', 'a1>b1', 'b1,b2>b3', 'b2>a2', 'a1,a2>a3', 'a3,b3>y'], ['x>a1', 'a1,a2>a3', 'x>b2', 'b1,b2>b3'])).toHaveLength(2);
  });
  it('take along what is known already and nobody else reads', () => {
    expect(order(['>k', '>s', 'x,k>a', 'a,s>b', 'b,s>y'], ['x,k>a', 'a,s>b'], ['>k', '>s'])).toEqual(['>s', ['>k', 'x,k>a', 'a,s>b'], 'b,s>y']);
  });
  it('in large numbers are found soon', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => `${i === 0 ? 'x' : `t${i}`}>${i === 19_999 ? 'y' : `t${i + 1}`}`);
    const started = process.cpuUsage();
    order(chain, chain.filter((_, i) => i % 3 === 0));
    // Processor time, in microseconds: the machine may be busy with other things.
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });
});
