// Topic look: one node seen closely in one run. Its errors by sample and by channel, and what it gives, float against quantized, as pictures.
import * as v from 'valibot';
import { method } from './method.ts';

export const FEEDS = ['local', 'cumulative'] as const;
/** `local`: the node was fed the float network's values; `cumulative`: both networks ran from the model's input. */
const Look = { node: v.string(), run: v.string(), feed: v.picklist(FEEDS) };
const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const floats = v.instance(Float32Array);
const bytes = v.instance(Uint8Array);

/** Errors of the parts of a node's output, one entry a part. psnr is relative to the node's largest value over all samples, so that parts compare. */
const PartErrors = v.pipe(
  v.object({ mae: floats, mse: floats, psnr: floats }),
  v.check(({ mae, mse, psnr }) => mae.length === mse.length && mse.length === psnr.length, 'the metrics differ in length'),
);
export type PartErrors = v.InferOutput<typeof PartErrors>;
/** `channels` follow the last dimension; null where there are more than anyone could look at. */
export const NodeErrors = v.object({ samples: PartErrors, channels: v.nullable(PartErrors) });
export type NodeErrors = v.InferOutput<typeof NodeErrors>;
/** Errors over the evaluation samples that the run was measured on. Raises NODE_UNKNOWN, CANCELLED. */
export const nodeErrors = method('node.errors', v.object(Look), NodeErrors);

/** RGBA, width x height. */
export const Picture = v.object({ width: v.number(), height: v.number(), pixels: bytes });

/** Channels of one sample's output as tiles of `width` x `height` bytes, one after the other; those with the largest mse come first. */
const Sheet = v.pipe(
  v.object({
    width: v.number(), height: v.number(),
    /** Channel of each tile, with its errors on this sample. */
    channels: v.array(v.number()),
    errors: PartErrors,
    /** 0 to 255 over the range of the channel's float values. */
    float: bytes, quantized: bytes,
    /** quantized - float: 128 is none, 0 and 255 are -`most` and +`most`. */
    difference: bytes, most: v.number(),
  }),
  v.check(({ width, height, channels, float, quantized, difference }) => [float, quantized, difference].every((b) => b.length === width * height * channels.length), 'tiles are missing'),
);
export type Sheet = v.InferOutput<typeof Sheet>;

export const NodeOutput = v.object({
  sample: v.number(),
  shape: v.array(v.number()),
  /** What the model saw, and the label that the data gives it. */
  input: v.nullable(Picture),
  label: v.nullable(v.number()),
  /** The first 4096 elements at most. */
  float: floats, quantized: floats,
  /** null where the output has no spatial dimensions. */
  sheet: v.nullable(Sheet),
});
export type NodeOutput = v.InferOutput<typeof NodeOutput>;
/** What the node gives for one sample. A node that runs in float has no local feed. Raises NODE_UNKNOWN, CONFIG_INVALID, CANCELLED. */
export const nodeOutput = method('node.output', v.object({ ...Look, sample: index }), NodeOutput);

export const NodeMap = v.pipe(
  v.object({
    width: v.number(), height: v.number(),
    /** Every value shown is the mean of a square of this many pixels a side; 1: nothing is left out. */
    step: v.number(),
    /** Real numbers, row by row; NaN where the last row has no more elements. */
    float: floats, quantized: floats,
  }),
  v.check(({ width, height, float, quantized }) => float.length === width * height && quantized.length === float.length, 'the picture is not whole'),
);
export type NodeMap = v.InferOutput<typeof NodeMap>;
/** One channel of a node's output for one sample; `channel` null: all elements, in rows, for outputs without spatial dimensions. */
export const nodeMap = method('node.map', v.object({ ...Look, sample: index, channel: v.nullable(index) }), NodeMap);
