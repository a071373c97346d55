// TensorFlow conformance: frozen graphs of single operators with recorded outputs (tf-op-tests), each imported, run in float and compared.
// Most of these graphs hold their data as constants; they are fed at the first of them, so that an operator runs and is not folded away.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RequantError } from '../../core/errors/index.ts';
import { createFloatSession, enter, leave } from '../../core/execute/index.ts';
import { importModel } from '../../core/import/index.ts';
import { readNodes, type GraphNode } from '../../core/import/tensorflow/graph.ts';
import { decodeGraph } from '../../core/import/tensorflow/proto.ts';
import { tensorFromProto } from '../../core/import/tensorflow/tensor.ts';
import type { Graph } from '../../core/ir/index.ts';
import { operator } from '../../core/ops/index.ts';
import { openNpz } from '../../core/tensor/npz.ts';
import { numbersOf, numeric, sameShape, type NamedTensors, type NamedValues, type Tensor } from '../../core/tensor/tensor.ts';
import type { Outcome, SuiteResult } from './outcome.ts';

export const TENSORFLOW_TESTS = new URL('../../../shared/data/tf-op-tests/', import.meta.url);

/** Half the recorded graphs compute in float64 or half, all are run in float32. */
const TOLERANCE = 1e-4;
const HALF_TOLERANCE = 2e-3;

interface Recorded {
  readonly bytes: Uint8Array;
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
}

async function read(test: string): Promise<Recorded> {
  const folder = new URL(`${test}/`, TENSORFLOW_TESTS);
  const bytes = new Uint8Array(readFileSync(new URL('frozen_model.pb', folder)));
  const npz = await openNpz(fileURLToPath(new URL('io.npz', folder)));
  const tensors = async (prefix: string): Promise<NamedTensors> => Object.fromEntries(await Promise.all(
    // The arrays' names are tensors with / as | and : as a point.
    npz.keys.filter((key) => key.startsWith(prefix)).map(async (key) => [key.slice(prefix.length).replaceAll('|', '/').replace(/\.(\d+)$/, ':$1'), await npz.read(key)] as const)));
  return { bytes, nodes: readNodes(decodeGraph(bytes), test), inputs: await tensors('in:'), outputs: await tensors('out:') };
}

/** What may be fed: the recorded inputs, else each of the constants that a variable became, else each constant. */
function feeds({ nodes, inputs }: Recorded): readonly NamedTensors[] {
  if (Object.keys(inputs).length > 0) return [inputs];
  const constants = [...nodes.values()].filter((node) => node.op === 'Const');
  const valueOf = (node: GraphNode): Tensor => tensorFromProto(node.attrs.get('value')?.tensor ?? {}, { node: node.name });
  const variables = [...nodes.values()].flatMap((node) => {
    const from = node.op === 'Identity' ? nodes.get(node.inputs[0] ?? '') : undefined;
    return from?.op === 'Const' ? [{ [node.name]: valueOf(from) }] : [];
  });
  return [...variables, ...constants.map((node) => ({ [node.name]: valueOf(node) }))];
}

const shapesOf = (tensors: NamedTensors): Record<string, readonly number[]> => Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.shape]));

/** The graph for the first feed that its outputs depend on. Raises what the import of the first feed raises. */
function importFed(test: Recorded, name: string): { readonly graph: Graph; readonly fed: NamedTensors } {
  let first: unknown;
  for (const fed of feeds(test)) {
    try {
      return { graph: importModel(test.bytes, `${name}.pb`, { inputShapes: shapesOf(fed), outputNames: Object.keys(test.outputs) }), fed };
    } catch (thrown) {
      first ??= thrown;
      if (!(thrown instanceof RequantError) || thrown.message !== 'the output does not depend on the input') throw first;
    }
  }
  throw first;
}

/** Runs one test. Anything but a RequantError is thrown on. */
export async function runTensorflowTest(name: string): Promise<Outcome> {
  const test = await read(name);
  let graph: Graph;
  let results: NamedValues;
  try {
    const imported = importFed(test, name);
    ({ graph } = imported);
    const session = await createFloatSession(graph, [...new Set(graph.outputs.map((port) => port.value))]);
    try { results = leave(graph.outputs, await session.run(enter(graph.inputs, imported.fed))); } finally { await session.release(); }
  } catch (thrown) {
    if (!(thrown instanceof RequantError) || thrown.code === 'INTERNAL') throw thrown;
    return { kind: 'refused', reason: thrown.message };
  }
  const half = [...test.nodes.values()].some((node) => node.attrs.get('T')?.type === 19);
  for (const port of graph.outputs) {
    const got = results[port.name];
    const difference = compare(got && numeric(got), test.outputs[port.name], half ? HALF_TOLERANCE : TOLERANCE);
    if (difference !== undefined) return { kind: 'wrong', reason: `${port.name}: ${difference}`, alike: false };
  }
  return { kind: graph.nodes.some((node) => operator(node.op).traits.includes('foreign')) ? 'opaque' : 'ir' };
}

function compare(got: Tensor | undefined, expected: Tensor | undefined, tolerance: number): string | undefined {
  if (!got || !expected) return 'it is missing';
  if (!sameShape(got.shape, expected.shape)) return `[${got.shape.join(', ')}] is not [${expected.shape.join(', ')}]`;
  const numbers = numbersOf(expected);
  const largest = numbers.reduce((n, x) => Math.max(n, Number.isFinite(x) ? Math.abs(x) : 0), 1e-6);
  const worst = numbers.reduce((n, x, i) => { const y = Number(got.data[i]); return Object.is(x, y) || x === y ? n : Math.max(n, Number.isNaN(y) ? Infinity : Math.abs(x - y) / largest); }, 0);
  return worst <= tolerance ? undefined : `it differs by ${worst.toExponential(1)} of its largest number`;
}

/** Every recorded graph; undefined where the data are not there. */
export async function runTensorflowSuite(title: string, source: string): Promise<SuiteResult | undefined> {
  if (!existsSync(TENSORFLOW_TESTS)) return undefined;
  const names = readdirSync(TENSORFLOW_TESTS, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  const outcomes = new Map<string, Outcome>();
  for (const name of names) outcomes.set(name, await runTensorflowTest(name));
  return { title, source, outcomes };
}
