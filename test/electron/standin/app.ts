// app: the life of the application, without a window system. Becomes ready when control.ready() is called.
import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { makeEvent, note } from './events.ts';

let resolveReady: () => void;
const ready = new Promise<void>((resolve) => { resolveReady = resolve; });
const state = { isReady: false, quitting: false, isFirst: true, userData: '' };
/** What must be gone before the application is: windows first, then what they were shown in. Filled by their files. */
export const endings = { closeWindows: async (): Promise<boolean> => true, after: [] as (() => Promise<void> | void)[] };

async function quit(): Promise<void> {
  if (state.quitting) return;
  const before = makeEvent({});
  app.emit('before-quit', before);
  if (before.defaultPrevented) return;
  state.quitting = true;
  if (!(await endings.closeWindows())) { state.quitting = false; return; }
  app.emit('will-quit', makeEvent({}));
  app.emit('quit', makeEvent({}), 0);
  for (const end of endings.after) await end();
  app.emit('standin-ended');
}

class App extends EventEmitter {
  readonly isPackaged = false;
  whenReady(): Promise<void> { return ready; }
  isReady(): boolean { return state.isReady; }
  getName(): string { return 'Requant'; }
  getPath(name: string): string {
    state.userData ||= mkdtempSync(path.join(os.tmpdir(), 'requant-standin-'));
    return name === 'userData' ? state.userData : path.join(state.userData, name);
  }
  requestSingleInstanceLock(): boolean { return state.isFirst; }
  setAppUserModelId(id: string): void { note('app.setAppUserModelId', id); }
  enableSandbox(): void {
    if (state.isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    note('app.enableSandbox');
  }
  addRecentDocument(file: string): void { note('app.addRecentDocument', file); }
  showAboutPanel(): void { note('app.showAboutPanel'); }
  quit(): void { void quit(); }
}
export const app = new App();

export const lifecycle = {
  isReady: (): boolean => state.isReady,
  isQuitting: (): boolean => state.quitting,
  becomeReady: (): void => { state.isReady = true; resolveReady(); app.emit('ready'); },
  /** As if another Requant were running already. */
  beSecond: (): void => { state.isFirst = false; },
  useUserData: (folder: string): void => { state.userData = folder; },
  ended: (): Promise<void> => new Promise((resolve) => { app.once('standin-ended', resolve); }),
};
