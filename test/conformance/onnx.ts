// ONNX's own tests: single operators as models with recorded inputs and outputs, beside ONNX Runtime on the same files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { loadModel } from '../../core/engine/loaded-net.ts';
import { onnxSource } from '../../core/engine/source.ts';
import { RequantError } from '../../core/errors/index.ts';
import { createFloatSession } from '../../core/execute/index.ts';
import type { PartitionedGraph } from '../../core/ir/index.ts';
import { ATTRIBUTE_TYPE, decode, decodeModel, dtypeOf, encodeModel, tensorFromProto, type ModelProto, type TensorProto, type ValueInfoProto } from '../../core/onnx/index.ts';
import { operator } from '../../core/ops/index.ts';
import { convert, sameShape, transpose, type StringTensor, type Tensor } from '../../core/tensor/tensor.ts';
import type { Outcome, SuiteResult } from './outcome.ts';

export const NODE_TESTS = new URL('../../../shared/data/onnx-node-tests/', import.meta.url);
export const present = existsSync(NODE_TESTS);

export type Folder = 'node' | 'pytorch-operator';
export const namesOf = (folder: Folder): readonly string[] => readdirSync(new URL(`${folder}/`, NODE_TESTS)).sort();

interface Case {
  readonly bytes: Uint8Array;
  readonly model: ModelProto;
  readonly inputs: readonly TensorProto[];
  readonly outputs: readonly TensorProto[];
}

/** Old files list their weights as inputs, too. */
function inputsOf({ graph = {} }: ModelProto): readonly ValueInfoProto[] {
  const weights = new Set((graph.initializer ?? []).map((t) => t.name));
  return (graph.input ?? []).filter((info) => !weights.has(info.name));
}

/** undefined where an input or output is no tensor. */
function read(folder: Folder, name: string): Case | undefined {
  const at = new URL(`${folder}/${name}/`, NODE_TESTS);
  const bytes = new Uint8Array(readFileSync(new URL('model.onnx', at)));
  const model = decodeModel(bytes);
  const output = model.graph?.output ?? [];
  const input = inputsOf(model);
  if ([...input, ...output].some((info) => !info.type?.tensorType)) return undefined;
  const data = (kind: string, i: number, info: ValueInfoProto): TensorProto => {
    const proto = decode('TensorProto', new Uint8Array(readFileSync(new URL(`test_data_set_0/${kind}_${i}.pb`, at))));
    // bfloat16 is recorded as the 16 bits that it is.
    return info.type?.tensorType?.elemType === BFLOAT16 && proto.dataType === UINT16 ? { ...proto, dataType: BFLOAT16 } : proto;
  };
  return { bytes, model, inputs: input.map((info, i) => data('input', i, info)), outputs: output.map((info, i) => data('output', i, info)) };
}

const FLOAT = 1, UINT16 = 4, STRING = 8, FLOAT16 = 10, BFLOAT16 = 16;
/** Element types with 8 bits of precision or fewer: bfloat16, float8, float4, float8e8m0. */
const COARSE: ReadonlySet<number> = new Set([BFLOAT16, 17, 18, 19, 20, 23, 24]);

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
  const allowed = float ? largest * (COARSE.has(elemType) ? 1e-2 : 1e-3) : 0;
  const differs = numbers.some((x, k) => { const y = Number(actual.data[k]); return !Object.is(x, y) && x !== y && !(Math.abs(x - y) <= allowed); });
  if (!differs) return undefined;
  return numbers.some((x) => Number.isFinite(x) && !Number.isFinite(Math.fround(x))) ? 'the recorded numbers are beyond float32' : 'other numbers';
}

/** Does ONNX Runtime itself meet the test? What its binding for Node can neither take nor return counts as not met. */
async function runtimeMeets(test: Case): Promise<boolean> {
  // Returning 4-bit integers ends the process in the binding.
  if (test.outputs.some((proto) => dtypeOf(proto.dataType ?? 0) === undefined && proto.dataType !== STRING)) return false;
  try {
    const session = await ort.InferenceSession.create(test.bytes, { logSeverityLevel: 4 });
    const feeds = Object.fromEntries(inputsOf(test.model).map((info, i) => [info.name ?? '', fed(test.inputs[i] ?? {})]));
    const results = await session.run(feeds);
    await session.release();
    return (test.model.graph?.output ?? []).every((info, i) => {
      const proto = test.outputs[i] ?? {};
      const got = results[info.name ?? ''];
      if (!got || proto.dataType === STRING) return got !== undefined && sameStrings(got, proto);
      const actual = got.type === 'float16' ? tensorFromProto({ dims: got.dims, dataType: FLOAT16, rawData: new Uint8Array((got.data as Uint16Array).buffer, (got.data as Uint16Array).byteOffset, (got.data as Uint16Array).byteLength) }) : { dtype: got.type as Tensor['dtype'], shape: got.dims, data: got.data as Tensor['data'] };
      return difference(actual, tensorFromProto(proto), proto.dataType ?? 0) === undefined;
    });
  } catch { return false; }
}

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

/** The test as a trained network would have it: all but the first input are constants. */
function withWeights(test: Case): Case {
  const [first, ...rest] = inputsOf(test.model);
  if (!first || rest.length === 0) return test;
  const model = { ...test.model, graph: { ...test.model.graph, input: [first], initializer: [...test.model.graph?.initializer ?? [], ...rest.map(({ name = '' }, i) => ({ ...test.inputs[i + 1], name }))] } };
  return { ...test, model, bytes: encodeModel(model) };
}

/** One test through import, partition and float execution. */
export async function runCase(folder: Folder, name: string, form: 'recorded' | 'with weights' = 'recorded'): Promise<Outcome> {
  const recorded = read(folder, name);
  if (!recorded) return { kind: 'refused', reason: 'an input or output is no tensor' };
  const test = form === 'with weights' ? withWeights(recorded) : recorded;
  try {
    const net = await loadModel(onnxSource(test.bytes));
    const wrong = await ours(net.graph, test);
    if (wrong === undefined) return { kind: net.graph.nodes.some((node) => operator(node.op).traits.includes('foreign')) ? 'opaque' : 'ir' };
    return { kind: 'wrong', reason: wrong, alike: !(await runtimeMeets(test)) };
  } catch (thrown) {
    if (!(thrown instanceof RequantError) || thrown.code === 'INTERNAL') throw new Error(`${name}: ${String(thrown)}`, { cause: thrown });
    return { kind: 'refused', reason: general(thrown) };
  }
}

async function ours(graph: PartitionedGraph, test: Case): Promise<string | undefined> {
  const names = inputsOf(test.model).map((info) => info.name ?? '');
  const session = await createFloatSession(graph, [...new Set(graph.outputs.map((port) => port.value))]);
  try {
    const entered: Record<string, Tensor | StringTensor> = {};
    for (const port of graph.inputs) {
      const t = await tensorOf(test.inputs[names.indexOf(port.name)] ?? {});
      entered[port.value] = t.dtype === 'string' || port.dtype === 'string' ? t : turned(convert(t, port.dtype), port.toGraph);
    }
    const results = await session.run(entered);
    for (const [i, port] of graph.outputs.entries()) {
      const proto = test.outputs[i] ?? {};
      const got = results[port.value];
      if (!got) return 'an output is missing';
      // [0, 3, 1, 2] undoes the one permutation that ports have.
      const why = difference(got.dtype === 'string' ? got : turned(got, port.toGraph && [0, 3, 1, 2]), await tensorOf(proto), proto.dataType ?? 0);
      if (why !== undefined) return why;
    }
    return undefined;
  } finally { await session.release(); }
}

const turned = (t: Tensor, perm: readonly number[] | undefined): Tensor => (perm ? transpose(t, perm) : t);

export async function runSuite(folder: Folder, title: string, source: string, names = namesOf(folder)): Promise<SuiteResult> {
  const outcomes = new Map<string, Outcome>();
  const met = new Set<string>();
  for (const name of names) {
    outcomes.set(name, await runCase(folder, name));
    const test = read(folder, name);
    if (test && await runtimeMeets(test)) met.add(name);
  }
  return { title, source, outcomes, runtime: { name: 'ONNX Runtime', met } };
}
