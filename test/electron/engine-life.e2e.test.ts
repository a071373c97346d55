// The engine's process behind the window: connected, freed, restarted, replaced.
import { afterEach, expect, test, vi } from 'vitest';
import { launch, type Launch } from './standin/launch.ts';

let app: Launch;
afterEach(() => app.quit());

const connected = (): Promise<void> => app.page.locator('[data-testid=connection][data-state=ready]').waitFor();
const engines = (): readonly (number | undefined)[] => app.utilityProcesses().map(({ pid }) => pid);
const kill = (): void => {
  const [pid] = engines();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
};

test('the window appears and reaches the engine', async () => {
  app = await launch();
  await connected();
  expect(await app.page.title()).toContain('Requant');
  expect(engines()).toHaveLength(1);
});

test('closing the window frees the engine', async () => {
  app = await launch();
  await connected();
  // As on macOS, where the application outlives its window.
  app.electron.app.removeAllListeners('window-all-closed');
  app.electron.app.on('window-all-closed', () => undefined);
  const [window] = app.electron.BrowserWindow.getAllWindows();
  window?.close();
  await vi.waitFor(() => expect(engines()).toEqual([]), { timeout: 5000 });
  app.electron.app.emit('activate');
  await vi.waitFor(() => expect(app.electron.BrowserWindow.getAllWindows()).toHaveLength(1));
  await vi.waitFor(() => expect(engines()).toHaveLength(1), { timeout: 10_000 });
});

test('a page that lets go of its port frees the engine', async () => {
  app = await launch();
  await connected();
  // In the studio's place, the port's first taker closes it.
  await app.page.addInitScript(() => {
    window.addEventListener('message', (event) => {
      if (event.data !== 'requant:port') return;
      event.stopImmediatePropagation();
      event.ports[0]?.close();
    }, { capture: true });
  });
  await app.page.reload();
  await vi.waitFor(() => expect(engines()).toEqual([]), { timeout: 8000 });
});

test('a reloaded page gets an engine of its own, and the old one ends', async () => {
  app = await launch();
  await connected();
  const before = engines();
  await app.page.reload();
  await connected();
  await vi.waitFor(() => expect(engines()).toHaveLength(1), { timeout: 8000 });
  expect(engines()).not.toEqual(before);
});

test('an engine that crashes is replaced, and the page reconnects by itself', async () => {
  app = await launch();
  await connected();
  const before = engines();
  kill();
  await app.page.locator('[data-testid=message][data-code=ENGINE_LOST]').first().waitFor();
  await vi.waitFor(() => expect(engines()).toHaveLength(1), { timeout: 8000 });
  expect(engines()).not.toEqual(before);
  await connected();
});

test('an engine that keeps crashing is left alone, and the user is told', async () => {
  app = await launch();
  await connected();
  for (let crash = 0; crash < 3; crash++) {
    await vi.waitFor(() => expect(engines()).toHaveLength(1), { timeout: 8000 });
    await connected();
    const [pid] = engines();
    kill();
    await vi.waitFor(() => expect(engines()).not.toContain(pid), { timeout: 8000 });
  }
  await vi.waitFor(() => expect(app.callsOf('dialog.showErrorBox')).toHaveLength(1), { timeout: 8000 });
});

test('quitting ends the engine', async () => {
  app = await launch();
  await connected();
  await app.quit();
  expect(engines()).toEqual([]);
});
