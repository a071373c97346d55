// Parts that both ways of analysis share: how a node is fed with the float network's values, and how what it gives is compared.
import { RequantError } from '../errors/index.ts';
import type { Quantization, QuantizedGraph, QuantizedNode, QuantizedValue } from '../ir/index.ts';
import { dequantizeTensor } from '../ops/index.ts';
import { numeric, scaleChannels, type NamedTensors, type StringTensor, type Tensor } from '../tensor/tensor.ts';

/** A stored value as real numbers in the float network's own units: equalization is undone. */
export function realOf(t: Tensor | StringTensor, value?: Pick<QuantizedValue, 'quantization' | 'equalization'>): Float32Array {
  const plain = value?.quantization ? dequantizeTensor(numeric(t), value.quantization) : t;
  if (plain.data instanceof Float32Array) return value?.equalization ? scaleChannels(plain.data, value.equalization, 1) : plain.data;
  throw new RequantError('INTERNAL', `a ${plain.dtype} value was to be compared`);
}
/** The float network's value as the integer node would find it: equalized, then quantized. */
function storedOf(t: Tensor, { quantization, equalization }: QuantizedValue, quantize: Quantize): Tensor {
  if (!quantization) throw new RequantError('INTERNAL', 'an integer node reads a float value');
  return quantize(equalization ? { ...t, data: scaleChannels(realOf(t), equalization, -1) } : t, quantization);
}
export const need = (values: NamedTensors, name: string): Tensor => {
  const t = values[name];
  if (!t) throw new RequantError('INTERNAL', 'execution did not return a value', { tensor: name });
  return t;
};
/** The float value behind a converted one: `x:int16` is x. */
export const originOf = (graph: QuantizedGraph): ((name: string) => string) => {
  const origins = new Map(graph.nodes.filter((n) => n.kind !== 'integer' && n.kind !== 'float').map((n) => [n.outputs[0] ?? '', n.inputs[0] ?? ''] as const));
  return (name) => {
    let at = name;
    for (let next = origins.get(at); next !== undefined; next = origins.get(at)) at = next;
    return at;
  };
};

/** Float values to stored integers: docs/numerics.md section 1. Raises DATA_INVALID for NaN or an infinity. */
export type Quantize = (t: Tensor, q: Quantization) => Tensor;

/** What both ways of analysis share: how a node is fed and compared. */
export interface ErrorParts {
  /** The float value behind a converted one. */
  readonly origin: (name: string) => string;
  /** The float network's values as the node would find them. */
  readonly localInputs: (node: QuantizedNode, float: NamedTensors) => readonly Tensor[];
  readonly expected: (node: QuantizedNode, float: NamedTensors) => Float32Array;
  /** What the node gave, as real numbers. */
  readonly real: (node: QuantizedNode, got: Tensor | StringTensor) => Float32Array;
}

export function errorParts(graph: QuantizedGraph, quantize: Quantize): ErrorParts {
  const origin = originOf(graph);
  const valueOf = (name: string): QuantizedValue => graph.values.get(name) ?? { name, shape: [], quantization: null };
  return {
    origin,
    localInputs: (node, float) => node.inputs.map((name) => storedOf(need(float, origin(name)), valueOf(name), quantize)),
    expected: (node, float) => realOf(need(float, node.outputs[0] ?? '')),
    real: (node, got) => realOf(got, valueOf(node.outputs[0] ?? '')),
  };
}
