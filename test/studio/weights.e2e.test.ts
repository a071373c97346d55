// A model that keeps its weights in other files reaches the engine whole from a real browser: as several files, as a folder, and dropped. So does a
// dropped folder of images.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FileChooser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeModel, type TensorProto } from '../../core/onnx/index.ts';
import { info, node } from '../small-onnx.ts';
import { violations } from './axe.ts';
import { writeNpz } from '../../core/tensor/npz.ts';
import { tensor } from '../../core/tensor/tensor.ts';
import { serveStudio, type ServedStudio } from './serve.ts';

const CHANNELS = 4, NUMBERS = Float32Array.from({ length: CHANNELS * 3 * 9 }, (_, i) => (i % 7) - 3);

/** A convolution whose weights lie in `location`. */
function modelBytes(location: string): Uint8Array {
  const weights: TensorProto = { name: 'w', dims: [CHANNELS, 3, 3, 3], dataType: 1, dataLocation: 1, externalData: [{ key: 'location', value: location }] };
  return encodeModel({
    irVersion: 8, opsetImport: [{ domain: '', version: 13 }],
    graph: { name: 'apart', node: [node('Conv', ['x', 'w'], ['y'], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] })], input: [info('x', [1, 3, 8, 8])], output: [info('y', [1, CHANNELS, 8, 8])], initializer: [weights] },
  });
}

describe('a model with its weights in other files', () => {
  let studio: ServedStudio;
  let page: Page;
  let folder: string;
  const at = (...names: string[]): string => path.join(folder, ...names);
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'requant-weights-'));
    await mkdir(at('export', 'parts'), { recursive: true });
    await mkdir(at('pictures'));
    await writeFile(at('flat.onnx'), modelBytes('weights.bin'));
    await writeFile(at('weights.bin'), new Uint8Array(NUMBERS.buffer));
    await writeFile(at('export', 'deep.onnx'), modelBytes('parts/conv.w'));
    await writeFile(at('export', 'parts', 'conv.w'), new Uint8Array(NUMBERS.buffer));
    for (let i = 0; i < 3; i++) await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 80 * i, g: 20, b: 200 } } }).png().toFile(at('pictures', `${i}.png`));
    studio = await serveStudio([]);
    page = studio.page;
  });
  afterAll(async () => { await studio?.close(); });
  beforeEach(async () => { await page.keyboard.press('Escape'); });

  const isOpen = async (name: string): Promise<void> => {
    await expect.poll(() => page.getByTestId('panel-model').textContent()).toContain(name);
    await page.locator('[data-testid^="node-MLA_0/conv2d"]').waitFor();
    expect(await page.getByTestId('panel-model').textContent()).toContain(`Constants${NUMBERS.byteLength} B`);
  };
  const upload = async (button: string, files: string | string[]): Promise<FileChooser> => {
    await page.keyboard.press('Control+o');
    const dialog = page.waitForEvent('filechooser');
    await page.getByTestId(button).click();
    const chooser = await dialog;
    await chooser.setFiles(files);
    return chooser;
  };
  /** As the system drops paths on the window. */
  const drop = async (...files: string[]): Promise<void> => {
    const devtools = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await devtools.send('Input.dispatchDragEvent', { type, x: 640, y: 300, data: { items: [], files, dragOperationsMask: 1 } });
    await devtools.detach();
  };
  const message = (text: string): Promise<void> => page.getByTestId('message').filter({ hasText: text }).waitFor();
  const dismiss = async (): Promise<void> => { for (const button of await page.getByTestId('message').getByRole('button').all()) await button.click(); };

  it('without them is refused, and says which file is missing', async () => {
    expect((await upload('picker-upload', at('flat.onnx'))).isMultiple()).toBe(true);
    await message('weights.bin');
    await dismiss();
  });

  it('is uploaded together with them', async () => {
    await upload('picker-upload', [at('weights.bin'), at('flat.onnx')]);
    await isOpen('flat');
  });

  it('is uploaded with its folder, by keyboard too', async () => {
    await page.keyboard.press('Control+o');
    await page.getByTestId('picker-upload-folder').waitFor();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page, '[role=dialog]')).toEqual([]);
    }
    const dialog = page.waitForEvent('filechooser');
    await page.getByTestId('picker-upload-folder').focus();
    await page.keyboard.press('Enter');
    await (await dialog).setFiles(at('export'));
    await isOpen('deep');
  });

  it('is dropped together with them, or as a folder', async () => {
    await drop(at('flat.onnx'), at('weights.bin'));
    await isOpen('flat');
    await drop(at('export'));
    await isOpen('deep');
  });

  it('is one model: of two neither is opened', async () => {
    await writeFile(at('second.onnx'), modelBytes('weights.bin'));
    await drop(at('flat.onnx'), at('second.onnx'), at('weights.bin'));
    await message('several models here: flat.onnx, second.onnx');
    await dismiss();
    await isOpen('deep');
  });

  it('takes a dropped folder of images as its data', async () => {
    await drop(at('pictures'));
    await page.getByTestId('data-calibration').getByText('3 files').waitFor();
    expect(studio.complaints).toEqual([]);
  });

  it('hands images over as BGR, with a mean in that order, cropped to a share, and the code says so', async () => {
    const data = page.getByTestId('data-calibration');
    await data.getByText('Preprocessing', { exact: true }).click();
    await page.getByTestId('mean-calibration').fill('200, 20, 0');
    await page.keyboard.press('Tab');
    await data.getByText('range −200 … 200').waitFor();
    await page.getByTestId('channel-order-calibration').selectOption('bgr');
    await data.getByText('range 0 … 160').waitFor();
    await page.getByTestId('resize-calibration').selectOption('crop');
    await page.getByTestId('keep-calibration').fill('87.5');
    await page.keyboard.press('Tab');
    await page.getByTestId('tab-code').click();
    await page.getByTestId('code-command').click();
    await page.getByTestId('code-text').filter({ hasText: '--resize crop' }).filter({ hasText: '--keep 87.5' }).filter({ hasText: '--channel-order bgr' }).waitFor();
    expect(await page.getByTestId('message').count()).toBe(0);
    expect(studio.complaints).toEqual([]);
  });

  it('arrays for evaluation are not refused for what was said of those images', async () => {
    await writeNpz(at('test.npz'), { x: tensor('uint8', [2, 3, 8, 8], new Uint8Array(2 * 3 * 64).fill(9)), y: tensor('uint8', [2], Uint8Array.of(1, 0)) });
    await drop(at('test.npz'));
    await page.getByTestId('data-evaluation').getByText('2 × 1×3×8×8, labelled').waitFor();
    // The fields of images are gone there, and stand where images are.
    expect(await page.getByTestId('resize-evaluation').count()).toBe(0);
    expect(await page.getByTestId('resize-calibration').inputValue()).toBe('crop');
    expect(await page.getByTestId('message').count()).toBe(0);
  });

  it('labels images by the folders that they lie in, dropped or sent, and pads them with the grey that is asked for', async () => {
    for (const [kind, r] of [['zebra', 255], ['ant', 0]] as const) {
      await mkdir(at('kinds', kind), { recursive: true });
      await sharp({ create: { width: 8, height: 4, channels: 3, background: { r, g: r, b: r } } }).png().toFile(at('kinds', kind, 'one.png'));
    }
    const data = page.getByTestId('data-evaluation');
    await page.getByTestId('data-evaluation').getByRole('button', { name: 'Close evaluation data' }).click();
    await data.getByText('Labelled samples to measure').waitFor();
    await drop(at('kinds'));
    await data.getByText('2 × 1×3×8×8, labelled').waitFor();
    expect(await data.getByTestId('data-classes').textContent()).toBe('classes by folder: 0 ant, 1 zebra');
    expect(await data.locator('figcaption').allTextContents()).toEqual(['0', '1']);
    const dialog = page.waitForEvent('filechooser');
    await page.getByTestId('load-images-evaluation').click();
    await page.getByTestId('picker-upload').click();
    await (await dialog).setFiles(at('kinds'));
    await page.getByTestId('progress').waitFor({ state: 'detached' });
    expect(await data.getByTestId('data-classes').textContent()).toBe('classes by folder: 0 ant, 1 zebra');

    await data.getByText('Preprocessing', { exact: true }).click();
    const set = async (field: string, value: string): Promise<void> => { await page.getByTestId(`${field}-evaluation`).fill(value); await page.keyboard.press('Tab'); };
    await set('mean', '0');
    await page.getByTestId('resize-evaluation').selectOption('fit');
    await data.getByText('range 0 … 255').waitFor();
    await set('pad', '300');
    await data.getByText('A whole number from 0, black, to 255, white').waitFor();
    await set('pad', '114');
    // One picture is black with grey bars, the other white with grey bars: neither is of one colour now.
    await set('scale', '1/114');
    await data.getByText('range 0 … 2.237').waitFor();
    expect(await page.getByTestId('message').count()).toBe(0);
    expect(studio.complaints).toEqual([]);
  });

  it('takes bare numbers once it is said what they are, and the code says so too', async () => {
    const data = page.getByTestId('data-calibration');
    await writeFile(at('bare.raw'), new Uint8Array(2 * 3 * 64).fill(7));
    await page.getByRole('button', { name: 'Close calibration data' }).click();
    await data.getByText('Samples that show the range').waitFor();
    await drop(at('bare.raw'));
    await message('384 bytes, which is no whole number of samples: one of [1, 3, 8, 8] in float32 takes 768');
    await dismiss();
    await page.getByTestId('raw-type-calibration').selectOption('uint8');
    await page.getByTestId('raw-shape-calibration').fill('3, 8');
    await page.keyboard.press('Tab');
    await drop(at('bare.raw'));
    await message('samples of shape [3, 8] do not fit the input [1, 3, 8, 8]');
    await dismiss();
    await page.getByTestId('raw-shape-calibration').fill('');
    await page.keyboard.press('Tab');
    await drop(at('bare.raw'));
    await data.getByText('2 × 1×3×8×8, no labels').waitFor();
    expect(await page.getByTestId('key-calibration').count()).toBe(0);
    await page.getByTestId('code-text').filter({ hasText: '--calibration bare.raw' }).filter({ hasText: '--raw-type uint8' }).waitFor();
    expect(await page.getByTestId('message').count()).toBe(0);
    expect(studio.complaints).toEqual([]);
  });
});
