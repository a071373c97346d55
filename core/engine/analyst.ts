// The analyst: measures the errors of one quantized model after another on the same evaluation samples, running again only what has changed.
// Float activations and stored values are kept within a budget of memory; what does not fit is computed again each time, with the same result.
import { errorParts, remeasureCumulative, remeasureLocal, type IncrementalTools, type Measured, type MeasuredCumulative } from '../analyze/index.ts';
import { RequantError } from '../errors/index.ts';
import { enter, quantizeOnKernels } from '../execute/index.ts';
import type { ErrorReport, PartitionedGraph } from '../ir/index.ts';
import type { Dataset } from '../tensor/dataset.ts';
import { memoryOf, type NamedTensors, type StringTensor, type Tensor } from '../tensor/tensor.ts';
import { breathe, type JobOptions } from './job.ts';
import type { LoadedNet } from './loaded-net.ts';
import type { Model } from './model.ts';

export interface KeptActivations {
  /** Samples whose float activations are kept, of how many. */
  readonly kept: number;
  readonly samples: number;
  /** Bytes of float activations and of stored values. */
  readonly bytes: number;
  readonly budget: number;
}

export interface Analyst {
  readonly of: Dataset;
  readonly samples: number;
  /** Errors of every integer node; kept as a report on the model too. */
  measure(model: Model, localFeed: boolean, job: JobOptions): Promise<{ readonly report: ErrorReport; readonly ran: number }>;
  /** What a node gives for one sample, in both networks. A node that runs in float has no local feed. Raises NODE_UNKNOWN, CONFIG_INVALID. */
  compared(model: Model, node: string, localFeed: boolean, sample: number): Promise<Compared>;
  readonly memory: KeptActivations;
}
export interface Compared {
  readonly shape: readonly number[];
  /** In the float network's own units, both. */
  readonly float: Float32Array;
  readonly quantized: Float32Array;
}

const bytesOf = (values: NamedTensors): number => Object.values(values).reduce((sum, t) => sum + memoryOf(t), 0);
const LOCALS_KEPT = 2;
/** Letting messages in costs; nodes of a small network take less. */
const BREATHE_MS = 12;

/** Float values that nodes are fed and compared with. Always asked for together: ONNX Runtime fuses, and so rounds, by what is asked for. */
export const comparedValues = (graph: PartitionedGraph): readonly string[] =>
  [...new Set(graph.nodes.filter((node) => node.unit === 'MLA').flatMap((node) => [...node.inputs, ...node.outputs]))]
    .filter((name) => graph.values.get(name)?.dtype === 'float32');

/** `net`: the graph, and what its values are compared with. */
export function createAnalyst(net: Pick<LoadedNet, 'graph' | 'values'>, dataset: Dataset, samples: number, budget: number): Analyst {
  const compared = comparedValues(net.graph);
  const floats = new Map<number, NamedTensors>();
  let floatBytes = 0;
  let storedBytes = 0;
  /** The newest first. Who takes a change back and tries another node goes on from the one before it. */
  let locals: readonly Measured[] = [];
  let cumulative: MeasuredCumulative | undefined;

  const float = async (sample: number): Promise<NamedTensors> => {
    const known = floats.get(sample);
    if (known) return known;
    const values = await net.values(await dataset.sample(sample), compared);
    const bytes = bytesOf(values);
    if (floatBytes + storedBytes + bytes <= budget) {
      floats.set(sample, values);
      floatBytes += bytes;
    }
    return values;
  };

  const toolsFor = (model: Model, stage: string, { cancel, onProgress }: JobOptions): IncrementalTools => {
    let last = Date.now();
    let keeping = 0;
    return {
      samples,
      float,
      inputs: async (sample) => enter(model.graph.inputs, await dataset.sample(sample)),
      quantize: quantizeOnKernels,
      node: (node, inputs) => model.runNode(node, inputs),
      mayKeep: (bytes) => {
        // The values of the measuring before this one go when it is done, so they do not count.
        const fits = floatBytes + keeping + bytes <= budget;
        if (fits) keeping += bytes;
        return fits;
      },
      onStep: async (sample, fraction) => {
        cancel?.throwIfCancelled();
        if (Date.now() - last < BREATHE_MS) return;
        onProgress?.({ stage, fraction: Math.min(1, (sample + fraction) / samples), detail: `sample ${sample + 1}` });
        await breathe();
        last = Date.now();
      },
    };
  };

  return {
    of: dataset, samples,
    measure: async (model, localFeed, job) => {
      const tools = toolsFor(model, localFeed ? 'local errors' : 'cumulative errors', job);
      let measured: Measured;
      if (localFeed) {
        measured = await remeasureLocal(model.graph, locals, tools);
        // What was known already needs no place of its own.
        if (measured.ran > 0) locals = [measured, ...locals].slice(0, LOCALS_KEPT);
      } else {
        const next = await remeasureCumulative(model.graph, cumulative, tools);
        storedBytes = next.stored.reduce((sum, values) => sum + [...values?.values() ?? []].reduce((bytes, t) => bytes + memoryOf(t), 0), 0);
        measured = cumulative = next;
      }
      const report: ErrorReport = { metric: 'psnr', localFeed, samples, nodes: [...measured.errors.values()] };
      model.keepReport(report);
      return { report, ran: measured.ran };
    },
    compared: async (model, name, localFeed, sample) => {
      const node = model.graph.nodes.find((candidate) => candidate.name === name);
      if (!node) throw new RequantError('NODE_UNKNOWN', 'the run has no node of this name', { node: name });
      const [output = ''] = node.outputs;
      const floatValues = await float(sample);
      const known = floatValues[output] ? floatValues : await net.values(await dataset.sample(sample), [output]);
      if (known[output]?.dtype !== 'float32') throw new RequantError('CONFIG_INVALID', 'the node gives no real numbers', { node: name });
      const parts = errorParts(model.graph, quantizeOnKernels);
      let got: Tensor | StringTensor | undefined;
      if (localFeed) {
        if (node.kind !== 'integer') throw new RequantError('CONFIG_INVALID', 'a node that runs in float has no error of its own', { node: name });
        [got] = await model.runNode(node, parts.localInputs(node, floatValues));
      } else {
        const stored = cumulative?.graph === model.graph ? cumulative.stored[sample]?.get(output) : undefined;
        got = stored ?? (await model.values(await dataset.sample(sample), [output]))[output];
      }
      if (!got) throw new RequantError('INTERNAL', 'the node gave nothing', { node: name });
      return { shape: got.shape, float: parts.expected(node, known), quantized: parts.real(node, got) };
    },
    get memory() { return { kept: floats.size, samples, bytes: floatBytes + storedBytes, budget }; },
  };
}
