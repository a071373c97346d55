// DATA on the command line: the options that say where samples are and how they are preprocessed; opened for a model.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Option, type Command } from 'commander';
import type { CancelToken } from '../engine/cancel.ts';
import { openDataset, type Dataset } from '../tensor/dataset.ts';
import { RAW_TYPES, type RawType } from '../tensor/raw.ts';
import type { InputShape } from '../tensor/layout.ts';
import type { ChannelOrder, ImageResize } from '../tensor/preprocessing.ts';
import type { NamedValues } from '../tensor/tensor.ts';
import { count, dequantization, dimensions, number, numbers, pair } from './option-values.ts';

interface DataOptions {
  readonly input?: Readonly<Record<string, string>>;
  readonly labels?: string;
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly layout?: 'nhwc' | 'nchw';
  readonly dequantize?: { readonly scale: number; readonly zeroPoint: number };
  readonly resize?: ImageResize;
  readonly keep?: number;
  readonly pad?: number;
  readonly channelOrder?: ChannelOrder;
  readonly rawType?: RawType;
  readonly rawShape?: readonly number[];
  readonly samples?: number;
}

/** Adds the options of DATA; the option that names DATA itself is the command's own. */
export function declareData(command: Command, wanted: { readonly labels: boolean } = { labels: true }): Command {
  command.option('--input <NAME=KEY>', "the .npz array for an input (default: the input's name; x for the first; the only one)", pair);
  if (wanted.labels) command.option('--labels <KEY|FILE>', 'labels: an array of the .npz (default: y), or a .csv (file,class_index) or .npy file; without it, images in sub-folders get the number of their folder, sorted by name from 0 (folders called 0, 7, 12: that number)');
  return command
    .option('--scale <S>', 'preprocess: x * S, then (x - M) / D', number, 1)
    .option('--mean <M[,M,M]>', 'M, one number or one for each channel', numbers, [0])
    .option('--std <D[,D,D]>', 'D, likewise', numbers, [1])
    .addOption(new Option('--layout <ORDER>', 'dimension order of the data where its shape leaves a choice').choices(['nhwc', 'nchw']))
    .option('--dequantize <SCALE,ZERO_POINT>', 'integer data to real numbers first: (q - ZERO_POINT) * SCALE', dequantization)
    .addOption(new Option('--resize <HOW>', "images to the model's size: stretch (default), crop (cover it, take the centre) or fit (padded at two sides)").choices(['stretch', 'crop', 'fit']))
    .option('--keep <PERCENT>', 'with --resize crop: how much of each side the crop leaves (default: 100; 224 of 256: 87.5)', number)
    .option('--pad <GREY>', 'with --resize fit: the padding, 0 (black, the default) to 255; 114 is what YOLO networks want', number)
    .addOption(new Option('--channel-order <ORDER>', 'channels of images, which M and D follow: rgb (default) or bgr').choices(['rgb', 'bgr']))
    .addOption(new Option('--raw-type <TYPE>', "type of the numbers in a .raw or .bin file, little-endian (default: the model input's)").choices(RAW_TYPES))
    .option('--raw-shape <N,N,...>', "shape of one sample in it (default: the model input's, in the order of --layout)", dimensions)
    .option('--samples <N>', 'take the first N samples only', count)
    .option('--threads <N>', 'threads that compute (default: all cores)', count);
}

/** Samples of DATA for a model; may be walked more than once. */
export interface OpenData extends AsyncIterable<NamedValues> {
  readonly length: number;
  readonly labels: Int32Array | undefined;
}

/** `unlabelled`: samples of a second DATA, which have no labels and a number of their own. */
export async function openData(path: string, command: Command, inputs: readonly InputShape[], cancel: CancelToken, unlabelled?: { readonly samples: number | undefined }): Promise<OpenData> {
  const options = command.opts<DataOptions>();
  const { input, scale, mean, std, layout, dequantize, resize, keep, pad, channelOrder, rawType, rawShape } = options;
  const { labels, samples } = unlabelled ? { labels: undefined, samples: unlabelled.samples } : options;
  const isFile = labels !== undefined && /\.(csv|npy)$/i.test(labels);
  const wantsLabels = !unlabelled && command.options.some((option) => option.long === '--labels');
  const dataset = await openDataset({
    path,
    ...(input && { inputs: input }),
    ...(labels !== undefined && (isFile ? { labels } : { labelsKey: labels })),
    ...(!wantsLabels && { labelsKey: false }),
    ...((rawType || rawShape) && { raw: { type: rawType, shape: rawShape } }),
  }, inputs, { scale, mean, std, layout, dequantize, resize, keep, pad, channelOrder });
  const length = Math.min(samples ?? dataset.samples, dataset.samples);
  return { length, labels: dataset.labels, [Symbol.asyncIterator]: () => walk(dataset, length, cancel) };
}

/** Between samples the process gets a turn, so that Ctrl-C is heard however busy the engine is. */
async function* walk(dataset: Dataset, length: number, cancel: CancelToken): AsyncGenerator<NamedValues> {
  for (let i = 0; i < length; i++) {
    await nextTurn();
    cancel.throwIfCancelled();
    yield await dataset.sample(i);
  }
}
