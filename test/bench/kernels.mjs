// npm run bench:kernels: exact execution against ONNX Runtime in float32, in one process and interleaved, medians and their ratios. Random weights.
// Options: --rounds N (default 7), --threads N,M (default 1 and all cores), --networks resnet50,mobilenet_v2. A build must be there.
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { defaultQuantization, int16Quantization, loadModel, onnxSource, useThreads } from '../../dist/core/index.js';
import { sharedKernels } from '../../dist/core/kernels/index.js';
import { NETWORKS, sample } from './models.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '7' }, threads: { type: 'string' }, networks: { type: 'string', default: 'resnet50,mobilenet_v2' } } });
/** ONNX Runtime's threads go on spinning after a run and would steal a core from whoever comes next. */
const SPIN_MS = 80;
/** Runs of one engine in a row; the first warms up and does not count. */
const RUNS = 4;

const threadCounts = options.threads?.split(',').map(Number) ?? [...new Set([1, availableParallelism()])];
const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
console.log(`Node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, ${options.rounds} rounds of ${RUNS - 1} runs`);
console.log('| network | threads | engine | median, ms | best, ms | speed relative to float32 | by best |\n|---|---|---|---|---|---|---|');

for (const name of options.networks.split(',')) {
  for (const threads of threadCounts) {
    useThreads(threads);
    await sharedKernels().ready(threads);
    const net = await loadModel(onnxSource(NETWORKS[name]()));
    const inputs = sample(net, 3);
    const statistics = await net.calibrate([sample(net, 1), sample(net, 2)]);
    const int8 = net.quantizeWith(statistics, defaultQuantization);
    const int16 = net.quantizeWith(statistics, int16Quantization);
    const engines = [
      { engine: 'ORT float32', run: () => net.execute(inputs) },
      { engine: 'exact int8, kernels', run: () => int8.execute(inputs, { way: 'kernels' }) },
      { engine: 'exact int16, kernels', run: () => int16.execute(inputs, { way: 'kernels' }) },
      { engine: 'exact int8 inside float, ORT', run: () => int8.execute(inputs, { way: 'inside-float' }) },
      { engine: 'exact int16 inside float, ORT', run: () => int16.execute(inputs, { way: 'inside-float' }) },
      ...await qlinear(int8, inputs, threads),
    ].map((engine) => ({ ...engine, times: [] }));
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const { run, times } of engines) {
        for (let i = 0; i < RUNS; i++) {
          const began = performance.now();
          await run();
          if (i > 0) times.push(performance.now() - began);
        }
        if (threads > 1) await pause(SPIN_MS);
      }
    }
    const [float] = engines;
    for (const { engine, times } of engines) {
      const best = Math.min(...times);
      console.log(`| ${name} | ${threads} | ${engine} | ${median(times).toFixed(1)} | ${best.toFixed(1)} | ${(median(float.times) / median(times)).toFixed(2)} | ${(Math.min(...float.times) / best).toFixed(2)} |`);
    }
    for (const model of [int8, int16]) {
      const slow = model.ways('kernels').filter((node) => node.way === 'reference');
      if (slow.length > 0) console.log(`On reference kernels: ${slow.map((node) => `${node.name} (${node.reason})`).join(', ')}`);
      await model.release();
    }
    await net.release();
  }
}
console.log(`Load at the end: ${loadavg()[0]?.toFixed(1)}`);

/** ONNX Runtime's own int8 kernels on int8 activations and weights, exact in their sums, from the QDQ export. */
async function qlinear(model, inputs, threads) {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-bench-'));
  const file = path.join(folder, 'qdq.onnx');
  await model.export('onnx-qdq', file);
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: 'all', intraOpNumThreads: threads, logSeverityLevel: 3 });
  await rm(folder, { recursive: true });
  const feeds = Object.fromEntries(Object.entries(inputs).map(([key, { data, shape }]) => [key, new ort.Tensor('float32', data, [...shape])]));
  return [{ engine: 'ORT int8 x int8 (QDQ)', run: () => session.run(feeds) }];
}
