// npm run accuracy [-- --only ID,ID] [--peers PYTHON] [--exports]: measures the networks in ../shared/data under every setting, prints the tables and writes
// docs/accuracy.md. With --only, rows of other networks are kept as they are; so are the peers' without --peers and the exported files' without --exports.
// --arrived PYTHON measures the files that arrived quantized beside TensorFlow Lite, and nothing else.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ARRIVED_COLUMNS, measureArrived } from './arrived.mjs';
import { EXPORT_COLUMNS, measureExports } from './exports.mjs';
import { ANALYSED, measure, SETTINGS } from './measure.mjs';
import { ARRIVED, NETWORKS } from './networks.mjs';
import { measurePeers, PEERS } from './peers.mjs';

const root = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const file = fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url));
const fail = (message) => { console.error(message); process.exit(1); };

const ids = NETWORKS.map(({ id }) => id);
let options;
try { options = parseArgs({ options: { only: { type: 'string' }, peers: { type: 'string' }, exports: { type: 'boolean' }, arrived: { type: 'string' }, help: { type: 'boolean' } } }).values; }
catch (error) { fail(error.message); }
if (options.help) {
  console.log(`npm run accuracy -- [--only ID,ID] [--peers PYTHON] [--exports]\nnpm run accuracy -- --arrived PYTHON\nnetworks: ${ids.join(', ')}\nPYTHON: a Python with numpy, onnx, onnxruntime and tensorflow`);
  process.exit(0);
}
const only = options.arrived ? [] : options.only?.split(',');
const unknown = only?.find((id) => !ids.includes(id));
if (unknown !== undefined) fail(`There is no network ${unknown}; there are ${ids.join(', ')}.`);
if (!existsSync(root)) fail('The figures need the models and data in ../shared/data, and the folder is not there.');

const watched = process.stderr.isTTY;
const say = (id) => (text) => { if (watched) process.stderr.write(`\r\x1b[K${id}: ${text}`); };
const cell = (x) => (x === undefined || x === null ? '' : Number.isFinite(x) ? x.toFixed(1) : String(x));
const row = (cells) => `| ${cells.join(' | ')} |`;
const heading = (cells) => `${row(cells)}\n${'|---'.repeat(cells.length)}|`;

/** Rows of an earlier run by their first cell, one map a table. */
const earlier = existsSync(file) ? readFileSync(file, 'utf8').split('\n## ').slice(1).filter((section) => section.includes('\n|---')).map((section) => new Map(section.split('\n').filter((line) => line.startsWith('| ')).map((line) => [line.split(' | ')[0].slice(2), line]))) : [];
const [accuracy = new Map(), nodes = new Map(), peers = new Map(), exported = new Map(), arrived = new Map()] = earlier;

for (const network of NETWORKS) {
  if (only && !only.includes(network.id)) continue;
  if (!existsSync(root + network.model)) { console.error(`${network.id}: skipped, ${network.model} is not there`); continue; }
  const began = Date.now();
  try {
    const { figures, psnr, agreement, unit, reference, mixed } = await measure(network, root, say(network.id));
    const note = [network.note, reference && 'reference kernels: the fast ways differed'].filter(Boolean).join('; ');
    accuracy.set(network.title, row([network.title, unit, ...SETTINGS.map((setting) => cell(figures[setting])), network.test, network.calibration, note]));
    nodes.set(network.title, row([network.title, ...ANALYSED.map((setting) => cell(agreement[setting])), ...ANALYSED.map((setting) => cell(psnr[setting])), network.analysis, mixed]));
    if (options.peers && !network.peerless) {
      const found = await measurePeers(network, root, options.peers, say(network.id));
      peers.set(network.title, row([network.title, unit, cell(figures.int8), ...PEERS.map((peer) => cell(found[peer]))]));
    }
    if (watched) process.stderr.write('\r\x1b[K');
    console.log(`${accuracy.get(network.title)}  (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    if (watched) process.stderr.write('\r\x1b[K');
    console.error(`${network.id}: not measured: ${error.line ?? error.stack}`);
    process.exitCode = 1;
  }
}

if (options.exports) {
  for await (const [title, cells] of measureExports(root, only)) {
    exported.set(title, row([title, ...cells]));
    console.log(exported.get(title));
  }
}
exported.delete('network');
if (options.arrived) for (const network of ARRIVED) {
  const began = Date.now();
  arrived.set(network.title, row([network.title, ...await measureArrived(network, root, options.arrived, say(network.title))]));
  if (watched) process.stderr.write('\r\x1b[K');
  console.log(`${arrived.get(network.title)}  (${Math.round((Date.now() - began) / 1000)} s)`);
}

const ordered = (rows) => NETWORKS.map(({ title }) => rows.get(title)).filter(Boolean).join('\n');
const text = `# Accuracy

Written by \`npm run accuracy\`. A row says how many samples were tested and how many gave the ranges, both from the start of the data, in its order;
nothing is drawn at random, so there are no seeds, and a second run gives the same figures. Where a network has no calibration data of its own, the
first samples of the test data calibrate. Integers are exact: every setting's fast way equalled the reference kernels on the first samples before it was
used. int8 is the default (histogram MSE); the next four columns are int8 with another calibration method; int16 is the int16 preset (weights stay
int8); mixed is int8 with the first quarter of the nodes at int16. ImageNet figures are above the published ones, since the images may
come from the training split: only differences count. One sample is 0.1 points of 1,000, 0.4 of 250 and 0.7 of 150: smaller differences are chance,
so the second table counts on how many samples the class is the float network's.

## Top-1 in %, or PSNR of the outputs against float in dB

${heading(['network', 'unit', ...SETTINGS, 'samples', 'calibration', 'note'])}
${ordered(accuracy)}

## Samples with the float network's class in %, and mean over nodes of the cumulative PSNR in dB

${heading(['network', ...ANALYSED.map((setting) => `${setting}, %`), ...ANALYSED.map((setting) => `${setting}, dB`), 'samples for dB', 'nodes at int16 in mixed'])}
${ordered(nodes)}

## Where it is lost

- **tf-kws at int8**: a few activations are far larger than the rest. The mean squared error, which the default minimizes, is dominated by them, so it keeps
  them and spends its 256 steps on their range; entropy and percentile clip them, and are nearer to float there. int16 has steps to spare.
- **moving_average** takes the mean of the samples' extremes, which clips about half of the samples: expected, and worst where samples differ much.
- **int16** leaves only the rounding of the weights, which stay int8. It shows where many classes are close together (MobileNetV1: 1,001 classes at 45 %).
- **KWS dscnn** in its first row is compared with a float network that rounds its activations to 8 bits at run time; plain float32 is what integers approach.

## The same by other programs

Measured by \`npm run accuracy -- --peers PYTHON\` (test/accuracy/peers.py) on the same samples with the same calibration samples. ONNX Runtime:
\`quantize_static\` of the float network as Requant writes it; QDQ, int8 weights with one scale a channel, int8 activations, three calibration methods,
run without rewriting, so that only rounding counts. TFLite int8: the file that TensorFlow Lite's own converter made of the same training, with its
own calibration, run by TensorFlow Lite; it need not have the float network's very weights.

${heading(['network', 'unit', 'Requant int8', ...['float', 'MinMax', 'Entropy', 'Percentile'].map((peer) => `ONNX Runtime ${peer}`), 'TFLite int8'])}
${ordered(peers)}

## Files of requant export --format onnx-qdq in plain ONNX Runtime

Measured by \`npm run accuracy -- --exports\`: each network at int8, written as onnx-qdq and run as it is by ONNX Runtime, against the exact integers. Its
rounding differs from theirs by a step here and there; \`--format onnx-exact\` is for the integers themselves. Networks without data were calibrated and run
with numbers drawn from 0 to 1, always the same. The four light_ networks have no trained weights: each gives one constant everywhere, whose range is
empty and which is stored as 0 (numerics 2).

${heading(['network', ...EXPORT_COLUMNS])}
${[...exported.values()].join('\n')}

## TFLite files that arrive quantized

Measured by \`npm run accuracy -- --arrived PYTHON\`: \`requant convert\` in both flavours beside TensorFlow Lite's own reference kernels (BUILTIN_REF) on the
same samples. Flavour tflite is to give their integers, flavour sima the same scales with shifts alone. Classes and integers are counted against theirs.

${heading(['network', ...ARRIVED_COLUMNS])}
${ARRIVED.map(({ title }) => arrived.get(title)).filter(Boolean).join('\n')}
`;
writeFileSync(`${file}.part`, text);
renameSync(`${file}.part`, file);
console.log(`\n${text}\nwrote docs/accuracy.md`);
