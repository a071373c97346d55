// The inspector in a real browser, on resnet8 and CIFAR-10: methods picked on the histogram, errors by sample and channel, feature maps; by mouse and by keyboard.
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { choose, setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const DATA = path.resolve('../shared/data/mlperf-tiny-ic');
const present = existsSync(DATA);
if (!present) console.log('skipped: the inspector on resnet8, since ../shared/data/mlperf-tiny-ic is not there');

const NODE = 'MLA_0/conv2d_add_relu_4';

describe.skipIf(!present)('the inspector on resnet8', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio([path.join(DATA, 'resnet8_float.tflite')]);
    page = studio.page;
    await page.getByTestId('painted').waitFor();
    await choose(page, 'load-calibration', path.join(DATA, 'cifar10_test.npz'));
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await setSamples(page, { calibration: '8', analysis: '5', accuracy: '0' });
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-1').waitFor();
    await page.getByTestId(`layer-row-${NODE}`).click();
    await page.getByTestId('feature-map').waitFor();
  });
  afterAll(async () => { await studio?.close(); });

  const text = (testId: string): Promise<string | null> => page.getByTestId(testId).textContent();
  /** Sum of what the picture of a channel shows, so that two pictures can be told apart. */
  const pictured = (label: string): Promise<number> => page.getByRole('img', { name: label }).evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) throw new Error('there is no picture');
    return canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, byte, i) => (sum * 31 + byte + i) % 1_000_003, 0) ?? 0;
  });

  it('shows what each method keeps, and a click makes it the method of the network, which is measured at once and can be undone', async () => {
    expect(await page.locator('[data-testid^="range-"]').count()).toBe(5);
    expect(await page.getByTestId('range-mse').getAttribute('data-state')).toBe('on');
    const worst = (): Promise<string[]> => page.locator('[data-testid^="worst-sample-"]').allTextContents();
    await expect.poll(async () => (await worst()).length).toBe(3);
    const before = await worst();
    await page.getByTestId('range-percentile').click();
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('percentile');
    await page.getByTestId('run-draft').waitFor();
    await expect.poll(() => page.getByTestId('range-percentile').getAttribute('data-state')).toBe('on');
    await expect.poll(worst).not.toEqual(before);
    await page.keyboard.press('Control+z');
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('mse');
    await page.getByTestId('run-draft').waitFor({ state: 'detached' });
    await expect.poll(worst).toEqual(before);
  });

  it('says which samples are the worst, and a click shows that sample', async () => {
    const worst = page.locator('[data-testid^="worst-sample-"]');
    expect(await worst.count()).toBe(3);
    const second = /^(\d+): (.*)$/.exec(await worst.nth(1).textContent() ?? ''), index = second?.[1] ?? '';
    await worst.nth(1).click();
    await expect.poll(() => text('looked-sample')).toBe(`Sample ${index}`);
    expect(await page.getByTestId('errors-by-sample').getAttribute('aria-valuetext')).toBe(`sample ${index}: ${second?.[2]}`);
  });

  it('goes from sample to sample by keyboard, and the pictures follow', async () => {
    await page.getByTestId('errors-by-sample').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => text('looked-sample')).toBe('Sample 0');
    const channel = /\d+/.exec(await text('looked-channel') ?? '')?.[0] ?? '';
    await page.getByTestId(`tile-${channel}`).click();
    const before = await pictured(`Float of channel ${channel}`);
    await page.getByTestId('errors-by-sample').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => text('looked-sample')).toBe('Sample 1');
    await expect.poll(() => pictured(`Float of channel ${channel}`)).not.toBe(before);
    await page.getByTestId('sample-before').click();
    await expect.poll(() => text('looked-sample')).toBe('Sample 0');
    await expect.poll(() => pictured(`Float of channel ${channel}`)).toBe(before);
    expect(await pictured(`Quantized of channel ${channel}`)).not.toBe(before);
  });

  it('shows all channels, the worst first, and goes through them by keyboard', async () => {
    const tiles = page.locator('[data-testid^="tile-"]');
    expect(await tiles.count()).toBe(32);
    await page.getByTestId('maps-difference').click();
    await tiles.first().click();
    await page.keyboard.press('ArrowRight');
    // The focus moves a moment after the key.
    await expect.poll(() => tiles.nth(1).evaluate((tile) => tile === document.activeElement)).toBe(true);
    await page.keyboard.press('Space');
    const second = /tile-(\d+)/.exec(await tiles.nth(1).getAttribute('data-testid') ?? '')?.[1] ?? '';
    await expect.poll(() => text('looked-channel')).toContain(`Channel ${second},`);
    expect(await page.getByTestId('weight-ranges').getAttribute('aria-valuetext')).toMatch(new RegExp(`^channel ${second}: .*scale`));
    await page.getByTestId('errors-by-channel').focus();
    await page.keyboard.press('End');
    await expect.poll(() => text('looked-channel')).toContain('Channel 31');
  });

  it('shows an output without spatial dimensions as a strip', async () => {
    await page.getByTestId('layer-row-MLA_0/dense_add_14').click();
    await page.getByRole('img', { name: 'Difference of the output' }).waitFor();
    expect(await page.getByTestId('sheet').count()).toBe(0);
    expect(await page.getByRole('img', { name: 'Float of the output' }).evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? [canvas.width, canvas.height] : []))).toEqual([10, 1]);
  });

  it.each(['light', 'dark'] as const)('axe-core finds nothing serious in it, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.getByTestId(`layer-row-${NODE}`).click();
    await page.getByTestId('sheet').waitFor();
    await page.getByTestId('weight-scales').waitFor();
    expect(await violations(page)).toEqual([]);
    expect(studio.complaints).toEqual([]);
  });
});
