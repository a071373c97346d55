// Topic data: load calibration and evaluation samples and see what the model will see.
import * as v from 'valibot';
import { method } from './method.ts';
import { FileRef } from './model.ts';

export const DATA_ROLES = ['calibration', 'evaluation'] as const;
export type DataRole = (typeof DATA_ROLES)[number];

export const RESIZES = ['stretch', 'crop', 'fit'] as const;
export const CHANNEL_ORDERS = ['rgb', 'bgr'] as const;

/** x * scale, then (x - mean) / std; mean and std hold one number or one a channel. */
export const Preprocessing = v.object({
  scale: v.number(),
  mean: v.array(v.number()),
  std: v.array(v.pipe(v.number(), v.notValue(0))),
  /** Dimension order of the data; absent: found from the shapes. */
  layout: v.optional(v.picklist(['nhwc', 'nchw'])),
  /** int8 data to real: (q - zeroPoint) * scale. */
  dequantize: v.optional(v.object({ scale: v.number(), zeroPoint: v.number() })),
  /** How an image gets the model's size: stretched (absent), its centre cropped, or fitted and padded at two sides. */
  resize: v.optional(v.picklist(RESIZES)),
  /** Per cent of each side that a crop leaves; absent: 100. */
  keep: v.optional(v.pipe(v.number(), v.minValue(10), v.maxValue(100))),
  /** Grey of the padding beside an image that was fitted, 0 to 255; absent: 0, black. */
  pad: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))),
  /** Order of an image's channels, which mean and std follow; absent: rgb. */
  channelOrder: v.optional(v.picklist(CHANNEL_ORDERS)),
});
export type Preprocessing = v.InferOutput<typeof Preprocessing>;
export const NO_PREPROCESSING: Preprocessing = { scale: 1, mean: [0], std: [1] };

/** Types of the numbers in a file that has no header to tell them. */
export const RAW_TYPES = ['float32', 'float64', 'float16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'bool'] as const;
export const MOST_RAW_DIMENSIONS = 32;
/** What a raw file holds; what is absent is as in the model's input. `shape`: of one sample, as it lies in the file. */
export const RawLayout = v.object({
  type: v.optional(v.picklist(RAW_TYPES)),
  shape: v.optional(v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(1))), v.minLength(1), v.maxLength(MOST_RAW_DIMENSIONS))),
});
export type RawLayout = v.InferOutput<typeof RawLayout>;

export const DataView = v.object({
  role: v.picklist(DATA_ROLES),
  name: v.string(),
  samples: v.number(),
  /** Shape of one sample as the model gets it. */
  shape: v.array(v.number()),
  labelled: v.boolean(),
  /** Where labels come from the folders of images: number and folder of each class, in order, at most 1000 of them. */
  classes: v.optional(v.array(v.object({ label: v.number(), name: v.string() }))),
  min: v.number(),
  max: v.number(),
  /** Up to eight samples. `pixels` is RGBA, width x height, already scaled to 0..255 for display. Absent where a sample is no image. */
  preview: v.array(v.object({
    label: v.optional(v.number()),
    width: v.number(),
    height: v.number(),
    pixels: v.instance(Uint8Array),
  })),
  preprocessing: Preprocessing,
});
export type DataView = v.InferOutput<typeof DataView>;

/** `files` is one .npz, .npy or raw file, or the images of a folder, named by their paths in it: folders label them where no `labels` do, a .csv (file,class_index) or .npy. */
export const dataOpen = method('data.open', v.object({
  role: v.picklist(DATA_ROLES),
  files: v.pipe(v.array(FileRef), v.minLength(1)),
  labels: v.optional(FileRef),
  key: v.optional(v.string()),
  labelsKey: v.optional(v.string()),
  /** Only of a raw file. */
  raw: v.optional(RawLayout),
  preprocessing: Preprocessing,
}), DataView);
/** Loads what came with the built-in sample once more. */
export const dataOpenSample = method('data.openSample', v.object({ role: v.picklist(DATA_ROLES) }), DataView);
/** What is loaded now, for both roles. */
export const dataState = method('data.state', v.object({}), v.object({ calibration: v.nullable(DataView), evaluation: v.nullable(DataView) }));
export const dataClose = method('data.close', v.object({ role: v.picklist(DATA_ROLES) }), v.object({}));
