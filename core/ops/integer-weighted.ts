// Weighted twins as QLinearConv (core/ops/integer.ts), channels-last. From the weights themselves it is proved that sums stay within 32 bits and, for each
// output channel, that a float32 rounds them as the twin does.
import { RequantError } from '../errors/index.ts';
import { float32, tensor, type Tensor } from '../tensor/tensor.ts';
import { span } from './exact.ts';
import { byteBounds, bytes, createProver, cut, isByte, lifted, LIFT, liftedConstant, type Match } from './integer.ts';
import type { FloatEmitter, OnnxAttribute, TwinView, IntegerRuntime, IntegerWriter, Unproved } from './operator.ts';

/** A layer as a convolution over images channels-last. */
export interface ByteConvolution {
  /** [out, ...]: what its sums are bounded by. */
  readonly weights: Tensor<'int8'>;
  /** The same as [out, in / groups, kh, kw]. */
  readonly arrange: (weights: Tensor<'int8'>) => Tensor<'int8'>;
  readonly bias: ArrayLike<number | bigint>;
  /** One number an output channel, or one for all. */
  readonly multiplier: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
  readonly groups: number;
}

const INT32 = 2 ** 31;
/** Farthest that uint8 lies from 0. */
const BYTE = 255;
const of = (list: ArrayLike<number>, o: number): number => list[list.length === 1 ? 0 : o] ?? 0;

/** From images as they travel to images as they travel; not cut to the twin's bounds yet. */
export type ByteLayer = (to: FloatEmitter, x: string, runtime: IntegerRuntime) => string;

/** `min`, `max`: the bounds that the output is cut to later, in uint8. */
export function byteConvolution(twin: TwinView, layer: ByteConvolution, min: number, max: number): ByteLayer | Unproved {
  const { weights, bias, multiplier, shift } = layer;
  const input = twin.inputs[0]?.quantization ?? null;
  const outputs = weights.shape[0] ?? 0;
  const run = weights.data.length / outputs;
  const [low, high] = span(input);
  const zero = lifted(twin.output.quantization);
  const reach = Array.from({ length: outputs }, (_, o) => {
    let above = 0, below = 0;
    for (let k = o * run; k < (o + 1) * run; k++) { const w = weights.data[k] as number; if (w > 0) above += w; else below -= w; }
    const start = Number(bias[o] ?? 0);
    return { low: start + above * low - below * high, high: start + above * high - below * low, most: 2 * BYTE * (above + below) };
  });
  let reason = '';
  for (const zeroPoint of zero === 0 ? [0] : [0, zero]) {
    const prove = createProver(zero, zeroPoint, min, max);
    const matches: Match[] = [];
    for (const [o, sums] of reach.entries()) {
      const match = prove({ multiplier: of(multiplier, o), shift: of(shift, o) }, sums.low, sums.high);
      const fits = match && sums.most + Math.abs(Number(bias[o] ?? 0) + match.offset) < INT32;
      if (!fits) { reason ||= `no float32 is proved to round output channel ${o} of it as the twin does${match ? ', within sums of 32 bits' : ''}`; break; }
      matches.push(match);
    }
    if (matches.length === outputs) return (to, x, runtime) => qlinearConv(to, x, runtime, layer, lifted(input), zeroPoint, matches);
  }
  return { reason };
}

/** One scale an output channel; those of input and output are 1. */
function qlinearConv(to: FloatEmitter, x: string, { signedWeights }: IntegerRuntime, { weights: stored, arrange, bias, strides, pads, dilations, groups }: ByteConvolution, zeroIn: number, zeroOut: number, matches: readonly Match[]): string {
  const one = to.constant(float32([], [1]));
  const weights = arrange(stored);
  // Kernels for depthwise convolutions add single products.
  const signed = signedWeights || (groups > 1 && weights.shape[0] === groups && weights.shape[1] === 1);
  const attributes: Record<string, OnnxAttribute> = { kernel_shape: weights.shape.slice(2), strides, pads, dilations, group: { int: groups }, channels_last: { int: 1 } };
  return to.node('com.microsoft.QLinearConv', [
    x, one, to.constant(bytes([zeroIn])),
    to.constant(signed ? weights : liftedConstant(weights)), to.constant(float32([matches.length], matches.map(({ scale }) => scale))), to.constant(signed ? tensor('int8', [], Int8Array.of(0)) : bytes([LIFT])),
    one, to.constant(bytes([zeroOut])),
    to.constant(tensor('int32', [matches.length], Int32Array.from(matches, ({ offset }, o) => Number(bias[o] ?? 0) + offset))),
  ], attributes);
}

/** What a layer's own file has to say: its sizes, its weights in ONNX's order, and how it is written about the convolution. */
export interface ByteForm extends Pick<ByteConvolution, 'arrange' | 'strides' | 'pads' | 'dilations' | 'groups'> {
  readonly write: (to: FloatEmitter, layer: (to: FloatEmitter, x: string) => string) => void;
}

export function integerWeighted(twin: TwinView, form: ByteForm): IntegerWriter | Unproved {
  const { weights, bias } = twin.constants;
  const bounds = byteBounds(twin);
  if (twin.attrs['mode'] === 'none') return { reason: 'it gives its sums as they are, in 32 bits' };
  if (!isByte(twin.inputs[0]?.quantization) || !isByte(twin.output.quantization) || !bounds) return { reason: 'it is not stored as int8' };
  if (!(weights?.data instanceof Int8Array) || !bias) throw new RequantError('MODEL_INVALID', 'a weighted node lacks weights or bias', twin.where);
  const list = (role: string, otherwise: number): ArrayLike<number> => (twin.constants[role]?.data as ArrayLike<number> | undefined) ?? [otherwise];
  const layer = byteConvolution(twin, {
    ...form, weights: weights as Tensor<'int8'>, bias: bias.data, multiplier: twin.attrs['mode'] === 'tflite' ? list('multiplier', 1) : [1], shift: list('shift', 0),
  }, bounds.min, bounds.max);
  if ('reason' in layer) return layer;
  return (to, runtime) => form.write(to, (inner, x) => cut(inner, layer(inner, x, runtime), bounds.min - LIFT, bounds.max - LIFT));
}

