// Every action by keyboard alone: by each of its shortcuts, or by its name in the palette where it has none, each time with its effect on the page or on the disk.
// The table below is held against the table of all actions, so that an action without a proof here fails.
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ACTIONS, type Action } from '../../renderer/actions/index.ts';
import { focused, keyboard, setSamples, tabTo } from './hands.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const SAMPLE = path.resolve('assets/sample');
const SHORT = { calibration: '8', analysis: '2', accuracy: '0' };
const NAMES: Readonly<Record<string, string>> = { mod: 'Control', shift: 'Shift', enter: 'Enter', escape: 'Escape' };

let root: string;
let studio: ServedStudio;
let page: Page;
let others = 0;

const { key, selected, saysSelected, idle, ground, first } = keyboard(() => page);
const text = (testId: string): Promise<string> => page.getByTestId(testId).innerText();
const count = (start: string): Promise<number> => page.locator(`[data-testid^="${start}"]`).count();
const recipe = (): Promise<string> => text('recipe-text');
const isDirty = (): Promise<string | null> => page.getByTestId('project-name').getAttribute('data-dirty');
const view = (): Promise<string> => page.locator('.react-flow__viewport').evaluate((element) => (element as HTMLElement).style.transform);

async function changed(): Promise<void> {
  await first();
  await key('1');
  await key('2');
  await expect.poll(recipe).toContain('int16');
}
const hasKeyboard = (testId: string): Promise<void> => expect.poll(() => focused(page)).toBe(testId);
/** Chooses a file in the picker by its name. */
async function pick(name: string): Promise<void> {
  await hasKeyboard('picker-filter');
  // Out of the folder of pictures, where the last choice was made there; from the root it leads nowhere.
  await key('Backspace');
  await page.keyboard.type(name);
  await expect.poll(() => page.locator('.picker-row').allInnerTexts().then((rows) => rows.map((row) => row.split('\n')[0]))).toEqual([name]);
  await key('Enter');
}
const downloaded = async (names: readonly RegExp[], work: () => Promise<unknown>): Promise<void> => {
  const files: string[] = [];
  const note = (download: { suggestedFilename(): string }): void => { files.push(download.suggestedFilename()); };
  page.on('download', note);
  await work();
  await expect.poll(() => files.length).toBe(names.length);
  page.off('download', note);
  for (const name of names) expect(files.some((file) => name.test(file))).toBe(true);
};

/** What an action needs, and what must be true once `act` has asked for it by keyboard. */
interface Proof {
  readonly ready?: () => Promise<unknown>;
  readonly check: (act: () => Promise<void>) => Promise<unknown>;
}

const dialog = (testId: string): Proof => ({
  check: async (act) => {
    await act();
    await page.getByTestId(testId).waitFor();
    await key('Escape');
    await page.getByTestId(testId).waitFor({ state: 'detached' });
  },
});
const overlay = (title: string, other: string): Proof => ({
  ready: () => key(other),
  check: async (act) => { await act(); await page.getByTestId('legend').getByRole('heading', { name: title }).waitFor(); },
});
const download = (...names: readonly RegExp[]): Proof => ({ check: (act) => downloaded(names, act) });
const worst = (number: number): Proof => ({ ready: () => key('Escape'), check: async (act) => { await act(); await saysSelected(new RegExp(`^${number} of`)); } });
const atPrecision = (name: string, digit: string): Proof => ({
  ready: async () => { await first(); await key(digit); await key('Escape'); },
  check: async (act) => {
    await act();
    await saysSelected(/^\d+ of/);
    // The buttons show the precision that all selected nodes share.
    await expect.poll(() => page.getByTestId(`set-${name}`).getAttribute('data-state')).toBe('on');
  },
});
const precision = (name: string, digitBefore: string): Proof => ({
  ready: async () => { await first(); await key(digitBefore); },
  check: async (act) => { await act(); await expect.poll(() => page.getByTestId(`set-${name}`).getAttribute('data-state')).toBe('on'); },
});
const dataOf = (role: 'calibration' | 'evaluation'): Readonly<Record<string, Proof>> => ({
  [`load-${role}`]: { check: async (act) => { await act(); await pick(role === 'calibration' ? 'calibration.npz' : 'test.npz'); await page.getByTestId(`data-${role}`).getByText('1×3×32×32, labelled').waitFor(); } },
  [`load-images-${role}`]: {
    check: async (act) => {
      await act();
      await pick('pictures');
      await page.getByText('3 images in this folder').waitFor();
      await tabTo(page, 'picker-folder');
      await key('Enter');
      await page.getByTestId(`data-${role}`).getByText('3 files').waitFor();
      await page.getByTestId(`data-${role}`).getByText('no labels').waitFor();
    },
  },
  [`load-labels-${role}`]: {
    check: async (act) => {
      await act();
      await pick('classes.csv');
      await page.getByTestId(`data-${role}`).getByText('3 × 1×3×32×32, labelled').waitFor();
    },
  },
});

const PROOFS: Readonly<Record<string, Proof>> = {
  'open-model': { check: async (act) => { await act(); await pick('shapes.onnx'); await expect.poll(() => text('panel-model')).toContain('shapes'); await saysSelected(/^\d+ nodes$/); } },
  'open-sample': { check: async (act) => { await act(); await page.getByTestId('data-calibration').getByText(/^range /).waitFor(); } },
  'open-project': {
    ready: async () => {
      await key('Control+Shift+s');
      await hasKeyboard('picker-name');
      await key('Control+a');
      await page.keyboard.type('kept');
      await key('Enter');
      await page.waitForTimeout(300);
      // The second time the file is there, and is replaced once more is said.
      if (await page.getByTestId('picker-save').count() > 0) await key('Enter');
      await page.getByTestId('file-picker').waitFor({ state: 'detached' });
    },
    check: async (act) => { await changed(); await act(); await pick('kept.requant'); await expect.poll(recipe).not.toContain('int16'); },
  },
  'save-project': {
    ready: async () => { await first(); await key(await page.getByTestId('set-int16').getAttribute('data-state') === 'on' ? '1' : '2'); },
    check: async (act) => {
      await expect.poll(isDirty).toBe('true');
      const before = await readFile(path.join(root, 'kept.requant'), 'utf8');
      await act();
      await expect.poll(isDirty).toBe('false');
      expect(await readFile(path.join(root, 'kept.requant'), 'utf8')).not.toBe(before);
    },
  },
  'save-project-as': {
    check: async (act) => {
      const name = `other ${++others}`;
      await act();
      await hasKeyboard('picker-name');
      await key('Control+a');
      await page.keyboard.type(name);
      await key('Enter');
      await expect.poll(() => text('project-name')).toContain(name);
      expect(await readFile(path.join(root, `${name}.requant`), 'utf8')).toContain('requant-project');
    },
  },
  ...dataOf('calibration'),
  ...dataOf('evaluation'),
  run: {
    ready: () => setSamples(page, SHORT),
    check: async (act) => { const before = await count('run-item-'); await act(); await expect.poll(() => count('run-item-')).toBe(before + 1); await idle(); },
  },
  sweep: {
    ready: async () => {
      await page.getByTestId('tab-sweep').click();
      if (await page.getByTestId('sweep-delete').count() > 0) await page.getByTestId('sweep-delete').click();
      for (const name of ['mse', 'moving_average', 'entropy', 'percentile', 'asymmetric']) await page.getByTestId(`sweep-${name}`).uncheck();
    },
    check: async (act) => { await act(); await idle(); await expect.poll(() => text('sweep-measured')).toContain('2 of 2 configurations'); expect(await count('sweep-row-')).toBe(2); },
  },
  'use-best': {
    ready: async () => { await page.getByTestId('calibration-method').selectOption('mse'); },
    check: async (act) => { await act(); await expect.poll(() => page.getByTestId('calibration-method').inputValue()).toBe('min_max'); await idle(); },
  },
  cancel: {
    // A sweep over everything lasts long enough to be cancelled.
    ready: async () => {
      await setSamples(page, { analysis: '16', accuracy: '500' });
      for (const name of ['mse', 'moving_average', 'entropy', 'percentile', 'asymmetric']) await page.getByTestId(`sweep-${name}`).check();
      await ground();
      await key('Control+Shift+Enter');
      await page.getByTestId('progress').waitFor();
    },
    check: async (act) => { await act(); await idle(); expect(await page.locator('.sweep-head').innerText()).not.toContain('20 of 20'); await setSamples(page, SHORT); },
  },
  'save-run': { ready: () => page.getByTestId('tab-layers').click(), check: (act) => downloaded([/\.sima$/, /\.sima\.json$/], act) },
  'export-layers': download(/_layers\.csv$/),
  'export-graph': download(/_graph\.svg$/),
  'export-graph-png': download(/_graph\.png$/),
  'export-report': download(/_report\.html$/),
  undo: { ready: changed, check: async (act) => { await act(); await expect.poll(() => page.getByTestId('set-int8').getAttribute('data-state')).toBe('on'); } },
  redo: {
    ready: async () => { await changed(); await key('Control+z'); await expect.poll(() => page.getByTestId('set-int8').getAttribute('data-state')).toBe('on'); },
    check: async (act) => { await act(); await expect.poll(() => page.getByTestId('set-int16').getAttribute('data-state')).toBe('on'); },
  },
  'set-int8': precision('int8', '2'),
  'set-int16': precision('int16', '1'),
  'set-float': precision('float', '1'),
  'set-int32': {
    ready: async () => {
      // The last integer node can hand out int32: the one that float nodes alone read.
      for (const pressed of ['Escape', 'p', '3', 'p', '1']) await key(pressed);
      if (await page.getByTestId('set-int32').getAttribute('data-state') === 'on') await key('4');
    },
    check: async (act) => { await act(); await expect.poll(() => page.getByTestId('set-int32').getAttribute('data-state')).toBe('on'); await key('4'); },
  },
  fit: {
    ready: async () => { await key('0'); await page.waitForTimeout(400); },
    check: async (act) => {
      const fitted = await view();
      await page.getByRole('button', { name: 'Zoom in' }).focus();
      await key('Enter');
      await expect.poll(view).not.toBe(fitted);
      await page.waitForTimeout(300);
      await ground();
      await act();
      await expect.poll(view).toBe(fitted);
    },
  },
  find: { check: async (act) => { await act(); await hasKeyboard('find'); await key('Escape'); } },
  'next-node': { ready: first, check: async (act) => { const [before] = await selected(); await act(); await expect.poll(selected).not.toContain(before); await saysSelected(/^1 of/); } },
  'previous-node': {
    ready: async () => { await first(); await key('n'); await key('n'); },
    check: async (act) => { const [before] = await selected(); await act(); await expect.poll(selected).not.toContain(before); await key('n'); await expect.poll(selected).toContain(before); },
  },
  collapse: {
    ready: first,
    check: async (act) => { await act(); await expect.poll(() => count('group-')).toBe(1); await key('c'); await expect.poll(() => count('group-')).toBe(0); },
  },
  'collapse-all': {
    check: async (act) => { await act(); await expect.poll(() => count('group-')).toBe(1); await key('Shift+c'); await expect.poll(() => count('group-')).toBe(0); },
  },
  producers: {
    ready: async () => { await first(); await key('n'); },
    check: async (act) => { const before = await selected(); await act(); await expect.poll(selected).not.toEqual(before); await key('d'); await expect.poll(selected).toEqual(before); },
  },
  readers: {
    ready: first,
    check: async (act) => { const before = await selected(); await act(); await expect.poll(selected).not.toEqual(before); await key('u'); await expect.poll(selected).toEqual(before); },
  },
  'select-all': { ready: () => key('Escape'), check: async (act) => { await act(); await saysSelected(/^(\d+) of \1 nodes selected$/); } },
  clear: { ready: first, check: async (act) => { await act(); await saysSelected(/^\d+ nodes$/); } },
  'select-operator': { ready: first, check: async (act) => { await act(); await saysSelected(/^([2-9]|\d\d+) of/); } },
  'select-worst-1': worst(1),
  'select-worst-3': worst(3),
  'select-worst-5': worst(5),
  'select-worst-10': worst(10),
  'select-int8': atPrecision('int8', '1'),
  'select-int16': atPrecision('int16', '2'),
  'select-float': atPrecision('float', '3'),
  'overlay-error': overlay('PSNR, cumulative', 'r'),
  'overlay-precision': overlay('Precision', 'e'),
  'overlay-placement': overlay('Placement', 'e'),
  'overlay-operator': overlay('Operators', 'e'),
  'overlay-cost': overlay('Cost', 'e'),
  'toggle-theme': {
    check: async (act) => {
      const theme = (): Promise<string | undefined> => page.evaluate(() => document.documentElement.dataset['theme']);
      const before = await theme();
      await act();
      await expect.poll(theme).not.toBe(before);
    },
  },
  palette: { check: async (act) => { await act(); await page.getByTestId('palette-input').waitFor(); await key('Escape'); await page.getByTestId('palette-input').waitFor({ state: 'detached' }); } },
  settings: dialog('settings-dialog'),
  shortcuts: dialog('shortcuts-dialog'),
  about: dialog('about-dialog'),
};

const pressed = (shortcut: string): string => shortcut.split('+').map((part) => NAMES[part] ?? part).join('+');

/** Each shortcut of the action; its name in the palette, where all actions stand, if it has none. */
function waysTo({ id, label, keys = [] }: Action): readonly (() => Promise<void>)[] {
  const byName = async (): Promise<void> => {
    await key('Control+k');
    await hasKeyboard('palette-input');
    await page.keyboard.type(label);
    // The nearest name is marked; where it is not the one meant, the arrow keys lead there.
    const marked = (): Promise<string | null> => page.locator('.palette-item[data-selected=true]').getAttribute('data-testid');
    for (let i = 0; i < 12 && await marked() !== `palette-${id}`; i++) await key('ArrowDown');
    expect(await marked()).toBe(`palette-${id}`);
    await key('Enter');
    await page.getByTestId('palette-input').waitFor({ state: 'detached' });
  };
  return keys.length > 0 ? keys.map((shortcut) => () => key(pressed(shortcut))) : [byName];
}

// What one action left open must not stand in the way of the next.
afterEach(async ({ task }) => { if (task.result?.state === 'fail') for (let i = 0; i < 3; i++) await key('Escape'); });
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'requant-keys-'));
  for (const name of ['shapes.onnx', 'calibration.npz', 'test.npz']) await copyFile(path.join(SAMPLE, name), path.join(root, name));
  await mkdir(path.join(root, 'pictures'));
  for (const [i, name] of ['a.png', 'b.png', 'c.png'].entries()) await sharp({ create: { width: 40, height: 30, channels: 3, background: { r: 90 * i, g: 20, b: 60 } } }).png().toFile(path.join(root, 'pictures', name));
  await writeFile(path.join(root, 'classes.csv'), 'file,class_index\na.png,0\nb.png,1\nc.png,2\n');
  studio = await serveStudio(['--root', root]);
  page = studio.page;
  page.setDefaultTimeout(10_000);
  await page.getByTestId('empty-open-model').waitFor();
});
afterAll(async () => {
  await studio?.close();
  await rm(root, { recursive: true, force: true });
});

describe('every action by keyboard', () => {
  it('has a proof here, and no proof is of an action that is gone', () => {
    expect(Object.keys(PROOFS).toSorted()).toEqual(ACTIONS.map(({ id }) => id).toSorted());
  });

  // In the order of the table: from the empty page to a model, its data, a run, and what is done with it.
  it.each(ACTIONS)('$id: $label', async (action) => {
    const proof = PROOFS[action.id];
    if (!proof) throw new Error(`there is no proof that ${action.id} can be done by keyboard`);
    for (const act of waysTo(action)) {
      await ground();
      await proof.ready?.();
      await ground();
      await proof.check(act);
    }
    expect(await page.getByTestId('message').allInnerTexts()).toEqual([]);
    expect(studio.complaints).toEqual([]);
  });
});
