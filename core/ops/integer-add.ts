// Two stored operands as QLinearAdd: zero + ra * (a - za) + rb * (b - zb) in float32, halves to even. There are 65,536 pairs. Those near a half are looked at
// one by one, in every order in which ONNX Runtime's kernels add up; the others are farther from it than all roundings together. Scales a few units beside
// m * 2^-n may turn the halves that lie wrong.
import { float32 } from '../tensor/tensor.ts';
import { rint } from './arithmetic.ts';
import { bytes } from './integer.ts';
import type { FloatEmitter } from './operator.ts';

/** clamp(rshr((a - za) * ma + (b - zb) * mb, shift) + zero) over uint8. */
export interface ByteSum {
  readonly za: number;
  readonly zb: number;
  readonly ma: number;
  readonly mb: number;
  readonly shift: number;
  readonly zero: number;
}
export interface SumScales {
  readonly ra: number;
  readonly rb: number;
}

const MOST = 255;
const f = Math.fround;
const MOST_NUDGES = 8;
/** Roundings of one sum, at most. */
const ROUNDINGS = 6;

/** A sum before it is rounded to a whole number: with fused products or without, the constant part first, in whichever order a compiler chose for it. */
export type SumOrder = (a: number, b: number, ra: number, rb: number, s: ByteSum) => number;
// A double holds a product of a float32 with 8 bits, and its sum with a float32 near it: rounding that once is what a fused product does.
const constantParts: readonly ((ra: number, rb: number, s: ByteSum) => number)[] = [
  (ra, rb, { za, zb, zero }) => f(zero - f(f(ra * za) + f(rb * zb))),
  (ra, rb, { za, zb, zero }) => f(zero - f(ra * za + f(rb * zb))),
  (ra, rb, { za, zb, zero }) => f(zero - f(f(ra * za) + rb * zb)),
];
export const SUM_ORDERS: readonly SumOrder[] = constantParts.flatMap((part): SumOrder[] => [
  (a, b, ra, rb, s) => f(a * ra + f(b * rb + part(ra, rb, s))),
  (a, b, ra, rb, s) => f(b * rb + f(part(ra, rb, s) + f(a * ra))),
  (a, b, ra, rb, s) => f(f(part(ra, rb, s) + f(a * ra)) + f(b * rb)),
]);

/** Scales with which every pair is rounded as the twin rounds it; undefined where none was found. */
export function provedSum(s: ByteSum): SumScales | undefined {
  const { za, zb, ma, mb, shift, zero } = s;
  if (shift < 1 || shift > 24 || ![ma, mb].every((m) => Number.isInteger(m) && m > 0 && m <= 2 ** 15)) return undefined;
  const unit = 2 ** shift;
  const [ra, rb] = [f(ma / unit), f(mb / unit)];
  const reach = MOST * (ra + rb) + MOST;
  // What nudges and roundings can move a sum by, in units of 2^-shift.
  const near = Math.ceil(unit * (ROUNDINGS * reach * 2 ** -24 + 2 * MOST * MOST_NUDGES * (ulp(ra) + ulp(rb)))) + 1;
  const pairs: (readonly [a: number, b: number, y: number])[] = [];
  for (let b = 0; b <= MOST; b++) for (let a = 0; a <= MOST; a++) {
    const above = (a - za) * ma + (b - zb) * mb + (zero + 0.5) * unit;
    const y = Math.floor(above / unit);
    const rest = above - y * unit;
    const nearest = rest < near ? y : unit - rest <= near ? y + 1 : 0;
    if (nearest >= 1 && nearest <= MOST) pairs.push([a, b, y]);
  }
  for (const [na, nb] of NUDGES) {
    const scales = { ra: ra + na * ulp(ra), rb: rb + nb * ulp(rb) };
    if (SUM_ORDERS.every((order) => pairs.every(([a, b, y]) => rint(order(a, b, scales.ra, scales.rb, s)) === y))) return scales;
  }
  return undefined;
}

/** Distance of a float32 to the next. */
const ulp = (x: number): number => 2 ** (Math.floor(Math.log2(x)) - 23);

/** The smallest first. */
const NUDGES: readonly (readonly [number, number])[] = Array.from({ length: (2 * MOST_NUDGES + 1) ** 2 }, (_, i) =>
  [(i % (2 * MOST_NUDGES + 1)) - MOST_NUDGES, Math.floor(i / (2 * MOST_NUDGES + 1)) - MOST_NUDGES] as const)
  .sort(([a, b], [c, d]) => Math.abs(a) + Math.abs(b) - Math.abs(c) - Math.abs(d));

export function qlinearAdd(to: FloatEmitter, a: string, b: string, { za, zb, zero }: ByteSum, { ra, rb }: SumScales): string {
  const scale = (x: number): string => to.constant(float32([], [x]));
  const point = (x: number): string => to.constant(bytes([x]));
  return to.node('com.microsoft.QLinearAdd', [a, scale(ra), point(za), b, scale(rb), point(zb), scale(1), point(zero)]);
}
