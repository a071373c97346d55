// The main job in a real browser, on a real network: open resnet8, load the CIFAR data, set two nodes to int16 by clicking, run, and
// see the colours change. The same loop runs on the built-in sample where the data folder is missing.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { choose } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const data = (name: string): string => fileURLToPath(new URL(`../../../shared/data/${name}`, import.meta.url));
const RESNET = data('mlperf-tiny-ic/resnet8_float.tflite');
const haveData = existsSync(RESNET);
const screenshots = `${root}test/output/screenshots`;
if (!haveData) console.log(`skipped: studio on resnet8, since ${RESNET.replace(root, '')} is not there`);

let studio: ServedStudio;
let page: Page;
async function open(...args: string[]): Promise<void> {
  studio = await serveStudio(args, { size: { width: 1440, height: 900 } });
  page = studio.page;
}
const node = (name: string): Locator => page.getByTestId(`node-${name}`);
const colourOf = (name: string): Promise<string | null> => node(name).getAttribute('data-error-colour');
/** Runs with few samples, and waits for the run's place in the list. */
async function run(number: number): Promise<void> {
  await page.getByTestId('run').click();
  await page.getByTestId(`run-item-${number}`).waitFor({ timeout: 90_000 });
}

beforeAll(async () => { await mkdir(screenshots, { recursive: true }); });
afterEach(() => studio.close());

describe.skipIf(!haveData)('on resnet8 with the CIFAR data', () => {
  beforeEach(async () => { await open(); });

  test('open, load data, set two nodes to int16 by clicking, run, see the colours change', async () => {
    await choose(page, 'open-model', RESNET);
    await node('MLA_0/conv2d_add_relu_0').waitFor();
    await choose(page, 'load-calibration', data('mlperf-tiny-ic/cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText('500').first().waitFor();
    await choose(page, 'load-evaluation', data('mlperf-tiny-ic/cifar10_test.npz'));
    await page.getByTestId('data-evaluation').getByText('1,000').first().waitFor();
    await page.getByTestId('samples-calibration').fill('40');
    await page.getByTestId('samples-analysis').fill('8');
    await page.getByTestId('samples-accuracy').fill('20');
    await run(1);
    const names = ['MLA_0/conv2d_add_relu_0', 'MLA_0/conv2d_add_relu_1'];
    const before = await Promise.all(names.map(colourOf));
    expect(before.every((colour) => colour !== null && colour !== '')).toBe(true);
    expect(new Set(before).size).toBeGreaterThan(1);
    for (const name of names) {
      await node(name).click();
      await page.getByTestId('set-int16').first().click();
      await expect.poll(() => node(name).getAttribute('data-precision')).toBe('int16');
    }
    await run(2);
    const after = await Promise.all(names.map(colourOf));
    names.forEach((_, i) => expect(after[i]).not.toBe(before[i]));
    await page.screenshot({ path: `${screenshots}/resnet8-light.png` });
    expect(studio.complaints).toEqual([]);
  }, 180_000);

  test('a damaged model, data that does not fit and a NaN are told in words, and the session goes on', async () => {
    await choose(page, 'open-model', data('mlperf-tiny-ic/cifar10_test.npz'));
    await page.getByText('Requant opens .onnx, .tflite and frozen TensorFlow .pb models').first().waitFor();
    await choose(page, 'open-model', RESNET);
    await node('MLA_0/conv2d_add_relu_0').waitFor();
    await choose(page, 'load-calibration', data('onnx-small/mnist_test_0_4999.npz'));
    await page.getByText('Feed data of the shape that the model expects').first().waitFor();
    await choose(page, 'load-calibration', data('mlperf-tiny-ic/cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText('500').first().waitFor();
  });

  test('a run can be cancelled, and the next one works', async () => {
    await choose(page, 'open-model', RESNET);
    await node('MLA_0/conv2d_add_relu_0').waitFor();
    await choose(page, 'load-calibration', data('mlperf-tiny-ic/cifar10_calibration.npz'));
    await page.getByTestId('data-calibration').getByText('500').first().waitFor();
    await page.getByTestId('samples-analysis').fill('500');
    await page.getByTestId('run').click();
    await page.getByTestId('progress').waitFor();
    await page.waitForTimeout(1500);
    const began = Date.now();
    await page.getByTestId('cancel').click();
    await page.getByTestId('progress').waitFor({ state: 'detached' });
    expect(Date.now() - began).toBeLessThan(2000);
    await page.getByTestId('samples-analysis').fill('2');
    await page.getByTestId('samples-calibration').fill('4');
    await page.getByTestId('samples-accuracy').fill('0');
    await run(1);
  }, 120_000);
});

describe('on the built-in sample', () => {
  beforeEach(async () => { await open('--sample'); });

  test('the model is open with its data loaded; one click runs it and colours the graph', async () => {
    const first = page.locator('[data-testid^="node-MLA_0/"]').first();
    await first.waitFor();
    await page.getByTestId('samples-analysis').fill('4');
    await page.getByTestId('samples-accuracy').fill('20');
    await run(1);
    expect(await first.getAttribute('data-error-colour')).toBeTruthy();
    await page.getByTestId('theme-toggle').click();
    await page.screenshot({ path: `${screenshots}/sample-dark.png` });
    expect(studio.complaints).toEqual([]);
  }, 120_000);
});
