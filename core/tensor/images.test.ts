// How an image gets the model's size and order of channels. No picture is interpolated here, so pixels are exact.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDataset } from './dataset.ts';
import { decodeImage } from './images.ts';
import type { InputShape } from './layout.ts';
import { UNCHANGED } from './preprocessing.ts';
import { float32, tensor } from './tensor.ts';

let folder = '';
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'requant-images-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

type Pixel = readonly [number, number, number];
/** A PNG of what each place holds; `orientation` as a camera says it. */
async function picture(name: string, width: number, height: number, pixel: (x: number, y: number) => Pixel, orientation?: number): Promise<string> {
  const file = join(folder, name);
  const data = Uint8Array.from(Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width))).flat());
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  await (orientation === undefined ? image : image.withMetadata({ orientation })).png().toFile(file);
  return file;
}
const place = (x: number, y: number): Pixel => [x, y, 7];
/** The tensor that holds `pixel` of each place. */
const pixels = (width: number, height: number, pixel: (x: number, y: number) => readonly number[]) => {
  const data = Uint8Array.from(Array.from({ length: width * height }, (_, i) => pixel(i % width, Math.floor(i / width))).flat());
  return tensor('uint8', [height, width, data.length / (width * height)], data);
};

describe('resize', () => {
  it('crop: covers the size and takes the centre', async () => {
    const wide = await picture('wide.png', 6, 2, place);
    expect(await decodeImage(wide, { height: 2, width: 2, channels: 3 }, { resize: 'crop' })).toEqual(pixels(2, 2, (x, y) => [x + 2, y, 7]));
    const tall = await picture('tall.png', 2, 6, place);
    expect(await decodeImage(tall, { height: 2, width: 2, channels: 3 }, { resize: 'crop' })).toEqual(pixels(2, 2, (x, y) => [x, y + 2, 7]));
  });

  it('crop that keeps 87.5 %: 56 x 56 from the centre of 64 x 64, of what was 72 x 64', async () => {
    const file = await picture('share.png', 72, 64, place);
    const cropped = await decodeImage(file, { height: 56, width: 56, channels: 3 }, { resize: 'crop', keep: 87.5 });
    expect(cropped).toEqual(pixels(56, 56, (x, y) => [x + 8, y + 4, 7]));
  });

  it('crop: an image that a camera held upright is cropped upright', async () => {
    // Turned by 90 degrees: the stored left column is the top row.
    const turned = await picture('turned.png', 6, 2, place, 6);
    expect(await decodeImage(turned, { height: 2, width: 2, channels: 3 }, { resize: 'crop' })).toEqual(pixels(2, 2, (x, y) => [y + 2, 1 - x, 7]));
  });

  it('fit: all of the image, black at two sides', async () => {
    const wide = await picture('fit.png', 4, 2, (x, y) => [x + 1, y + 1, 7]);
    const inside = (y: number): boolean => y === 1 || y === 2;
    expect(await decodeImage(wide, { height: 4, width: 4, channels: 3 }, { resize: 'fit' })).toEqual(pixels(4, 4, (x, y) => (inside(y) ? [x + 1, y, 7] : [0, 0, 0])));
    const grey = await picture('grey.png', 4, 2, () => [9, 9, 9]);
    expect(await decodeImage(grey, { height: 4, width: 4, channels: 1 }, { resize: 'fit' })).toEqual(pixels(4, 4, (_, y) => [inside(y) ? 9 : 0]));
  });

  it('fit: the grey that is asked for at two sides, of one channel too', async () => {
    const wide = await picture('padded.png', 4, 2, (x, y) => [x + 1, y + 1, 7]);
    const inside = (y: number): boolean => y === 1 || y === 2;
    expect(await decodeImage(wide, { height: 4, width: 4, channels: 3 }, { resize: 'fit', pad: 114 })).toEqual(pixels(4, 4, (x, y) => (inside(y) ? [x + 1, y, 7] : [114, 114, 114])));
    const grey = await picture('padded-grey.png', 4, 2, () => [9, 9, 9]);
    expect(await decodeImage(grey, { height: 4, width: 4, channels: 1 }, { resize: 'fit', pad: 114 })).toEqual(pixels(4, 4, (_, y) => [inside(y) ? 9 : 114]));
  });

  it('crop: a strip that would have to grow to millions of columns is refused', async () => {
    const strip = await picture('strip.png', 30_000, 1, () => [1, 2, 3]);
    await expect(decodeImage(strip, { height: 224, width: 224, channels: 3 }, { resize: 'crop', keep: 10 })).rejects.toMatchObject({ code: 'FORMAT_TOO_LARGE', where: { file: strip } });
  });

  it('stretch: the whole image at the size, which is what happens unasked', async () => {
    const file = await picture('halves.png', 8, 2, () => [1, 2, 3]);
    expect(await decodeImage(file, { height: 2, width: 2, channels: 3 })).toEqual(pixels(2, 2, () => [1, 2, 3]));
  });
});

describe('channel order', () => {
  it('bgr: mean and std follow it, in a model of any order of dimensions', async () => {
    const file = await picture('bgr.png', 2, 1, (x) => [10 + x, 20, 30]);
    const settings = { ...UNCHANGED, mean: [30, 20, 10], channelOrder: 'bgr' } as const;
    const sample = async (port: Omit<InputShape, 'name'>): Promise<unknown> => (await openDataset({ path: file }, [{ name: 'x', ...port }], settings)).sample(0);
    expect(await sample({ shape: [1, 1, 2, 3] })).toEqual({ x: float32([1, 1, 2, 3], [0, 0, 0, 0, 0, 1]) });
    expect(await sample({ shape: [1, 3, 1, 2], toGraph: [0, 2, 3, 1] })).toEqual({ x: float32([1, 3, 1, 2], [0, 0, 0, 0, 0, 1]) });
  });
});
