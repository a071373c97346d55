// Compares two lists of values: their common range, and where they differ most.

export interface Compared {
  readonly low: number;
  readonly high: number;
  readonly worst: number;
  readonly worstAt: number;
}

export function compare(a: Float32Array, b: Float32Array): Compared {
  let low = Infinity, high = -Infinity, worst = 0, worstAt = 0;
  a.forEach((x, i) => {
    const y = b[i] ?? 0;
    low = Math.min(low, x, y);
    high = Math.max(high, x, y);
    if (Math.abs(x - y) > worst) {
      worst = Math.abs(x - y);
      worstAt = i;
    }
  });
  return { low, high, worst, worstAt };
}
