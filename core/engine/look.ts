// Looking closely at one node of a run: its errors by sample and channel, and what it gives for a sample, float against quantized.
import type { NodeMap, NodeOutput, Params, Result, Sheet } from '../contract/index.ts';
import { createPartSums } from '../analyze/index.ts';
import { RequantError } from '../errors/index.ts';
import type { Port } from '../ir/index.ts';
import type { Analyst, Compared } from './analyst.ts';
import { pictureOf } from './data-view.ts';
import { breathe, type JobOptions } from './job.ts';
import type { Run } from './run.ts';
import { channelDifference, channelMeans, fitted, planeOf, toBytes } from './tiles.ts';

export interface Looked {
  readonly run: Run;
  /** Of the samples that the run was measured on. */
  readonly analyst: Analyst;
  readonly port: Port | undefined;
}
export interface Look {
  errors(params: Params<'node.errors'>, job: JobOptions): Promise<Result<'node.errors'>>;
  output(params: Params<'node.output'>): Promise<NodeOutput>;
  map(params: Params<'node.map'>): Promise<NodeMap>;
}

/** Channels by which errors are told: more cannot be drawn, nor looked at. */
const MOST_CHANNELS = 16_384;
const COMPARED = 4096;
const TILES = 64, TILE_SIDE = 32, MAP_SIDE = 128;
/** Elements in a row of an output without spatial dimensions. */
const STRIP = 64;

export function createLook(find: (run: string) => Looked): Look {
  // A person goes from channel to channel of one sample; its values are not worked out each time.
  let last: { readonly of: Run; readonly key: string; readonly compared: Compared } | undefined;
  const comparedFor = async ({ run, analyst }: Looked, { node, feed, sample }: Params<'node.output'>): Promise<Compared> => {
    if (sample >= analyst.samples) throw new RequantError('CONFIG_INVALID', `the run was measured on ${analyst.samples} samples; there is no sample ${sample}`);
    const key = JSON.stringify([node, feed, sample]);
    if (last?.of !== run || last.key !== key) last = { of: run, key, compared: await analyst.compared(run.model, node, feed === 'local', sample) };
    return last.compared;
  };

  return {
    errors: async ({ node, run, feed }, { cancel }) => {
      const looked = find(run);
      let sums: ReturnType<typeof createPartSums> | undefined;
      let channels = 1;
      for (let sample = 0; sample < looked.analyst.samples; sample++) {
        cancel?.throwIfCancelled();
        const { shape, float, quantized } = await looked.analyst.compared(looked.run.model, node, feed === 'local', sample);
        channels = shape.at(-1) ?? 1;
        (sums ??= createPartSums(channels)).add(float, quantized);
        await breathe();
      }
      if (!sums) throw new RequantError('DATA_EMPTY', 'there are no evaluation samples');
      const result = sums.result();
      return { samples: result.samples, channels: channels > MOST_CHANNELS ? null : result.channels };
    },
    output: async (params) => {
      const looked = find(params.run), { analyst, port } = looked;
      const compared = await comparedFor(looked, params), { shape, float, quantized } = compared;
      const input = port && (await analyst.of.sample(params.sample))[port.name];
      return {
        sample: params.sample, shape: [...shape], label: analyst.of.labels?.[params.sample] ?? null, input: (input && input.dtype !== 'string' && port && pictureOf(input, port, analyst.of)) || null,
        float: float.slice(0, COMPARED), quantized: quantized.slice(0, COMPARED), sheet: sheetOf(compared),
      };
    },
    map: async (params) => {
      const compared = await comparedFor(find(params.run), params), { shape, float, quantized } = compared;
      const plane = planeOf(shape), channels = shape.at(-1) ?? 1, { channel } = params;
      if (channel === null || !plane) return strip(compared);
      if (channel >= channels) throw new RequantError('CONFIG_INVALID', `the output has ${channels} channels; there is no channel ${channel}`, { node: params.node });
      const size = fitted(plane, MAP_SIDE), source = { plane, channels };
      return { ...size, float: channelMeans(float, source, channel, size), quantized: channelMeans(quantized, source, channel, size) };
    },
  };
}

/** The elements in rows, one after the other, as many as a map has room for. */
function strip({ float, quantized }: Compared): NodeMap {
  const width = Math.min(STRIP, float.length), height = Math.min(MAP_SIDE, Math.ceil(float.length / Math.max(1, width)));
  const rows = (data: Float32Array): Float32Array<ArrayBuffer> => Float32Array.from({ length: width * height }, (_, i) => data[i] ?? NaN);
  return { width, height, step: 1, float: rows(float), quantized: rows(quantized) };
}

function sheetOf({ shape, float, quantized }: Compared): Sheet | null {
  const plane = planeOf(shape), channels = shape.at(-1) ?? 1;
  if (!plane || float.length === 0) return null;
  const sums = createPartSums(channels);
  sums.add(float, quantized);
  const errors = sums.result().channels;
  const order = Array.from({ length: channels }, (_, c) => c).sort((a, b) => (errors.mse[b] ?? 0) - (errors.mse[a] ?? 0) || a - b).slice(0, TILES);
  const size = fitted(plane, TILE_SIDE), source = { plane, channels };
  const tiles = order.map((channel) => {
    const f = channelMeans(float, source, channel, size), low = f.reduce((a, b) => Math.min(a, b), Infinity), high = f.reduce((a, b) => Math.max(a, b), -Infinity);
    return {
      float: toBytes(f, low, high), quantized: toBytes(channelMeans(quantized, source, channel, size), low, high),
      difference: channelDifference(float, quantized, source, channel, size),
    };
  });
  const most = tiles.reduce((a, { difference }) => difference.reduce((b, x) => Math.max(b, Math.abs(x)), a), 0);
  const all = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => Uint8Array.from(parts.flatMap((part) => [...part]));
  const picked = (values: Float32Array): Float32Array<ArrayBuffer> => Float32Array.from(order, (channel) => values[channel] ?? 0);
  return {
    width: size.width, height: size.height, channels: order, errors: { mae: picked(errors.mae), mse: picked(errors.mse), psnr: picked(errors.psnr) },
    float: all(tiles.map((t) => t.float)), quantized: all(tiles.map((t) => t.quantized)),
    difference: all(tiles.map((t) => toBytes(t.difference, -most, most))), most,
  };
}
