// The memo: makes once, forgets the oldest, never holds more than it may.
import { describe, expect, it } from 'vitest';
import { createMemo } from './memo.ts';

describe('memo', () => {
  it('makes a result once, and again only after it was dropped', () => {
    const memo = createMemo<number>(2);
    let made = 0;
    const get = (key: string): number => memo.get(key, () => ++made);
    expect([get('a'), get('b'), get('a'), get('c'), get('a'), get('b')]).toEqual([1, 2, 1, 3, 1, 4]);
  });
  it('counts by size, and keeps the newest whatever its size', () => {
    const memo = createMemo<number>(10, (n) => n);
    let made = 0;
    const get = (key: string, size: number): void => { memo.get(key, () => { made++; return size; }); };
    get('small', 4); get('large', 50); get('large', 50);
    expect(made).toBe(2);
    get('small', 4);
    expect(made).toBe(3);
  });
});
