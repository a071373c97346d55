// One seeded mutation of a TFLite file: what an attacker or a broken disk would do to it.
import type { TfliteFile } from '../small-tflite.ts';

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const EXTREMES = [0, 1, -1, 2, 127, 128, 255, 256, 65_535, 65_536, 2 ** 24, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)];

interface Tools {
  readonly bytes: Uint8Array;
  readonly spots: TfliteFile['spots'];
  /** A whole number below n. */
  readonly below: (n: number) => number;
  readonly one: <T>(list: readonly T[]) => T | undefined;
}
/** Changes the bytes in place, or returns others. */
type Mutation = (tools: Tools) => Uint8Array | undefined;

const write = ({ bytes }: Tools, at: number | undefined, value: number): undefined => {
  if (at !== undefined) new DataView(bytes.buffer).setInt32(at, value, true);
};
const read = ({ bytes }: Tools, at: number): number => new DataView(bytes.buffer).getInt32(at, true);

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'bad offset': (t) => write(t, t.one(t.spots.offsets), t.below(2) ? t.one(EXTREMES) ?? 0 : t.below(2 * t.bytes.length) - t.bytes.length),
  // A table that is its own part, or a part of what it holds.
  'cycle of offsets': (t) => { const at = t.one(t.spots.offsets); return at === undefined ? undefined : write(t, at, (t.one(t.spots.offsets) ?? 0) - at); },
  'wrong length': (t) => { const at = t.one(t.spots.lengths); return at === undefined ? undefined : write(t, at, t.below(2) ? t.one(EXTREMES) ?? 0 : read(t, at) + t.below(9) - 4); },
  // Shapes, types, buffers, tensors and options alike.
  'absurd number': (t) => write(t, t.one(t.spots.numbers), t.one(EXTREMES) ?? 0),
  'other number': (t) => write(t, t.one(t.spots.numbers), t.below(12) - 1),
  // Among them an operator that reads what it gives, a buffer that is not there, two producers of one tensor.
  'numbers exchanged': (t) => {
    const [a, b] = [t.one(t.spots.numbers), t.one(t.spots.numbers)];
    if (a === undefined || b === undefined) return undefined;
    const [first, second] = [read(t, a), read(t, b)];
    write(t, a, second);
    return write(t, b, first);
  },
  'several numbers': (t) => { for (let n = 2 + t.below(6); n > 0; n--) write(t, t.one(t.spots.numbers), t.below(6) - 1); return undefined; },
  'random bytes': (t) => { for (let n = 1 + t.below(12); n > 0; n--) t.bytes[t.below(t.bytes.length)] = t.below(256); return undefined; },
  'flipped bits': (t) => { for (let n = 1 + t.below(4); n > 0; n--) { const at = t.below(t.bytes.length); t.bytes[at] = (t.bytes[at] ?? 0) ^ (1 << t.below(8)); } return undefined; },
  'cut short': (t) => t.bytes.subarray(0, t.below(t.bytes.length)),
  'bytes left out': (t) => { const at = t.below(t.bytes.length); return Uint8Array.from([...t.bytes.subarray(0, at), ...t.bytes.subarray(at + 1 + t.below(16))]); },
  'bytes put in': (t) => { const at = t.below(t.bytes.length); return Uint8Array.from([...t.bytes.subarray(0, at), ...Array.from({ length: 1 + t.below(16) }, () => t.below(256)), ...t.bytes.subarray(at)]); },
  'only noise': (t) => Uint8Array.from({ length: 8 + t.below(600) }, (_, i) => (i >= 4 && i < 8 ? [0x54, 0x46, 0x4c, 0x33][i - 4] ?? 0 : t.below(256))),
};
const KINDS = Object.keys(MUTATIONS);

/** The i-th mutated file of a seed, and what was done to it. */
export function mutated(seeds: readonly (TfliteFile & { readonly name: string })[], seed: number, i: number): { readonly name: string; readonly kind: string; readonly bytes: Uint8Array } {
  const next = random(Math.imul(seed, 1_000_003) + i);
  const below = (n: number): number => Math.floor(next() * n);
  const one = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  const file = one(seeds);
  const kind = one(KINDS) ?? '';
  if (!file) throw new Error('there is nothing to mutate');
  const bytes = file.bytes.slice();
  return { name: file.name, kind, bytes: MUTATIONS[kind]?.({ bytes, spots: file.spots, below, one }) ?? bytes };
}
