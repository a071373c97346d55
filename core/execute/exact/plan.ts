// A plan: nodes of a quantized graph as steps, with the memory that they take. Neighbours on the kernels become slices, as few as the budget
// allows; neighbours of one way in ONNX Runtime become one graph there; the rest runs node by node.
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import type { Kernels, Program } from '../../kernels/index.ts';
import type { RuntimeSession } from '../session.ts';
import type { Lowered, NotLowered } from './lowering.ts';
import { RUNTIME_FORMS, type FastWay, type RuntimeWay } from './ways.ts';
import { sliceOf, type Dealing, type Located, type LoweredNode, type Slice } from './slice.ts';

/** Nodes that run together, with what they read from outside and what is read of them. */
export interface Segment {
  readonly nodes: readonly QuantizedNode[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export type Step =
  | { readonly kind: 'slice'; readonly slice: Slice; readonly located: Located; readonly program: Program }
  | { readonly kind: 'segment'; readonly segment: Segment; readonly session: RuntimeSession }
  | { readonly kind: 'node'; readonly node: QuantizedNode };

export interface Plan {
  readonly steps: readonly Step[];
  /** Number of nodes. */
  readonly length: number;
  /** Address of the memory that the slices share in turn. */
  readonly base: number;
  readonly notices: readonly string[];
}

export interface PlanSource {
  readonly graph: QuantizedGraph;
  readonly kernels: Kernels;
  readonly dealing: Dealing;
  readonly memoryBudget: number;
  readonly lower: (node: QuantizedNode) => Lowered | NotLowered;
  readonly sessionFor: (segment: Segment, way: RuntimeWay) => Promise<RuntimeSession>;
}

type Home = FastWay | 'alone';

export const inputsOf = (step: Step): readonly string[] => {
  switch (step.kind) {
    case 'slice': return step.slice.inputs;
    case 'segment': return step.segment.inputs;
    case 'node': return step.node.inputs;
  }
};

/** `nodes` in order; `wayOf` says how each is to run where it can. Raises BUDGET_EXCEEDED, RUNTIME_FAILED. */
export async function planOf(from: PlanSource, nodes: readonly QuantizedNode[], wanted: readonly string[], wayOf: (node: QuantizedNode) => FastWay): Promise<Plan> {
  const { graph, kernels, dealing, memoryBudget } = from;
  const homeOf = (node: QuantizedNode): Home => {
    if (node.kind === 'float') return 'alone';
    const way = wayOf(node);
    if (way !== 'kernels' && RUNTIME_FORMS[way].writes(graph, node)) return way;
    return 'reason' in from.lower(node) ? 'alone' : 'kernels';
  };
  const groups: { home: Home; first: number; nodes: QuantizedNode[] }[] = [];
  for (const [i, node] of nodes.entries()) {
    const home = homeOf(node);
    const last = groups.at(-1);
    if (last?.home === home && home !== 'alone') last.nodes.push(node);
    else groups.push({ home, first: i, nodes: [node] });
  }
  const leaves = readOutside(nodes, wanted);
  const slices = (lowered: readonly LoweredNode[], first: number): Slice[] => {
    const slice = sliceOf(graph, lowered, (name) => leaves(name, first, first + lowered.length), dealing);
    if (slice.bytes <= memoryBudget || lowered.length === 1) return [slice];
    const half = lowered.length >> 1;
    return [...slices(lowered.slice(0, half), first), ...slices(lowered.slice(half), first + half)];
  };
  const parts: (Slice | Exclude<Step, { kind: 'slice' }>)[] = [];
  for (const group of groups) {
    switch (group.home) {
      case 'kernels': parts.push(...slices(group.nodes.flatMap((node) => { const lowered = from.lower(node); return 'reason' in lowered ? [] : [{ node, lowered }]; }), group.first)); break;
      case 'integer-operators': case 'inside-float': {
        const segment = segmentOf(graph, group.nodes, (name) => leaves(name, group.first, group.first + group.nodes.length));
        if (segment.outputs.length > 0) parts.push({ kind: 'segment', segment, session: await from.sessionFor(segment, group.home) });
        break;
      }
      case 'alone': parts.push(...group.nodes.map((node) => ({ kind: 'node' as const, node }))); break;
    }
  }
  const sliced = parts.filter((part): part is Slice => !('kind' in part));
  const base = kernels.heap.allocate(Math.max(0, ...sliced.map((slice) => slice.bytes)));
  const stretches = groups.filter((group) => group.home === 'kernels').length;
  return {
    base, length: nodes.length,
    steps: parts.map((part): Step => {
      if ('kind' in part) return part;
      const located = part.at(base);
      return { kind: 'slice', slice: part, located, program: kernels.program(located.instructions) };
    }),
    notices: sliced.length > stretches ? [`Activations do not fit ${Math.round(memoryBudget / 2 ** 20)} MiB at once, so the graph runs in ${sliced.length} slices.`] : [],
  };
}

/** Is a value asked for, or read by a node before index `first` or from index `end` on? */
function readOutside(nodes: readonly QuantizedNode[], wanted: readonly string[]): (name: string, first: number, end: number) => boolean {
  const asked = new Set(wanted);
  const readers = new Map<string, number[]>();
  nodes.forEach((node, i) => node.inputs.forEach((name) => { const list = readers.get(name); if (list) list.push(i); else readers.set(name, [i]); }));
  return (name, first, end) => asked.has(name) || (readers.get(name) ?? []).some((i) => i < first || i >= end);
}

export function segmentOf(graph: QuantizedGraph, nodes: readonly QuantizedNode[], leaves: (name: string) => boolean): Segment {
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const read = nodes.flatMap((node) => node.inputs).filter((name) => name !== '' && !made.has(name) && !graph.constants.has(name));
  return { nodes, inputs: [...new Set(read)], outputs: [...made].filter(leaves) };
}

export function dropPlan(kernels: Kernels, plan: Plan): void {
  for (const step of plan.steps) if (step.kind === 'slice') kernels.release(step.program);
  kernels.heap.free(plan.base);
}
