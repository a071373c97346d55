// Twins on ONNX Runtime's operators for integers. QLinearConv adds up exactly in 32 bits, but makes uint8 of a sum in its own way: to float32, times a
// float32, halves to even. Ours is a rise of at most 255 steps, and so is theirs: where both rise at the same sums, they are the same function. So
// each step is looked at once, on either side, before such an operator is written (docs/numerics.md, section 10).
import type { Quantization } from '../ir/index.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { clamp, EXACT_LIMIT, INTEGER_RANGE, rint } from './arithmetic.ts';
import type { FloatEmitter, TwinView } from './operator.ts';
import { quantizationOfInput } from './rescaling.ts';

/** What uint8 is above int8. */
export const LIFT = 128;
const MOST = 255;
const ULP = 2 ** -23;
const f = Math.fround;

/** What ONNX Runtime makes of a sum with its bias, in every one of its kernels. */
export const requantized = (sum: number, scale: number, zeroPoint: number): number => clamp(rint(f(f(sum) * scale)) + zeroPoint, 0, MOST);

/** clamp(rshr(sum * multiplier, shift) + zy) */
export interface Rise {
  readonly multiplier: number;
  readonly shift: number;
}
/** What makes requantized(sum + offset, scale, zero point) the same. */
export interface Match {
  readonly scale: number;
  readonly offset: number;
}
interface Candidate extends Match {
  /** The first sums of the steps that it takes elsewhere. */
  readonly wrong: readonly number[];
}
/** How sums of one channel, which lie within [low, high], can be rounded; undefined where no float32 is proved to do it. */
export type Prover = (rise: Rise, low: number, high: number) => Match | undefined;

/** The scale that is tried, in units of its last place beside m * 2^-n: a little more turns halves up. */
const NUDGES = [1, 0, 2, -1, 3, -2, 4];
const OFFSETS = [0, 1, -1];

/**
 * For outputs of `zero` (zy + 128) that are then cut to [min, max], in uint8. `zeroPoint` is what ONNX Runtime adds behind the rounding: 0 puts all of `zero`
 * before it, where halves below zero do not matter, `zero` nothing.
 */
export function createProver(zero: number, zeroPoint: number, min: number, max: number): Prover {
  const known = new Map<string, { readonly made: Candidate[]; readonly rest: Iterator<Candidate, undefined> }>();
  return (rise, low, high) => {
    const { multiplier, shift } = rise;
    if (!Number.isInteger(multiplier) || multiplier < 1 || !Number.isInteger(shift) || Math.abs(shift) > 40 || multiplier * 2 ** 9 * 2 ** Math.abs(shift) >= EXACT_LIMIT) return undefined;
    const key = `${multiplier} ${shift}`;
    let family = known.get(key);
    if (!family) known.set(key, family = { made: [], rest: candidates(rise, zero, zeroPoint, min, max) });
    const suits = ({ wrong }: Candidate): boolean => !wrong.some((first) => first > low && first <= high);
    const before = family.made.find(suits);
    if (before) return before;
    for (let next = family.rest.next(); !next.done; next = family.rest.next()) {
      family.made.push(next.value);
      if (suits(next.value)) return next.value;
    }
    return undefined;
  };
}

function* candidates(rise: Rise, zero: number, zeroPoint: number, min: number, max: number): Generator<Candidate, undefined> {
  const { multiplier, shift } = rise;
  const firsts = firstSums(rise, zero, min, max);
  const apart = (zero - zeroPoint) * 2 ** shift;
  for (const nudge of NUDGES) for (const by of zero === zeroPoint ? [0] : OFFSETS) {
    const scale = f(multiplier * 2 ** -shift * (1 + nudge * ULP));
    const offset = Math.round(apart / multiplier) + by;
    yield { scale, offset, wrong: firsts.filter((first, i) => requantized(first + offset, scale, zeroPoint) < min + 1 + i || requantized(first - 1 + offset, scale, zeroPoint) > min + i) };
  }
}

/** The least sum that gives k, for k from min + 1 to max: where sum * m >= (k - zero) * 2^n - half a unit. Exact in doubles. */
const firstSums = ({ multiplier, shift }: Rise, zero: number, min: number, max: number): readonly number[] =>
  Array.from({ length: Math.max(0, max - min) }, (_, i) => Math.ceil(((min + 1 + i - zero) * 2 ** shift - (shift > 0 ? 2 ** (shift - 1) : 0)) / multiplier));

/** The zero point of stored int8 in uint8. */
export const lifted = (q: Quantization | null): number => quantizationOfInput(q).zeroPoint + LIFT;
/** Is it stored as int8? */
export const isByte = (q: Quantization | null | undefined): q is Quantization => q?.dtype === 'int8';

export const bytes = (values: ArrayLike<number>, shape: readonly number[] = []): Tensor => tensor('uint8', shape, Uint8Array.from(values));
/** A stored constant as it travels. */
export function liftedConstant(t: Tensor): Tensor {
  const out = new Uint8Array(t.data.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(t.data[i]) + LIFT;
  return tensor('uint8', t.shape, out);
}

/** Cuts uint8 to a twin's stored bounds, where they are not the type's own. */
export function cut(to: FloatEmitter, y: string, min: number, max: number): string {
  const [lowest, highest] = INTEGER_RANGE.int8;
  return min <= lowest && max >= highest ? y : to.node('Clip', [y, to.constant(bytes([min + LIFT])), to.constant(bytes([max + LIFT]))]);
}

/** The bounds of a twin in uint8. */
export const byteBounds = ({ attrs }: TwinView): { readonly min: number; readonly max: number } | undefined => {
  const { min, max } = attrs;
  return typeof min === 'number' && typeof max === 'number' && Number.isInteger(min) && Number.isInteger(max) && min <= max && min >= INTEGER_RANGE.int8[0] && max <= INTEGER_RANGE.int8[1]
    ? { min: min + LIFT, max: max + LIFT } : undefined;
};
