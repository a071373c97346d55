// Memo: results by key, as many as may be kept; the ones not asked for longest go first.

export interface Memo<T> {
  /** The result under `key`, made now where it is not there. */
  readonly get: (key: string, make: () => T) => T;
}

/** `most`: the sum of `sizeOf` over what is kept; without `sizeOf` each counts 1. The newest is kept whatever its size. */
export function createMemo<T>(most: number, sizeOf: (value: T) => number = () => 1): Memo<T> {
  const kept = new Map<string, T>();
  let held = 0;
  return {
    get: (key, make) => {
      const known = kept.has(key);
      const value = known ? kept.get(key) as T : make();
      if (!known) held += sizeOf(value);
      // Set again: a Map remembers the order, and the oldest comes first.
      kept.delete(key);
      kept.set(key, value);
      for (const [oldest, old] of kept) {
        if (held <= most || oldest === key) break;
        kept.delete(oldest);
        held -= sizeOf(old);
      }
      return value;
    },
  };
}
