// npm run bench:calibration: what calibration costs beside plain float inference of the same samples, its memory, what its statistics cost to use, and
// how soon a changed precision shows its error. Options: --network resnet50|mobilenet_v2, --samples N (default 16), --rounds N (default 5), --threads N,
// --memory N (default 1000; 0: leave out; where the network would take minutes, MobileNetV2 is run so long instead), --peer PYTHON (an interpreter with onnx and onnxruntime): ONNX Runtime's quantize_static on the same model and samples. A build must be there.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CalibrationMethod, defaultQuantization, lengthHinted, loadModel, onnxSource, useThreads } from '../../dist/core/index.js';
import { calibrate } from '../../dist/core/calibrate/index.js';
import { createAnalyst } from '../../dist/core/engine/analyst.js';
import { NETWORKS, sample } from './models.mjs';

const { values: options } = parseArgs({ options: {
  network: { type: 'string', default: 'resnet50' }, samples: { type: 'string', default: '16' }, rounds: { type: 'string', default: '5' },
  memory: { type: 'string', default: '1000' }, only: { type: 'string' }, peer: { type: 'string' }, threads: { type: 'string' },
} });
const METHODS = ['min_max', 'moving_average', 'entropy', 'percentile', 'mse'];
/** Samples that the runs take in turn: making them is not what is measured. */
const POOL = 8;
/** Seconds that the long run for peak memory may take. */
const PATIENCE = 240;
/** Samples that a changed precision is measured on. */
const COMPARED = 4;
const median = (times) => [...times].sort((a, b) => a - b)[times.length >> 1] ?? NaN;
const timed = async (work) => { const began = performance.now(); await work(); return performance.now() - began; };

if (options.threads !== undefined) useThreads(Number(options.threads));
const bytes = NETWORKS[options.network]();
const net = await loadModel(onnxSource(bytes));
const pool = Array.from({ length: POOL }, (_, i) => sample(net, i + 1));
const samplesOf = (count) => lengthHinted(count, (function* () { for (let i = 0; i < count; i++) yield pool[i % POOL]; })());

if (options.only !== undefined) {
  // A process of its own, whose peak memory is the answer.
  await net.calibrate(samplesOf(Number(options.only)));
  console.log(process.resourceUsage().maxRSS);
  process.exit(0);
}

console.log(`Node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}; ${options.network}, ${options.rounds} rounds of ${options.samples} samples`);
const count = Number(options.samples);
const plain = [], whole = [];
let statistics;
await net.execute(pool[0]);
await net.calibrate(samplesOf(1));
for (let round = 0; round < Number(options.rounds); round++) {
  plain.push(await timed(async () => { for await (const each of samplesOf(count)) await net.execute(each); }));
  whole.push(await timed(async () => { statistics = await net.calibrate(samplesOf(count)); }));
}
console.log('| what | measured |\n|---|---|');
console.log(`| float inference, ms a sample | ${(median(plain) / count).toFixed(1)} |`);
console.log(`| calibration, ms a sample | ${(median(whole) / count).toFixed(1)} |`);
console.log(`| calibration relative to float inference | ${(median(whole) / median(plain)).toFixed(2)} |`);
const parameters = [];
for (let round = 0; round < 3; round++) {
  parameters.push(await timed(() => {
    for (const value of statistics.values.values()) for (const name of METHODS) calibrate(value, CalibrationMethod.fromStr(name), { precision: 'int8', asymmetric: true });
  }));
}
console.log(`| parameters of all five methods, ${statistics.values.size} values, ms | ${median(parameters).toFixed(0)} |`);
let model;
console.log(`| quantization of the weights, s | ${(await timed(() => { model = net.quantizeWith(statistics, defaultQuantization); }) / 1000).toFixed(1)} |`);
await reportChange(model);

const peak = (network, samples) => Number(execFileSync(process.execPath, [
  fileURLToPath(import.meta.url), '--network', network, '--only', String(samples), ...(options.threads === undefined ? [] : ['--threads', options.threads]),
], { encoding: 'utf8' }));
if (Number(options.memory) > 0) {
  const seconds = (median(whole) / count / 1000) * Number(options.memory);
  const network = seconds > PATIENCE ? 'mobilenet_v2' : options.network;
  const few = peak(network, 10), many = peak(network, Number(options.memory));
  console.log(`| peak memory at ${options.memory} samples relative to 10 (${(few / 1024).toFixed(0)} MiB), ${network} | ${(many / few).toFixed(3)} |`);
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
    quantized.push(await timed(() => { changed = net.quantizeWith(statistics, config); }));
    errors.push(await timed(() => analyst.measure(changed, true, {})));
    await analyst.measure(int8, true, {});
    await changed.release();
  }
  const both = quantized.map((ms, i) => ms + errors[i]);
  console.log(`| local error of one node after a precision change, ${COMPARED} samples, median and worst of ${both.length} nodes, ms | ${median(both).toFixed(0)}, ${Math.max(...both).toFixed(0)} |`);
  console.log(`| of that, quantizing the node again, ms | ${median(quantized).toFixed(0)}, ${Math.max(...quantized).toFixed(0)} |`);
}

if (options.peer !== undefined) {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-peer-'));
  await writeFile(path.join(folder, 'model.onnx'), bytes);
  const [{ name, shape }] = net.graph.inputs;
  await Promise.all(pool.map((each, i) => writeFile(path.join(folder, `${i}.f32`), Buffer.from(each[name].data.buffer))));
  const script = fileURLToPath(new URL('peer.py', import.meta.url));
  for (const method of ['MinMax', 'Entropy', 'Percentile']) {
    const [seconds, peakKiB] = execFileSync(options.peer, [script, folder, name, shape.join(','), String(POOL), String(count), method], { encoding: 'utf8' }).trim().split('\n').at(-1).split(' ').map(Number);
    const ours = await timed(async () => { net.quantizeWith(await net.calibrate(samplesOf(count)), defaultQuantization.withCalibration(CalibrationMethod.fromStr(method === 'MinMax' ? 'min_max' : method.toLowerCase()))); });
    console.log(`| quantize_static ${method}, ${count} samples: theirs ${seconds.toFixed(1)} s, ${(peakKiB / 1024).toFixed(0)} MiB; ours ${(ours / 1000).toFixed(1)} s, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB | ${(seconds * 1000 / ours).toFixed(1)} times |`);
  }
  await rm(folder, { recursive: true });
}
await net.release();
console.log(`Load at the end: ${loadavg()[0]?.toFixed(1)}`);
