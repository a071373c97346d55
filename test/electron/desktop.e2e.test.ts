// The desktop's own ways in: menu, dialogs, drops, files from the system, and the window that remembers its place.
import { mkdtempSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { MENU_ACTIONS } from '../../electron/menu-actions.ts';
import { ACTIONS } from '../../renderer/actions/index.ts';
import { MODEL, NO_MODEL } from './models.ts';
import { launch, type Launch } from './standin/launch.ts';

let app: Launch;
// The first test starts nothing.
afterEach(async () => { await (app as Launch | undefined)?.quit(); });

/** A busy machine is given time; what never comes fails all the same. */
const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 10_000 });
const connected = (): Promise<void> => app.page.locator('[data-testid=connection][data-state=ready]').waitFor();
const nodes = (): Promise<void> => app.page.locator('[data-testid^="node-"]').first().waitFor();
interface Bridge {
  chooseFiles(kind: string): Promise<{ name: string }[]>;
  chooseSaveTarget(name: string): Promise<{ name: string } | null>;
  grantDropped(file: File): Promise<{ id: string; name: string }>;
}
type WithBridge = Window & { readonly requant: Bridge };

test('every item of the menu is an action of the studio', () => {
  const ids: readonly string[] = ACTIONS.map(({ id }) => id);
  expect(MENU_ACTIONS.filter((id) => !ids.includes(id))).toEqual([]);
});

test('a click in the menu reaches the page', async () => {
  app = await launch();
  await connected();
  const theme = (): Promise<string | undefined> => app.page.evaluate(() => document.documentElement.dataset['theme']);
  const before = await theme();
  app.clickMenu('toggle-theme');
  await until(async () => expect(await theme()).not.toBe(before));
});

test('shortcuts stand in the menu and are left to the page', async () => {
  app = await launch();
  const shown = app.menuItems().filter(({ options }) => options.accelerator !== undefined);
  expect(shown.map(({ options }) => options.accelerator)).toEqual(expect.arrayContaining(['CmdOrCtrl+O', 'CmdOrCtrl+Z', 'CmdOrCtrl+Enter']));
  expect(shown.every(({ options }) => options.registerAccelerator === false)).toBe(true);
});

test('Open Model asks main for a dialog, opens what was chosen, and the page never sees the path', async ({ skip }) => {
  if (MODEL === null) return skip(NO_MODEL);
  app = await launch();
  await connected();
  app.answerDialog.open(MODEL);
  app.clickMenu('open-model');
  await nodes();
  expect(app.callsOf('dialog.showOpenDialog')).toHaveLength(1);
  expect(app.callsOf('app.addRecentDocument')).toEqual([[MODEL]]);
  expect(await app.page.content()).not.toContain(path.dirname(MODEL));
});

test('a dialog that is cancelled grants nothing', async () => {
  app = await launch();
  expect(await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseFiles('data'))).toEqual([]);
  expect(await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseSaveTarget('x.sima'))).toBe(null);
});

test('a kind of file that does not exist is refused', async () => {
  app = await launch();
  expect(await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseFiles('passwords').then(String, String))).toContain('MESSAGE_INVALID');
  expect(app.callsOf('dialog.showOpenDialog')).toEqual([]);
});

test('a folder of images becomes one file each, named as labels files name them', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'requant-images-'));
  mkdirSync(path.join(folder, 'cats'));
  for (const name of ['b.png', 'a.JPG', 'cats/c.png', 'notes.txt']) writeFileSync(path.join(folder, name), 'x');
  app = await launch();
  app.answerDialog.open(folder);
  const files = await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseFiles('images'));
  expect(files.map(({ name }) => name)).toEqual(['a.JPG', 'b.png', 'cats/c.png']);
});

test('a folder without images is an error that says so', async () => {
  app = await launch();
  app.answerDialog.open(mkdtempSync(path.join(os.tmpdir(), 'requant-empty-')));
  expect(await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseFiles('images').then(String, String))).toContain('DATA_EMPTY');
});

test('a place to save is granted by its name, without its folder', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'requant-save-'));
  app = await launch();
  app.answerDialog.save(path.join(folder, 'net.sima'));
  const target = await app.page.evaluate(() => (window as unknown as WithBridge).requant.chooseSaveTarget('../../net.sima'));
  expect(target?.name).toBe('net.sima');
  expect(JSON.stringify(target)).not.toContain(folder);
  expect(app.callsOf('dialog.showSaveDialog')[0]).toEqual([expect.objectContaining({ defaultPath: 'net.sima' })]);
});

test('a dropped file is granted by the path that the system gives, and a dropped folder is explained', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'requant-drop-'));
  writeFileSync(path.join(folder, 'dropped.npz'), 'x');
  app = await launch();
  const [window] = app.electron.BrowserWindow.getAllWindows();
  window?.webContents.standin.dropPath('dropped.npz', path.join(folder, 'dropped.npz'));
  window?.webContents.standin.dropPath('pictures', folder);
  await connected();
  const drop = (name: string): Promise<unknown> => app.page.evaluate((file) => (window as unknown as WithBridge).requant.grantDropped(new File(['x'], file)).then((ref) => ref.name, String), name);
  expect(await drop('dropped.npz')).toBe('dropped.npz');
  expect(await drop('pictures')).toContain('folder');
});

test('a model on the command line is opened', async ({ skip }) => {
  if (MODEL === null) return skip(NO_MODEL);
  app = await launch({ args: [path.relative('.', MODEL)] });
  await nodes();
});

test('a second start hands its model to the first', async ({ skip }) => {
  if (MODEL === null) return skip(NO_MODEL);
  app = await launch();
  await connected();
  app.electron.app.emit('second-instance', {}, ['requant', MODEL], os.tmpdir());
  await nodes();
  expect(app.callsOf('app.addRecentDocument')).toEqual([[MODEL]]);
});

test('a file that macOS hands over is opened', async ({ skip }) => {
  if (MODEL === null) return skip(NO_MODEL);
  app = await launch();
  await connected();
  const event = { preventDefault: vi.fn() };
  app.electron.app.emit('open-file', event, MODEL);
  await nodes();
  expect(event.preventDefault).toHaveBeenCalled();
});

test('what was open is opened again after the engine crashed', async ({ skip }) => {
  if (MODEL === null) return skip(NO_MODEL);
  app = await launch();
  await connected();
  app.answerDialog.open(MODEL);
  app.clickMenu('open-model');
  await nodes();
  const [engine] = app.utilityProcesses();
  if (engine?.pid !== undefined) process.kill(engine.pid, 'SIGKILL');
  await until(async () => expect(await app.page.locator('[data-testid=message]').allTextContents()).toHaveLength(1));
  await connected();
  await app.page.waitForTimeout(1500);
  // The loss itself, and no second message that the file is unknown to the new engine.
  expect(await app.page.locator('[data-testid=message]').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['code']))).toEqual(['ENGINE_LOST']);
});

test('a project is saved by a dialog and opened again from the menu\'s recent files, also by a later start', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'requant-project-'));
  const userData = mkdtempSync(path.join(os.tmpdir(), 'requant-state-'));
  app = await launch({ args: ['--sample'], userData });
  await nodes();
  await app.page.getByTestId('preset-int16').click();
  // Its ending is the application's business where the system's dialog leaves it out.
  app.answerDialog.save(path.join(folder, 'mine'));
  app.clickMenu('save-project');
  await until(() => expect(JSON.parse(readFileSync(path.join(folder, 'mine.requant'), 'utf8'))).toMatchObject({ format: 'requant-project', model: 'sample', recipe: { preset: 'int16' } }));
  expect(app.callsOf('dialog.showSaveDialog')).toEqual([[expect.objectContaining({ title: 'Save Project' })]]);
  // The file is there a moment before the engine has remembered it.
  await app.page.locator('[data-testid=project-name][data-dirty=false]').waitFor();
  await app.quit();
  app = await launch({ userData });
  await connected();
  const recent = () => app.menuItems().find(({ options }) => options.id === 'recent-0')?.options;
  await until(() => expect(recent()).toMatchObject({ label: `mine.requant (${folder})`, enabled: true }));
  app.clickMenu('recent-0');
  await nodes();
  await until(async () => expect(await app.page.getByTestId('recipe-text').textContent()).toBe('int16'));
  expect(await app.page.title()).toBe('mine.requant - Requant');
});

test('a window whose page dies is loaded again and offers what it had kept', async () => {
  app = await launch({ args: ['--sample'] });
  await nodes();
  await app.page.getByTestId('preset-int16').click();
  await app.page.waitForTimeout(1500);
  // The stand-in cannot kill a page; what main does when told so is what is looked at.
  app.electron.BrowserWindow.getAllWindows()[0]?.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
  await app.page.getByTestId('offer-restore').click();
  await until(async () => expect(await app.page.getByTestId('recipe-text').textContent()).toBe('int16'));
});

test('the list of recent files that the page sends is checked', async () => {
  app = await launch();
  await connected();
  const items = (): number => app.menuItems().filter(({ options }) => String(options.id).startsWith('recent-')).length;
  const recent = (name: string) => ({ file: { id: 'x', name }, kind: 'model', place: '/', missing: true });
  const send = (files: unknown): Promise<void> => app.page.evaluate((list) => (window as unknown as { requant: { showRecents(files: unknown): void } }).requant.showRecents(list), files);
  await send([recent('a.onnx'), recent('b.onnx')]);
  await until(() => expect(items()).toBe(2));
  for (const bad of ['no list', [{ file: 'a' }], Array.from({ length: 51 }, () => recent('a'))]) await send(bad);
  await send([recent('a.onnx')]);
  await until(() => expect(items()).toBe(1));
});

test('the window opens where it was left', async () => {
  const userData = mkdtempSync(path.join(os.tmpdir(), 'requant-state-'));
  app = await launch({ userData });
  const bounds = { x: 100, y: 80, width: 1000, height: 700 };
  app.electron.BrowserWindow.getAllWindows()[0]?.setBounds(bounds);
  await app.quit();
  expect(JSON.parse(readFileSync(path.join(userData, 'window.json'), 'utf8'))).toEqual({ ...bounds, maximized: false });
  app = await launch({ userData });
  expect(app.electron.BrowserWindow.getAllWindows()[0]?.standin.options()).toMatchObject(bounds);
});
