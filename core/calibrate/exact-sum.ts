// An exact sum of doubles (Shewchuk 1997, "Adaptive precision floating-point arithmetic", as in Python's math.fsum): the true sum, rounded
// once at the end, so that it depends on the terms alone and not on their order.

export interface ExactSum {
  add(x: number): void;
  /** The double nearest to the true sum. */
  value(): number;
  /** Numbers whose true sum is the sum: added to another sum, they bring it all. */
  parts(): readonly number[];
}

export function createExactSum(): ExactSum {
  /** Numbers that do not overlap, from small to large; their true sum is the sum. */
  const parts: number[] = [];
  return {
    parts: () => parts,
    add: (term) => {
      let x = term;
      let kept = 0;
      for (const part of parts) {
        const [large, small] = Math.abs(x) < Math.abs(part) ? [part, x] : [x, part];
        const high = large + small;
        const low = small - (high - large);
        if (low !== 0) parts[kept++] = low;
        x = high;
      }
      parts.length = kept;
      parts.push(x);
    },
    value: () => {
      let n = parts.length;
      if (n === 0) return 0;
      let high = parts[--n] ?? 0;
      let low = 0;
      while (n > 0 && low === 0) {
        const x = high;
        const y = parts[--n] ?? 0;
        high = x + y;
        low = y - (high - x);
      }
      // Half-way cases: what is left below decides the direction.
      const below = n > 0 ? parts[n - 1] ?? 0 : 0;
      if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
        const twice = low * 2;
        const moved = high + twice;
        if (twice === moved - high) high = moved;
      }
      return high;
    },
  };
}
