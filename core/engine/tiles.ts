// Tiles: one channel of an output as a small picture. Where it is larger than its place, squares of pixels become their mean, and differences
// the one that is farthest from zero, so that a single bad pixel is not lost.

export interface Plane {
  readonly height: number;
  readonly width: number;
}
export interface Fitted extends Plane {
  /** Pixels a side that became one. */
  readonly step: number;
}

/** Height and width of a channels-last shape without its batch; null where nothing is spatial. One spatial dimension is a row. */
export function planeOf(shape: readonly number[]): Plane | null {
  const spatial = shape.slice(1, -1);
  if (spatial.length === 0) return null;
  const width = spatial.at(-1) ?? 1;
  return { height: spatial.slice(0, -1).reduce((a, b) => a * b, 1), width };
}

/** The size after as little joining as brings both sides to at most `most`. */
export function fitted({ height, width }: Plane, most: number): Fitted {
  const step = Math.max(1, Math.ceil(Math.max(height, width) / most));
  return { height: Math.ceil(height / step), width: Math.ceil(width / step), step };
}

/** Brings one channel to its fitted size. `pick` joins the values of a square, of which there is at least one. */
function joined(plane: Plane, { height, width, step }: Fitted, at: (pixel: number) => number, pick: (sofar: number, value: number, count: number) => number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(height * width);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    let value = 0, count = 0;
    for (let sy = y * step; sy < Math.min(plane.height, (y + 1) * step); sy++) for (let sx = x * step; sx < Math.min(plane.width, (x + 1) * step); sx++) {
      value = pick(value, at(sy * plane.width + sx), count++);
    }
    out[y * width + x] = value;
  }
  return out;
}

const mean = (sofar: number, value: number, count: number): number => sofar + (value - sofar) / (count + 1);
const farthest = (sofar: number, value: number): number => (Math.abs(value) > Math.abs(sofar) ? value : sofar);

export interface ChannelSource {
  readonly plane: Plane;
  readonly channels: number;
}
const reader = (data: Float32Array, channels: number, channel: number) => (pixel: number): number => data[pixel * channels + channel] ?? 0;

export const channelMeans = (data: Float32Array, { plane, channels }: ChannelSource, channel: number, size: Fitted): Float32Array<ArrayBuffer> =>
  joined(plane, size, reader(data, channels, channel), mean);

/** quantized - float, the farthest from zero of each square. */
export function channelDifference(float: Float32Array, quantized: Float32Array, { plane, channels }: ChannelSource, channel: number, size: Fitted): Float32Array<ArrayBuffer> {
  const f = reader(float, channels, channel), q = reader(quantized, channels, channel);
  return joined(plane, size, (pixel) => q(pixel) - f(pixel), farthest);
}

/** 0 to 255 over low to high; the middle where they are equal. */
export const toBytes = (values: Float32Array, low: number, high: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(values, (x) => (high > low ? Math.round(Math.min(1, Math.max(0, (x - low) / (high - low))) * 255) : 128));
