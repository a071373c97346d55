// The exact executor: a whole quantized graph on the WebAssembly kernels, bit for bit what the reference gives. Nodes without a fast kernel run
// on their reference kernel, float nodes in ONNX Runtime; `ways` says which is which.
import * as v from 'valibot';
import { RequantError } from '../../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { sharedKernels, threadCount, type Kernels, type Program } from '../../kernels/index.ts';
import type { NamedTensors, Tensor } from '../../tensor/tensor.ts';
import { constantsOf, runNode, type ReferenceOptions, type RunFloatNode } from '../reference.ts';
import { type Lowered, type NotLowered } from './lowering.ts';
import { copyIn, copyOut, sliceOf, storedOf, withProgram, type Located, type LoweredNode, type Slice } from './slice.ts';
import { LOWERINGS } from './table.ts';

/** How a node runs: on the fast kernels, on its reference kernel and why, or in float. */
export type NodeWay = { readonly name: string } & ({ readonly way: 'kernels' | 'float' } | { readonly way: 'reference'; readonly reason: string });

export interface ExactExecutor {
  /** All values named in `wanted`, as stored, for inputs by value name. Runs of one executor wait for one another. */
  run(inputs: NamedTensors, wanted: readonly string[], options?: Pick<ReferenceOptions, 'onNode'>): Promise<NamedTensors>;
  /** One integer or conversion node on stored inputs. */
  node(node: QuantizedNode, inputs: readonly Tensor[]): Tensor;
  ways(): readonly NodeWay[];
  /** What a person should know of the last run, such as that memory was short. */
  notices(): readonly string[];
  release(): void;
}

export interface ExactOptions {
  readonly runFloat: RunFloatNode;
  /** Default: those of the process, see useThreads. */
  readonly threads?: number;
  /** Bytes that activations may take at once; default 1 GiB. Beyond it a graph runs in slices. */
  readonly memoryBudget?: number;
}

const DEFAULT_BUDGET = 2 ** 30;
/** Memory plans kept: one for execution, one for analysis. */
const MOST_PLANS = 2;

type Step = { readonly slice: Slice; readonly located: Located; readonly program: Program } | { readonly node: QuantizedNode };
interface Plan {
  readonly key: string;
  readonly steps: readonly Step[];
  readonly base: number;
  readonly notices: readonly string[];
}
/** Everything that lies in the kernels' memory. Dropped whole when the kernels failed. */
interface Resident {
  readonly kernels: Kernels;
  readonly lowered: Map<string, Lowered | NotLowered>;
  readonly pinned: number[];
  readonly plans: Plan[];
}

export function createExactExecutor(graph: QuantizedGraph, options: ExactOptions): ExactExecutor {
  const threads = options.threads ?? threadCount();
  const budget = options.memoryBudget ?? DEFAULT_BUDGET;
  let resident: Resident | undefined;
  let notices: readonly string[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const here = (): Resident => {
    if (!resident || resident.kernels.closed) resident = { kernels: sharedKernels(), lowered: new Map(), pinned: [], plans: [] };
    return resident;
  };
  const lower = (node: QuantizedNode): Lowered | NotLowered => {
    const { kernels, lowered, pinned } = here();
    const known = lowered.get(node.name);
    if (known) return known;
    const made = lowerNode(graph, node, (data) => {
      const address = kernels.pin(data);
      pinned.push(address);
      return address;
    });
    lowered.set(node.name, made);
    return made;
  };

  /** Neighbours on the kernels, as few slices as the budget allows; the rest one by one. */
  const planFor = (wanted: readonly string[]): Plan => {
    const { kernels, plans } = here();
    const key = wanted.join('\n');
    const known = plans.find((plan) => plan.key === key);
    if (known) return known;
    const readers = new Map<string, number[]>();
    graph.nodes.forEach((node, i) => node.inputs.forEach((name) => { const list = readers.get(name); if (list) list.push(i); else readers.set(name, [i]); }));
    const asked = new Set(wanted);
    const slices = (nodes: readonly LoweredNode[], first: number): Slice[] => {
      const slice = sliceOf(graph, nodes, (name) => asked.has(name) || (readers.get(name) ?? []).some((i) => i < first || i >= first + nodes.length), threads);
      if (slice.bytes <= budget || nodes.length === 1) return [slice];
      const half = nodes.length >> 1;
      return [...slices(nodes.slice(0, half), first), ...slices(nodes.slice(half), first + half)];
    };
    const parts: (Slice | QuantizedNode)[] = [];
    let group: LoweredNode[] = [];
    const close = (end: number): void => {
      if (group.length > 0) parts.push(...slices(group, end - group.length));
      group = [];
    };
    let groups = 0;
    graph.nodes.forEach((node, i) => {
      const lowered = node.kind === 'float' ? undefined : lower(node);
      if (lowered && !('reason' in lowered)) { if (group.length === 0) groups++; group.push({ node, lowered }); return; }
      close(i);
      parts.push(node);
    });
    close(graph.nodes.length);
    const bytes = Math.max(0, ...parts.map((part) => ('nodes' in part ? part.bytes : 0)));
    while (plans.length >= MOST_PLANS) { const oldest = plans.shift(); if (oldest) drop(kernels, oldest); }
    const base = kernels.heap.allocate(bytes);
    const sliced = parts.filter((part) => 'nodes' in part).length;
    const plan: Plan = {
      key, base,
      steps: parts.map((part): Step => {
        if (!('nodes' in part)) return { node: part };
        const located = part.at(base);
        return { slice: part, located, program: kernels.program(located.instructions) };
      }),
      notices: sliced > groups ? [`Activations do not fit ${Math.round(budget / 2 ** 20)} MiB at once, so the graph runs in ${sliced} slices.`] : [],
    };
    plans.push(plan);
    return plan;
  };

  const run = async (inputs: NamedTensors, wanted: readonly string[], onNode: ReferenceOptions['onNode']): Promise<NamedTensors> => {
    const { kernels } = here();
    const plan = planFor(wanted);
    notices = plan.notices;
    const total = graph.nodes.length;
    const live = new Map<string, Tensor>(Object.entries(inputs));
    const lastUse = new Map<string, number>();
    plan.steps.forEach((step, i) => { for (const name of 'slice' in step ? step.slice.inputs : step.node.inputs) lastUse.set(name, i); });
    const asked = new Set(wanted);
    let done = 0;
    for (const [i, step] of plan.steps.entries()) {
      if ('slice' in step) {
        await runSlice(kernels, step, live, async (nodes) => { await onNode?.(done + nodes, total); });
        done += step.slice.nodes.length;
      } else {
        await runAlone(step.node, live);
        await onNode?.(++done, total);
      }
      for (const name of 'slice' in step ? step.slice.inputs : step.node.inputs) if (lastUse.get(name) === i && !asked.has(name)) live.delete(name);
    }
    const out: Record<string, Tensor> = {};
    for (const name of wanted) out[name] = required(live, name, wanted);
    return out;
  };

  const runSlice = async (kernels: Kernels, { slice, located, program }: Extract<Step, { slice: Slice }>, live: Map<string, Tensor>, onChunk: (nodes: number) => Promise<void>): Promise<void> => {
    for (const name of slice.inputs) copyIn(kernels, located.addressOf(name), required(live, name), storedOf(graph, name));
    const flag = new Int32Array(kernels.memory.buffer, located.bad, 1);
    flag[0] = 0;
    let from = 0;
    for (const { end, nodes } of located.chunks) {
      kernels.run(program, from, end, threads);
      from = end;
      await onChunk(nodes);
    }
    if (flag[0] !== 0) refuseData(slice, live);
    for (const name of slice.outputs) live.set(name, copyOut(kernels, located.addressOf(name), storedOf(graph, name)));
  };

  /** A value to be quantized was not finite: the reference kernel says which element. */
  const refuseData = (slice: Slice, live: ReadonlyMap<string, Tensor>): never => {
    for (const { node } of slice.nodes) {
      const t = live.get(node.inputs[0] ?? '');
      if (node.kind === 'quantize' && t) runNode(graph, node, [t]);
    }
    throw new RequantError('DATA_INVALID', 'a value that was to be quantized is NaN or infinite');
  };

  const runAlone = async (node: QuantizedNode, live: Map<string, Tensor>): Promise<void> => {
    const operands = node.inputs.map((name) => live.get(name) ?? graph.constants.get(name));
    if (node.kind === 'float') {
      const results = await options.runFloat(node, operands);
      node.outputs.forEach((output, k) => { const t = results[k]; if (t) live.set(output, t); });
    } else {
      live.set(node.outputs[0] ?? '', runNode(graph, node, node.inputs.map((name) => required(live, name))));
    }
  };

  return {
    run: (inputs, wanted, { onNode } = {}) => {
      const result = queue.then(() => run(inputs, wanted, onNode));
      queue = result.catch(() => undefined);
      return result;
    },
    node: (node, inputs) => {
      const lowered = lower(node);
      if ('reason' in lowered || lowered.alias) return runNode(graph, node, inputs);
      const { kernels } = here();
      const slice = sliceOf(graph, [{ node, lowered }], () => true, threads);
      const base = kernels.heap.allocate(slice.bytes);
      try {
        const located = slice.at(base);
        // Each input once, though a node may read it twice.
        node.inputs.forEach((name, i) => { const t = inputs[i]; if (t) copyIn(kernels, located.addressOf(name), t, storedOf(graph, name)); });
        const flag = new Int32Array(kernels.memory.buffer, located.bad, 1);
        flag[0] = 0;
        withProgram(kernels, located.instructions, (program) => kernels.run(program, 0, program.length, threads));
        if (flag[0] !== 0) return runNode(graph, node, inputs);
        const [output = ''] = node.outputs;
        return copyOut(kernels, located.addressOf(output), storedOf(graph, output));
      } finally {
        kernels.heap.free(base);
      }
    },
    ways: () => graph.nodes.map((node): NodeWay => {
      if (node.kind === 'float') return { name: node.name, way: 'float' };
      const lowered = lower(node);
      return 'reason' in lowered ? { name: node.name, way: 'reference', reason: lowered.reason } : { name: node.name, way: 'kernels' };
    }),
    notices: () => notices,
    release: () => {
      if (resident && !resident.kernels.closed) {
        const { kernels, pinned, plans } = resident;
        for (const plan of plans) drop(kernels, plan);
        for (const address of pinned) kernels.heap.free(address);
      }
      resident = undefined;
    },
  };
}

function drop(kernels: Kernels, plan: Plan): void {
  for (const step of plan.steps) if ('slice' in step) kernels.release(step.program);
  kernels.heap.free(plan.base);
}

function required(live: ReadonlyMap<string, Tensor>, name: string, wanted: readonly string[] = []): Tensor {
  const t = live.get(name);
  if (t) return t;
  throw wanted.includes(name)
    ? new RequantError('INTERNAL', 'it was not computed', { tensor: name })
    : new RequantError('MODEL_INVALID', 'it is used before it is computed', { tensor: name });
}

/** What the kernels will do for a node. Attributes and shapes that contradict each other are left to the reference kernel, which names the fault. */
function lowerNode(graph: QuantizedGraph, node: QuantizedNode, pin: (data: ArrayBufferView) => number): Lowered | NotLowered {
  const lowering = LOWERINGS.get(node.op);
  if (!lowering) return { reason: `${node.op} has no fast kernel` };
  try {
    return lowering({
      attrs: node.attrs, constants: constantsOf(graph, node), pin,
      inputs: node.inputs.map((name) => storedOf(graph, name)), output: storedOf(graph, node.outputs[0] ?? ''),
    });
  } catch (error) {
    if (v.isValiError(error) || (error instanceof RequantError && error.code !== 'BUDGET_EXCEEDED')) return { reason: error.message };
    throw error;
  }
}
