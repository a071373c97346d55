// npm run netron -- PYTHON: opens a .sima.json of the sample network in Netron and reads back what Netron shows: a card for every node under its
// class, and beside a chosen one its name, attributes, shapes of constants and Layer Statistics. PYTHON is a Python with Netron (PyPI).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { defaultQuantization, samplesOf } from '../../dist/core/index.js';
import { openSample } from '../../examples/sample.mjs';
import { addressOf } from '../bench/serve.mjs';

const PORT = 8479;
const SAMPLES = 20;
const [python = 'python3'] = process.argv.slice(2);

async function savedSample(folder) {
  const { loadedNet, calibration, test } = await openSample();
  const model = await loadedNet.quantize(samplesOf(calibration, SAMPLES), defaultQuantization);
  await model.analyzeQuantizationError(samplesOf(test, SAMPLES), 'psnr', { localFeed: true });
  await model.save('sample', folder);
  await model.release();
  await loadedNet.release();
  return join(folder, 'sample.sima.json');
}

/** What Netron shows for the file at its address: the class on every card, and the side bar of the first convolution. */
async function shown(url, picture) {
  const browser = await chromium.launch({ executablePath: process.env.REQUANT_CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    // Netron takes eval away from its page; Playwright reads the page with it.
    await page.addInitScript(() => { const real = window.eval; Object.defineProperty(window, 'eval', { get: () => real, set: () => undefined }); });
    await page.goto(url);
    const consent = page.getByText('Accept', { exact: true });
    const cards = page.locator('g.node-item-type');
    await consent.or(cards.first()).first().waitFor();
    if (await consent.isVisible()) await consent.click();
    await cards.first().waitFor();
    // A fused activation is a strip of its own on its node's card.
    const classes = (await cards.locator('text').allTextContents()).filter((name) => name !== 'Activation');
    await cards.filter({ hasText: 'Conv2D' }).first().click();
    const bar = page.locator('#sidebar');
    await bar.getByText('Node Properties').waitFor();
    const text = await bar.innerText();
    const values = await bar.locator('input').evaluateAll((inputs) => inputs.map((input) => input.value));
    await page.screenshot({ path: picture });
    return { classes, sidebar: [text, ...values].join('\n') };
  } finally { await browser.close(); }
}

const folder = mkdtempSync(join(tmpdir(), 'requant-netron-'));
try {
  const file = await savedSample(folder);
  const { config } = JSON.parse(readFileSync(file, 'utf8'));
  const layers = config.layers.filter((layer) => layer.class_name !== 'InputLayer');
  const chosen = layers.find((layer) => layer.class_name.endsWith('Conv2D'));
  const child = spawn(python, ['-c', `import netron; netron.main()`, '--port', String(PORT), file], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1' } });
  child.on('error', (error) => { console.error(`${python} could not be started: ${error.message}`); process.exit(1); });
  let seen;
  try { seen = await shown(await addressOf(child), join('test/output', 'netron.png')); } finally { child.removeAllListeners('exit'); child.kill(); }
  const sorted = (list) => JSON.stringify(list.toSorted());
  const statistics = chosen.config['Layer Statistics'];
  const checks = [
    [`${layers.length} cards, each of its class`, sorted(seen.classes) === sorted(layers.map((layer) => layer.class_name))],
    [`name ${chosen.name}`, seen.sidebar.includes(chosen.name)],
    ['attributes strides, pads', ['strides', 'pads'].every((name) => seen.sidebar.includes(name))],
    [`shape of weights ${JSON.stringify(chosen.config.constants.weights.shape)}`, seen.sidebar.replaceAll(' ', '').includes(JSON.stringify(chosen.config.constants.weights.shape))],
    [`Layer Statistics: ${statistics.metric} ${statistics.error_value}`, seen.sidebar.includes('Layer Statistics') && seen.sidebar.includes(String(statistics.error_value))],
  ];
  for (const [what, right] of checks) console.log(`${right ? 'shown' : 'NOT SHOWN'}: ${what}`);
  if (!checks.every(([, right]) => right)) { console.log(seen.classes.join(' '), seen.sidebar); process.exitCode = 1; }
} finally { rmSync(folder, { recursive: true, force: true }); }
