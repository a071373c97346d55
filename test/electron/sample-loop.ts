// The main job on the built-in sample, by clicks alone: run, set two nodes to int16, run again, see the colours change.
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

export async function sampleLoop(page: Page): Promise<void> {
  const cards = page.locator('[data-testid^="node-"]');
  await cards.first().waitFor();
  await page.locator('[data-testid=data-calibration] canvas').first().waitFor();
  await page.getByTestId('samples-calibration').fill('20');
  await page.getByTestId('samples-analysis').fill('4');
  await page.getByTestId('samples-accuracy').fill('20');
  const run = async (number: number): Promise<void> => {
    await page.getByTestId('run').click();
    await page.getByTestId(`run-item-${number}`).waitFor({ timeout: 60_000 });
  };
  await run(1);
  const colours = (): Promise<string[]> => cards.evaluateAll((all) => all.map((card) => (card as HTMLElement).dataset['errorColour'] ?? ''));
  const before = await colours();
  expect(before.some((colour) => colour !== '')).toBe(true);

  const coloured = page.locator('[data-testid^="node-"][data-error-colour]:not([data-error-colour=""])');
  for (const index of [0, 1]) await setInt16(page, coloured.nth(index));
  await run(2);
  await expect.poll(colours).not.toEqual(before);
}

async function setInt16(page: Page, card: Locator): Promise<void> {
  await card.click();
  await page.keyboard.press('2');
  await expect.poll(() => card.getAttribute('data-precision')).toBe('int16');
}
