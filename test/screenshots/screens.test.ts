// npm run screenshots: the studio in fifteen states, at two sizes, and the README's pictures, on real networks; kept beside this file, to be looked at and to be compared.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choose, setSamples } from '../studio/hands.ts';
import { serveStudio, type ServedStudio } from '../studio/serve.ts';

const DATA = path.resolve('../shared/data/mlperf-tiny-ic'), LARGE = path.resolve('../shared/data/onnx-topologies/light_densenet121.onnx');
const FOLDER = path.resolve('test/screenshots');
const MOST_BYTES = 300_000;
const present = existsSync(DATA) && existsSync(LARGE);
if (!present) console.log('skipped: screenshots, since ../shared/data is not there');

/** With a palette, which a screen of few colours loses nothing by. */
const smallPng = async (page: Page): Promise<Buffer> => sharp(await page.screenshot()).png({ palette: true, colours: 256, effort: 10, compressionLevel: 9 }).toBuffer();

const SIZES = [{ width: 1280, height: 800 }, { width: 2560, height: 1440 }] as const;

describe.skipIf(!present).each(SIZES)('at $width x $height', (size) => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([], { size });
    page = studio.page;
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  });
  afterAll(async () => { await studio?.close(); });

  const keep = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0);
    await page.waitForTimeout(400);
    const png = await smallPng(page);
    expect(png.length).toBeLessThan(MOST_BYTES);
    await writeFile(path.join(FOLDER, `${name}-${size.width}.png`), png);
  };
  const scrollInspectorTo = (testId: string): Promise<void> => page.getByTestId(testId).evaluate((element) => element.scrollIntoView({ block: 'start' }));

  it('01 empty', async () => {
    await page.getByTestId('empty-open-model').waitFor();
    await keep('01-empty');
  });
  it('02 opened', async () => {
    await choose(page, 'open-model', path.join(DATA, 'resnet8_float.tflite'));
    await page.getByTestId('node-MLA_0/conv2d_add_relu_1').waitFor();
    await keep('02-opened');
  });
  it('03 data form', async () => {
    // Before a file is chosen it shows what can be said of images, of arrays and of raw files.
    const form = page.getByTestId('data-calibration').getByText('Preprocessing', { exact: true });
    await form.click();
    await page.getByTestId('resize-calibration').selectOption('fit');
    await keep('03-data-form');
    await page.getByTestId('resize-calibration').selectOption('stretch');
    await form.click();
  });
  it('03 data', async () => {
    await choose(page, 'load-calibration', path.join(DATA, 'cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await choose(page, 'load-evaluation', path.join(DATA, 'cifar10_test.npz'));
    await page.getByTestId('data-evaluation').getByText(/^range /).waitFor();
    await keep('03-data');
  });
  it('04 running', async () => {
    await setSamples(page, { calibration: '100', analysis: '16', accuracy: '500' });
    await page.getByTestId('run').click();
    await page.locator('.job-left').filter({ hasText: 'left' }).waitFor();
    await keep('04-running');
  });
  it('05 results', async () => {
    await page.getByTestId('run-item-1').waitFor();
    await keep('05-results');
  });
  it('06 inspector', async () => {
    await page.getByTestId('layer-row-MLA_0/conv2d_add_relu_4').click();
    await page.getByTestId('errors-by-channel').waitFor();
    await page.getByTestId('feature-map').waitFor();
    await page.getByTestId('range-mse').waitFor();
    await keep('06-inspector');
    await scrollInspectorTo('section-activation');
    await keep('06-inspector-histogram');
  });
  it('07 feature maps', async () => {
    await page.getByTestId('maps-difference').click();
    await scrollInspectorTo('section-output');
    await keep('07-feature-maps');
  });
  it('08 compared runs', async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('w');
    await page.keyboard.press('2');
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-2').waitFor();
    await page.getByTestId('compare-1').click();
    await page.keyboard.press('Escape');
    await keep('08-compared');
  });
  it('12 sweep', async () => {
    await setSamples(page, { calibration: '100', analysis: '4', accuracy: '200' });
    await page.getByTestId('tab-sweep').click();
    await page.getByTestId('sweep-start').click();
    await page.getByTestId('sweep-delete').waitFor();
    await keep('12-sweep');
    await page.getByTestId('tab-layers').click();
  });
  it('09 palette', async () => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-input').waitFor();
    await page.getByTestId('palette-input').fill('export');
    await keep('09-palette');
    await page.keyboard.press('Escape');
  });
  it('10 dark', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByTestId('layer-row-MLA_0/conv2d_add_relu_1').click();
    await page.getByTestId('feature-map').waitFor();
    await keep('10-dark');
    await scrollInspectorTo('section-output');
    await keep('10-dark-maps');
    await page.emulateMedia({ colorScheme: 'light' });
  });
  it('11 a large graph from far away', async () => {
    await choose(page, 'open-model', LARGE);
    await page.getByTestId('status-nodes').filter({ hasText: /\d{3} nodes/ }).waitFor();
    await page.getByTestId('painted').waitFor();
    await page.keyboard.press('0');
    await keep('11-large');
    expect(studio.complaints).toEqual([]);
  });
});

describe.skipIf(!present)('the pictures of the README', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([path.join(DATA, 'resnet8_float.tflite')], { size: { width: 1440, height: 900 } });
    page = studio.page;
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  });
  afterAll(async () => { await studio?.close(); });

  it.each(['light', 'dark'] as const)('two nodes at int16, %s', async (colorScheme) => {
    if (await page.getByTestId('run-item-2').count() === 0) {
      await page.getByTestId('node-MLA_0/conv2d_add_relu_1').waitFor();
      await choose(page, 'load-calibration', path.join(DATA, 'cifar10_calibration.npz'));
      await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
      await choose(page, 'load-evaluation', path.join(DATA, 'cifar10_test.npz'));
      await page.getByTestId('data-evaluation').getByText(/^range /).waitFor();
      await setSamples(page, { calibration: '100', analysis: '16', accuracy: '500' });
      await page.getByTestId('run').click();
      await page.getByTestId('run-item-1').waitFor();
      for (const name of ['MLA_0/conv2d_add_relu_0', 'MLA_0/conv2d_add_relu_1']) {
        await page.getByTestId(`layer-row-${name}`).click();
        await page.keyboard.press('2');
      }
      await page.getByTestId('run').click();
      await page.getByTestId('run-item-2').waitFor();
    }
    await page.emulateMedia({ colorScheme });
    await page.getByTestId('feature-map').waitFor();
    await page.mouse.move(0, 0);
    await page.waitForTimeout(600);
    await writeFile(path.resolve(`docs/studio-${colorScheme}.png`), await smallPng(page));
    expect(studio.complaints).toEqual([]);
  });
});
