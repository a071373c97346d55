// The three operators that stand on edges of a quantized graph: quantize (float to integer), dequantize, requantize.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import type { Quantization } from '../ir/index.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale, rintWithin32 } from './arithmetic.ts';
import { none } from './attributes.ts';
import { cast, elementwise, exactRescale, number, span } from './exact.ts';
import { isByte, lifted } from './integer.ts';
import { define, type ExactWriter, type KernelCall, type NodeView, type Operator, type TwinView, type IntegerWriter, type Unproved } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, rescaleInto, type IntegerData } from './rescaling.ts';

const boundary = (name: string, className: string, attributes: v.GenericSchema, run: (call: KernelCall) => Tensor, exact: (twin: TwinView) => ExactWriter | undefined,
  integer?: (twin: TwinView) => IntegerWriter | Unproved): Operator => define<unknown>({
  name, className, attributes,
  traits: [],
  shapes: (node: NodeView<unknown>) => [node.inputs[0]?.shape ?? []],
  parts: () => [name],
  precisions: () => ['int8', 'int16'],
  emit: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  run, exact, ...(integer ? { integer } : {}),
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

/** Section 1: q = clamp(rint(r / s) + z). Raises DATA_INVALID for NaN or an infinity. */
export function quantizeTensor(t: Tensor, q: Quantization): Tensor {
  const x = t.data;
  if (!(x instanceof Float32Array)) throw new RequantError('DTYPE_MISMATCH', `quantize reads float32, not ${t.dtype}`);
  const { dtype, zeroPoint, scale } = quantizationOfInput(q);
  const out = newIntegers(dtype, x.length);
  const bad = quantizeInto(out, x, scale, zeroPoint, INTEGER_RANGE[dtype]);
  if (bad >= 0) throw new RequantError('DATA_INVALID', `element ${bad} is ${x[bad]}`);
  return integerTensor(dtype, t.shape, out);
}

/** Returns the place of the first element that is no number, and -1 where there is none. */
function quantizeInto(out: IntegerData, x: Float32Array, scale: number, zeroPoint: number, [min, max]: readonly [number, number]): number {
  for (let i = 0; i < x.length; i++) {
    const real = x[i] ?? 0;
    if (real - real !== 0) return i;
    out[i] = Math.max(min, Math.min(max, rintWithin32(real / scale) + zeroPoint));
  }
  return -1;
}

/** r = s * (q - z), rounded once to float32; s per channel of the last dimension for accumulators. */
export function dequantizeTensor(t: Tensor, q: Quantization): Tensor {
  const x = integers(t);
  const { scale, zeroPoint } = q;
  // 16 bits are exact in float32, and a loop over one type of array is twice as fast.
  const out = t.dtype === 'int32' ? new Float32Array(x.length) : new Float32Array(x);
  if (typeof scale === 'number' && t.dtype !== 'int32') for (let i = 0; i < out.length; i++) out[i] = scale * ((out[i] ?? 0) - zeroPoint);
  else if (typeof scale === 'number') for (let i = 0; i < x.length; i++) out[i] = scale * ((x[i] ?? 0) - zeroPoint);
  else for (let i = 0; i < x.length; i++) out[i] = (scale[i % scale.length] ?? 0) * ((x[i] ?? 0) - zeroPoint);
  return { dtype: 'float32', shape: t.shape, data: out };
}

const required = (q: Quantization | null | undefined): Quantization => {
  if (q) return q;
  throw new RequantError('MODEL_INVALID', 'a conversion lacks its quantization');
};
const input = (call: KernelCall): Tensor => {
  const [t] = call.inputs;
  if (!t) throw new RequantError('MODEL_INVALID', 'a conversion lacks its input');
  return t;
};

export const quantize = boundary('quantize', 'Quantize', none, (call) => quantizeTensor(input(call), required(call.outputQuantization)), (twin) => {
  const { scale } = quantizationOfInput(twin.output.quantization);
  const [min, max] = span(twin.output.quantization);
  // q - z is clamped before z is added, which is the same; float64 as in numerics 1.
  return elementwise((to, x) => {
    const real = to.node('Div', [cast(to, x, 'float64'), number(to, 'float64', scale)]);
    return cast(to, to.node('Clip', [to.node('Round', [real]), number(to, 'float64', min), number(to, 'float64', max)]), 'float32');
  });
}, (twin) => {
  const q = quantizationOfInput(twin.output.quantization);
  if (!isByte(q)) return { reason: 'it is not stored as int8' };
  return elementwise((to, x) => {
    const rounded = to.node('Round', [to.node('Div', [cast(to, x, 'float64'), number(to, 'float64', q.scale)])]);
    return cast(to, to.node('Clip', [to.node('Add', [rounded, number(to, 'float64', lifted(q))]), number(to, 'float64', 0), number(to, 'float64', 255)]), 'uint8');
  });
});
export const dequantize = boundary('dequantize', 'Dequantize', none, (call) => dequantizeTensor(input(call), required(call.inputQuantization[0])), (twin) => {
  const { scale } = required(twin.inputs[0]?.quantization);
  if (typeof scale === 'number') return elementwise((to, x) => cast(to, to.node('Mul', [cast(to, x, 'float64'), number(to, 'float64', scale)]), 'float32'));
  return (to) => to.output(0, cast(to, to.node('Mul', [to.input(0), number(to, 'float64', scale, [scale.length])]), 'float32'));
});

const steps = v.object({ multiplier: v.number(), shift: v.number() });
/** Attributes of a requantize between two per-tensor quantizations. */
export const requantizeAttributes = (from: { readonly scale: number }, to: { readonly scale: number }): Readonly<Record<string, unknown>> => ({ ...rescale(from.scale / to.scale) });

export const requantize = boundary('requantize', 'Requantization', steps, (call) => {
  const { multiplier, shift } = v.parse(steps, call.attrs);
  const x = integers(call.inputs[0]);
  const output = quantizationOfInput(call.outputQuantization);
  const [min, max] = INTEGER_RANGE[output.dtype];
  const out = newIntegers(output.dtype, x.length);
  rescaleInto(out, 0, x, { inputZeroPoint: quantizationOfInput(call.inputQuantization[0]).zeroPoint, outputZeroPoint: output.zeroPoint, multiplier, shift, min, max });
  return integerTensor(output.dtype, call.outputShape, out);
}, (twin) => {
  const [min, max] = INTEGER_RANGE[quantizationOfInput(twin.output.quantization).dtype];
  return exactRescale(twin, { ...v.parse(steps, twin.attrs), min, max });
});
