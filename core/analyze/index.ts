// QuantizedGraph against the float network -> ErrorReport per node, with local feed or cumulative.
import { RequantError } from '../errors/index.ts';
import type { ErrorReport, QuantizedGraph, QuantizedNode, QuantizedValue } from '../ir/index.ts';
import { dequantizeTensor, quantizeTensor } from '../ops/index.ts';
import type { Samples } from '../tensor/samples.ts';
import { scaleChannels, type NamedTensors, type Tensor } from '../tensor/tensor.ts';
import { createErrorSum } from './metrics.ts';

export { meanPsnr, psnr } from './metrics.ts';

/** What analysis needs of execution, passed in: this room executes nothing itself. */
export interface AnalysisTools {
  /** Float values of the named tensors for one sample. */
  readonly float: (sample: NamedTensors, values: readonly string[]) => Promise<NamedTensors>;
  /** The whole quantized graph on one sample; returns the named values as stored. */
  readonly quantized: (sample: NamedTensors, values: readonly string[]) => Promise<NamedTensors>;
  /** One integer node on stored inputs. */
  readonly node: (node: QuantizedNode, inputs: readonly Tensor[]) => Tensor;
  /** Called as work is done, from 0 to 1 of one sample; may throw to stop. May wait, to let messages in. */
  readonly onStep?: (sample: number, fraction: number) => Promise<void> | void;
}

/** A stored value as real numbers in the float network's own units: equalization is undone. */
export function realOf(t: Tensor, value?: Pick<QuantizedValue, 'quantization' | 'equalization'>): Float32Array {
  const plain = value?.quantization ? dequantizeTensor(t, value.quantization) : t;
  if (plain.data instanceof Float32Array) return value?.equalization ? scaleChannels(plain.data, value.equalization, 1) : plain.data;
  throw new RequantError('INTERNAL', `a ${plain.dtype} value was to be compared`);
}
/** The float network's value as the integer node would find it: equalized, then quantized. */
function storedOf(t: Tensor, { quantization, equalization }: QuantizedValue): Tensor {
  if (!quantization) throw new RequantError('INTERNAL', 'an integer node reads a float value');
  return quantizeTensor(equalization ? { ...t, data: scaleChannels(realOf(t), equalization, -1) } : t, quantization);
}
const need = (values: NamedTensors, name: string): Tensor => {
  const t = values[name];
  if (!t) throw new RequantError('INTERNAL', 'execution did not return a value', { tensor: name });
  return t;
};
/** The float value behind a converted one: `x:int16` is x. */
const originOf = (graph: QuantizedGraph): ((name: string) => string) => {
  const origins = new Map(graph.nodes.filter((n) => n.kind !== 'integer' && n.kind !== 'float').map((n) => [n.outputs[0] ?? '', n.inputs[0] ?? ''] as const));
  return (name) => {
    let at = name;
    for (let next = origins.get(at); next !== undefined; next = origins.get(at)) at = next;
    return at;
  };
};

/**
 * Errors of every integer node over all samples. `localFeed`: the node gets the float network's inputs, quantized, so the error is its
 * own; otherwise both networks run from the same model input and errors add up on the way. All errors are in the units of the float network,
 * also where channel equalization rescaled what the integers stand for. Raises DATA_EMPTY.
 */
export async function analyzeErrors(graph: QuantizedGraph, data: Samples, { metric, localFeed }: Pick<ErrorReport, 'metric' | 'localFeed'>, tools: AnalysisTools): Promise<ErrorReport> {
  const nodes = graph.nodes.filter((node) => node.kind === 'integer');
  const sums = nodes.map(() => createErrorSum());
  const origin = originOf(graph);
  const outputs = nodes.map((node) => node.outputs[0] ?? '');
  const wanted = [...new Set([...outputs, ...(localFeed ? nodes.flatMap((node) => node.inputs.map(origin)) : [])])];
  const valueOf = (name: string): QuantizedValue => graph.values.get(name) ?? { name, shape: [], quantization: null };
  let samples = 0;
  for await (const sample of data) {
    let float: NamedTensors;
    try { float = await tools.float(sample, wanted); }
    catch (error) { throw RequantError.from(error).within({ sample: samples }); }
    const stored = localFeed ? undefined : await tools.quantized(sample, outputs);
    for (const [i, node] of nodes.entries()) {
      const output = outputs[i] ?? '';
      const got = stored ? need(stored, output) : tools.node(node, node.inputs.map((name) => storedOf(need(float, origin(name)), valueOf(name))));
      sums[i]?.add(realOf(need(float, output)), realOf(got, valueOf(output)));
      await tools.onStep?.(samples, (i + 1) / nodes.length);
    }
    samples++;
  }
  if (samples === 0) throw new RequantError('DATA_EMPTY', 'there are no evaluation samples');
  return { metric, localFeed, samples, nodes: nodes.map((node, i) => sums[i]?.result(node.name) ?? { name: node.name, mae: 0, mse: 0, psnr: Infinity }) };
}
