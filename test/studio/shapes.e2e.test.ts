// A model whose file leaves the sizes of its inputs open: the studio asks for them, by keyboard alone, and goes on with what was given.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeModel, type ValueInfoProto } from '../../core/onnx/index.ts';
import { violations } from './axe.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const info = (name: string, dims: readonly (number | string)[]): ValueInfoProto =>
  ({ name, type: { tensorType: { elemType: 1, shape: { dim: dims.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) } } } });
/** Adds two square pictures of any size, and a window of 5 x 5 goes over the sum: smaller ones do not fit. */
const MODEL = encodeModel({
  irVersion: 8, opsetImport: [{ domain: '', version: 13 }],
  graph: {
    name: 'open', input: [info('first', ['N', 3, 'side', 'side']), info('second', ['N', 3, 'side', 'side'])], output: [info('y', ['N', 1, 'out', 'out'])],
    node: [{ opType: 'Add', input: ['first', 'second'], output: ['sum'], name: 'sum' }, { opType: 'Conv', input: ['sum', 'w'], output: ['y'], name: 'conv' }],
    initializer: [{ name: 'w', dims: [1, 3, 5, 5], dataType: 1, rawData: new Uint8Array(new Float32Array(75).fill(0.5).buffer) }],
  },
});

let studio: ServedStudio;
let page: Page;
beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'requant-open-'));
  await writeFile(path.join(folder, 'open.onnx'), MODEL);
  studio = await serveStudio([path.join(folder, 'open.onnx')]);
  page = studio.page;
});
afterAll(async () => { await studio?.close(); });

it('asks for each open dimension once, names the inputs, and has a default in each field', async () => {
  const dialog = page.getByTestId('shapes-dialog');
  await dialog.getByText('Input shapes of open.onnx').waitFor();
  expect(await dialog.getByRole('textbox').evaluateAll((fields) => fields.map((field) => [(field as HTMLInputElement).labels?.[0]?.textContent, (field as HTMLInputElement).value]))).toEqual([['N', '1'], ['side', '224']]);
  await dialog.getByText('first N×3×side×side, second N×3×side×side').first().waitFor();
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page, '[role=dialog]')).toEqual([]);
  }
});

it('says beside the fields which is wrong, and what the engine does not take', async () => {
  // The first field has the keyboard.
  await page.keyboard.press('Tab');
  await page.keyboard.type('none');
  await page.keyboard.press('Enter');
  await page.getByText('A whole number of at least 1').waitFor();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('4');
  await page.keyboard.press('Enter');
  await page.getByTestId('shapes-refusal').filter({ hasText: 'open.onnx' }).waitFor();
  expect(await page.getByTestId('message').count()).toBe(0);
});

it('opens the model with what fits, and code says it', async () => {
  await page.keyboard.press('Control+a');
  await page.keyboard.type('12');
  await page.keyboard.press('Enter');
  await page.getByTestId('panel-model').getByText('first 1×3×12×12').waitFor();
  expect(await page.getByTestId('shapes-dialog').count()).toBe(0);
  await page.getByTestId('tab-code').click();
  await page.getByTestId('code-command').click();
  await page.getByTestId('code-text').filter({ hasText: '--input-shape first=1,3,12,12' }).filter({ hasText: '--input-shape second=1,3,12,12' }).waitFor();
});

it('can be told other sizes later, starting at the ones it has; Escape leaves all as it is', async () => {
  await page.getByTestId('change-shapes').focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => page.getByTestId('shape-dimension side').inputValue()).toBe('12');
  await page.keyboard.press('Escape');
  await page.getByTestId('shapes-dialog').waitFor({ state: 'detached' });
  await page.getByTestId('panel-model').getByText('first 1×3×12×12').waitFor();
  expect(studio.complaints).toEqual([]);
});
