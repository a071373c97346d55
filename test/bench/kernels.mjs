// npm run bench:kernels: exact execution against ONNX Runtime in float32 and in int8, in one process and interleaved, medians and their ratios, then what was
// wanted beside what was measured. Random weights.
// Options: --rounds N (default 7), --threads N,M (default 1 and all cores), --networks resnet50,mobilenet_v2. A build must be there.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { defaultQuantization, int16Quantization, loadModel, onnxSource, useThreads } from '../../dist/core/index.js';
import { sharedKernels } from '../../dist/core/kernels/index.js';
import { decodeModel } from '../../dist/core/onnx/index.js';
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

const FLOAT = 'ORT float32', KERNELS = 'exact int8, kernels', INTEGER = 'exact int8, integer operators of ONNX Runtime', INSIDE = 'exact int8 inside float, ORT', WIDE = 'exact int16, kernels', SIGNED = 'ORT int8 x int8 (QDQ)';
/** Element types as ONNX numbers them. */
const TYPES = new Map([[2, 'uint8'], [3, 'int8']]);
/** What is wanted with all threads: network, engines of which the fastest counts, beside which other, at least, aim. */
const WANTED = [
  ['resnet50', [KERNELS, INTEGER, INSIDE], FLOAT, 0.75, 0.90], ['resnet50', [KERNELS], FLOAT, 0.55, 0.75], ['resnet50', [WIDE], FLOAT, 0.50, 0.70],
  ['mobilenet_v2', [KERNELS, INTEGER, INSIDE], FLOAT, 0.60, 0.85], ['resnet50', [KERNELS, INTEGER, INSIDE], SIGNED, 2.5, 4],
];
const measured = new Map();
for (const name of options.networks.split(',')) {
  let statistics;
  for (const threads of threadCounts) {
    useThreads(threads);
    await sharedKernels().ready(threads);
    const net = await loadModel(onnxSource(NETWORKS[name]()));
    const inputs = sample(net, 3);
    // The same statistics every time: weights are then quantized once a network.
    statistics ??= await net.calibrate([sample(net, 1), sample(net, 2)]);
    const int8 = net.quantizeWith(statistics, defaultQuantization);
    const int16 = net.quantizeWith(statistics, int16Quantization);
    const engines = [
      { engine: FLOAT, run: () => net.execute(inputs) },
      { engine: KERNELS, run: () => int8.execute(inputs, { way: 'kernels' }) },
      { engine: WIDE, run: () => int16.execute(inputs, { way: 'kernels' }) },
      { engine: INTEGER, run: () => int8.execute(inputs, { way: 'integer-operators' }) },
      { engine: INSIDE, run: () => int8.execute(inputs, { way: 'inside-float' }) },
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
    for (const { engine, times, note } of engines) {
      const best = Math.min(...times);
      console.log(`| ${name} | ${threads} | ${engine}${note === undefined ? '' : `: ${note}`} | ${median(times).toFixed(1)} | ${best.toFixed(1)} | ${(median(float.times) / median(times)).toFixed(2)} | ${(Math.min(...float.times) / best).toFixed(2)} |`);
      measured.set(`${name} ${threads} ${engine}`, median(times));
    }
    for (const model of [int8, int16]) {
      const slow = model.ways('kernels').filter((node) => node.way === 'reference');
      if (slow.length > 0) console.log(`On reference kernels: ${slow.map((node) => `${node.name} (${node.reason})`).join(', ')}`);
      await model.release();
    }
    await net.release();
  }
}
const most = Math.max(...threadCounts);
console.log(`\n| speed with ${most} threads | at least | aim | measured |\n|---|---|---|---|`);
for (const [name, engines, other, least, aim] of WANTED) {
  const speed = Math.max(...engines.map((engine) => measured.get(`${name} ${most} ${other}`) / measured.get(`${name} ${most} ${engine}`)));
  if (!Number.isNaN(speed)) console.log(`| ${name}: ${engines.length > 1 ? 'exact int8, the fastest way' : engines[0]}, relative to ${other} | ${least.toFixed(2)} | ${aim.toFixed(2)} | ${speed.toFixed(2)} |`);
}
console.log(`Load at the end: ${loadavg()[0]?.toFixed(1)}`);

/**
 * ONNX Runtime's own int8 kernels, from the QDQ export. Left alone it turns int8 activations into uint8 on x86, for a path that is not exact without VNNI;
 * told to keep them, it runs int8 x int8, whose sums are exact. What it really runs is read from the graph as it optimized it.
 */
async function qlinear(model, inputs, threads) {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-bench-'));
  const file = path.join(folder, 'qdq.onnx');
  await model.export('onnx-qdq', file);
  const feeds = Object.fromEntries(Object.entries(inputs).map(([key, { data, shape }]) => [key, new ort.Tensor('float32', data, [...shape])]));
  const open = async (engine, qdqisint8allowed) => {
    const optimizedModelFilePath = path.join(folder, `${qdqisint8allowed}.onnx`);
    const session = await ort.InferenceSession.create(file, {
      graphOptimizationLevel: 'all', intraOpNumThreads: threads, logSeverityLevel: 4, optimizedModelFilePath, extra: { session: { qdqisint8allowed } },
    });
    return { engine, note: convolutionsOf(decodeModel(await readFile(optimizedModelFilePath)).graph), run: () => session.run(feeds) };
  };
  const engines = [await open('ORT as it likes (QDQ)', '0'), await open(SIGNED, '1')];
  await rm(folder, { recursive: true });
  return engines;
}

/** "53 QLinearConv of uint8": the convolutions of an optimized graph by operator and type of the activations, which their zero point tells. */
function convolutionsOf({ node, initializer }) {
  const typeOf = new Map(initializer.map((t) => [t.name, TYPES.get(t.dataType)]));
  const counts = new Map();
  for (const { opType, input } of node) {
    if (!/Conv/.test(opType)) continue;
    const kind = opType === 'QLinearConv' ? `${opType} of ${typeOf.get(input[2]) ?? 'unknown'}` : opType;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
