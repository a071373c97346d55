// What a person's hands do in the studio besides the main loop (loop.e2e.test.ts): buttons on cards, keys, undo, the table, several
// nodes at once, earlier runs, the inspector, themes, saving. The real engine serves a real browser.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choose, setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const DATA = path.resolve('../shared/data/mlperf-tiny-ic');
const OUTPUT = path.resolve('test/output/screenshots');
const present = existsSync(DATA);
if (!present) console.log('skipped: the studio on resnet8, since ../shared/data/mlperf-tiny-ic is not there');

const card = (page: Page, name: string) => page.getByTestId(`node-${name}`);
const colour = (page: Page, name: string) => card(page, name).getAttribute('data-error-colour');
const NODES = ['MLA_0/conv2d_add_relu_1', 'MLA_0/conv2d_add_2'] as const;

describe.skipIf(!present)('the studio on resnet8 and CIFAR-10', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    await mkdir(OUTPUT, { recursive: true });
    studio = await serveStudio([]);
    page = studio.page;
  });
  afterAll(async () => { await studio?.close(); });

  it('starts empty, says how to begin, and takes the token out of the address', async () => {
    await page.getByTestId('empty-open-model').waitFor();
    expect(page.url()).not.toContain('token');
    expect(await page.getByTestId('run').getAttribute('aria-disabled')).toBe('true');
  });

  it('opens the network and shows its graph', async () => {
    await choose(page, 'open-model', path.join(DATA, 'resnet8_float.tflite'));
    await card(page, NODES[0]).waitFor();
    expect(await page.getByTestId('layer-row-MLA_0/conv2d_add_relu_0').count()).toBe(1);
    expect(await card(page, NODES[0]).getAttribute('data-precision')).toBe('int8');
  });

  it('loads calibration and evaluation data and shows what the model will see', async () => {
    await choose(page, 'load-calibration', path.join(DATA, 'cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await choose(page, 'load-evaluation', path.join(DATA, 'cifar10_test.npz'));
    await page.getByTestId('data-evaluation').getByText(/^range /).waitFor();
    await expect.poll(() => page.getByTestId('data-evaluation').locator('canvas').count()).toBe(8);
  });

  it('runs at int8 and colours every node by its error', async () => {
    await setSamples(page, { calibration: '8', analysis: '2', accuracy: '0' });
    await page.getByTestId('run').click();
    await page.locator('[data-testid^="run-item-"]').first().waitFor();
    for (const name of NODES) expect(await colour(page, name)).toMatch(/^rgb\(/);
    expect(await page.getByTestId('legend-good').textContent()).toMatch(/dB$/);
    expect(await page.getByTestId('message').count()).toBe(0);
    await page.screenshot({ path: path.join(OUTPUT, 'studio-int8-light.png') });
  });

  it('sets two nodes to int16 by clicking, and their colours change with the next run', async () => {
    const before = await Promise.all(NODES.map((name) => colour(page, name)));
    await card(page, NODES[0]).click();
    await page.getByTestId('card-set-int16').click();
    await card(page, NODES[1]).click();
    await page.getByTestId('set-int16').click();
    for (const name of NODES) expect(await card(page, name).getAttribute('data-precision')).toBe('int16');
    await page.getByTestId('run').click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid^="run-item-"]').length === 2);
    const after = await Promise.all(NODES.map((name) => colour(page, name)));
    NODES.forEach((_, i) => expect(after[i]).not.toBe(before[i]));
    await page.screenshot({ path: path.join(OUTPUT, 'studio-light.png') });
  });

  it('shows the inside of the selected node', async () => {
    await page.getByTestId('panel-inspector').getByText('Output values').waitFor();
    await page.getByTestId('panel-inspector').getByText('Float against quantized').waitFor();
  });

  it('undoes and redoes by keyboard, and sets precisions by key', async () => {
    await page.getByTestId('layer-row-MLA_0/conv2d_add_2').click();
    await page.keyboard.press('Control+z');
    expect(await card(page, NODES[1]).getAttribute('data-precision')).toBe('int8');
    await page.keyboard.press('Control+Shift+z');
    expect(await card(page, NODES[1]).getAttribute('data-precision')).toBe('int16');
    await page.keyboard.press('3');
    expect(await card(page, NODES[1]).getAttribute('data-precision')).toBe('float');
    await page.keyboard.press('2');
  });

  it('links graph and table both ways and selects several with Shift', async () => {
    await page.getByTestId('layer-row-MLA_0/conv2d_add_relu_0').click();
    expect(await card(page, 'MLA_0/conv2d_add_relu_0').getAttribute('class')).toContain('selected');
    await card(page, NODES[0]).click({ modifiers: ['Shift'], position: { x: 120, y: 12 } });
    expect(await page.getByTestId(`layer-row-${NODES[0]}`).getAttribute('aria-selected')).toBe('true');
    await page.getByTestId('inspector-several').waitFor();
  });

  it('shows an earlier run again when it is picked', async () => {
    const items = page.locator('[data-testid^="run-item-"]');
    const newer = await colour(page, NODES[0]);
    await items.last().click();
    expect(await colour(page, NODES[0])).not.toBe(newer);
    await items.first().click();
    expect(await colour(page, NODES[0])).toBe(newer);
  });

  it('changes between dark and light', async () => {
    await page.getByTestId('theme-toggle').click();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    await card(page, NODES[0]).click({ position: { x: 120, y: 12 } });
    await page.screenshot({ path: path.join(OUTPUT, 'studio-dark.png') });
  });

  it('saves the run as two downloads', async () => {
    const downloads: string[] = [];
    page.on('download', (download) => downloads.push(download.suggestedFilename()));
    await page.getByTestId('save-run').click();
    await expect.poll(() => downloads.length, { timeout: 20_000 }).toBe(2);
    expect(downloads.map((name) => name.replace(/^.*?\./, '.')).sort()).toEqual(['.sima', '.sima.json']);
  });

  it('gave the browser nothing to complain about', () => {
    expect(studio.complaints).toEqual([]);
  });
});
