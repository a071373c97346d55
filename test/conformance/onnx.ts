// ONNX's own tests: single operators as models with recorded inputs and outputs, beside ONNX Runtime on the same files.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { loadModel } from '../../core/engine/loaded-net.ts';
import { onnxSource } from '../../core/engine/source.ts';
import { RequantError } from '../../core/errors/index.ts';
import { createFloatSession } from '../../core/execute/index.ts';
import type { PartitionedGraph } from '../../core/ir/index.ts';
import { ATTRIBUTE_TYPE, dtypeOf, encodeModel, tensorFromProto, type TensorProto } from '../../core/onnx/index.ts';
import { operator } from '../../core/ops/index.ts';
import { convert, sameShape, sizeOf, transpose, type StringTensor, type Tensor } from '../../core/tensor/tensor.ts';
import type { Outcome, SuiteResult } from './outcome.ts';
import { BFLOAT16, doorsOf, FLOAT, FLOAT16, inputsOf, isSequence, isTensor, namesOf, NODE_TESTS, readCase, STRING, tensorsOf, type Case, type Folder, type Recorded } from './recorded.ts';


/** TensorProto.DataType of the four kinds of float8. */
const FLOAT8: ReadonlySet<number> = new Set([17, 18, 19, 20]);

/** A recorded tensor; one of a narrow type that no array of ours holds is widened by ONNX Runtime. */
async function tensorOf(proto: TensorProto): Promise<Tensor | StringTensor> {
  if (proto.dataType === STRING) return { dtype: 'string', shape: proto.dims ?? [], data: strings(proto) };
  if (dtypeOf(proto.dataType ?? 0) !== undefined) return tensorFromProto(proto);
  const to = proto.dataType === 21 ? 2 : proto.dataType === 22 ? 3 : FLOAT;
  const session = await ort.InferenceSession.create(encodeModel({
    irVersion: 11, opsetImport: [{ domain: '', version: 23 }],
    graph: { name: 'widen', node: [{ opType: 'Cast', input: ['x'], output: ['y'], attribute: [{ name: 'to', type: ATTRIBUTE_TYPE.int, i: to }] }], initializer: [{ ...proto, name: 'x' }], output: [{ name: 'y', type: { tensorType: { elemType: to } } }] },
  }), { logSeverityLevel: 4 });
  const { y } = await session.run({});
  await session.release();
  if (!y) throw new Error('nothing came out');
  return { dtype: y.type as Tensor['dtype'], shape: y.dims, data: y.data as Tensor['data'] };
}

/** Why `actual` is not what was recorded; undefined where it is. */
function difference(actual: Tensor | StringTensor, expected: Tensor | StringTensor, elemType: number): string | undefined {
  if (!sameShape(actual.shape, expected.shape)) return 'another shape';
  if (expected.dtype === 'string' || actual.dtype === 'string') return expected.data.every((text, k) => text === actual.data[k]) ? undefined : 'other strings';
  const float = expected.dtype === 'float32' || expected.dtype === 'float64';
  const numbers = Array.from(expected.data as ArrayLike<number | bigint>, Number);
  const largest = numbers.reduce((n, x) => Math.max(n, Number.isFinite(x) ? Math.abs(x) : 0), 1e-6);
  // The steps of float8 are so far apart that a number is either the same or another one.
  const allowed = !float || FLOAT8.has(elemType) ? 0 : largest * (elemType === BFLOAT16 ? 1e-2 : 1e-3);
  const differs = numbers.some((x, k) => { const y = Number(actual.data[k]); return !Object.is(x, y) && x !== y && !(Math.abs(x - y) <= allowed); });
  if (!differs) return undefined;
  return numbers.some((x) => Number.isFinite(x) && !Number.isFinite(Math.fround(x))) ? 'the recorded numbers are beyond float32' : 'other numbers';
}

/** Does ONNX Runtime itself meet the test? What its binding for Node can neither take nor return counts as not met. */
async function runtimeMeets(test: Case): Promise<boolean> {
  if (![...test.inputs, ...test.outputs].every(isTensor)) return false;
  // Returning 4-bit integers ends the process in the binding.
  if (test.outputs.some((proto) => isTensor(proto) && dtypeOf(proto.dataType ?? 0) === undefined && proto.dataType !== STRING)) return false;
  try {
    const session = await ort.InferenceSession.create(test.bytes, { logSeverityLevel: 4 });
    const feeds = Object.fromEntries(inputsOf(test.model).map((info, i) => [info.name ?? '', fed(tensorAt(test.inputs, i))]));
    const results = await session.run(feeds);
    await session.release();
    return (test.model.graph?.output ?? []).every((info, i) => {
      const proto = tensorAt(test.outputs, i);
      const got = results[info.name ?? ''];
      if (!got || proto.dataType === STRING) return got !== undefined && sameStrings(got, proto);
      const actual = got.type === 'float16' ? tensorFromProto({ dims: got.dims, dataType: FLOAT16, rawData: new Uint8Array((got.data as Uint16Array).buffer, (got.data as Uint16Array).byteOffset, (got.data as Uint16Array).byteLength) }) : { dtype: got.type as Tensor['dtype'], shape: got.dims, data: got.data as Tensor['data'] };
      return difference(actual, tensorFromProto(proto), proto.dataType ?? 0) === undefined;
    });
  } catch { return false; }
}

const tensorAt = (values: readonly Recorded[], i: number): TensorProto => { const value = values[i]; return isTensor(value) ? value : {}; };
const strings = (proto: TensorProto): string[] => (proto.stringData ?? []).map((s) => new TextDecoder().decode(s));
const sameStrings = (got: ort.Tensor, proto: TensorProto): boolean => sameShape(got.dims, proto.dims ?? []) && strings(proto).every((s, i) => got.data[i] === s);

function fed(proto: TensorProto): ort.Tensor {
  if (proto.dataType === STRING) return new ort.Tensor('string', strings(proto), [...(proto.dims ?? [])]);
  if (proto.dataType === FLOAT16) {
    const bits = proto.rawData ? new Uint16Array(proto.rawData.slice().buffer) : Uint16Array.from(proto.int32Data ?? []);
    return new ort.Tensor('float16', bits, [...(proto.dims ?? [])]);
  }
  if (dtypeOf(proto.dataType ?? 0) === undefined || proto.dataType === BFLOAT16) throw new Error('cannot be fed');
  const t = tensorFromProto(proto);
  return new ort.Tensor(t.dtype, t.data as ort.Tensor.DataType, [...t.shape]);
}

/** The message without the particulars that would keep equal reasons apart. */
const general = (error: RequantError): string =>
  `${error.code}: ${error.message.replace(/^[A-Za-z0-9]+: /, '').replace(/\[[^\]]*\]/g, '[...]').replace(/'[^']*'|"[^"]*"|\([^)]*\)|\b\d+\b/g, '_').replace(/(Could not find an implementation for|Status Message:?|Name:).*/, '$1 ...').slice(0, 110)}`;

/** The test as a trained network would have it: all but the first input are constants, where all are tensors. */
function withWeights(test: Case): Case {
  const [first, ...rest] = inputsOf(test.model);
  if (!first || rest.length === 0 || !test.inputs.every(isTensor)) return test;
  const model = { ...test.model, graph: { ...test.model.graph, input: [first], initializer: [...test.model.graph?.initializer ?? [], ...rest.map(({ name = '' }, i) => ({ ...tensorAt(test.inputs, i + 1), name }))] } };
  return { ...test, model, bytes: encodeModel(model), inputs: test.inputs.slice(0, 1) };
}

/** One test through import, partition and float execution. */
export async function runCase(folder: Folder, name: string, form: 'recorded' | 'with weights' = 'recorded'): Promise<Outcome> {
  const recorded = readCase(folder, name);
  const test = form === 'with weights' ? withWeights(recorded) : recorded;
  try {
    const { inputShapes, outputNames } = doorsOf(test);
    const net = await loadModel(onnxSource(test.bytes, inputShapes, {}, outputNames));
    const wrong = await ours(net.graph, test);
    if (wrong === undefined) return { kind: net.graph.nodes.some((node) => operator(node.op).traits.includes('foreign')) ? 'opaque' : 'ir' };
    return { kind: 'wrong', reason: wrong, alike: !(await runtimeMeets(test)) };
  } catch (thrown) {
    if (!(thrown instanceof RequantError) || thrown.code === 'INTERNAL') throw new Error(`${name}: ${String(thrown)}`, { cause: thrown });
    return { kind: 'refused', reason: general(thrown) };
  }
}

async function ours(graph: PartitionedGraph, test: Case): Promise<string | undefined> {
  const given = new Map(inputsOf(test.model).flatMap(({ name = '' }, i) => tensorsOf(name, test.inputs[i])));
  const session = await createFloatSession(graph, [...new Set(graph.outputs.map((port) => port.value))]);
  try {
    const entered: Record<string, Tensor | StringTensor> = {};
    for (const port of graph.inputs) {
      const t = await tensorOf(given.get(port.name) ?? {});
      entered[port.value] = t.dtype === 'string' || port.dtype === 'string' ? t : turned(convert(t, port.dtype), port.toGraph);
    }
    const results = await session.run(entered);
    const left = new Map(graph.outputs.map((port) => {
      const got = results[port.value];
      // [0, 3, 1, 2] undoes the one permutation that ports have.
      return [port.name, got && (got.dtype === 'string' ? got : turned(got, port.toGraph && [0, 3, 1, 2]))] as const;
    }));
    for (const [i, { name = '' }] of (test.model.graph?.output ?? []).entries()) {
      const expected = test.outputs[i];
      const why = isSequence(expected) ? await sequenceDifference(left, name, expected) : await tensorDifference(left.get(name), tensorAt(test.outputs, i));
      if (why !== undefined) return why;
    }
    return undefined;
  } finally { await session.release(); }
}

type Left = ReadonlyMap<string, Tensor | StringTensor | undefined>;
const tensorDifference = async (got: Tensor | StringTensor | undefined, proto: TensorProto): Promise<string | undefined> =>
  (got ? difference(got, await tensorOf(proto), proto.dataType ?? 0) : 'an output is missing');

/** Of a sequence that left as one tensor, or as its members and their number. */
async function sequenceDifference(left: Left, name: string, expected: readonly TensorProto[]): Promise<string | undefined> {
  const stack = left.get(name);
  const length = stack ? stack.shape[0] : Number(left.get(`${name}.length`)?.data[0]);
  if (length !== expected.length) return `a sequence of ${length} and not of ${expected.length}`;
  for (const [i, proto] of expected.entries()) {
    const why = await tensorDifference(stack ? sliceOf(stack, i) : left.get(`${name}[${i}]`), proto);
    if (why !== undefined) return why;
  }
  return undefined;
}

function sliceOf(t: Tensor | StringTensor, i: number): Tensor | StringTensor {
  const shape = t.shape.slice(1);
  const size = sizeOf(shape);
  return t.dtype === 'string' ? { ...t, shape, data: t.data.slice(i * size, (i + 1) * size) } : { ...t, shape, data: t.data.slice(i * size, (i + 1) * size) };
}

const turned = (t: Tensor, perm: readonly number[] | undefined): Tensor => (perm ? transpose(t, perm) : t);

export async function runSuite(folder: Folder, title: string, source: string, names = namesOf(folder)): Promise<SuiteResult> {
  const outcomes = new Map<string, Outcome>();
  const met = new Set<string>();
  for (const name of names) {
    outcomes.set(name, await runCase(folder, name));
    if (await runtimeMeets(readCase(folder, name))) met.add(name);
  }
  return { title, source, outcomes, runtime: { name: 'ONNX Runtime', met }, ...otherBinding(folder) };
}

/** What the binding for Python meets, where PYTHON names one with onnx and onnxruntime. */
function otherBinding(folder: Folder): Pick<SuiteResult, 'other'> {
  const python = process.env['PYTHON'];
  if (python === undefined) return {};
  const { stdout, status, stderr } = spawnSync(python, [fileURLToPath(new URL('runtime.py', import.meta.url)), fileURLToPath(new URL(folder, NODE_TESTS))], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  const { version, met } = JSON.parse(stdout) as { readonly version: string; readonly met: readonly string[] };
  return { other: { name: `ONNX Runtime ${version}, by its binding for Python,`, met } };
}
