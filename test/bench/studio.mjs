// npm run bench:studio: how fast the studio is in a headless Chromium that draws in software; medians of 5 (--runs N changes that).
// --peer times Netron on the same files in the same run (--python PYTHON names the one that has it, else it comes from PyPI). --only WORD runs the parts whose
// name has WORD: open, frames, run. The load of the machine is printed at both ends: figures from a busy machine are worth little.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { benchNetwork } from './network.mjs';
import { openPeer } from './peer.mjs';
import { frames } from './frames.mjs';
import { serve } from './serve.mjs';
import { choose, clickToColours, longTasks } from './run.mjs';

const { values: options } = parseArgs({ options: { peer: { type: 'boolean' }, python: { type: 'string' }, runs: { type: 'string', default: '5' }, only: { type: 'string', default: '' } } });
const RUNS = Number(options.runs);
const DATA = path.resolve('../shared/data');
const folder = mkdtempSync(path.join(tmpdir(), 'requant-bench-'));
const generated = (count) => {
  const file = path.join(folder, `bench_${count}.onnx`);
  if (!existsSync(file)) writeFileSync(file, benchNetwork(count));
  return file;
};
const NETWORKS = [
  { name: 'resnet8', file: path.join(DATA, 'mlperf-tiny-ic/resnet8_float.tflite'), limit: 0.7 },
  { name: 'light_resnet50', file: path.join(DATA, 'onnx-topologies/light_resnet50.onnx'), limit: 1 },
  { name: 'light_densenet121', file: path.join(DATA, 'onnx-topologies/light_densenet121.onnx'), limit: 1.5 },
  { name: '5,000 nodes', file: generated(5000), limit: 3, large: true },
  { name: '20,000 nodes', file: generated(20000), limit: 6, large: true },
];
const loadText = () => loadavg().map((load) => load.toFixed(1)).join(', ');
const wanted = (part) => part.includes(options.only);
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const repeat = async (work) => { const out = []; for (let i = 0; i < RUNS; i++) out.push(await work(i)); return out; };

/** Seconds from handing the file over to the first painted graph: upload, import, partition, layout, paint. */
async function openTime(context, url, file) {
  const page = await context.newPage();
  await page.goto(url);
  await page.getByTestId('empty-open-model').waitFor();
  await choose(page, 'empty-open-model', file);
  await page.waitForFunction(() => performance.getEntriesByName('requant:graph-painted').length > 0, null, { timeout: 120_000 });
  const seconds = await page.evaluate(() => {
    const upload = performance.getEntriesByType('resource').findLast(({ name }) => name.includes('/_file'));
    return (performance.getEntriesByName('requant:graph-painted')[0].startTime - upload.startTime) / 1000;
  });
  return { page, seconds };
}

const server = await serve();
const browser = await chromium.launch({ executablePath: process.env.REQUANT_CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
try {
  const began = Date.now();
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${loadText()}; Node ${process.version}, Chromium ${browser.version()}, 1280x800, software drawing, medians of ${RUNS}\n`);
  const opened = new Map();
  if (wanted('open')) {
    console.log('| opened to first painted graph | seconds | limit |\n|---|---|---|');
    for (const { name, file, limit } of NETWORKS) {
      if (!existsSync(file)) { console.log(`| ${name} | skipped: ${path.relative('.', file)} is not there | ${limit} |`); continue; }
      const times = await repeat(async () => { const { page, seconds } = await openTime(context, server.url, file); await page.close(); return seconds; });
      opened.set(name, median(times));
      console.log(`| ${name} | ${median(times).toFixed(2)} | ${limit} |`);
    }
  }
  if (wanted('frames')) {
    console.log('\n| moving the view | frames a second (median) | longest frame, ms |\n|---|---|---|');
    for (const { name, file } of NETWORKS.filter(({ large }) => large)) {
      const { page } = await openTime(context, server.url, file);
      await page.waitForTimeout(1000);
      for (const movement of ['pan', 'zoom', 'whole']) {
        const results = await repeat(() => frames(page, movement));
        console.log(`| ${name}, ${movement} | ${median(results.map((r) => r.fps)).toFixed(0)} | ${Math.max(...results.map((r) => r.longest)).toFixed(0)} |`);
      }
      await page.close();
    }
  }
  if (wanted('run')) {
    await clickToColours(context, server.url, DATA, { repeat, runs: RUNS, median });
    await longTasks(context, server.url, DATA, { repeat, median });
  }
  if (options.peer) {
    console.log('\n| Netron, opened to shown | seconds (runs) | the studio\'s part of it (aim: a third) |\n|---|---|---|');
    const peer = await openPeer(context, NETWORKS.filter(({ file }) => existsSync(file)), { python: options.python, runs: RUNS, median });
    for (const [name, { median: seconds, runs }] of peer) {
      const own = opened.get(name);
      console.log(`| ${name} | ${seconds.toFixed(2)} (${runs}) | ${own === undefined ? 'not measured' : `${((own / seconds) * 100).toFixed(0)} %`} |`);
    }
  }
  console.log(`\nTook ${((Date.now() - began) / 60_000).toFixed(1)} minutes; load ${loadText()}.`);
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
}
