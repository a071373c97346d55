// The faster exact way: what is chosen, what is said of it, and that a runtime which does not compute exactly is found out.
import { resolve } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultQuantization, int16Quantization, loadModel, type QuantizationConfig } from '../../engine/pipeline.ts';
import { RequantError } from '../../errors/index.ts';
import { float32, sizeOf, type NamedValues } from '../../tensor/tensor.ts';
import { createFloatNodes } from '../float-nodes.ts';
import { enter } from '../ports.ts';
import { runReference } from '../reference.ts';
import { createSession, type RuntimeSession } from '../session.ts';
import { createExactExecutor, FAST_WAYS, type ExactExecutor } from './index.ts';

const SAMPLE = resolve(import.meta.dirname, '../../../assets/sample/shapes.onnx');
afterEach(() => { vi.restoreAllMocks(); });

interface Setting {
  readonly config?: QuantizationConfig;
  readonly floatNode?: number;
  readonly openSession?: typeof createSession;
}
/** The sample network quantized, its executor, inputs, and what the reference makes of them. */
async function withExecutor({ config = defaultQuantization, floatNode, openSession }: Setting, check: (executor: ExactExecutor, inputs: NamedValues, expected: NamedValues) => Promise<void>): Promise<void> {
  const net = await loadModel(SAMPLE);
  const inputs = Object.fromEntries(net.graph.inputs.map(({ name, shape }) => [name, float32(shape, Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i)))]));
  const float = net.graph.nodes[floatNode ?? -1]?.name;
  const { graph } = net.quantizeWith(await net.calibrate([inputs]), float === undefined ? config : config.withUnquantizedNodes([float]));
  const floats = createFloatNodes(graph);
  const executor = createExactExecutor(graph, { runFloat: floats.run, ...(openSession ? { openSession } : {}) });
  const entered = enter(graph.inputs, inputs);
  try {
    await check(executor, entered, await runReference(graph, entered, graph.outputs.map((port) => port.value), { runFloat: floats.run }));
  } finally {
    await executor.release();
    await floats.release();
    await net.release();
  }
}

/** Every span that this clock measures is shorter than the one before, so that what runs later seems faster. */
function flatter(): void {
  let now = 0, step = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += step *= 0.9));
}

/** ONNX Runtime, but after `honest` runs one element of one integer output is off by one. */
const lying = (honest: number): typeof createSession => async (emitted) => {
  const session = await createSession(emitted);
  let runs = 0;
  return {
    ...session,
    run: async (inputs) => {
      const results = await session.run(inputs);
      const [t] = Object.values(results);
      if (runs++ >= honest && t && t.dtype !== 'string') t.data[0] = typeof t.data[0] === 'number' ? t.data[0] + 1 : t.data[0] ?? 0;
      return results;
    },
  } satisfies RuntimeSession;
};

const fastest = async (executor: ExactExecutor, inputs: NamedValues, expected: NamedValues): Promise<void> => {
  for (let i = 0; i < 2; i++) expect(await executor.run(inputs, Object.keys(expected), { way: 'fastest' })).toEqual(expected);
};

describe('the faster way', () => {
  test('is chosen for each partition between float nodes, by the clock; floating point is not even tried where operators for integers are clearly faster', () => withExecutor({ floatNode: 2 }, async (executor, inputs, expected) => {
    flatter();
    await fastest(executor, inputs, expected);
    const choices = executor.choices();
    expect(choices.length).toBeGreaterThan(1);
    for (const choice of choices) expect(choice).toMatchObject({
      way: 'integer-operators', reason: "ONNX Runtime's operators for integers are faster here, and gave the same integers", left: [{ way: 'inside-float', reason: expect.stringContaining('clearly faster') as string }],
    });
    for (const { milliseconds } of choices) expect(milliseconds?.['integer-operators']).toBeLessThan(milliseconds?.kernels ?? 0);
    expect(new Set(executor.ways().map(({ way }) => way))).toEqual(new Set(['integer-operators', 'float']));
    expect(executor.notices()).toEqual([]);
  }));

  test('is floating point where a runtime lacks operators for integers, and the reason is said', () => withExecutor({
    openSession: (emitted) => (emitted.nodes.some((node) => 'op' in node && node.op.startsWith('com.microsoft.')) ? Promise.reject(new RequantError('RUNTIME_FAILED', 'no such domain')) : createSession(emitted)),
  }, async (executor, inputs, expected) => {
    flatter();
    await fastest(executor, inputs, expected);
    expect(executor.choices()).toEqual([expect.objectContaining({
      way: 'inside-float', reason: 'ONNX Runtime is faster here, and gave the same integers', left: [{ way: 'integer-operators', reason: 'ONNX Runtime refuses operators for integers: no such domain' }],
    })]);
    expect(new Set(executor.ways().map(({ way }) => way))).toEqual(new Set(['inside-float']));
    expect(executor.notices()).toEqual([]);
  }));

  test('is not looked for where int16 makes it plain', () => withExecutor({ config: int16Quantization }, async (executor, inputs, expected) => {
    await fastest(executor, inputs, expected);
    expect(executor.choices()).toEqual([expect.objectContaining({ way: 'kernels', reason: expect.stringContaining('is int16, which float32 does not hold') as string })]);
  }));

  test('a runtime that is off by one is found out before it is used', () => withExecutor({ openSession: lying(0) }, async (executor, inputs, expected) => {
    flatter();
    await fastest(executor, inputs, expected);
    expect(executor.choices()).toEqual([expect.objectContaining({ way: 'kernels', failed: true })]);
    expect(executor.notices()).toEqual([expect.stringMatching(/^MLA_0 runs on the integer kernels: ONNX Runtime does not compute in exact float32 here/)]);
  }));

  test('one that is off on the first real inputs only is found out too, and its result is not returned', () => withExecutor({ openSession: lying(3) }, async (executor, inputs, expected) => {
    flatter();
    await fastest(executor, inputs, expected);
    expect(executor.choices()).toEqual([expect.objectContaining({ way: 'kernels', failed: true })]);
    expect(executor.ways().every(({ way }) => way === 'kernels')).toBe(true);
    expect(executor.notices()).toHaveLength(1);
  }));

  test('a runtime that refuses the graph is done without', () => withExecutor({
    openSession: () => Promise.reject(new RequantError('RUNTIME_FAILED', 'no such operator')),
  }, async (executor, inputs, expected) => {
    await fastest(executor, inputs, expected);
    expect(executor.notices()).toEqual([expect.stringContaining('ONNX Runtime refuses its form in floating point: no such operator')]);
  }));

  test('NaN from a float node is refused in either way, as by the reference', () => withExecutor({ floatNode: 2 }, async (executor, inputs, expected) => {
    const [input = ''] = Object.keys(inputs);
    const { shape } = inputs[input] ?? { shape: [] };
    const bad = { [input]: float32(shape, new Float32Array(sizeOf(shape)).fill(NaN)) };
    for (const way of FAST_WAYS) await expect(executor.run(bad, Object.keys(expected), { way })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  }));
});
