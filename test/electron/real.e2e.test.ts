// The same main job in real Electron, where its binary and a display are; elsewhere it says why it is skipped.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { _electron } from 'playwright-core';
import { expect, test } from 'vitest';
import { HAS_SAMPLE, NO_SAMPLE } from './models.ts';
import { sampleLoop } from './sample-loop.ts';

const ELECTRON = path.resolve('node_modules/electron');

/** Electron's program, or null where it was not fetched. */
function program(): string | null {
  const named = path.join(ELECTRON, 'path.txt');
  if (!existsSync(named)) return null;
  const file = path.join(process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(ELECTRON, 'dist'), readFileSync(named, 'utf8').trim());
  return existsSync(file) ? file : null;
}

function obstacle(): string | null {
  if (program() === null) return 'Electron\'s binary is not here (node node_modules/electron/install.js fetches it)';
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return 'there is no display';
  return HAS_SAMPLE ? null : NO_SAMPLE;
}

test('real Electron opens the sample, runs it, and shows the errors', async ({ skip }) => {
  const why = obstacle();
  if (why !== null) return skip(why);
  const userData = mkdtempSync(path.join(os.tmpdir(), 'requant-electron-'));
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const app = await _electron.launch({ executablePath: program() ?? '', args: ['.', '--sample', `--user-data-dir=${userData}`, ...asRoot] });
  try {
    const page = await app.firstWindow();
    expect(page.url()).toBe('requant://studio/index.html');
    expect(await page.evaluate(() => ['require', 'process'].filter((name) => name in window))).toEqual([]);
    await sampleLoop(page);
    const menu = await app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('run')?.label);
    expect(menu).toBe('Calibrate and Quantize');
  } finally {
    await app.close();
  }
});
