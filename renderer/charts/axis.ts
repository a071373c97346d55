// Scales of a chart: from values to pixels.

export type Scale = (value: number) => number;

/** Linear; a domain without width maps to the middle. */
export function linear(low: number, high: number, from: number, to: number): Scale {
  const width = high - low;
  return width > 0 ? (value) => from + ((value - low) / width) * (to - from) : () => (from + to) / 2;
}
