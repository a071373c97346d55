// npm run bench:calibration: what calibration costs beside plain float inference of the same samples, its memory, what its statistics cost to use, and
// how soon a changed precision shows its error; what was wanted stands beside it. Options: --network resnet50|mobilenet_v2, --samples N (default 48),
// --rounds N (default 5), --threads N, --memory N (default 1000; 0: leave out; where the network would take minutes, MobileNetV2 is run so long instead),
// --peer PYTHON (an interpreter with onnx and onnxruntime): ONNX Runtime's quantize_static on the same model and samples. A build must be there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CalibrationMethod, defaultQuantization, lengthHinted, loadModel, onnxSource, useThreads } from '../../dist/core/index.js';
import { calibrate } from '../../dist/core/calibrate/index.js';
import { createAnalyst } from '../../dist/core/engine/analyst.js';
import { searchLoops } from '../../dist/core/kernels/index.js';
import { NETWORKS, sample } from './models.mjs';

const { values: options } = parseArgs({ options: {
  network: { type: 'string', default: 'resnet50' }, samples: { type: 'string', default: '48' }, rounds: { type: 'string', default: '5' },
  memory: { type: 'string', default: '1000' }, peer: { type: 'string' }, threads: { type: 'string' },
  // For the processes that this one starts.
  only: { type: 'string' }, spread: { type: 'boolean', default: false }, own: { type: 'string' }, method: { type: 'string', default: 'min_max' },
} });
const METHODS = ['min_max', 'moving_average', 'entropy', 'percentile', 'mse'];
/** Samples that the runs take in turn: making them is not what is measured. */
const POOL = 8;
/** Seconds that the long run for peak memory may take. */
const PATIENCE = 150;
/** Samples that a changed precision is measured on, and those that the peer quantizes with. */
const COMPARED = 4, PEER_SAMPLES = 8;
/** ONNX Runtime's threads go on spinning for a while after a run. */
const calm = () => new Promise((resolve) => { setTimeout(resolve, 80); });
const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
const timed = async (work) => { const began = performance.now(); await work(); return performance.now() - began; };
const row = (what, measured, wanted = '') => console.log(`| ${what} | ${measured} | ${wanted} |`);
/** Linux: of this program alone. The peak that getrusage gives is never below that of the process which started this one. */
const peakMiB = () => {
  const own = existsSync('/proc/self/status') ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined;
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) / 1024;
};

if (options.threads !== undefined) useThreads(Number(options.threads));
if (options.own !== undefined) {
  // A process of its own, as the peer's: from the file to the quantized file.
  const pool = await Promise.all(Array.from({ length: POOL }, async (_, i) => new Float32Array(new Uint8Array(await readFile(path.join(options.own, `${i}.f32`))).buffer)));
  const took = await timed(async () => {
    const net = await loadModel(path.join(options.own, 'model.onnx'));
    const [{ name, shape }] = net.graph.inputs;
    const data = lengthHinted(PEER_SAMPLES, Array.from({ length: PEER_SAMPLES }, (_, i) => ({ [name]: { dtype: 'float32', shape, data: pool[i % POOL] } })));
    const model = await net.quantize(data, defaultQuantization.withCalibration(CalibrationMethod.fromStr(options.method)));
    await model.save('ours', options.own);
  });
  console.log(took / 1000, peakMiB());
  process.exit(0);
}
const bytes = NETWORKS[options.network]();
const net = await loadModel(onnxSource(bytes));
const pool = Array.from({ length: POOL }, (_, i) => sample(net, i + 1));
const samplesOf = (count) => lengthHinted(count, (function* () { for (let i = 0; i < count; i++) yield pool[i % POOL]; })());
const collect = (count, spread) => net.calibrate(samplesOf(count), defaultQuantization, { spread });

if (options.only !== undefined) {
  // A process of its own, whose peak memory is the answer.
  await collect(Number(options.only), options.spread);
  console.log(peakMiB());
  process.exit(0);
}

console.log(`Node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}; ${options.network}, ${options.rounds} rounds of ${options.samples} samples`);
const count = Number(options.samples);
const plain = [], alone = [], spread = [];
let statistics;
await net.execute(pool[0]);
await collect(1, false);
const starting = await timed(() => collect(2, true));
for (let round = 0; round < Number(options.rounds); round++) {
  await calm();
  plain.push(await timed(async () => { for await (const each of samplesOf(count)) await net.execute(each); }));
  await calm();
  alone.push(await timed(async () => { statistics = await collect(count, false); }));
  await calm();
  spread.push(await timed(() => collect(count, true)));
}
console.log('| what | measured | wanted |\n|---|---|---|');
row('float inference, ms a sample', (median(plain) / count).toFixed(1));
row('calibration, samples one at a time, ms a sample', (median(alone) / count).toFixed(1));
row('calibration, samples dealt out to threads, ms a sample', (median(spread) / count).toFixed(1));
row('start of those threads and two samples, ms', starting.toFixed(0));
row('calibration relative to float inference, one at a time', (median(alone) / median(plain)).toFixed(2));
row('calibration relative to float inference', (median(spread) / median(plain)).toFixed(2), '<= 1.6, aim 1.2');
const parameters = [];
for (let round = 0; round < 3; round++) {
  parameters.push(await timed(() => {
    for (const value of statistics.values.values()) for (const name of METHODS) calibrate(value, CalibrationMethod.fromStr(name), { precision: 'int8', asymmetric: true }, searchLoops);
  }));
}
row(`parameters of all five methods, ${statistics.values.size} values, ms`, median(parameters).toFixed(0), '< 1000, aim 200');
let model;
row('quantization of the weights, s', (await timed(() => { model = net.quantizeWith(statistics, defaultQuantization); }) / 1000).toFixed(1));
await reportChange(model);

const peak = (network, samples, ...flags) => Number(execFileSync(process.execPath, [
  fileURLToPath(import.meta.url), '--network', network, '--only', String(samples), ...flags, ...(options.threads === undefined ? [] : ['--threads', options.threads]),
], { encoding: 'utf8' }));
await net.release();
if (Number(options.memory) > 0) {
  const seconds = (median(spread) / count / 1000) * Number(options.memory);
  const network = seconds > PATIENCE ? 'mobilenet_v2' : options.network;
  reportMemory(network, 'dealt out to threads', '--spread');
  reportMemory('mobilenet_v2', 'one at a time');
}

/** The same way at both counts: threads of their own cost memory, whatever comes. */
function reportMemory(network, how, ...flags) {
  const few = peak(network, 10, ...flags), many = peak(network, Number(options.memory), ...flags);
  row(`peak memory at ${options.memory} samples relative to 10 (${few.toFixed(0)} MiB), ${network}, ${how}`, (many / few).toFixed(3), '<= 1.1, aim 1.02');
}

/** Nodes across the network go to int16, one after another: what is quantized again, and the local error of that node. */
async function reportChange(int8) {
  const analyst = createAnalyst(net, { samples: COMPARED, sample: async (i) => pool[i] }, COMPARED, 2 ** 31);
  await analyst.measure(int8, true, {});
  const nodes = int8.graph.nodes.filter((node) => node.kind === 'integer');
  const quantized = [], errors = [];
  for (let i = 1; i <= 9; i++) {
    const config = defaultQuantization.withCustomQuantizationConfigs({ [nodes[Math.floor((i * nodes.length) / 10)].name]: { quantizationPrecision: 'int16' } });
    let changed;
    await calm();
    quantized.push(await timed(() => { changed = net.quantizeWith(statistics, config); }));
    errors.push(await timed(() => analyst.measure(changed, true, {})));
    await analyst.measure(int8, true, {});
    await changed.release();
  }
  const both = quantized.map((ms, i) => ms + errors[i]);
  row(`local error of one node after a precision change, ${COMPARED} samples, median and worst of ${both.length} nodes, ms`, `${median(both).toFixed(0)}, ${Math.max(...both).toFixed(0)}`, '< 100, aim 30');
  row('of that, quantizing the node again, ms', `${median(quantized).toFixed(0)}, ${Math.max(...quantized).toFixed(0)}`);
}

if (options.peer !== undefined) {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-peer-'));
  try {
    await writeFile(path.join(folder, 'model.onnx'), bytes);
    const [{ name, shape }] = net.graph.inputs;
    await Promise.all(pool.map((each, i) => writeFile(path.join(folder, `${i}.f32`), Buffer.from(each[name].data.buffer))));
    const script = fileURLToPath(new URL('peer.py', import.meta.url));
    const answer = (command, args) => execFileSync(command, args, { encoding: 'utf8' }).trim().split('\n').at(-1).split(' ').map(Number);
    for (const [theirs, ours, wanted] of [['MinMax', 'min_max'], ['Entropy', 'entropy', '5 times'], ['Percentile', 'percentile', '5 times']]) {
      const [seconds, peakKiB] = answer(options.peer, [script, folder, name, shape.join(','), String(POOL), String(PEER_SAMPLES), theirs]);
      const [own, ownPeak] = answer(process.execPath, [fileURLToPath(import.meta.url), '--own', folder, '--method', ours, ...(options.threads === undefined ? [] : ['--threads', options.threads])]);
      row(`quantize_static ${theirs}, ${PEER_SAMPLES} samples: theirs ${seconds.toFixed(1)} s, ${(peakKiB / 1024).toFixed(0)} MiB; ours ${own.toFixed(1)} s, ${ownPeak.toFixed(0)} MiB`, `${(seconds / own).toFixed(1)} times`, wanted);
    }
  } finally { await rm(folder, { recursive: true }); }
}
console.log(`Load at the end: ${loadavg()[0]?.toFixed(1)}`);
