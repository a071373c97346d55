// Whole networks in the fast ways: every tensor equals the reference's, by its hash, on the kernels for one thread and for several, and on ONNX Runtime's
// operators for integers; memory budgets, and nodes without a fast kernel.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultQuantization, int16Quantization, loadModel, type LoadedNet, type Model } from '../../engine/pipeline.ts';
import type { QuantizedGraph } from '../../ir/index.ts';
import { sharedKernels } from '../../kernels/index.ts';
import { allNumeric, float32, sizeOf, type NamedValues } from '../../tensor/tensor.ts';
import { createFloatNodes } from '../float-nodes.ts';
import { enter } from '../ports.ts';
import { runReference } from '../reference.ts';
import { createExactExecutor, type ExactExecutor } from './index.ts';

const THREADS = 3;
beforeAll(() => sharedKernels().ready(THREADS));

/** Inputs that look a little like images: smooth, with noise. */
function inputsOf(net: LoadedNet, seed: number): NamedValues {
  let state = seed;
  const next = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Object.fromEntries(net.graph.inputs.map((port) => [port.name, float32(port.shape, Float32Array.from({ length: sizeOf(port.shape) }, (_, i) => Math.sin(i / 50) + next()))]));
}

const hashes = (values: NamedValues): Record<string, string> => Object.fromEntries(Object.entries(allNumeric(values)).map(([name, { dtype, data }]) =>
  [name, `${dtype} ${createHash('sha256').update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex')}`]));

interface Both {
  readonly graph: QuantizedGraph;
  readonly entered: NamedValues;
  readonly names: readonly string[];
  readonly expected: NamedValues;
  readonly with: (options: { threads: number; pieces?: number; memoryBudget?: number }, check: (executor: ExactExecutor) => Promise<void>) => Promise<void>;
}

/** The quantized graph, every value of it as the reference computes it, and executors for it. */
async function both(net: LoadedNet, model: Model, check: (both: Both) => Promise<void>): Promise<void> {
  const { graph } = model;
  const floats = createFloatNodes(graph);
  try {
    const entered = enter(graph.inputs, inputsOf(net, 99));
    const names = graph.nodes.flatMap((node) => node.outputs);
    const expected = await runReference(graph, entered, names, { runFloat: floats.run });
    await check({
      graph, entered, names, expected,
      with: async (options, use) => {
        const executor = createExactExecutor(graph, { runFloat: floats.run, ...options });
        try { await use(executor); } finally { await executor.release(); }
      },
    });
  } finally {
    await floats.release();
  }
}

async function opened(path: string, use: (net: LoadedNet, quantized: (int16?: boolean, floatNode?: string) => Model) => Promise<void>): Promise<void> {
  const net = await loadModel(path);
  try {
    const statistics = await net.calibrate([inputsOf(net, 1), inputsOf(net, 2)]);
    await use(net, (int16 = false, floatNode) => {
      const config = int16 ? int16Quantization : defaultQuantization;
      return net.quantizeWith(statistics, floatNode === undefined ? config : config.withUnquantizedNodes([floatNode]));
    });
  } finally {
    await net.release();
  }
}

const DATA = resolve(import.meta.dirname, '../../../../shared/data');
const SAMPLE = resolve(import.meta.dirname, '../../../assets/sample/shapes.onnx');
const NETWORKS = [
  ['the sample', SAMPLE], ['resnet8', `${DATA}/mlperf-tiny-ic/resnet8_float.tflite`], ['dscnn', `${DATA}/mlperf-tiny-kws/dscnn_float.tflite`],
  ['mnist', `${DATA}/onnx-small/mnist.onnx`], ['ultraface', `${DATA}/ultraface/version-RFB-320.onnx`],
] as const;

describe('every tensor of a network has the hash of the reference, for 1 and 3 threads', () => {
  for (const [name, path] of NETWORKS) {
    test.skipIf(!existsSync(path))(`${name} (skipped where ../shared/data is missing)`, async () => {
      await opened(path, async (net, quantized) => {
        // The reference takes its time over ultraface; once is enough.
        for (const int16 of name === 'ultraface' ? [false] : [false, true]) {
          const model = quantized(int16);
          await both(net, model, async ({ graph, entered, names, expected, with: withExecutor }) => {
            if (!int16) await withExecutor({ threads: 1 }, async (executor) => {
              expect(hashes(await executor.run(entered, names, { way: 'integer-operators' }))).toEqual(hashes(expected));
              const outputs = graph.outputs.map((port) => port.value);
              expect(await executor.run(entered, outputs, { way: 'integer-operators' })).toEqual(Object.fromEntries(outputs.map((output) => [output, expected[output]])));
            });
            for (const dealing of [{ threads: 1 }, { threads: THREADS, pieces: 7 }]) {
              await withExecutor(dealing, async (executor) => {
                expect(executor.ways().filter(({ way }) => way === 'reference')).toEqual([]);
                expect(hashes(await executor.run(entered, names))).toEqual(hashes(expected));
                // Asked for the outputs alone, buffers are used again; twice, since the first run leaves its traces.
                const outputs = graph.outputs.map((port) => port.value);
                const wanted = Object.fromEntries(outputs.map((output) => [output, expected[output]]));
                for (let i = 0; i < 2; i++) expect(await executor.run(entered, outputs)).toEqual(wanted);
              });
            }
          });
          await model.release();
        }
      });
    }, 120_000);
  }
});

describe('the executor', () => {
  test('runs in slices where memory is short, with the same result, and says so', () => opened(SAMPLE, async (net, quantized) => {
    const model = quantized();
    await both(net, model, async ({ graph, entered, expected, with: withExecutor }) => {
      const outputs = graph.outputs.map((port) => port.value);
      await withExecutor({ threads: 1 }, async (executor) => {
        await executor.run(entered, outputs);
        expect(executor.notices()).toEqual([]);
      });
      await withExecutor({ threads: 1, memoryBudget: 2000 }, async (executor) => {
        expect((await executor.run(entered, outputs))[outputs[0] ?? '']).toEqual(expected[outputs[0] ?? '']);
        expect(executor.notices()).toEqual([expect.stringMatching(/^Activations do not fit .* so the graph runs in \d+ slices\.$/)]);
      });
    });
    await model.release();
  }));

  test('float nodes in the middle run in ONNX Runtime between two slices', () => opened(SAMPLE, async (net, quantized) => {
    const model = quantized(false, net.graph.nodes[2]?.name);
    await both(net, model, async ({ entered, names, expected, with: withExecutor }) => {
      await withExecutor({ threads: 2 }, async (executor) => {
        expect(executor.ways().filter(({ way }) => way === 'float')).toHaveLength(1);
        expect(hashes(await executor.run(entered, names))).toEqual(hashes(expected));
      });
    });
    await model.release();
  }));

  test('runs that were asked for at the same time do not mix', () => opened(SAMPLE, async (net, quantized) => {
    const model = quantized();
    const samples = [1, 2, 3, 4, 5].map((seed) => inputsOf(net, seed));
    const alone: NamedValues[] = [];
    for (const sample of samples) alone.push(await model.execute(sample, { way: 'reference' }));
    expect(await Promise.all(samples.map((sample) => model.execute(sample)))).toEqual(alone);
    await model.release();
  }));

  test('memory is given back: many models leave the heap as it was', () => opened(SAMPLE, async (net, quantized) => {
    const before = sharedKernels().heap.used;
    for (let i = 0; i < 5; i++) {
      const model = quantized(i % 2 === 1);
      await model.execute(inputsOf(net, i + 1));
      await model.release();
    }
    expect(sharedKernels().heap.used).toBe(before);
  }));
});
