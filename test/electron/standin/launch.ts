// Starts the real compiled main against the stand-in, as one run of the application; the hand of a test on it.
import path from 'node:path';
import type { Page } from 'playwright-core';
import { vi } from 'vitest';
import { closeChromiumAfterAll } from '../../kept-chromium.ts';

const MAIN = path.resolve('dist/electron/main.js');
closeChromiumAfterAll();

export interface Launch {
  readonly page: Page;
  readonly electron: typeof import('./electron.ts');
  readonly callsOf: typeof import('./events.ts').callsOf;
  readonly clickMenu: typeof import('./menu.ts').clickMenu;
  readonly menuItems: typeof import('./menu.ts').menuItems;
  readonly answerDialog: typeof import('./dialogs.ts').answerDialog;
  readonly permissionAnswers: typeof import('./session.ts').permissionAnswers;
  readonly utilityProcesses: typeof import('./utility-process.ts').utilityProcesses;
  quit(): Promise<void>;
}
export interface LaunchOptions {
  /** What follows the program on its command line. */
  readonly args?: readonly string[];
  /** The folder that stands for app.getPath('userData'). */
  readonly userData?: string;
}

/** Every launch has a fresh `electron` and a fresh main, as a process would. */
export async function launch({ args = [], userData }: LaunchOptions = {}): Promise<Launch> {
  vi.resetModules();
  const [electron, { lifecycle }, { callsOf }, { clickMenu, menuItems }, { answerDialog }, { permissionAnswers }, { utilityProcesses }] = await Promise.all([
    import('./electron.ts'), import('./app.ts'), import('./events.ts'), import('./menu.ts'), import('./dialogs.ts'), import('./session.ts'), import('./utility-process.ts'),
  ]);
  if (userData !== undefined) lifecycle.useUserData(userData);
  const argv = process.argv;
  process.argv = ['requant', ...args];
  try { await import(/* @vite-ignore */ MAIN); } finally { process.argv = argv; }
  lifecycle.becomeReady();

  const window = await vi.waitUntil(() => electron.BrowserWindow.getAllWindows()[0], { timeout: 10_000 });
  await vi.waitUntil(() => window.isVisible(), { timeout: 30_000 });
  let ended: Promise<void> | undefined;
  return {
    page: window.webContents.standin.page(), electron, callsOf, clickMenu, menuItems, answerDialog, permissionAnswers, utilityProcesses,
    quit: () => {
      if (!ended) {
        ended = lifecycle.ended();
        electron.app.quit();
      }
      return ended;
    },
  };
}
