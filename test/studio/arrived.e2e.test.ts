// A TFLite file that arrives quantized, in the studio: how the file stores its values, both flavours, errors against float and between the flavours, saved.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choose, setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const data = (name: string): string => fileURLToPath(new URL(`../../../shared/data/mlperf-tiny-ic/${name}`, import.meta.url));
const RESNET = data('resnet8_int8.tflite');
const haveData = existsSync(RESNET);
if (!haveData) console.log('skipped: the studio on resnet8_int8.tflite, since ../shared/data is not there');
const FIRST = 'MLA_0/conv2d_add_relu_0';

describe.skipIf(!haveData)('resnet8_int8.tflite in the studio', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([RESNET]);
    page = studio.page;
    await page.getByTestId(`node-${FIRST}`).waitFor();
  });
  afterAll(async () => { await studio?.close(); });

  const run = async (number: number): Promise<void> => {
    await page.getByTestId('run').click();
    await page.getByTestId(`run-item-${number}`).waitFor({ timeout: 90_000 });
  };

  it('shows how the file stores its values, runs both flavours without calibration data, measures one against the other, and saves', async () => {
    await page.getByTestId(`node-${FIRST}`).click();
    expect(await page.getByTestId('stored').textContent()).toMatch(/^int8, scale 0\.\d+, zero point -128$/);
    await choose(page, 'load-evaluation', data('cifar10_test.npz'));
    await page.getByTestId('data-evaluation').getByText('1,000').first().waitFor();
    await setSamples(page, { calibration: '4', analysis: '2', accuracy: '20' });
    await run(1);
    const shown = async (): Promise<string> => (await page.getByRole('grid', { name: 'Layers' }).textContent()) ?? '';
    // The table follows the graph a moment later.
    await expect.poll(shown).toMatch(/ dB/);
    const sima = await shown();
    // The flavour and what errors are measured against are all that is left to choose.
    expect(await page.getByTestId('calibration-method').count()).toBe(0);
    await page.getByTestId('requantization-tflite').click();
    await run(2);
    await expect.poll(shown).not.toBe(sima);
    // Against its own integers, flavour tflite has no error at all; flavour sima has.
    await page.getByTestId('against-tflite').click();
    await run(3);
    const exact = async (): Promise<number> => (await shown()).match(/exact/g)?.length ?? 0;
    await expect.poll(exact).toBe(16);
    await page.getByTestId('requantization-sima').click();
    await run(4);
    await expect.poll(exact).toBeLessThan(16);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('save-4').click()]);
    expect(download.suggestedFilename()).toMatch(/\.sima/);
    expect(studio.complaints).toEqual([]);
  }, 240_000);
});
