// What hands do in more than one of the studio's tests.
import type { Page } from 'playwright-core';

/** Clicks a button that asks for a file, and gives it one. */
export async function choose(page: Page, button: string, file: string): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId(button).click()]);
  await chooser.setFiles(file);
}

export async function setSamples(page: Page, samples: Readonly<Record<string, string>>): Promise<void> {
  for (const [field, value] of Object.entries(samples)) {
    await page.getByTestId(`samples-${field}`).fill(value);
    await page.keyboard.press('Tab');
  }
}
