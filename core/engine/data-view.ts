// What the studio shows of loaded data: counts, range, and the first samples as pictures.
import type { DataRole, DataView, Preprocessing } from '../contract/index.ts';
import type { Port } from '../ir/index.ts';
import type { Dataset } from '../tensor/dataset.ts';
import { transpose, type Tensor } from '../tensor/tensor.ts';

const PREVIEWS = 8;
/** Samples looked at for the range shown. */
const LOOKED_AT = 32;
const MAX_SIDE = 512;
const MOST_CLASSES = 1000;

export async function dataView(role: DataRole, dataset: Dataset, port: Port, preprocessing: Preprocessing): Promise<DataView> {
  let min = Infinity;
  let max = -Infinity;
  const preview: DataView['preview'] = [];
  for (let i = 0; i < Math.min(dataset.samples, LOOKED_AT); i++) {
    const t = (await dataset.sample(i))[port.name];
    // Strings have neither a range nor a picture.
    if (!t || t.dtype === 'string') continue;
    for (const x of t.data) { const n = Number(x); if (n < min) min = n; if (n > max) max = n; }
    const picture = i < PREVIEWS ? pictureOf(t, port, dataset) : undefined;
    const label = dataset.labels?.[i];
    if (picture) preview.push(label === undefined ? picture : { ...picture, label });
  }
  return { role, name: dataset.name, samples: dataset.samples, shape: [...port.shape], labelled: dataset.labels !== undefined, ...classesOf(dataset), ...(min <= max ? { min, max } : { min: 0, max: 0 }), preview, preprocessing };
}

function classesOf({ classes }: Dataset): Pick<DataView, 'classes'> {
  return classes ? { classes: [...classes].slice(0, MOST_CLASSES).map(([label, name]) => ({ label, name })) } : {};
}

/** One, three or more channels as RGBA in their true colours, stretched from the sample's own range to 0..255; undefined for what is no picture. */
export function pictureOf(sample: Tensor, port: Port, { channelOrder }: Pick<Dataset, 'channelOrder'>): Omit<DataView['preview'][number], 'label'> | undefined {
  const t = port.toGraph ? transpose(sample, port.toGraph) : sample;
  const [, height, width, channels] = t.shape;
  if (height === undefined || width === undefined || channels === undefined || height > MAX_SIDE || width > MAX_SIDE || height * width < 4) return undefined;
  const data = Array.from(t.data as ArrayLike<number | bigint>, Number);
  const low = data.reduce((a, b) => Math.min(a, b), Infinity);
  const high = data.reduce((a, b) => Math.max(a, b), -Infinity);
  const pixels = new Uint8Array(width * height * 4);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) {
      const x = data[p * channels + (channels < 3 ? 0 : channelOrder === 'bgr' ? 2 - c : c)] ?? 0;
      pixels[p * 4 + c] = high > low ? Math.round(((x - low) / (high - low)) * 255) : 128;
    }
    pixels[p * 4 + 3] = 255;
  }
  return { width, height, pixels };
}
