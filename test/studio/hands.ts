// What hands do in more than one of the studio's tests.
import type { FileChooser, Page } from 'playwright-core';
import { expect } from 'vitest';

const DIALOG_MS = 10_000;
const listened = new WeakSet<Page>();

/**
 * Keeps the page's file dialogs under the test's control from the start. Without a listener that stays, Playwright turns the control
 * off after each dialog and on again with the next wait, and a click that comes first opens a dialog that nobody sees.
 */
export function keepDialogs(page: Page): void {
  if (listened.has(page)) return;
  listened.add(page);
  page.on('filechooser', () => undefined);
}

async function dialogAfterClick(page: Page, button: string): Promise<FileChooser | null> {
  const dialog = page.waitForEvent('filechooser', { timeout: DIALOG_MS }).catch(() => null);
  await page.getByTestId(button).click();
  // Served, files are chosen on the engine's side or sent from here; a desktop asks its own dialog.
  await page.getByTestId('picker-upload').click({ timeout: DIALOG_MS }).catch(() => undefined);
  return dialog;
}

/** Clicks a button that asks for a file, and uploads one. As a person would, clicks once more when the first click missed a button that moved. */
export async function choose(page: Page, button: string, file: string): Promise<void> {
  keepDialogs(page);
  let dialog = await dialogAfterClick(page, button);
  if (!dialog) {
    console.log(`the click on ${button} opened no dialog in ${DIALOG_MS / 1000} s; clicking once more`);
    dialog = await dialogAfterClick(page, button);
  }
  if (!dialog) throw new Error(`${button} opens no file dialog`);
  await dialog.setFiles(file);
}

export async function setSamples(page: Page, samples: Readonly<Record<string, string>>): Promise<void> {
  for (const [field, value] of Object.entries(samples)) {
    await page.getByTestId(`samples-${field}`).fill(value);
    await page.keyboard.press('Tab');
  }
}

/** What has the keyboard. */
export const focused = (page: Page): Promise<string | undefined> => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['testid']);

/** Presses Tab until the control has the keyboard; everything is reached by Tab alone. */
export async function tabTo(page: Page, testId: string, most = 120): Promise<void> {
  for (let i = 0; i < most; i++) {
    if (await focused(page) === testId) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${testId}`);
}

/** What is done by keys alone, on the page that is there when it is done. */
export const keyboard = (page: () => Page) => {
  const key = (name: string): Promise<void> => page().keyboard.press(name);
  const saysSelected = (pattern: RegExp): Promise<void> => expect.poll(() => page().getByTestId('status-nodes').innerText()).toMatch(pattern);
  return {
    key, saysSelected,
    /** Names of the selected nodes, as the layer table has them. */
    selected: (): Promise<string[]> => page().locator('[data-testid^="layer-row-"][aria-selected=true]').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['testid']?.slice('layer-row-'.length) ?? '')),
    idle: (): Promise<void> => page().getByTestId('progress').waitFor({ state: 'detached', timeout: 60_000 }),
    /** Nothing has the keyboard. */
    ground: (): Promise<void> => page().evaluate(() => { (document.activeElement as HTMLElement | null)?.blur(); }),
    /** Selects the first node. */
    first: async (): Promise<void> => {
      await key('Escape');
      await key('n');
      await saysSelected(/^1 of/);
    },
  };
};
