// ONNX's own node tests, for the operators of the table: each is imported to the recorded numbers or refused by name.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RequantError } from '../../errors/index.ts';
import { createFloatSession } from '../../execute/index.ts';
import { decode, decodeModel, encodeModel, tensorFromProto, type ModelProto, type TensorProto } from '../../onnx/index.ts';
import { convert, transpose, type Tensor } from '../../tensor/tensor.ts';
import { importModel } from '../index.ts';
import { ONNX_OPERATORS } from './table.ts';

const ROOT = new URL('../../../../shared/data/onnx-node-tests/', import.meta.url);
/** Tests that pass; a lower number means that an operator or a form of one was lost. */
const AT_LEAST = 398;

/**
 * align_corners where the scales leave a fraction of a pixel: the recorded numbers take the size with its fraction, ONNX Runtime and the
 * frameworks that export this the whole one. So do we.
 */
const OTHERWISE: ReadonlySet<string> = new Set(['test_resize_downsample_scales_linear_align_corners', 'test_resize_downsample_scales_cubic_align_corners']);

interface Case {
  readonly name: string;
  readonly model: ModelProto;
  readonly inputs: Readonly<Record<string, TensorProto>>;
  readonly outputs: readonly Tensor[];
}

function read(name: string): Case {
  const folder = new URL(`node/${name}/`, ROOT);
  const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));
  const model = decodeModel(bytes('model.onnx'));
  const data = (kind: string, i: number): TensorProto => decode('TensorProto', bytes(`test_data_set_0/${kind}_${i}.pb`));
  return {
    name, model,
    inputs: Object.fromEntries((model.graph?.input ?? []).map((info, i) => [info.name ?? '', data('input', i)])),
    outputs: (model.graph?.output ?? []).map((_, i) => tensorFromProto(data('output', i))),
  };
}

/** The test as a trained network would have it: all but the first input are constants. */
function withWeights({ model, inputs }: Case): Uint8Array {
  const names = Object.keys(inputs).slice(1);
  return encodeModel({ ...model, graph: { ...model.graph, initializer: names.map((name) => ({ ...inputs[name], name })) } });
}

/** 'refused', or the largest difference to the recorded outputs in relation to their largest number. */
async function outcome(test: Case, bytes: Uint8Array): Promise<number | 'refused'> {
  let graph;
  try { graph = importModel(bytes, `${test.name}.onnx`); } catch (thrown) {
    if (thrown instanceof RequantError && thrown.code !== 'INTERNAL') return 'refused';
    throw thrown;
  }
  const session = await createFloatSession(graph, [...new Set(graph.outputs.map((port) => port.value))]).catch((thrown: unknown) => {
    // ONNX Runtime has no kernel for some element types.
    if (thrown instanceof RequantError && thrown.code === 'RUNTIME_FAILED') return undefined;
    throw thrown;
  });
  if (!session) return 'refused';
  const fed = Object.fromEntries(graph.inputs.map((port) => {
    const t = convert(tensorFromProto(test.inputs[port.name] ?? {}), port.dtype);
    return [port.value, port.toGraph ? transpose(t, port.toGraph) : t];
  }));
  const results = await session.run(fed);
  await session.release();
  let worst = 0;
  graph.outputs.forEach((port, i) => {
    const got = results[port.value];
    const expected = test.outputs[i];
    if (!got || !expected) throw new Error('an output is missing');
    const actual = port.toGraph ? transpose(got, [0, 3, 1, 2]) : got;
    if (actual.shape.join() !== expected.shape.join()) throw new Error(`${test.name}: [${actual.shape.join()}] is not [${expected.shape.join()}]`);
    const numbers = Array.from(expected.data as ArrayLike<number | bigint>, Number);
    const largest = numbers.reduce((n, x) => Math.max(n, Number.isFinite(x) ? Math.abs(x) : 0), 1e-6);
    numbers.forEach((x, k) => { const y = Number(actual.data[k]); if (!Object.is(x, y) && x !== y) worst = Math.max(worst, Math.abs(x - y) / largest); });
  });
  return worst;
}

it.skipIf(!existsSync(ROOT))('every test is met to 1e-3 or refused (skipped where ../shared/data is missing)', async () => {
  const byOperator = JSON.parse(readFileSync(new URL('by_op.json', ROOT), 'utf8')) as Record<string, readonly string[]>;
  const present = new Set(readdirSync(new URL('node/', ROOT)));
  const names = Object.keys(ONNX_OPERATORS).flatMap((op) => byOperator[op] ?? []).filter((name) => present.has(name) && !/float16|double/i.test(name) && !OTHERWISE.has(name));
  const wrong: string[] = [];
  let met = 0;
  for (const name of names) {
    let test: Case;
    // Sequences, strings and other data that is no plain tensor: not for us.
    try { test = read(name); } catch { continue; }
    for (const bytes of [encodeModel(test.model), withWeights(test)]) {
      const result = await outcome(test, bytes);
      if (result === 'refused') continue;
      if (result < 1e-3) met++;
      else wrong.push(`${name}: ${result}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(met).toBeGreaterThanOrEqual(AT_LEAST);
}, 120_000);
