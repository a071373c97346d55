// The fastest exact way of each partition: the ways run the same made-up inputs, random and extreme. One whose results differ in one bit from those of the
// integer kernels, whose arithmetic WebAssembly defines, is left; otherwise the clock decides.
import { integerFormOf, writerOf } from '../../emit/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { INTEGER_RANGE, operator } from '../../ops/index.ts';
import { allocate, sizeOf, type NamedTensors, type NamedValues, type Tensor } from '../../tensor/tensor.ts';
import { segmentOf, type Segment } from './plan.ts';
import type { Finding } from './runtime-check.ts';
import type { FastWay, RuntimeWay } from './ways.ts';

/** What was chosen for one partition, and why. */
export interface Choice {
  /** Its unit and number, as in the names of its nodes. */
  readonly partition: string;
  /** How many nodes it has. */
  readonly nodes: number;
  readonly way: FastWay;
  /** Of each way that ran, the best of the runs that decided, on this machine; absent where no race was needed. */
  readonly milliseconds?: Readonly<Partial<Record<FastWay, number>>>;
  /** One sentence. */
  readonly reason: string;
  /** Ways that did not run, and why. */
  readonly left?: readonly Left[];
  /** A self-check failed: a person should know. */
  readonly failed?: true;
}

/** Neighbours between two float nodes, as a segment. */
export function partitionsOf(graph: QuantizedGraph, wanted: readonly string[]): readonly Segment[] {
  const groups: QuantizedNode[][] = [[]];
  for (const node of graph.nodes) if (node.kind === 'float') groups.push([]); else groups.at(-1)?.push(node);
  return groups.filter((nodes) => nodes.length > 0).map((nodes) => {
    const inside = new Set(nodes);
    const leaving = new Set([...wanted, ...graph.nodes.flatMap((node) => (inside.has(node) ? [] : node.inputs))]);
    return segmentOf(graph, nodes, (name) => leaving.has(name));
  }).filter((segment) => segment.outputs.length > 0);
}

/** A way that took no part in a race. */
export interface Left {
  readonly way: RuntimeWay;
  readonly reason: string;
}

/** Runs a partition one way. */
export type RunWay = (inputs: NamedValues) => Promise<NamedValues>;
export interface Course {
  /** Makes a way ready; asked only of ways that run. */
  readonly ready: (way: FastWay) => Promise<RunWay>;
  /** What is known of this ONNX Runtime's operators for integers. */
  readonly integerRuntime: () => Promise<Finding>;
}

/** Never more runs than this, nor after this many milliseconds. */
const MOST_RUNS = 6;
const ENOUGH_MS = 60;
/** Integer operators that take less than this of the kernels' time are not raced against floating point, whose session costs as much as many runs. */
const CLEARLY = 2 / 3;

export async function choose(graph: QuantizedGraph, segment: Segment, course: Course): Promise<Choice> {
  const first = segment.nodes.find((node) => node.kind === 'integer') ?? segment.nodes[0];
  const about = { partition: `${first?.unit ?? 'MLA'}_${first?.partition ?? 0}`, nodes: segment.nodes.length };
  const wide = segment.nodes.find((node) => node.precision === 'int16');
  if (wide) return { ...about, way: 'kernels', reason: `${wide.name} is int16, which float32 does not hold` };
  // Proofs look at every weight: floating point is asked for its own only where it matters.
  const unfit = withoutIntegers(graph, segment) ?? faultOf(await course.integerRuntime());
  const unproved = (): string | undefined => {
    const found = segment.nodes.find((node) => writerOf(graph, node) === undefined);
    return found && `${found.name} is not proved to be exact inside floating point`;
  };
  const stopped = unfit === undefined ? undefined : unproved();
  if (unfit !== undefined && stopped !== undefined) return { ...about, way: 'kernels', reason: stopped, left: [{ way: 'integer-operators', reason: unfit }] };

  const probes = KINDS.map((kind, i) => probe(graph, segment, kind, i + 1));
  const left: Left[] = [];
  let failed = false;
  // The kernels go first: ONNX Runtime's threads go on spinning for a while after a run.
  const kernels = await race(await course.ready('kernels'), probes);
  const milliseconds: Partial<Record<FastWay, number>> = { kernels: kernels.milliseconds };
  const enter = async (way: RuntimeWay): Promise<void> => {
    let other: Race;
    try { other = await race(await course.ready(way), probes); }
    catch (error) {
      if (!(error instanceof RequantError) || error.code !== 'RUNTIME_FAILED') throw error;
      left.push({ way, reason: `ONNX Runtime refuses its form ${FORMS[way]}: ${error.message}` });
      failed = true;
      return;
    }
    if (equal(kernels.results, other.results)) { milliseconds[way] = other.milliseconds; return; }
    left.push({ way, reason: DIFFERS[way] });
    failed = true;
  };
  if (unfit === undefined) await enter('integer-operators');
  else left.push({ way: 'integer-operators', reason: unfit });
  if ((milliseconds['integer-operators'] ?? Infinity) < kernels.milliseconds * CLEARLY) left.push({ way: 'inside-float', reason: 'operators for integers are clearly faster than the kernels' });
  else {
    const reason = unfit === undefined ? unproved() : undefined;
    if (reason === undefined) await enter('inside-float');
    else left.push({ way: 'inside-float', reason });
  }

  const ran = (Object.entries(milliseconds) as [FastWay, number][]).sort(([, a], [, b]) => a - b);
  const [way] = ran[0] ?? ['kernels'] as const;
  const more = { ...(left.length > 0 ? { left } : {}), ...(ran.length > 1 ? { milliseconds } : {}) };
  // With nothing but the kernels left, what is wrong with the others is the reason.
  if (ran.length === 1) return { ...about, ...more, way, reason: left.at(-1)?.reason ?? FASTEST.kernels, ...(failed ? { failed } : {}) };
  return { ...about, ...more, way, reason: FASTEST[way] };
}

const faultOf = (finding: Finding): string | undefined => ('fault' in finding ? finding.fault : undefined);

const FASTEST: Readonly<Record<FastWay, string>> = {
  kernels: 'the integer kernels are faster here',
  'integer-operators': "ONNX Runtime's operators for integers are faster here, and gave the same integers",
  'inside-float': 'ONNX Runtime is faster here, and gave the same integers',
};
const FORMS: Readonly<Record<RuntimeWay, string>> = { 'integer-operators': 'in operators for integers', 'inside-float': 'in floating point' };
const DIFFERS: Readonly<Record<RuntimeWay, string>> = {
  'integer-operators': "ONNX Runtime's operators for integers do not compute exactly here: a self-check found other integers",
  'inside-float': 'ONNX Runtime does not compute in exact float32 here: a self-check found other integers',
};
/** The choice after a self-check failed later on. */
export const refused = (choice: Choice): Choice => (choice.way === 'kernels' ? choice : { ...choice, way: 'kernels', reason: DIFFERS[choice.way], failed: true });

/** Why operators for integers are not worth a race: most layers with weights would be in floating point all the same. */
function withoutIntegers(graph: QuantizedGraph, segment: Segment): string | undefined {
  const missing = segment.nodes.find((node) => integerFormOf(graph, node) === undefined);
  if (missing) return `${missing.name} has no exact form in ONNX Runtime`;
  const own = segment.nodes.filter((node) => node.kind === 'integer').map((node) => ({ node, form: integerFormOf(graph, node) })).filter(({ form }) => form?.passes === undefined);
  const layers = own.filter(({ node }) => operator(node.op).traits.includes('weighted'));
  const [judged, what] = layers.length > 0 ? [layers, 'layers'] : [own, 'operators'];
  const proved = judged.filter(({ form }) => form && form.reason === undefined);
  if (judged.length > 0 && proved.length * 2 >= judged.length) return undefined;
  const without = judged.find(({ form }) => form?.reason !== undefined);
  return `${judged.length - proved.length} of ${judged.length} ${what} have no form in operators for integers${without ? `, such as ${without.node.name}: ${without.form?.reason ?? ''}` : ''}`;
}

interface Race {
  readonly results: readonly NamedValues[];
  readonly milliseconds: number;
}
/** Every probe once; then again while that takes little time. The first run warms up. */
async function race(run: RunWay, probes: readonly NamedTensors[]): Promise<Race> {
  const results: NamedValues[] = [];
  const began = performance.now();
  let best = Infinity;
  for (let i = 0; i < MOST_RUNS && (i < probes.length || performance.now() - began < ENOUGH_MS); i++) {
    const start = performance.now();
    const result = await run(probes[i % probes.length] ?? {});
    if (i > 0) best = Math.min(best, performance.now() - start);
    if (i < probes.length) results.push(result);
  }
  return { results, milliseconds: best };
}

export const equal = (a: readonly NamedValues[], b: readonly NamedValues[]): boolean => a.every((values, i) => Object.entries(values).every(([name, t]) => {
  const other = b[i]?.[name];
  if (t.dtype === 'string' || other?.dtype === 'string') return JSON.stringify(t.data) === JSON.stringify(other?.data);
  return other !== undefined && bytesOf(t).equals(bytesOf(other));
}));
const bytesOf = ({ data }: Tensor): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

const KINDS = ['random', 'extreme', 'largest'] as const;
type Kind = (typeof KINDS)[number];

/** Stored inputs of a partition; what is float there lies where its quantization puts it, between two steps. */
function probe(graph: QuantizedGraph, segment: Segment, kind: Kind, seed: number): NamedTensors {
  let state = seed * 7919;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Object.fromEntries(segment.inputs.map((name) => {
    const { shape = [], quantization = null } = graph.values.get(name) ?? {};
    const reader = segment.nodes.find((node) => node.kind === 'quantize' && node.inputs.includes(name));
    const stored = quantization ?? graph.values.get(reader?.outputs[0] ?? '')?.quantization;
    const [low, high] = INTEGER_RANGE[stored?.dtype ?? 'int8'];
    const draw = (): number => {
      switch (kind) {
        case 'random': return low + Math.floor(next() * (high - low + 1));
        case 'extreme': return next() < 0.5 ? low : high;
        case 'largest': return high;
      }
    };
    const dtype = quantization?.dtype ?? 'float32';
    const data = allocate(dtype, sizeOf(shape));
    const scale = typeof stored?.scale === 'number' ? stored.scale : 1;
    for (let i = 0; i < data.length; i++) data[i] = quantization ? draw() : scale * (draw() - (stored?.zeroPoint ?? 0) + next() - 0.5);
    return [name, { dtype, shape, data }];
  }));
}
