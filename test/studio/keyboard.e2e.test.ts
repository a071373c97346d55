// By keyboard and for every eye: the palette, selecting by operator and by error, code to take away, and axe-core on the whole page in both themes.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { setSamples } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

describe('the built-in sample', () => {
  let studio: ServedStudio;
  let page: Page;
  beforeAll(async () => {
    studio = await serveStudio(['--sample']);
    page = studio.page;
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await setSamples(page, { calibration: '8', analysis: '2', accuracy: '0' });
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-1').waitFor();
  });
  afterAll(async () => { await studio?.close(); });

  const status = (): Promise<string | null> => page.getByTestId('status-nodes').textContent();

  it('every command is found by name, and says why when it cannot be done', async () => {
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-input').fill('largest error');
    expect(await page.locator('[data-testid^="palette-select-worst"]').count()).toBe(4);
    await page.getByTestId('palette-input').fill('redo');
    expect(await page.getByTestId('palette-redo').textContent()).toContain('Nothing to redo');
    expect(await violations(page)).toEqual([]);
    await page.getByTestId('palette-input').fill('the 3 nodes');
    await page.keyboard.press('Enter');
    await page.getByTestId('palette-input').waitFor({ state: 'detached' });
    expect(await status()).toMatch(/^3 of \d+ nodes selected$/);
  });

  it('the worst nodes are set to int16 by two keys, and the code says so', async () => {
    await page.keyboard.press('2');
    await page.getByTestId('run-draft').waitFor();
    await page.getByTestId('tab-code').click();
    await page.getByTestId('code-command').click();
    const text = await page.getByTestId('code-text').textContent() ?? '';
    expect(/--int16 (\S+)/.exec(text)?.[1]?.split(',').length).toBe(3);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByTestId('copy-code').click();
    await page.getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  });

  it('all nodes of an operator are selected by one key', async () => {
    await page.getByTestId('tab-layers').click();
    await page.locator('[data-testid^="layer-row-"]').filter({ hasText: 'conv2d' }).first().click();
    await expect.poll(status).toMatch(/^1 of/);
    await page.keyboard.press('s');
    await expect.poll(status).toMatch(/^([2-9]|1\d) of/);
  });

  it.each(['light', 'dark'] as const)('axe-core finds nothing serious on any panel, %s', async (theme) => {
    await page.emulateMedia({ colorScheme: theme });
    for (const tab of ['layers', 'code', 'log']) {
      await page.getByTestId(`tab-${tab}`).click();
      expect(await violations(page)).toEqual([]);
    }
    await page.keyboard.press('Escape');
    expect(await violations(page)).toEqual([]);
    expect(studio.complaints).toEqual([]);
  });
});
