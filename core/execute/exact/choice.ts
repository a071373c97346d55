// The faster exact way of each partition: both ways run the same made-up inputs, random and extreme. Where the results differ in one bit the
// integer kernels win, whose arithmetic WebAssembly defines; otherwise the clock decides.
import { writerOf } from '../../emit/index.ts';
import { RequantError } from '../../errors/index.ts';
import type { QuantizedGraph, QuantizedNode } from '../../ir/index.ts';
import { INTEGER_RANGE } from '../../ops/index.ts';
import { allocate, sizeOf, type NamedTensors, type NamedValues, type Tensor } from '../../tensor/tensor.ts';
import { segmentOf, type Segment } from './plan.ts';

/** What was chosen for one partition, and why. */
export interface Choice {
  /** Its unit and number, as in the names of its nodes. */
  readonly partition: string;
  /** How many nodes it has. */
  readonly nodes: number;
  /** Integer kernels, or whole numbers inside floating point. */
  readonly way: 'kernels' | 'inside-float';
  /** The best of the runs that decided, on this machine; absent where no race was needed. */
  readonly milliseconds?: { readonly kernels: number; readonly insideFloat: number };
  /** One sentence. */
  readonly reason: string;
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

/** Runs a partition one way. */
export type RunWay = (inputs: NamedValues) => Promise<NamedValues>;
export interface Ways {
  /** Both are made ready only when they are needed. */
  readonly kernels: () => Promise<RunWay>;
  readonly insideFloat: () => Promise<RunWay>;
}

/** Never more runs than this, nor after this many milliseconds. */
const MOST_RUNS = 6;
const ENOUGH_MS = 60;

export async function choose(graph: QuantizedGraph, segment: Segment, ways: Ways): Promise<Choice> {
  const first = segment.nodes.find((node) => node.kind === 'integer') ?? segment.nodes[0];
  const about = { partition: `${first?.unit ?? 'MLA'}_${first?.partition ?? 0}`, nodes: segment.nodes.length };
  const wide = segment.nodes.find((node) => node.precision === 'int16');
  if (wide) return { ...about, way: 'kernels', reason: `${wide.name} is int16, which float32 does not hold` };
  const unproved = segment.nodes.find((node) => writerOf(graph, node) === undefined);
  if (unproved) return { ...about, way: 'kernels', reason: `${unproved.name} is not proved to be exact inside floating point` };

  const probes = KINDS.map((kind, i) => probe(graph, segment, kind, i + 1));
  // The kernels go first: ONNX Runtime's threads go on spinning for a while after a run.
  const kernels = await race(await ways.kernels(), probes);
  let inside: Race;
  try { inside = await race(await ways.insideFloat(), probes); }
  catch (error) {
    if (!(error instanceof RequantError) || error.code !== 'RUNTIME_FAILED') throw error;
    return { ...about, way: 'kernels', reason: `ONNX Runtime refuses its form in floating point: ${error.message}`, failed: true };
  }
  if (!equal(kernels.results, inside.results)) return { ...about, way: 'kernels', reason: DIFFERS, failed: true };
  const milliseconds = { kernels: kernels.milliseconds, insideFloat: inside.milliseconds };
  return kernels.milliseconds <= inside.milliseconds
    ? { ...about, way: 'kernels', milliseconds, reason: 'the integer kernels are faster here' }
    : { ...about, way: 'inside-float', milliseconds, reason: 'ONNX Runtime is faster here, and gave the same integers' };
}

const DIFFERS = 'ONNX Runtime does not compute in exact float32 here: a self-check found other integers';
/** The choice after a self-check failed later on. */
export const refused = (choice: Choice): Choice => (choice.way === 'kernels' ? choice : { ...choice, way: 'kernels', reason: DIFFERS, failed: true });

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
