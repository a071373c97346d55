// Execution order: the file's where possible, only what is needed, and an end to cycles.
import { describe, expect, it } from 'vitest';
import { executionOrder } from './order.ts';

const step = (text: string) => { const [inputs = '', outputs = ''] = text.split('>'); return { text, inputs: inputs.split(',').filter(Boolean), outputs: outputs.split(',') }; };
const order = (texts: readonly string[], wanted: readonly string[]): readonly string[] => executionOrder(texts.map(step), wanted, 'f').map((s) => s.text);

describe('executionOrder', () => {
  it('keeps a file that is in order as it is', () => expect(order(['x>a', 'x>b', 'a,b>c'], ['c'])).toEqual(['x>a', 'x>b', 'a,b>c']));
  it('moves what is read before its reader', () => expect(order(['b>c', 'a>b', 'x>a'], ['c'])).toEqual(['x>a', 'a>b', 'b>c']));
  it('drops what no output needs', () => expect(order(['x>a', 'x>dead', 'dead>deader'], ['a'])).toEqual(['x>a']));
  it('refuses a cycle by the name of a tensor in it', () => expect(() => order(['b>a', 'a>b'], ['a'])).toThrow('depends on itself'));
  it('lets a cycle be that no output needs', () => expect(order(['b>a', 'a>b', 'x>y'], ['y'])).toEqual(['x>y']));
  it('refuses two producers of one tensor', () => expect(() => order(['x>a', 'x>a'], ['a'])).toThrow('two operators'));
  it('walks a chain of 50,000 operators that stands backwards', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => `t${i}>t${i + 1}`).reverse();
    expect(order(chain, ['t50000'])).toHaveLength(50_000);
  });
});
