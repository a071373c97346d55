// The exact executor: a whole quantized graph in one of the fast ways, or each partition in the fastest of them; bit for bit what the reference gives. Nodes without a fast form run on their reference kernel, float nodes in ONNX Runtime.
import * as v from 'valibot';
import { integerFormOf, writerOf } from '../../emit/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { sharedKernels, threadCount, type Kernels } from '../../kernels/index.ts';
import { firstNonFinite, numeric, type NamedValues, type StringTensor, type Tensor } from '../../tensor/tensor.ts';
import { constantsOf, runNode, type ReferenceOptions, type RunFloatNode } from '../reference.ts';
import { createSession, type RuntimeSession } from '../session.ts';
import { choose, equal, partitionsOf, refused, type Choice } from './choice.ts';
import { integerRuntime } from './runtime-check.ts';
import { type Lowered, type NotLowered } from './lowering.ts';
import { dropPlan, inputsOf, planOf, type Plan, type Segment, type Step } from './plan.ts';
import { copyIn, copyOut, sliceOf, storedOf, withProgram } from './slice.ts';
import { LOWERINGS } from './table.ts';
import { RUNTIME_FORMS, type FastWay, type RuntimeWay, type Way } from './ways.ts';

/**
 * How a node runs: on the fast kernels; on ONNX Runtime's operators for integers, or among them in floating point and why; as integers inside floating point; on
 * its reference kernel and why; or in float.
 */
export type NodeWay = { readonly name: string } & (
  { readonly way: 'kernels' | 'inside-float' | 'float' } | { readonly way: 'integer-operators'; readonly reason?: string } | { readonly way: 'reference'; readonly reason: string });

export interface RunOptions extends Pick<ReferenceOptions, 'onNode'> {
  /** Default: kernels. 'fastest' tries them at its first run for the values that are wanted, which takes a few runs longer. */
  readonly way?: Way;
}

export interface ExactExecutor {
  /** All values named in `wanted`, as stored, for inputs by value name. Runs of one executor wait for one another. */
  run(inputs: NamedValues, wanted: readonly string[], options?: RunOptions): Promise<NamedValues>;
  /** One integer or conversion node on stored inputs. */
  node(node: QuantizedNode, inputs: readonly Tensor[]): Tensor;
  /** Of the way given; by default of the last run, or the kernels before any. */
  ways(way?: FastWay): readonly NodeWay[];
  /** What the last run with the way 'fastest' chose; empty before any. */
  choices(): readonly Choice[];
  /** What a person should know of the last run, such as that memory was short. */
  notices(): readonly string[];
  release(): Promise<void>;
}

export interface ExactOptions {
  readonly runFloat: RunFloatNode;
  /** Default: those of the process, see useThreads. */
  readonly threads?: number;
  /** Pieces that every instruction is dealt out in, so that a test deals out small work too; default: as many as the work asks for. */
  readonly pieces?: number;
  /** Bytes that activations may take at once; default 1 GiB. Beyond it a graph runs in slices. */
  readonly memoryBudget?: number;
  /** Opens a session of ONNX Runtime; passed in where another runtime is to be tried. */
  readonly openSession?: typeof createSession;
}

const DEFAULT_BUDGET = 2 ** 30;
/** Memory plans kept: for execution, and for analysis. */
const MOST_PLANS = 3;

interface KeptPlan {
  readonly plan: Plan;
  /** How nodes were meant to run. */
  readonly wayOf: (node: QuantizedNode) => FastWay;
  readonly choices: readonly Choice[];
  /** To be compared with the kernels on real inputs once. */
  unchecked: boolean;
}
/** Everything that lies in the kernels' memory. Dropped whole when the kernels failed. */
interface Resident {
  readonly kernels: Kernels;
  readonly lowered: Map<string, Lowered | NotLowered>;
  readonly pinned: number[];
  readonly plans: Map<string, KeptPlan>;
}

const onKernels = (): FastWay => 'kernels';

export function createExactExecutor(graph: QuantizedGraph, options: ExactOptions): ExactExecutor {
  const threads = options.threads ?? threadCount();
  const memoryBudget = options.memoryBudget ?? DEFAULT_BUDGET;
  const openSession = options.openSession ?? createSession;
  const sessions = new Map<string, Promise<RuntimeSession>>();
  let resident: Resident | undefined;
  let last: KeptPlan | undefined;
  let lastChoices: readonly Choice[] = [];
  let queue: Promise<unknown> = Promise.resolve();

  const here = (): Resident => {
    if (!resident || resident.kernels.closed) resident = { kernels: sharedKernels(), lowered: new Map(), pinned: [], plans: new Map() };
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
  const sessionKey = ({ nodes, outputs }: Segment, way: RuntimeWay): string => `${way} ${nodes[0]?.name ?? ''} ${nodes.length}\n${outputs.join('\n')}`;
  /** A runtime in which something is wrong is written for carefully; whoever forces the way gets what it computes. */
  const emitted = async ({ nodes, inputs, outputs }: Segment, way: RuntimeWay) => {
    const found = way === 'integer-operators' ? await integerRuntime(openSession) : undefined;
    return RUNTIME_FORMS[way].emit(graph, nodes, inputs, outputs, found && 'signedWeights' in found ? found : { signedWeights: false });
  };
  const sessionsIn = (kept: Map<string, Promise<RuntimeSession>>) => (segment: Segment, way: RuntimeWay): Promise<RuntimeSession> => {
    const key = sessionKey(segment, way);
    const known = kept.get(key);
    if (known) return known;
    const made = emitted(segment, way).then(openSession);
    kept.set(key, made);
    made.catch(() => kept.delete(key));
    return made;
  };
  const plan = (nodes: readonly QuantizedNode[], wanted: readonly string[], wayOf: (node: QuantizedNode) => FastWay, kept = sessions): Promise<Plan> =>
    planOf({ graph, kernels: here().kernels, dealing: { threads, pieces: options.pieces }, memoryBudget, lower, sessionFor: sessionsIn(kept) }, nodes, wanted, wayOf);

  /** The ways of a partition, each with a plan of its own for as long as the race lasts. Of the sessions only the winner's stays open. */
  const choiceOf = async (segment: Segment): Promise<Choice> => {
    const { kernels } = here();
    await kernels.ready(threads);
    const plans: Plan[] = [];
    const opened = new Map<string, Promise<RuntimeSession>>();
    const ready = async (way: FastWay) => {
      const made = await plan(segment.nodes, segment.outputs, () => way, opened);
      plans.push(made);
      return (inputs: NamedValues) => runPlan(made, inputs, segment.outputs);
    };
    let choice: Choice | undefined;
    try {
      choice = await choose(graph, segment, { ready, integerRuntime: () => integerRuntime(openSession) });
      return choice;
    } finally {
      if (!kernels.closed) for (const made of plans) dropPlan(kernels, made);
      const winner = choice && choice.way !== 'kernels' ? sessionKey(segment, choice.way) : '';
      for (const [key, session] of opened) {
        if (key === winner && !sessions.has(key)) sessions.set(key, session);
        else await session.then((each) => each.release()).catch(() => undefined);
      }
    }
  };

  const planFor = async (wanted: readonly string[], way: Way): Promise<KeptPlan> => {
    const key = [way, ...wanted].join('\n');
    const known = here().plans.get(key);
    if (known) return known;
    const choices: Choice[] = [];
    const chosen = new Map<QuantizedNode, FastWay>();
    if (way === 'fastest') {
      for (const segment of partitionsOf(graph, wanted)) {
        const choice = await choiceOf(segment);
        choices.push(choice);
        for (const node of segment.nodes) chosen.set(node, choice.way);
      }
    }
    return keepPlan(key, wanted, way === 'fastest' ? (node) => chosen.get(node) ?? 'kernels' : () => way, choices);
  };
  const keepPlan = async (key: string, wanted: readonly string[], wayOf: KeptPlan['wayOf'], choices: readonly Choice[]): Promise<KeptPlan> => {
    const { kernels, plans } = here();
    for (const [old, { plan }] of plans) if (old === key || plans.size >= MOST_PLANS) { plans.delete(old); dropPlan(kernels, plan); }
    const made: KeptPlan = { plan: await plan(graph.nodes, wanted, wayOf), wayOf, choices, unchecked: choices.some((choice) => choice.way !== 'kernels') };
    plans.set(key, made);
    return made;
  };

  const run = async (inputs: NamedValues, wanted: readonly string[], { way = 'kernels', onNode }: RunOptions): Promise<NamedValues> => {
    const made = await planFor(wanted, way);
    last = made;
    if (way === 'fastest') lastChoices = made.choices;
    const results = await runPlan(made.plan, inputs, wanted, onNode);
    if (!made.unchecked) return results;
    made.unchecked = false;
    // The first real inputs run on the kernels, too.
    const exact = await planFor(wanted, 'kernels');
    const expected = await runPlan(exact.plan, inputs, wanted, onNode);
    if (!equal([expected], [results])) {
      last = await keepPlan([way, ...wanted].join('\n'), wanted, onKernels, made.choices.map(refused));
      lastChoices = last.choices;
    }
    return expected;
  };

  const runPlan = async (made: Plan, inputs: NamedValues, wanted: readonly string[], onNode?: ReferenceOptions['onNode']): Promise<NamedValues> => {
    const live = new Map<string, Tensor | StringTensor>(Object.entries(inputs));
    const lastUse = new Map<string, number>();
    made.steps.forEach((step, i) => { for (const name of inputsOf(step)) lastUse.set(name, i); });
    const asked = new Set(wanted);
    let done = 0;
    for (const [i, step] of made.steps.entries()) {
      switch (step.kind) {
        case 'slice':
          await runSlice(step, live, async (nodes) => { await onNode?.(done + nodes, made.length); });
          done += step.slice.nodes.length;
          break;
        case 'segment':
          if (step.segment.inputs.some((name) => firstNonFinite(required(live, name)))) refuseData(step.segment.nodes, live);
          for (const [name, t] of Object.entries(await step.session.run(Object.fromEntries(step.segment.inputs.map((name) => [name, required(live, name)]))))) live.set(name, t);
          await onNode?.(done += step.segment.nodes.length, made.length);
          break;
        case 'node':
          await runAlone(step.node, live);
          await onNode?.(++done, made.length);
          break;
      }
      for (const name of inputsOf(step)) if (lastUse.get(name) === i && !asked.has(name)) live.delete(name);
    }
    const out: Record<string, Tensor | StringTensor> = {};
    for (const name of wanted) out[name] = computed(live, name, wanted);
    return out;
  };

  const runSlice = async ({ slice, located, program }: Extract<Step, { kind: 'slice' }>, live: Map<string, Tensor | StringTensor>, onChunk: (nodes: number) => Promise<void>): Promise<void> => {
    const { kernels } = here();
    for (const name of slice.inputs) copyIn(kernels, located.addressOf(name), required(live, name), storedOf(graph, name));
    const flag = new Int32Array(kernels.memory.buffer, located.bad, 1);
    flag[0] = 0;
    let from = 0;
    for (const { end, nodes } of located.chunks) {
      kernels.run(program, from, end, threads);
      from = end;
      await onChunk(nodes);
    }
    if (flag[0] !== 0) refuseData(slice.nodes.map(({ node }) => node), live);
    for (const name of slice.outputs) live.set(name, copyOut(kernels, located.addressOf(name), storedOf(graph, name)));
  };

  /** A value to be quantized was not finite: the reference kernel says which element. */
  const refuseData = (nodes: readonly QuantizedNode[], live: ReadonlyMap<string, Tensor | StringTensor>): never => {
    for (const node of nodes) {
      const t = live.get(node.inputs[0] ?? '');
      if (node.kind === 'quantize' && t) runNode(graph, node, [numeric(t)]);
    }
    throw new RequantError('DATA_INVALID', 'a value that was to be quantized is NaN or infinite');
  };

  const runAlone = async (node: QuantizedNode, live: Map<string, Tensor | StringTensor>): Promise<void> => {
    const operands = node.inputs.map((name) => live.get(name) ?? graph.constants.get(name));
    if (node.kind === 'float') {
      const results = await options.runFloat(node, operands);
      node.outputs.forEach((output, k) => { const t = results[k]; if (t) live.set(output, t); });
    } else {
      live.set(node.outputs[0] ?? '', runNode(graph, node, node.inputs.map((name) => required(live, name))));
    }
  };

  return {
    run: (inputs, wanted, runOptions = {}) => {
      const result = queue.then(() => run(inputs, wanted, runOptions));
      queue = result.catch(() => undefined);
      return result;
    },
    node: (node, inputs) => {
      const lowered = lower(node);
      if ('reason' in lowered || lowered.alias) return runNode(graph, node, inputs);
      const { kernels } = here();
      const slice = sliceOf(graph, [{ node, lowered }], () => true, { threads, pieces: options.pieces });
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
    ways: (way) => graph.nodes.map((node): NodeWay => {
      if (node.kind === 'float') return { name: node.name, way: 'float' };
      const meant = way ?? last?.wayOf(node) ?? 'kernels';
      if (meant === 'inside-float' && writerOf(graph, node)) return { name: node.name, way: meant };
      const form = meant === 'integer-operators' ? integerFormOf(graph, node) : undefined;
      if (form) return { name: node.name, way: 'integer-operators', ...(form.reason === undefined ? {} : { reason: form.reason }) };
      const lowered = lower(node);
      return 'reason' in lowered ? { name: node.name, way: 'reference', reason: lowered.reason } : { name: node.name, way: 'kernels' };
    }),
    choices: () => lastChoices,
    notices: () => [...last?.plan.notices ?? [], ...(last?.choices ?? []).filter(({ failed }) => failed).map(({ partition, reason }) => `${partition} runs on the integer kernels: ${reason}.`)],
    release: async () => {
      if (resident && !resident.kernels.closed) {
        const { kernels, pinned, plans } = resident;
        for (const { plan: made } of plans.values()) dropPlan(kernels, made);
        for (const address of pinned) kernels.heap.free(address);
      }
      resident = undefined;
      last = undefined;
      const open = [...sessions.values()];
      sessions.clear();
      for (const session of open) await (await session).release();
    },
  };
}

/** What an integer node reads. */
const required = (live: ReadonlyMap<string, Tensor | StringTensor>, name: string): Tensor => numeric(computed(live, name), { tensor: name });

function computed(live: ReadonlyMap<string, Tensor | StringTensor>, name: string, wanted: readonly string[] = []): Tensor | StringTensor {
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
