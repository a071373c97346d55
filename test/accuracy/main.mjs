// npm run accuracy [-- --only ID,ID]: measures the networks in ../shared/data under every setting, prints the tables and writes docs/accuracy.md.
// With --only, rows of other networks are kept as they are.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { ANALYSED, measure, MIXED_NODES, SETTINGS } from './measure.mjs';
import { NETWORKS } from './networks.mjs';

const root = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const file = fileURLToPath(new URL('../../docs/accuracy.md', import.meta.url));
const fail = (message) => { console.error(message); process.exit(1); };

const ids = NETWORKS.map(({ id }) => id);
let options;
try { options = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } }).values; }
catch (error) { fail(error.message); }
if (options.help) { console.log(`npm run accuracy -- [--only ID,ID]\nnetworks: ${ids.join(', ')}`); process.exit(0); }
const only = options.only?.split(',');
const unknown = only?.find((id) => !ids.includes(id));
if (unknown !== undefined) fail(`There is no network ${unknown}; there are ${ids.join(', ')}.`);
if (!existsSync(root)) fail('The figures need the models and data in ../shared/data, and the folder is not there.');

const watched = process.stderr.isTTY;
const say = (id) => (text) => { if (watched) process.stderr.write(`\r\x1b[K${id}: ${text}`); };
const cell = (x, digits) => (x === undefined ? '' : Number.isFinite(x) ? x.toFixed(digits) : String(x));
const row = (cells) => `| ${cells.join(' | ')} |`;
const heading = (cells) => `${row(cells)}\n${'|---'.repeat(cells.length)}|`;

/** Rows of an earlier run by their first cell, one map a table. */
const earlier = existsSync(file) ? readFileSync(file, 'utf8').split('\n## ').slice(1).map((section) => new Map(section.split('\n').filter((line) => line.startsWith('| ')).map((line) => [line.split(' | ')[0].slice(2), line]))) : [];
const [accuracy = new Map(), nodes = new Map()] = earlier;

for (const network of NETWORKS) {
  if (only && !only.includes(network.id)) continue;
  if (!existsSync(root + network.model)) { console.error(`${network.id}: skipped, ${network.model} is not there`); continue; }
  const began = Date.now();
  try {
    const { figures, psnr, unit, reference, worst } = await measure(network, root, say(network.id));
    const note = [network.note, reference && 'exact kernels: the fast way differed'].filter(Boolean).join('; ');
    accuracy.set(network.title, row([network.title, unit, ...SETTINGS.map((setting) => cell(figures[setting], unit === '%' ? 1 : 1)), network.test, network.calibration, note]));
    nodes.set(network.title, row([network.title, ...ANALYSED.map((setting) => cell(psnr[setting], 1)), network.analysis, worst.join(', ')]));
    if (watched) process.stderr.write('\r\x1b[K');
    console.log(`${accuracy.get(network.title)}  (${Math.round((Date.now() - began) / 1000)} s)`);
  } catch (error) {
    if (watched) process.stderr.write('\r\x1b[K');
    console.error(`${network.id}: not measured: ${error.line ?? error.stack}`);
    process.exitCode = 1;
  }
}

const ordered = (rows) => NETWORKS.map(({ title }) => rows.get(title)).filter(Boolean).join('\n');
const text = `# Accuracy

Measured by \`npm run accuracy\`; a row says on how many samples, from the start of the data, and how many gave the ranges. Integers are exact: where
the fast way is used, it was first compared with the reference kernels. int8 is the default (histogram MSE); the next four columns are int8 with
another calibration method; int16 is the int16 preset; mixed is int8 with the ${MIXED_NODES} nodes of the largest error of their own at int16.
ImageNet figures are above the published ones, since the images may come from the training split: only differences count.

## Top-1 in %, or PSNR of the outputs against float in dB

${heading(['network', 'unit', ...SETTINGS, 'samples', 'calibration', 'note'])}
${ordered(accuracy)}

## Mean over nodes of the cumulative PSNR, dB

${heading(['network', ...ANALYSED, 'samples', 'at int16 in mixed'])}
${ordered(nodes)}
`;
writeFileSync(`${file}.part`, text);
renameSync(`${file}.part`, file);
console.log(`\n${text}\nwrote docs/accuracy.md`);
