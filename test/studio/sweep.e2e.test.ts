// A sweep in a real browser, over the built-in sample: started by keyboard, its rows come one by one, it is cancelled, its best configuration is taken
// over, and all of it is still there when the project is opened again.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { setSamples, tabTo } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

describe('a sweep over the sample', () => {
  let studio: ServedStudio;
  let page: Page;
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'requant-sweep-'));
    studio = await serveStudio(['--root', root, '--sample']);
    page = studio.page;
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await setSamples(page, { calibration: '8', analysis: '2', accuracy: '20' });
  });
  afterAll(async () => { await studio?.close(); });

  const rows = (): ReturnType<Page['locator']> => page.locator('[data-testid^="sweep-row-"]');
  const measured = (): Promise<string | null> => page.getByTestId('sweep-measured').textContent();
  const finished = (text: string): Promise<void> => page.getByTestId('sweep-delete').waitFor({ timeout: 90_000 }).then(() => expect.poll(measured).toContain(text));

  it('says what it would vary, and why it cannot start without it', async () => {
    await page.getByTestId('tab-layers').focus();
    await page.keyboard.press('ArrowRight');
    await page.getByTestId('sweep-start').filter({ hasText: 'Sweep 20 configurations' }).waitFor();
    for (const method of ['mse', 'min_max', 'moving_average', 'entropy', 'percentile']) {
      await tabTo(page, `sweep-${method}`);
      if (await page.getByTestId(`sweep-${method}`).isChecked()) await page.keyboard.press('Space');
    }
    expect(await page.getByTestId('sweep-start').getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId('sweep-start').hover();
    await page.getByRole('tooltip').filter({ hasText: 'Tick at least one method' }).waitFor();
    expect(await page.getByTestId('palette-input').count()).toBe(0);
  });

  it('measures every combination of what is ticked, and marks the best', async () => {
    await page.getByTestId('sweep-min_max').check();
    await page.getByTestId('sweep-percentile').check();
    await page.getByTestId('sweep-asymmetric').uncheck();
    await tabTo(page, 'sweep-start');
    await page.keyboard.press('Enter');
    await finished('4 of 4 configurations of int8');
    expect(await rows().count()).toBe(4);
    expect(await page.locator('.sweep-table tr.best').count()).toBe(1);
    expect(await rows().first().getAttribute('class')).toBe('best');
    expect(await rows().first().textContent()).toMatch(/(Min \/ max|Percentile)per (channel|tensor)symmetric\d+\.\d %\d+\.\d %\d+\.\d dBUse$/);
    expect(await page.getByTestId('sweep-dots').locator('.dot').count()).toBe(4);
    expect(await page.getByTestId('sweep-dots').getAttribute('aria-label')).toMatch(/^(Top-1|Mean PSNR) of each configuration/);
    // The configuration is as it was, and nothing has been run.
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('mse');
    expect(await page.locator('[data-testid^="run-item-"]').count()).toBe(0);
  });

  it('is sorted by any column', async () => {
    const column = (): Promise<number[]> => rows().locator('td:nth-child(6)').allTextContents().then((all) => all.map(parseFloat));
    await page.getByTestId('sweep-sort-psnr').click();
    const falling = await column();
    expect(falling).toEqual([...falling].sort((a, b) => b - a));
    await page.getByTestId('sweep-sort-psnr').click();
    expect(await column()).toEqual([...falling].reverse());
    await page.getByTestId('sweep-sort-psnr').click();
    expect(await rows().first().getAttribute('class')).toBe('best');
  });

  it('gives any configuration to the recipe, as a step that can be undone', async () => {
    await page.getByTestId('sweep-row-percentile-per-tensor-symmetric').getByRole('button').click();
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('percentile');
    expect(await page.getByTestId('weights-per-tensor').getAttribute('data-state')).toBe('on');
    expect(await page.getByTestId('activations-symmetric').getAttribute('data-state')).toBe('on');
    await page.keyboard.press('Control+z');
    expect(await page.getByTestId('calibration-method').inputValue()).toBe('mse');
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-input').fill('use the best');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('calibration-method').inputValue()).toMatch(/^(min_max|percentile)$/);
  });

  it('started by its shortcut, it can be cancelled, and keeps what is measured', async () => {
    for (const method of ['mse', 'moving_average', 'entropy']) await page.getByTestId(`sweep-${method}`).check();
    await page.getByTestId('sweep-asymmetric').check();
    await setSamples(page, { analysis: '16', accuracy: '200' });
    await page.getByTestId('tab-log').click();
    await page.keyboard.press('Control+Shift+Enter');
    await page.getByTestId('sweep-cancel').waitFor();
    await expect.poll(() => rows().count(), { timeout: 60_000 }).toBeGreaterThan(0);
    expect(await page.getByTestId('sweep-start').getAttribute('aria-disabled')).toBe('true');
    await page.getByTestId('sweep-cancel').click();
    await page.getByTestId('sweep-shown').waitFor();
    expect(await page.getByTestId('sweep-shown').locator('option:checked').textContent()).toMatch(/^2: ([1-9]|1\d) of 20 configurations/);
    expect(await page.getByTestId('message').count()).toBe(0);
    await page.getByTestId('sweep-shown').selectOption({ index: 0 });
    expect(await rows().count()).toBe(4);
  });

  it.each(['dark', 'light'] as const)('axe-core finds nothing serious in it, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.screenshot({ path: path.resolve(`test/output/screenshots/sweep-${colorScheme}.png`) });
  });

  it('is deleted and brought back, and saved with the project', async () => {
    await page.getByTestId('sweep-delete').click();
    await finished('of 20 configurations');
    await page.keyboard.press('Control+z');
    await page.getByTestId('sweep-shown').waitFor();
    await page.keyboard.press('Control+s');
    await page.getByTestId('picker-name').fill('swept');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('project-name').getAttribute('data-dirty')).toBe('false');
    await page.getByTestId('sweep-delete').click();
    await expect.poll(() => page.getByTestId('project-name').getAttribute('data-dirty')).toBe('true');
    await page.keyboard.press('Control+Shift+O');
    await page.getByTestId('pick-swept.requant').click();
    await page.getByTestId('sweep-shown').waitFor();
    await page.getByTestId('sweep-shown').selectOption({ index: 0 });
    expect(await rows().count()).toBe(4);
    expect(studio.complaints).toEqual([]);
  });
});
