// What a desktop tool is expected to have, served to a real browser: projects, a session restored after a crash, recent files, the file picker,
// settings, waiting jobs, undo of more than the configuration, and dialogs that axe-core has nothing against.
import { copyFile, mkdir, mkdtemp, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './axe.ts';
import { setSamples } from './hands.ts';
import { freshHome, serveStudio, type ServedStudio } from './serve.ts';

const SAMPLE = path.resolve('assets/sample');
const OUTPUT = path.resolve('test/output/screenshots');
let root: string;
let studio: ServedStudio;
let page: Page;

/** A folder such as a person works in: the sample's model and data. */
async function workFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-desk-'));
  await mkdir(path.join(folder, 'models', 'old'), { recursive: true });
  await mkdir(path.join(folder, 'data'));
  await copyFile(path.join(SAMPLE, 'shapes.onnx'), path.join(folder, 'models', 'shapes.onnx'));
  for (const name of ['calibration.npz', 'test.npz']) await copyFile(path.join(SAMPLE, name), path.join(folder, 'data', name));
  return folder;
}
async function serve(home = freshHome(), ...more: string[]): Promise<string> {
  studio = await serveStudio(['--root', root, ...more], { home });
  page = studio.page;
  return home;
}
const key = (name: string): Promise<void> => page.keyboard.press(name);
const firstNode = (): Promise<void> => page.locator('[data-testid^="node-"]').first().waitFor();
const card = (): ReturnType<Page['locator']> => page.locator('[data-testid^="node-MLA_0/"]').first();
const dirty = (): Promise<string | null> => page.getByTestId('project-name').getAttribute('data-dirty');
async function pick(button: string, ...names: string[]): Promise<void> {
  await page.getByTestId(button).click();
  for (const name of names) await page.getByTestId(`pick-${name}`).click();
}
async function openWithData(): Promise<void> {
  await pick('empty-open-model', 'models', 'shapes.onnx');
  await firstNode();
  await page.getByTestId('load-calibration').click();
  await page.getByTestId('pick-up').click();
  for (const name of ['data', 'calibration.npz']) await page.getByTestId(`pick-${name}`).click();
  await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
}
async function runOnce(number: number): Promise<void> {
  await setSamples(page, { calibration: '8', analysis: '2', accuracy: '0' });
  await page.getByTestId('run').click();
  await page.getByTestId(`run-item-${number}`).waitFor();
}
const picture = (name: string): Promise<unknown> => page.screenshot({ path: path.join(OUTPUT, `desk-${name}.png`) });
/** axe-core has nothing serious against `scope`, in the dark theme and in the light one, and a picture of each is kept. */
async function accessibleInBothThemes(scope: string, name: string): Promise<void> {
  for (const scheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    expect(await violations(page, scope)).toEqual([]);
    await picture(`${name}-${scheme}`);
  }
}

beforeAll(async () => { await mkdir(OUTPUT, { recursive: true }); });
afterEach(async () => {
  const { complaints } = studio;
  await studio.close();
  expect(complaints).toEqual([]);
});

describe('a project', () => {
  it('is saved and opened again with its data, choices, runs, notes and view', async () => {
    root = await workFolder();
    await serve();
    await openWithData();
    await page.getByTestId('preset-int16').click();
    await runOnce(1);
    await page.getByTestId('run-note-1').fill('as accurate as float');
    await card().click();
    await key('1');
    expect(await dirty()).toBe('true');
    await key('Control+s');
    await page.getByTestId('picker-name').fill('shapes study');
    await picture('save');
    await key('Enter');
    await expect.poll(dirty).toBe('false');
    const file = path.join(root, 'data', 'shapes study.requant');
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ format: 'requant-project', version: 1, model: { name: 'shapes.onnx', path: path.join(root, 'models', 'shapes.onnx') } });
    expect(await page.title()).toBe('shapes study.requant - Requant');

    // Saved again without a question, and as another file with one.
    await page.getByTestId('run-note-1').fill('best so far');
    await expect.poll(dirty).toBe('true');
    await page.getByTestId('toolbar-save-project').click();
    await expect.poll(dirty).toBe('false');
    expect(await readFile(file, 'utf8')).toContain('best so far');

    await studio.close();
    await serve();
    await page.getByTestId('empty-open-model').waitFor();
    await key('Control+Shift+O');
    for (const name of ['data', 'shapes study.requant']) await page.getByTestId(`pick-${name}`).click();
    await page.getByTestId('run-item-1').waitFor();
    expect(await page.getByTestId('run-note-1').inputValue()).toBe('best so far');
    expect(await page.getByTestId('recipe-text').textContent()).toBe('int16 + 1 int8');
    expect(await page.getByTestId('samples-calibration').inputValue()).toBe('8');
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    expect(await page.getByTestId('status-nodes').textContent()).toMatch(/^1 of/);
    await expect.poll(dirty).toBe('false');
    // The new engine holds none of its models: said on the button, and one more run mends it.
    await page.getByTestId('save-1').hover();
    await page.getByRole('tooltip').filter({ hasText: 'run again to save' }).waitFor();
    await runOnce(2);
    expect(await page.getByTestId('message').count()).toBe(0);
  });

  it('says that its model has changed, opens it only when told, and finds it where it has gone', async () => {
    root = await workFolder();
    await serve();
    await openWithData();
    await runOnce(1);
    await key('Control+s');
    await page.getByTestId('picker-save').click();
    await expect.poll(dirty).toBe('false');
    const model = path.join(root, 'models', 'shapes.onnx');
    await rename(model, path.join(root, 'models', 'old', 'moved.onnx'));
    const open = async (): Promise<void> => {
      await key('Control+Shift+O');
      await page.getByTestId('pick-shapes.requant').click();
      await page.getByTestId('model-question').waitFor();
    };
    await open();
    expect(await page.getByTestId('model-question').textContent()).toContain('no longer where it was');
    await accessibleInBothThemes('[role=alertdialog]', 'missing-model');
    await page.getByTestId('choose-model').click();
    await page.getByTestId('pick-up').click();
    for (const name of ['models', 'old', 'moved.onnx']) await page.getByTestId(`pick-${name}`).click();
    await page.getByTestId('run-item-1').waitFor();

    // A file of the same name with other bytes: its runs would be drawn on a graph that they were not made with.
    await writeFile(model, Buffer.concat([await readFile(path.join(SAMPLE, 'shapes.onnx')), Buffer.from([0x12, 0x00])]));
    await page.getByTestId('pick-up').waitFor({ state: 'detached' });
    await key('Control+Shift+O');
    await page.getByTestId('pick-up').click();
    await page.getByTestId('pick-up').click();
    await page.getByTestId('pick-data').click();
    await page.getByTestId('pick-shapes.requant').click();
    await page.getByTestId('model-question').waitFor();
    expect(await page.getByTestId('model-question').textContent()).toContain('is not the file that this project was saved with');
    await page.getByTestId('open-changed').click();
    await page.getByText('No run yet').waitFor();
    expect(await dirty()).toBe('true');
  });

  it('that is damaged is refused in words, and what is open stays', async () => {
    root = await workFolder();
    await writeFile(path.join(root, 'models', 'bad.requant'), '{"format":"requant-project","version":1,"model":{"name":"x","path":"/etc/passwd","size":"a"}}');
    await serve();
    await pick('empty-open-model', 'models', 'shapes.onnx');
    await firstNode();
    await pick('open-model', 'bad.requant');
    expect(await page.getByTestId('message').getAttribute('data-code')).toBe('FORMAT_CORRUPT');
    expect(await page.locator('[data-testid^="node-"]').count()).toBeGreaterThan(2);
  });
});

describe('after a crash', () => {
  it('of everything, the session is offered and comes back exactly', async () => {
    root = await workFolder();
    const home = await serve();
    await openWithData();
    await page.getByTestId('weights-per-tensor').click();
    await runOnce(1);
    await page.getByTestId('run-note-1').fill('before the crash');
    await card().click();
    await key('2');
    await page.getByTestId('run-draft').waitFor();
    const recipe = await page.getByTestId('recipe-text').textContent();
    const mean = await page.getByTestId('run-mean-1').textContent();
    // Kept a moment after the last change.
    await page.waitForTimeout(1200);
    await studio.crash();

    await serve(home);
    await page.getByTestId('offer').waitFor();
    expect(await page.getByTestId('offer').textContent()).toContain('shapes.onnx, 1 run');
    await accessibleInBothThemes('.offer', 'offer');
    await page.getByTestId('offer-restore').click();
    await page.getByTestId('run-item-1').waitFor();
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await expect.poll(() => page.getByTestId('recipe-text').textContent()).toBe(recipe);
    expect(await page.getByTestId('weights-per-tensor').getAttribute('data-state')).toBe('on');
    expect(await page.getByTestId('run-note-1').inputValue()).toBe('before the crash');
    expect(await page.getByTestId('run-mean-1').textContent()).toBe(mean);
    expect(await dirty()).toBe('true');
    await page.getByTestId('offer').waitFor({ state: 'detached' });
  });

  it('of the window alone too: a page that is loaded again is offered what it had', async () => {
    root = await workFolder();
    await serve();
    await openWithData();
    await page.getByTestId('preset-int16').click();
    await expect.poll(dirty).toBe('true');
    await page.waitForTimeout(1200);
    await page.reload();
    await page.getByTestId('offer-restore').click();
    await firstNode();
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await expect.poll(() => page.getByTestId('recipe-text').textContent()).toBe('int16');
    // Saved, there is nothing to offer any more.
    await key('Control+s');
    await page.getByTestId('picker-save').click();
    await expect.poll(dirty).toBe('false');
    await page.waitForTimeout(1200);
    await page.reload();
    await page.getByTestId('empty-open-model').waitFor();
    await page.getByTestId('recents').waitFor();
    expect(await page.getByTestId('offer').count()).toBe(0);
  });
});

describe('files', () => {
  it('are chosen by keyboard below the root, and nothing leads out of it', async () => {
    root = await workFolder();
    await symlink('/etc', path.join(root, 'etc'));
    await serve();
    await page.getByTestId('empty-open-model').waitFor();
    await key('Control+o');
    await page.getByTestId('pick-models').waitFor();
    expect(await page.getByTestId('pick-etc').count()).toBe(0);
    await accessibleInBothThemes('[role=dialog]', 'picker');
    await page.keyboard.type('mod');
    await page.getByTestId('pick-data').waitFor({ state: 'detached' });
    await key('Enter');
    await page.getByTestId('pick-shapes.onnx').waitFor();
    await key('Backspace');
    await page.getByTestId('pick-data').waitFor();
    await page.keyboard.type('models');
    await page.getByTestId('pick-data').waitFor({ state: 'detached' });
    await key('Enter');
    await page.getByTestId('pick-shapes.onnx').waitFor();
    await page.keyboard.type('shapes');
    await page.getByTestId('pick-old').waitFor({ state: 'detached' });
    await key('Enter');
    await firstNode();
    await key('Control+o');
    await page.getByTestId('file-picker').waitFor();
    await key('Escape');
    await page.getByTestId('file-picker').waitFor({ state: 'detached' });
  });

  it('opened last stand on the empty page and in the menu; missing ones are marked and can be removed', async () => {
    root = await workFolder();
    await copyFile(path.join(SAMPLE, 'shapes.onnx'), path.join(root, 'models', 'second.onnx'));
    const home = await serve();
    await pick('empty-open-model', 'models', 'shapes.onnx');
    await firstNode();
    await pick('open-model', 'second.onnx');
    await expect.poll(() => page.getByTestId('panel-model').textContent()).toContain('second');
    await studio.close();
    await rename(path.join(root, 'models', 'shapes.onnx'), path.join(root, 'models', 'renamed.onnx'));
    await serve(home);
    await page.getByTestId('recents').waitFor();
    expect(await page.getByTestId('recent-shapes.onnx').textContent()).toContain('missing');
    await accessibleInBothThemes('.empty', 'recents');
    await page.getByTestId('remove-recent-shapes.onnx').click();
    await page.getByTestId('recent-shapes.onnx').waitFor({ state: 'detached' });
    await page.getByTestId('file-menu').click();
    await page.getByTestId('menu-recents').click();
    await accessibleInBothThemes('.menu', 'menu');
    await page.getByTestId('menu-recent-second.onnx').click();
    await firstNode();
  });
});

describe('settings', () => {
  it('are kept, reach the engine, and go back to their defaults', async () => {
    root = await workFolder();
    const home = await serve();
    await key('Control+,');
    await page.getByTestId('settings-dialog').waitFor();
    await page.getByTestId('theme-dark').click();
    await page.getByTestId('setting-threads').fill('1');
    await page.getByTestId('setting-memory').fill('64');
    await page.getByTestId('setting-calibration').fill('8');
    await key('Tab');
    await page.getByTestId('setting-metric').selectOption('mae');
    expect(await violations(page, '[role=dialog]')).toEqual([]);
    await picture('settings-dark');
    await page.waitForTimeout(600);
    expect(JSON.parse(await readFile(path.join(home, 'settings.json'), 'utf8'))).toEqual({ theme: 'dark', threads: 1, atOnce: true, memoryMiB: 64, calibrationSamples: 8, metric: 'mae' });
    await studio.close();

    await serve(home, '--sample');
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    expect(await page.getByTestId('samples-calibration').inputValue()).toBe('8');
    await page.getByTestId('run').click();
    await page.getByTestId('run-item-1').waitFor();
    expect(await page.getByTestId('run-item-1').textContent()).toContain('MAE');
    await page.getByText('Changes at once').click();
    expect(await page.getByTestId('memory-use').textContent()).toContain('of 64.0 MiB');
    await key('Control+,');
    await page.getByTestId('settings-reset').click();
    await page.waitForTimeout(600);
    expect(JSON.parse(await readFile(path.join(home, 'settings.json'), 'utf8'))).toMatchObject({ theme: 'system', threads: null, memoryMiB: 512 });
    expect(await violations(page, '[role=dialog]')).toEqual([]);
    await picture('settings-light');
  });

  it('about says the version and every library with its licence; the shortcuts are listed', async () => {
    root = await workFolder();
    await serve();
    await page.getByTestId('connection').getByText('Engine ready').waitFor();
    await key('Control+k');
    await page.getByTestId('palette-input').fill('about');
    await key('Enter');
    await page.getByTestId('libraries').waitFor();
    const libraries = await page.getByTestId('libraries').textContent() ?? '';
    for (const name of ['onnxruntime-node', 'react', '@xyflow/react', 'sharp', 'valibot']) expect(libraries).toContain(name);
    await page.getByTestId('libraries').locator('summary').filter({ hasText: 'valibot' }).click();
    expect(await page.getByTestId('about-dialog').textContent()).toContain('MIT License');
    await accessibleInBothThemes('[role=dialog]', 'about');
    await key('Escape');
    await page.getByTestId('about-dialog').waitFor({ state: 'detached' });
    await key('?');
    await page.getByTestId('shortcuts-dialog').getByText('Save project as').waitFor();
    await accessibleInBothThemes('[role=dialog]', 'shortcuts');
  });
});

describe('jobs', () => {
  it('wait in a list, each with its own cancel, while the first one works', async () => {
    root = await workFolder();
    await serve(freshHome(), '--sample');
    await page.getByTestId('data-calibration').getByText(/^range /).waitFor();
    await setSamples(page, { calibration: '', analysis: '300', accuracy: '500' });
    await page.getByTestId('run').click();
    await page.getByTestId('preset-int16').click();
    await page.getByTestId('run').click();
    await page.getByTestId('run').click();
    await page.getByTestId('jobs').click();
    await expect.poll(() => page.getByTestId('job').count()).toBe(3);
    expect(await page.getByTestId('job').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['state']))).toEqual(['working', 'waiting', 'waiting']);
    await expect.poll(() => page.getByTestId('job').first().textContent()).toMatch(/\d+ %/);
    await accessibleInBothThemes('.job-list', 'jobs');
    await page.getByTestId('cancel-job').nth(1).click();
    // What has not begun is gone at once; the first one goes on.
    await expect.poll(() => page.getByTestId('job').count()).toBe(2);
    expect(await page.locator('[data-testid^="run-item-"]').count()).toBe(0);
    await page.getByTestId('cancel-job').first().click();
    await page.getByTestId('run-item-1').waitFor({ timeout: 90_000 });
    expect(await page.getByTestId('run-item-1').textContent()).toContain('int16');
  });
});

describe('undo', () => {
  it('takes back notes, deleted runs and preprocessing too, and says what it would take back', async () => {
    root = await workFolder();
    await serve();
    await openWithData();
    await runOnce(1);
    await page.getByTestId('run-note-1').fill('good');
    await page.getByTestId('delete-1').click();
    await page.getByTestId('run-item-1').waitFor({ state: 'detached' });
    await page.getByTestId('undo').hover();
    await page.getByRole('tooltip').filter({ hasText: 'Undo: deleting Run 1' }).waitFor();
    await picture('undo');
    await page.getByTestId('undo').click();
    await page.getByTestId('run-item-1').waitFor();
    expect(await page.getByTestId('run-note-1').inputValue()).toBe('good');
    // It came back whole: the engine still holds its model.
    await Promise.all([page.waitForEvent('download'), page.getByTestId('save-1').click()]);
    await page.getByTestId('undo').click();
    await expect.poll(() => page.getByTestId('run-note-1').inputValue()).toBe('');

    const range = (): Promise<string> => page.getByTestId('data-calibration').getByText(/^range /).innerText();
    const before = await range();
    await page.getByTestId('data-calibration').getByText('Preprocessing').click();
    await page.getByTestId('scale-calibration').fill('1/255');
    await key('Tab');
    await expect.poll(range).not.toBe(before);
    await page.getByTestId('undo').click();
    await expect.poll(range).toBe(before);
    expect(await page.getByTestId('scale-calibration').inputValue()).toBe('1');
    await page.getByTestId('redo').click();
    await expect.poll(range).not.toBe(before);
    expect(await page.getByTestId('message').count()).toBe(0);
  });
});
