// How TensorFlow Lite's reference kernels compute functions of int16: straight lines between 513 points, or between 256 of the sigmoid (docs/numerics.md, section 7).
import { refuse } from './twin.ts';

const [LOWEST, HIGHEST] = [-32768, 32767];
const within = (x: number): number => Math.max(LOWEST, Math.min(HIGHEST, x));
const roundAway = (x: number): number => Math.sign(x) * Math.round(Math.abs(x));

/** Where a table's ends lie, in real numbers. */
interface Span {
  readonly from: number;
  readonly to: number;
}
/** Stored integers from -32768 to 32767 as real numbers. */
export const storedSpan = (scale: number, zeroPoint: number, f: (x: number) => number): Span => ({ from: f(scale * (LOWEST - zeroPoint)), to: f(scale * (HIGHEST - zeroPoint)) });

const STEPS = 512;
/** 513 points of a function, each moved by half of what the line to the next misses it by in the middle. `f` rounds as the kernel's type does: to float32, or not at all. */
export function points(real: (x: number) => number, input: Span, output: Span, f: (x: number) => number): Int16Array {
  const step = f(f(input.to - input.from) / STEPS);
  const [half, inverse] = [f(step / 2), f(65536 / f(output.to - output.from))];
  const at = (i: number): number => f(input.from + f(i * step));
  const stored = (x: number): number => f(f(real(x)) * inverse);
  return Int16Array.from({ length: STEPS + 1 }, (_, i) => {
    if (i === STEPS) return within(roundAway(stored(input.to)));
    const sample = roundAway(stored(at(i)));
    const between = roundAway(f(f(stored(at(i + 1)) + sample) / 2));
    const miss = between - roundAway(stored(f(at(i) + half)));
    return within(sample - roundAway(miss / 2));
  });
}

/** The value at a stored integer, on the line between two points. */
export function onLine(table: Int16Array, q: number): number {
  const i = 256 + (q >> 7);
  const base = table[i] ?? 0;
  return ((base + ((((table[i + 1] ?? 0) - base) * (q & 0x7f) + 64) >> 7)) << 16) >> 16;
}

/** sigmoid(i / 24) as fractions of 65,536, each raised by an eighth of what it lies above its neighbours' mean; the last one is 65,535. */
const SIGMOID = Float64Array.from({ length: 256 }, (_, i) => {
  const at = (k: number): number => 65536 / (1 + Math.exp(-k / 24));
  return i === 255 ? 65535 : Math.round(at(i) + (at(i) - (at(i - 1) + at(i + 1)) / 2) / 8);
});

/** log2 of a scale that TensorFlow Lite takes for a power of two, undefined for another one. */
export function powerOfTwo(scale: number): number | undefined {
  const exponent = Math.log2(scale);
  const nearest = Math.round(exponent);
  return Math.abs(exponent - nearest) < 1e-3 ? nearest : undefined;
}

/** A stored integer in steps of 1 / 12288: times a whole number, over 2^shift, halves up. `most`: the largest shift to the left that a power of two may ask for. */
function steps(scale: number, most: number): (q: number) => number {
  const left = 12 + (powerOfTwo(scale) ?? NaN);
  if (left >= 0 && left <= most) return (q) => q * 3 * 2 ** left;
  let [multiplier, shift] = [scale * 3 * 4096, 0];
  while (multiplier <= HIGHEST / 2 && shift <= 30) { multiplier *= 2; shift++; }
  if (multiplier >= HIGHEST + 1) throw refuse(`a function of int16 whose scale is ${scale}`);
  const whole = Math.trunc(multiplier);
  return (q) => Math.floor((q * whole + (shift > 0 ? 2 ** (shift - 1) : 0)) / 2 ** shift);
}
/** The sigmoid of steps of 1 / 2^bits of a point's distance, `bits` of fraction kept. */
function curve(size: number, bits: number, farthest: number): number {
  const i = Math.floor(size / 2 ** bits);
  if (i >= 255) return farthest;
  const [low, high] = [SIGMOID[i] ?? 0, SIGMOID[i + 1] ?? 0];
  return low * 2 ** bits + (size % 2 ** bits) * (high - low);
}

/** The sigmoid, stored with a scale of 2^-15. */
export function sigmoidOf(scale: number): (q: number) => number {
  const place = steps(scale, 0);
  return (q) => {
    const x = place(q);
    const y = curve(Math.abs(x), 9, 32767 * 2 ** 10);
    return Math.floor((x >= 0 ? y + 512 : 2 ** 25 - y + 511) / 1024);
  };
}
/** tanh(x) = 2 * sigmoid(2 * x) - 1, stored with a scale of 2^-15. */
export function tanhOf(scale: number): (q: number) => number {
  const place = steps(scale, 1);
  return (q) => {
    const x = place(q);
    const y = curve(Math.abs(x), 8, 65535 * 2 ** 8);
    return Math.floor((x >= 0 ? y - 2 ** 23 + 128 : 2 ** 23 - y + 127) / 256);
  };
}
