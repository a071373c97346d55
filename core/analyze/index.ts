// QuantizedGraph against the float network -> ErrorReport per node, with local feed or cumulative.
import { RequantError } from '../errors/index.ts';
import type { ErrorReport, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import type { Samples } from '../tensor/samples.ts';
import type { NamedTensors, NamedValues, Tensor } from '../tensor/tensor.ts';
import { createErrorSum } from './metrics.ts';
import { errorParts, need, type Quantize } from './parts.ts';

export { createPartSums, type PartErrors, type PartSums } from './by-part.ts';
export { meanPsnr, psnr } from './metrics.ts';
export { errorParts } from './parts.ts';
export { remeasureCumulative, remeasureLocal, type IncrementalTools, type Measured, type MeasuredCumulative } from './incremental.ts';

/** What analysis needs of execution, passed in: this room executes nothing itself. */
export interface AnalysisTools {
  /** Float values of the named tensors for one sample. */
  readonly float: (sample: NamedValues, values: readonly string[]) => Promise<NamedTensors>;
  /** The whole quantized graph on one sample; returns the named values as stored. */
  readonly quantized: (sample: NamedValues, values: readonly string[]) => Promise<NamedTensors>;
  readonly quantize: Quantize;
  /** One integer node on stored inputs. */
  readonly node: (node: QuantizedNode, inputs: readonly Tensor[]) => Tensor;
  /** Called as work is done, from 0 to 1 of one sample; may throw to stop. May wait, to let messages in. */
  readonly onStep?: (sample: number, fraction: number) => Promise<void> | void;
}

/**
 * Errors of every integer node over all samples. `localFeed`: the node gets the float network's inputs, quantized, so the error is its
 * own; otherwise both networks run from the same model input and errors add up on the way. All errors are in the units of the float network,
 * also where channel equalization rescaled what the integers stand for. Raises DATA_EMPTY.
 */
export async function analyzeErrors(graph: QuantizedGraph, data: Samples, { metric, localFeed }: Pick<ErrorReport, 'metric' | 'localFeed'>, tools: AnalysisTools): Promise<ErrorReport> {
  const nodes = graph.nodes.filter((node) => node.kind === 'integer');
  const sums = nodes.map(() => createErrorSum());
  const parts = errorParts(graph, tools.quantize);
  const outputs = nodes.map((node) => node.outputs[0] ?? '');
  const wanted = [...new Set([...outputs, ...(localFeed ? nodes.flatMap((node) => node.inputs.map(parts.origin)) : [])])];
  let samples = 0;
  for await (const sample of data) {
    let float: NamedTensors;
    try { float = await tools.float(sample, wanted); }
    catch (error) { throw RequantError.from(error).within({ sample: samples }); }
    const stored = localFeed ? undefined : await tools.quantized(sample, outputs);
    for (const [i, node] of nodes.entries()) {
      const output = outputs[i] ?? '';
      const got = stored ? need(stored, output) : tools.node(node, parts.localInputs(node, float));
      sums[i]?.add(parts.expected(node, float), parts.real(node, got));
      await tools.onStep?.(samples, (i + 1) / nodes.length);
    }
    samples++;
  }
  if (samples === 0) throw new RequantError('DATA_EMPTY', 'there are no evaluation samples');
  return { metric, localFeed, samples, nodes: nodes.map((node, i) => sums[i]?.result(node.name) ?? { name: node.name, mae: 0, mse: 0, psnr: Infinity }) };
}
