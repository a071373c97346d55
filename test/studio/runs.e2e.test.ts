// Changes at once and the list of runs, on resnet8 in a real browser: a click changes colours without a run; runs are noted, compared,
// restored and deleted; the table is exported.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choose, setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const DATA = path.resolve('../shared/data/mlperf-tiny-ic');
const present = existsSync(DATA);
if (!present) console.log('skipped: changes at once on resnet8, since ../shared/data/mlperf-tiny-ic is not there');

const NODE = 'MLA_0/conv2d_add_relu_1';
const colour = (page: Page): Promise<string | null> => page.getByTestId(`node-${NODE}`).getAttribute('data-error-colour');

describe.skipIf(!present)('runs of resnet8', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([path.join(DATA, 'resnet8_float.tflite')]);
    page = studio.page;
    await page.getByTestId(`node-${NODE}`).waitFor();
    await choose(page, 'load-calibration', path.join(DATA, 'cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await setSamples(page, { calibration: '8', analysis: '2', accuracy: '0' });
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-1').waitFor();
  });
  afterAll(async () => { await studio?.close(); });

  it('a click on a precision changes colours without a run', async () => {
    const before = await colour(page);
    await page.getByTestId(`node-${NODE}`).click();
    await page.getByTestId('card-set-int16').click();
    await expect.poll(() => colour(page)).not.toBe(before);
    await page.getByTestId('run-draft').waitFor();
    expect(await page.getByTestId('status-run').textContent()).toBe('Shown: Draft');
    expect(await page.locator('[data-testid^="run-item-"]').count()).toBe(1);
  });

  it('says what it keeps in memory', async () => {
    await page.getByText('Changes at once').click();
    expect(await page.getByTestId('memory-use').textContent()).toMatch(/activations of 2 of 2 samples, .* MiB of 512\.0 MiB/);
  });

  it('undoing it shows the run again; another method is measured at once too', async () => {
    await page.keyboard.press('Control+z');
    await page.getByTestId('run-draft').waitFor({ state: 'detached' });
    await page.getByTestId('calibration-method').selectOption('min_max');
    await page.getByTestId('run-draft').waitFor();
  });

  it('a draft becomes a run, with the same errors', async () => {
    const draft = await colour(page);
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-2').waitFor();
    await page.getByTestId('run-draft').waitFor({ state: 'detached' });
    expect(await colour(page)).toBe(draft);
  });

  it('two runs are compared on the graph and in the table', async () => {
    await page.getByTestId('compare-1').click();
    await expect.poll(() => page.getByTestId('legend').textContent()).toContain('Run 2 against Run 1');
    expect(await page.getByTestId('node-MLA_0/conv2d_add_relu_0').locator('.card-value').textContent()).toMatch(/^([+−]\d+\.\d dB|same)$/);
    await page.getByTestId('sort-difference').click();
    await expect.poll(() => page.locator('[role="row"] [role="gridcell"]:last-child').first().textContent()).toMatch(/dB|same/);
  });

  it('the table is exported with both runs', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('export-layers').click()]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text.split('\r\n')[0]).toContain('Run 2 cumulative psnr,Run 1 local mae');
    expect(text.trim().split('\r\n').length).toBeGreaterThan(10);
  });

  it('a run takes a note, gives its choices back, and is deleted', async () => {
    await page.getByTestId('run-note-1').fill('as it was');
    await page.getByTestId('restore-1').click();
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('mse');
    await page.getByTestId('delete-2').click();
    await page.getByTestId('run-item-2').waitFor({ state: 'detached' });
    expect(await page.getByTestId('run-note-1').inputValue()).toBe('as it was');
  });

  it('ARM only runs the whole model in float, and can be undone', async () => {
    await page.locator('.react-flow').focus();
    await page.keyboard.press('Escape');
    await page.getByTestId('arm-only').check();
    await page.getByTestId('run-draft').waitFor();
    await expect.poll(() => page.getByTestId('next-precisions').textContent()).toMatch(/^0 int8, 0 int16, \d+ float$/);
    await page.getByTestId('run').click();
    await page.getByTestId('run-draft').waitFor({ state: 'detached' });
    await page.getByTestId('run-item-3').waitFor();
    expect(await page.getByTestId('run-item-3').textContent()).toContain('float only');
    expect(await page.getByTestId('panel-inspector').textContent()).toMatch(/0 int8, 0 int16, \d+ float/);
    await page.getByTestId('arm-only').uncheck();
    expect(await page.getByTestId('next-precisions').textContent()).toMatch(/^[1-9]\d* int8/);
    await page.getByTestId('delete-3').click();
  });

  it('a second run waits for the first', async () => {
    await page.getByTestId('run').click();
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-4').waitFor();
    expect(studio.complaints).toEqual([]);
  });
});
