// Errors of a quantized graph that differs a little from one measured before: what is the same in both is not run again. The sums are those
// of analyzeErrors, sample by sample in the same order, so from the same float values
// the results are equal to the last bit.
import { RequantError } from '../errors/index.ts';
import type { NodeError, QuantizedGraph, QuantizedNode } from '../ir/index.ts';
import { memoryOf, type NamedTensors, type NamedValues, type StringTensor, type Tensor } from '../tensor/tensor.ts';
import { createErrorSum, type ErrorSum } from './metrics.ts';
import { errorParts, originOf, type Quantize } from './parts.ts';

export interface IncrementalTools {
  readonly samples: number;
  /** Float values of the named tensors for a sample. */
  readonly float: (sample: number, values: readonly string[]) => Promise<NamedTensors>;
  /** The quantized graph's inputs for a sample, by value name. */
  readonly inputs: (sample: number) => Promise<NamedValues>;
  readonly quantize: Quantize;
  /** One node of the graph on stored inputs, constants among them where it is a float node. */
  readonly node: (node: QuantizedNode, inputs: readonly (Tensor | StringTensor | undefined)[]) => Promise<readonly (Tensor | StringTensor)[]>;
  /** May stored values of this many bytes be kept for next time? */
  readonly mayKeep: (bytes: number) => boolean;
  /** Called after each node; may throw to stop and may wait, to let messages in. */
  readonly onStep?: (sample: number, fraction: number) => Promise<void> | void;
}

export interface Measured {
  readonly graph: QuantizedGraph;
  readonly errors: ReadonlyMap<string, NodeError>;
  /** Nodes that were run for this. */
  readonly ran: number;
}
export interface MeasuredCumulative extends Measured {
  /** What every node stored, by sample; undefined where there was no room. */
  readonly stored: readonly (ReadonlyMap<string, Tensor | StringTensor> | undefined)[];
}

function sameTensor(a: Tensor | undefined, b: Tensor | undefined): boolean {
  if (a === b) return true;
  if (!a || !b || a.dtype !== b.dtype || a.data.length !== b.data.length || a.shape.join() !== b.shape.join()) return false;
  const [left, right] = [a, b].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) as [Uint8Array, Uint8Array];
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

/** A graph, and what its nodes read under a name. */
interface Feed {
  readonly graph: QuantizedGraph;
  readonly read: (name: string) => unknown;
}
const asStored = (graph: QuantizedGraph): Feed => ({ graph, read: (name) => graph.values.get(name) ?? name });
/** The float network's value in this quantization: whether it was converted on its way does not show. */
function locally(graph: QuantizedGraph): Feed {
  const origin = originOf(graph);
  return { graph, read: (name) => { const value = graph.values.get(name); return value ? { ...value, name: origin(name) } : name; } };
}

/** Would the two nodes turn the same of what they are fed into the same stored outputs? */
function sameNode({ graph: before, read: readBefore }: Feed, old: QuantizedNode | undefined, { graph, read }: Feed, node: QuantizedNode): boolean {
  if (!old || old.kind !== node.kind || old.op !== node.op) return false;
  if (JSON.stringify(old.inputs.map(readBefore)) !== JSON.stringify(node.inputs.map(read))) return false;
  if (JSON.stringify(old.outputs.map(asStored(before).read)) !== JSON.stringify(node.outputs.map(asStored(graph).read))) return false;
  if (JSON.stringify(old.attrs) !== JSON.stringify(node.attrs)) return false;
  const roles = Object.keys(node.constants);
  if (roles.length !== Object.keys(old.constants).length) return false;
  if (!roles.every((role) => sameTensor(before.constants.get(old.constants[role] ?? ''), graph.constants.get(node.constants[role] ?? '')))) return false;
  return node.inputs.every((name) => sameTensor(before.constants.get(name), graph.constants.get(name)));
}

const named = (graph: QuantizedGraph): ReadonlyMap<string, QuantizedNode> => new Map(graph.nodes.map((node) => [node.name, node]));
const integers = (graph: QuantizedGraph): readonly QuantizedNode[] => graph.nodes.filter((node) => node.kind === 'integer');

function collect(graph: QuantizedGraph, sums: ReadonlyMap<string, ErrorSum>, known: ReadonlyMap<string, NodeError> | undefined): ReadonlyMap<string, NodeError> {
  return new Map(integers(graph).map((node) => {
    const error = sums.get(node.name)?.result(node.name) ?? known?.get(node.name);
    if (!error) throw new RequantError('INTERNAL', 'the error of a node was not measured', { node: node.name });
    return [node.name, error];
  }));
}

/** Errors of nodes that one of these has measured as they are now. */
function knownErrors(graph: QuantizedGraph, before: readonly Measured[]): ReadonlyMap<string, NodeError> {
  const known = new Map<string, NodeError>();
  const now = locally(graph);
  for (const { graph: past, errors } of before) {
    const old = named(past);
    const then = locally(past);
    for (const node of integers(graph)) {
      const error = known.has(node.name) ? undefined : errors.get(node.name);
      if (error && sameNode(then, old.get(node.name), now, node)) known.set(node.name, error);
    }
  }
  return known;
}

/** Local errors. `before`: measured on the same samples, the newest first. */
export async function remeasureLocal(graph: QuantizedGraph, before: readonly Measured[], tools: IncrementalTools): Promise<Measured> {
  const known = knownErrors(graph, before);
  const changed = integers(graph).filter((node) => !known.has(node.name));
  const sums = new Map(changed.map((node) => [node.name, createErrorSum()]));
  const parts = errorParts(graph, tools.quantize);
  const wanted = [...new Set(changed.flatMap((node) => [node.outputs[0] ?? '', ...node.inputs.map(parts.origin)]))];
  for (let s = 0; s < tools.samples && changed.length > 0; s++) {
    const float = await tools.float(s, wanted);
    for (const [i, node] of changed.entries()) {
      const [got] = await tools.node(node, parts.localInputs(node, float));
      if (got) sums.get(node.name)?.add(parts.expected(node, float), parts.real(node, got));
      await tools.onStep?.(s, (i + 1) / changed.length);
    }
  }
  return { graph, errors: collect(graph, sums, known), ran: changed.length };
}

/** Cumulative errors: a node runs when it, or what it reads, has changed. `before`: measured on the same samples. */
export async function remeasureCumulative(graph: QuantizedGraph, before: MeasuredCumulative | undefined, tools: IncrementalTools): Promise<MeasuredCumulative> {
  const changed = changedFrom(graph, before);
  const measured = integers(graph).filter((node) => changed.has(node));
  const sums = new Map(measured.map((node) => [node.name, createErrorSum()]));
  const parts = errorParts(graph, tools.quantize);
  const wanted = measured.map((node) => node.outputs[0] ?? '');
  const stored: (ReadonlyMap<string, Tensor | StringTensor> | undefined)[] = [];
  for (let s = 0; s < tools.samples; s++) {
    const known = before?.stored[s];
    const values = await runChanged(graph, known, changed, s, tools);
    const float = wanted.length === 0 ? {} : await tools.float(s, wanted);
    for (const node of measured) {
      const got = values.get(node.outputs[0] ?? '');
      if (got) sums.get(node.name)?.add(parts.expected(node, float), parts.real(node, got));
    }
    const bytes = [...values.values()].reduce((sum, t) => sum + memoryOf(t), 0);
    stored.push(tools.mayKeep(bytes) ? values : undefined);
  }
  return { graph, errors: collect(graph, sums, before?.errors), stored, ran: changed.size };
}

/** Nodes that give other values than before: those that differ, and all that read from them. */
function changedFrom(graph: QuantizedGraph, before: Measured | undefined): ReadonlySet<QuantizedNode> {
  if (!before) return new Set(graph.nodes);
  const old = named(before.graph);
  const then = asStored(before.graph), now = asStored(graph);
  const changed = new Set<QuantizedNode>();
  const dirty = new Set<string>();
  for (const node of graph.nodes) {
    if (!node.inputs.some((name) => dirty.has(name)) && sameNode(then, old.get(node.name), now, node)) continue;
    changed.add(node);
    for (const output of node.outputs) dirty.add(output);
  }
  return changed;
}

/** All values of the graph for one sample: those of nodes that are the same come from `known`, where it is there. */
async function runChanged(graph: QuantizedGraph, known: ReadonlyMap<string, Tensor | StringTensor> | undefined, changed: ReadonlySet<QuantizedNode>, sample: number, tools: IncrementalTools): Promise<ReadonlyMap<string, Tensor | StringTensor>> {
  const values = new Map<string, Tensor | StringTensor>(Object.entries(await tools.inputs(sample)));
  let done = 0;
  for (const node of graph.nodes) {
    const kept = changed.has(node) ? undefined : known && node.outputs.map((name) => known.get(name));
    const results = kept?.every((t) => t !== undefined) ? kept : await tools.node(node, node.inputs.map((name) => values.get(name) ?? graph.constants.get(name)));
    node.outputs.forEach((output, k) => { const t = results[k]; if (t) values.set(output, t); });
    if (results !== kept) await tools.onStep?.(sample, ++done / graph.nodes.length);
  }
  return values;
}
