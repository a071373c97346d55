// The three operators that stand on edges of a quantized graph: quantize (float to integer), dequantize, requantize.
import * as v from 'valibot';
import { RequantError } from '../errors/index.ts';
import type { Quantization } from '../ir/index.ts';
import { sizeOf, type Tensor } from '../tensor/tensor.ts';
import { INTEGER_RANGE, rescale, rint } from './arithmetic.ts';
import { none } from './attributes.ts';
import { define, type KernelCall, type NodeView, type Operator } from './operator.ts';
import { integers, integerTensor, newIntegers, quantizationOfInput, rescaleInto } from './rescaling.ts';

const boundary = (name: string, className: string, attributes: v.GenericSchema, run: (call: KernelCall) => Tensor): Operator => define<unknown>({
  name, className, attributes,
  traits: [],
  shapes: (node: NodeView<unknown>) => [node.inputs[0]?.shape ?? []],
  parts: () => [name],
  precisions: () => ['int8', 'int16'],
  emit: (node) => { throw new RequantError('INTERNAL', `${name} stands in quantized graphs only`, node.where); },
  run,
  macs: (node) => sizeOf(node.inputs[0]?.shape ?? []),
});

/** Section 1: q = clamp(rint(r / s) + z). Raises DATA_INVALID for NaN or an infinity. */
export function quantizeTensor(t: Tensor, q: Quantization): Tensor {
  const x = t.data;
  if (!(x instanceof Float32Array)) throw new RequantError('DTYPE_MISMATCH', `quantize reads float32, not ${t.dtype}`);
  const { dtype, zeroPoint, scale } = quantizationOfInput(q);
  const [min, max] = INTEGER_RANGE[dtype];
  const out = newIntegers(dtype, x.length);
  for (let i = 0; i < x.length; i++) {
    const real = x[i] ?? 0;
    if (!Number.isFinite(real)) throw new RequantError('DATA_INVALID', `element ${i} is ${real}`);
    const stored = rint(real / scale) + zeroPoint;
    out[i] = stored < min ? min : stored > max ? max : stored;
  }
  return integerTensor(dtype, t.shape, out);
}

/** r = s * (q - z), rounded once to float32; s per channel of the last dimension for accumulators. */
export function dequantizeTensor(t: Tensor, q: Quantization): Tensor {
  const x = integers(t);
  const out = new Float32Array(x.length);
  const { scale, zeroPoint } = q;
  if (typeof scale === 'number') for (let i = 0; i < x.length; i++) out[i] = scale * ((x[i] ?? 0) - zeroPoint);
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

export const quantize = boundary('quantize', 'Quantize', none, (call) => quantizeTensor(input(call), required(call.outputQuantization)));
export const dequantize = boundary('dequantize', 'Dequantize', none, (call) => dequantizeTensor(input(call), required(call.inputQuantization[0])));

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
});
