// Exact sums of doubles (Shewchuk 1997, "Adaptive precision floating-point arithmetic", as in Python's math.fsum): the true sum, rounded once at
// the end, so that it depends on the terms alone and not on their order. Many sums side by side, in flat arrays: adding allocates nothing.

/** Of each sum, numbers whose true sum it is, one sum after another. Plain data. */
export interface SumParts {
  readonly numbers: Float64Array;
  /** How many of them belong to each sum. */
  readonly counts: Int32Array;
}

export interface ExactSums {
  /** Adds a term to each sum. Raises nothing; terms that are not finite spoil their sum. */
  add(terms: Float64Array): void;
  /** Adds what other sums hold: afterwards these are the true sums of both. */
  merge(other: SumParts): void;
  /** The doubles nearest to the true sums. */
  values(): Float64Array;
  parts(): SumParts;
}

/** Numbers that a sum has room for at first: terms of one size seldom need more. */
const ROOM = 4;

export function createExactSums(length: number): ExactSums {
  /** Of each sum, numbers that do not overlap, from small to large; their true sum is the sum. */
  let numbers = new Float64Array(length * ROOM);
  let room = ROOM;
  const counts = new Int32Array(length);

  const widen = (): void => {
    const wider = new Float64Array(numbers.length * 2);
    for (let i = 0; i < length; i++) wider.set(numbers.subarray(i * room, i * room + (counts[i] ?? 0)), i * room * 2);
    numbers = wider;
    room *= 2;
  };
  const addTo = (i: number, term: number): void => {
    const count = counts[i] ?? 0;
    if (count === room) widen();
    const from = i * room;
    let x = term;
    let to = from;
    for (let k = from; k < from + count; k++) {
      const part = numbers[k] ?? 0;
      const swapped = Math.abs(x) < Math.abs(part);
      const large = swapped ? part : x;
      const small = swapped ? x : part;
      const high = large + small;
      const low = small - (high - large);
      if (low !== 0) numbers[to++] = low;
      x = high;
    }
    numbers[to++] = x;
    counts[i] = to - from;
  };
  return {
    add: (terms) => { for (let i = 0; i < length; i++) addTo(i, terms[i] ?? 0); },
    merge: (other) => {
      let k = 0;
      for (let i = 0; i < length; i++) for (let left = other.counts[i] ?? 0; left > 0; left--) addTo(i, other.numbers[k++] ?? 0);
    },
    values: () => Float64Array.from(counts, (count, i) => rounded(numbers, i * room, i * room + count)),
    parts: () => {
      const kept = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
      let to = 0;
      for (let i = 0; i < length; i++) for (let k = 0; k < (counts[i] ?? 0); k++) kept[to++] = numbers[i * room + k] ?? 0;
      return { numbers: kept, counts: counts.slice() };
    },
  };
}

/** The double nearest to the true sum of parts [from, n), which do not overlap, from small to large. */
function rounded(parts: Float64Array, from: number, n: number): number {
  if (n === from) return 0;
  let high = parts[--n] ?? 0;
  let low = 0;
  while (n > from && low === 0) {
    const x = high;
    const y = parts[--n] ?? 0;
    high = x + y;
    low = y - (high - x);
  }
  // Half-way cases: what is left below decides the direction.
  const below = n > from ? parts[n - 1] ?? 0 : 0;
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const twice = low * 2;
    const moved = high + twice;
    if (twice === moved - high) high = moved;
  }
  return high;
}
