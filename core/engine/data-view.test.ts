// What the studio shows of loaded images: their true colours, whichever order the network wants, and which folder became which class.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Port } from '../ir/index.ts';
import { openDataset } from '../tensor/dataset.ts';
import { UNCHANGED, type Preprocessing } from '../tensor/preprocessing.ts';
import { dataView } from './data-view.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requant-view-'));
  for (const [kind, r, b] of [['zebra', 255, 0], ['ant', 0, 255]] as const) {
    await mkdir(join(folder, kind));
    await sharp({ create: { width: 2, height: 2, channels: 3, background: { r, g: 100, b } } }).png().toFile(join(folder, kind, '1.png'));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const port: Port = { name: 'x', value: 'x', shape: [1, 3, 2, 2], dtype: 'float32', toGraph: [0, 2, 3, 1] };
const view = async (settings: Partial<Preprocessing>) => {
  const preprocessing = { ...UNCHANGED, ...settings, mean: [...settings.mean ?? [0]], std: [1] };
  return dataView('calibration', await openDataset({ path: folder }, [port], preprocessing), port, preprocessing);
};

it('thumbnails have the colours of the files, handed over as RGB or BGR', async () => {
  for (const channelOrder of ['rgb', 'bgr'] as const) {
    const { preview } = await view({ channelOrder });
    expect(preview.map(({ pixels }) => [...pixels.subarray(0, 4)]), channelOrder).toEqual([[0, 100, 255, 255], [255, 100, 0, 255]]);
  }
});

it('classes are shown by their folders, in the order of their numbers', async () => {
  expect(await view({})).toMatchObject({ labelled: true, classes: [{ label: 0, name: 'ant' }, { label: 1, name: 'zebra' }], preview: [{ label: 0 }, { label: 1 }] });
});
