// Integer arithmetic inside floating point: while every partial sum of whole numbers stays below 2^24 (float32) or 2^53 (float64), sums,
// products and scaling by powers of two are exact in any order. Stored integers travel as q - zeroPoint, so padding with zero is right.
import type { Quantization } from '../ir/index.ts';
import { float32, tensor, type Tensor } from '../tensor/tensor.ts';
import { EXACT_LIMIT, INTEGER_RANGE } from './arithmetic.ts';
import type { ExactWriter, FloatEmitter, TwinView } from './operator.ts';
import { quantizationOfInput } from './rescaling.ts';

const FLOAT32_LIMIT = 2 ** 24;
/** Powers of two beyond this are left to float64, far from float32's subnormal numbers. */
const FLOAT32_SHIFT = 96;
const ELEM_TYPE = { float32: 1, uint8: 2, float64: 11, int32: 6, int64: 7 } as const;

/** The type whose whole numbers reach `bound`; undefined beyond 2^53. */
export type Carrier = 'float32' | 'float64';
export const carrierOf = (bound: number, shift = 0): Carrier | undefined =>
  bound < FLOAT32_LIMIT && Math.abs(shift) <= FLOAT32_SHIFT ? 'float32' : bound < EXACT_LIMIT ? 'float64' : undefined;

/** Smallest and largest q - zeroPoint. */
export function span(q: Quantization | null): readonly [number, number] {
  const { dtype, zeroPoint } = quantizationOfInput(q);
  const [min, max] = INTEGER_RANGE[dtype];
  return [min - zeroPoint, max - zeroPoint];
}
/** Largest |q - zeroPoint|. */
export const reach = (q: Quantization | null): number => Math.max(...span(q).map(Math.abs));

export const cast = (to: FloatEmitter, name: string, type: keyof typeof ELEM_TYPE): string => to.node('Cast', [name], { to: { int: ELEM_TYPE[type] } });
export const widen = (to: FloatEmitter, name: string, type: Carrier): string => (type === 'float64' ? cast(to, name, 'float64') : name);
export const narrow = (to: FloatEmitter, name: string, type: Carrier): string => (type === 'float64' ? cast(to, name, 'float32') : name);

/** A constant of the carrier's type: a number, or values of a shape. */
export function number(to: FloatEmitter, type: Carrier, values: number | ArrayLike<number>, shape: readonly number[] = []): string {
  const list = typeof values === 'number' ? [values] : Array.from(values);
  return to.constant(type === 'float32' ? float32(shape, list) : tensor('float64', shape, Float64Array.from(list)));
}

/** Half a step of rshr by n, in units of the result. */
export const half = (n: number): number => (n > 0 ? 0.5 : 0);
/** 2^(n-1), what rshr by n adds, in units of its operand. */
export const rounding = (n: number): number => (n > 0 ? 2 ** (n - 1) : 0);

/** clamp(floor(x)) between stored bounds, as q - zeroPoint. x is in `type`; the result is float32. */
export function settle(to: FloatEmitter, x: string, type: Carrier, min: number, max: number, zeroPoint: number): string {
  const y = to.node('Clip', [to.node('Floor', [x]), number(to, type, min - zeroPoint), number(to, type, max - zeroPoint)]);
  return narrow(to, y, type);
}

export interface RescaleStep {
  readonly multiplier: number;
  readonly shift: number;
  readonly min: number;
  readonly max: number;
}

/** clamp(rshr(x * m, n) + zy) of whole x with |x| <= bound, in float32; undefined where no carrier holds the product. */
export function rescaled(bound: number, { multiplier, shift, min, max }: RescaleStep, zeroPoint: number): ((to: FloatEmitter, x: string) => string) | undefined {
  const type = carrierOf(bound * Math.abs(multiplier) + rounding(shift), shift);
  if (!type) return undefined;
  return (to, x) => {
    const product = to.node('Mul', [widen(to, x, type), number(to, type, multiplier * 2 ** -shift)]);
    return settle(to, shift > 0 ? to.node('Add', [product, number(to, type, half(shift))]) : product, type, min, max, zeroPoint);
  };
}

/** An operator of one input that works element by element, in whichever layout the input has. */
export function elementwise(write: (to: FloatEmitter, x: string) => string): ExactWriter {
  return (to) => {
    const layout = to.isChannelsFirst(0) ? 'nchw' : 'nhwc';
    to.output(0, write(to, to.input(0, layout)), layout);
  };
}

/** The constant of a role as numbers less a zero point. */
export const carried = (t: Tensor, zeroPoint: number): Float32Array => Float32Array.from(t.data as ArrayLike<number>, (q) => q - zeroPoint);

/** An elementwise rescale to the twin's output: relu, clip, requantize. */
export function exactRescale(twin: TwinView, step: RescaleStep): ExactWriter | undefined {
  const write = rescaled(reach(twin.inputs[0]?.quantization ?? null), step, quantizationOfInput(twin.output.quantization).zeroPoint);
  return write && elementwise(write);
}
