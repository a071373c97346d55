// The operators of a file, in order, into the graph. One that Requant cannot take alone (no shape before it runs, control flow, another domain or
// element type, a form that its row does not know) stays ONNX, together with what reads from it what the graph cannot hold: an island.
import { RequantError } from '../../errors/index.ts';
import type { Port } from '../../ir/index.ts';
import type { GraphBuild } from './build.ts';
import { grouped, type Group } from './groups.ts';
import { addIsland, settled, type IslandSource, type OnnxStep } from './island.ts';
import { importNode } from './node.ts';

/** A graph that is being built, with its inputs in place. */
export interface Attempt {
  readonly build: GraphBuild;
  readonly inputs: readonly Port[];
}

export interface StepsSource {
  readonly start: () => Attempt;
  readonly source: IslandSource;
  readonly opset: number;
  readonly wanted: readonly string[];
  readonly file: string;
  /** Operators that are known to stay ONNX. */
  readonly inside: ReadonlySet<OnnxStep>;
}

/** Each attempt finds what else must stay; a chain of findings longer than this ends in the refusal that began it. */
const MOST_ATTEMPTS = 16;
/** Codes that say `Requant cannot`, and not `the file is wrong`. */
const CANNOT: ReadonlySet<string> = new Set(['OPERATOR_UNSUPPORTED', 'FORMAT_UNSUPPORTED']);
/** Dropout that always trains gives noise, which no network that is to be quantized means. One that the data may tell to stays. */
const isNoise = ({ proto: { opType, input = [] } }: OnnxStep, build: GraphBuild): boolean =>
  opType === 'Dropout' && (input[2] === undefined || build.entries.get(input[2])?.kind === 'constant');

const isGroup = (step: OnnxStep | Group<OnnxStep>): step is Group<OnnxStep> => 'members' in step;

/** Raises OPERATOR_UNSUPPORTED or MODEL_INVALID, naming operator or tensor. */
export function importSteps(steps: readonly OnnxStep[], from: StepsSource): Attempt {
  const inside = new Set(from.inside);
  const free = new Set<OnnxStep>();
  const refusals = new Map<OnnxStep, RequantError>();
  for (let attempts = 0; ; attempts++) {
    const known = inside.size;
    const attempt = tryOnce(steps, { inside, free }, refusals, from);
    if (inside.size === known) return attempt;
    const [first] = refusals.values();
    if (attempts === MOST_ATTEMPTS && first) throw first;
    for (const step of steps) if (step.outputs.every((output) => attempt.build.entries.get(output)?.kind === 'constant')) free.add(step);
  }
}

/** Imports what can be; what is found to stay ONNX joins `inside`, and the graph built is then of no use. */
function tryOnce(steps: readonly OnnxStep[], { inside, free }: { readonly inside: Set<OnnxStep>; readonly free: ReadonlySet<OnnxStep> }, refusals: Map<OnnxStep, RequantError>, from: StepsSource): Attempt {
  const { source, opset, wanted, file } = from;
  const order = grouped(steps, { inside, free }, wanted, file);
  const used = new Set([...wanted, ...order.flatMap((step) => step.inputs)]);
  const attempt = from.start();
  const { build } = attempt;
  /** Tensors that only an island can read. */
  const hidden = new Set([...source.strange.keys(), ...attempt.inputs.flatMap(({ dtype, value }) => (dtype === 'string' ? [value] : []))]);
  const stay = (step: OnnxStep): void => {
    inside.add(step);
    for (const output of step.outputs) {
      const value = settled(source.declared.get(output));
      if (value) build.entries.set(output, { kind: 'value', name: build.names.take(output), last: false, ...value });
      else hidden.add(output);
    }
  };
  for (const step of order) {
    if (isGroup(step)) {
      try { addIsland(build, step, source); } catch (thrown) { throw step.members.map((member) => refusals.get(member)).find((refusal) => refusal) ?? thrown; }
      for (const output of step.outputs) if (!settled(source.declared.get(output))) hidden.add(output);
    } else if (step.inputs.some((input) => hidden.has(input))) stay(step);
    else {
      try { importNode(build, step.proto, opset, (tensor) => used.has(tensor)); } catch (thrown) {
        const refusal = RequantError.from(thrown);
        if (!CANNOT.has(refusal.code) || isNoise(step, build)) throw refusal;
        refusals.set(step, refusal);
        stay(step);
      }
    }
  }
  return attempt;
}
