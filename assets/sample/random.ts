// Random numbers that are the same on every run: a small seeded generator (sfc32) and what the sample draws from it.

/** A stream of numbers. Every method takes the next ones from the same stream. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly unit: () => number;
  /** Uniform in [low, high). */
  readonly between: (low: number, high: number) => number;
  /** Whole number in [0, count). */
  readonly below: (count: number) => number;
  /** Standard normal. */
  readonly normal: () => number;
}

/** The stream that belongs to `name` and `index`; other names or indices give unrelated streams. */
export function randomOf(name: string, index = 0): Random {
  let [a, b, c] = [hash(name), hash(`${name}/${index}`), index | 0];
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  // The first outputs still show the seeds; sfc32's own authors skip twelve.
  for (let i = 0; i < 12; i++) bits();

  const unit = (): number => bits() / 2 ** 32;
  // Box and Muller; 1 - u keeps the logarithm away from zero.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    between: (low, high) => low + (high - low) * unit(),
    below: (count) => Math.floor(unit() * count),
    normal,
  };
}

/** FNV-1a over the characters, 32 bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h | 0;
}
