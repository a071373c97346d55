// Dataset: samples for a model, from .npz, .npy, raw files or images, with labels where there are any. A stored array stays in
// its own type in memory, a raw file on disk; samples become float32 in the model's own shape one at a time.
import { basename, extname } from 'node:path';
import { RequantError, type ErrorPlace } from '../errors/index.ts';
import { DEFAULT_LIMIT, kindOfPath, readWhole } from './files.ts';
import { decodeImage, isImageName, listImages, type FoundImage } from './images.ts';
import { alignLabels, labelsOf, labelsOfFolders, readLabels } from './labels.ts';
import { arrange, channelAxisOf, imageSizeOf, sameRun, shapeIn, type InputShape } from './layout.ts';
import { parseNpyValues } from './npy.ts';
import { openNpz, type Npz } from './npz.ts';
import { checkImageSettings, checkPreprocessing, preprocess, type ChannelOrder, type Preprocessing } from './preprocessing.ts';
import { openRaw, type RawLayout } from './raw.ts';
import { lengthHinted, type LengthHinted } from './samples.ts';
import { numeric, showShape, sizeOf, type NamedValues, type StringTensor, type Tensor } from './tensor.ts';

/** Where samples are, and what of a file is meant. */
export interface DatasetSource {
  /** A .npz, a .npy, a .raw or .bin of bare numbers, one image, or a folder of images; or a list of image files. */
  readonly path: string | readonly string[];
  /** What the images of a list are called, with the folders they lie in; absent: their paths tell nothing of classes. */
  readonly names?: readonly string[];
  /** A .csv or .npy of labels. Absent: images that lie in two or more folders below the one given are labelled by these ({@link labelsOfFolders}). */
  readonly labels?: string;
  /** Input name -> array in the .npz. Default: the input's own name; for the first input else `x`, else the only array. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** Array of labels in the .npz; false: no labels are wanted, from wherever. Default: `y`, where it holds labels. */
  readonly labelsKey?: string | false;
  /** What the numbers of a raw file are. Default: the model input's type and shape, the shape in the order that the preprocessing's `layout` names. */
  readonly raw?: { readonly [K in keyof RawLayout]?: RawLayout[K] | undefined };
}

/** Samples of a file or folder, read as they are asked for. Made by {@link openDataset}. */
export interface Dataset {
  /** The file's or folder's name. */
  readonly name: string;
  /** How many there are. */
  readonly samples: number;
  /** Class index of each sample. */
  readonly labels?: Int32Array;
  /** Name of each class that samples have, where folders named them. */
  readonly classes?: ReadonlyMap<number, string>;
  /** Absent where the samples are no images. */
  readonly channelOrder?: ChannelOrder;
  /** Float32 tensors by input name, strings for an input of strings, each in the shape that the model declares. */
  sample(index: number): Promise<NamedValues>;
}

/** Opens data for a model's inputs. Shapes are checked at once, values when a sample is asked for. */
export async function openDataset(source: DatasetSource, ports: readonly InputShape[], preprocessing: Preprocessing, limit = DEFAULT_LIMIT): Promise<Dataset> {
  const { path } = source;
  if (source.raw && !(typeof path === 'string' && isRawName(path))) {
    throw new RequantError('CONFIG_INVALID', 'a raw type or shape is given, but this is no raw file', { file: typeof path === 'string' ? path : path[0] ?? '' }, { hint: 'They are for .raw and .bin files; other files say it themselves.' });
  }
  if (typeof path !== 'string') return openImages(basename(path[0] ?? ''), path.map((file, i) => ({ path: file, name: source.names?.[i] ?? basename(file) })), source, ports, preprocessing);
  if (await kindOfPath(path) === 'folder') return openImages(basename(path), await listImages(path), source, ports, preprocessing);
  if (isImageName(path)) return openImages(basename(path), [{ path, name: basename(path) }], source, ports, preprocessing);
  switch (extname(path).toLowerCase()) {
    case '.npz': return openArrays(await arraysOfNpz(await openNpz(path, limit), source, ports), source, ports, preprocessing, path);
    case '.raw': case '.bin': return openRawSamples(path, source, ports, preprocessing);
    case '.npy': return openArrays(await arraysOfNpy(path, source, ports, limit), source, ports, preprocessing, path);
    default: throw new RequantError('FORMAT_UNKNOWN', 'this is no data that Requant reads', { file: path });
  }
}

const isRawName = (path: string): boolean => /\.(raw|bin)$/i.test(path);

/** The first `count` samples, in order; all where absent. May be walked more than once. */
export function samplesOf(dataset: Dataset, count = dataset.samples): LengthHinted<NamedValues> {
  const length = Math.min(count, dataset.samples);
  return lengthHinted(length, { [Symbol.asyncIterator]: () => walk(dataset, length) });
}

async function* walk(dataset: Dataset, length: number): AsyncGenerator<NamedValues> {
  for (let i = 0; i < length; i++) yield await dataset.sample(i);
}

interface Arrays {
  readonly inputs: ReadonlyMap<InputShape, Tensor | StringTensor>;
  readonly labels?: Int32Array;
}

async function arraysOfNpz(npz: Npz, source: DatasetSource, ports: readonly InputShape[]): Promise<Arrays> {
  const where = { file: npz.file };
  const unknown = Object.keys(source.inputs ?? {}).find((name) => !ports.some((port) => port.name === name));
  if (unknown !== undefined) throw new RequantError('CONFIG_INVALID', `the model has no input ${unknown}; it has ${ports.map((port) => port.name).join(', ')}`, where);
  const inputs = new Map<InputShape, Tensor | StringTensor>();
  for (const [i, port] of ports.entries()) {
    const candidates = npz.keys.filter((key) => key !== (source.labelsKey ?? 'y'));
    const key = source.inputs?.[port.name]
      ?? [port.name, ...(i === 0 ? ['x'] : [])].find((name) => npz.keys.includes(name))
      ?? (ports.length === 1 && candidates.length === 1 ? candidates[0] : undefined);
    if (key === undefined) throw new RequantError('DATA_KEY_MISSING', `no array is named for input ${port.name}; the file holds ${npz.keys.join(', ') || 'none'}`, where);
    inputs.set(port, await npz.readValues(key));
  }
  if (source.labels !== undefined || source.labelsKey === false) return { inputs };
  if (source.labelsKey !== undefined) return { inputs, labels: labelsOf(await npz.read(source.labelsKey), { ...where, tensor: source.labelsKey }) };
  const labels = npz.keys.includes('y') ? await implicitLabels(npz) : undefined;
  return labels ? { inputs, labels } : { inputs };
}

/** `y` that nobody asked for may be anything, a target image for instance; only a vector of class indices counts. */
async function implicitLabels(npz: Npz): Promise<Int32Array | undefined> {
  try {
    return labelsOf(await npz.read('y'));
  } catch (error) {
    if (error instanceof RequantError && (error.code === 'DATA_LABELS' || error.code === 'DTYPE_MISMATCH')) return undefined;
    throw error;
  }
}

async function arraysOfNpy(file: string, source: DatasetSource, ports: readonly InputShape[], limit: number): Promise<Arrays> {
  const port = ports[0];
  if (ports.length !== 1 || !port) throw new RequantError('DATA_KEY_MISSING', `the model has ${ports.length} inputs; a .npy feeds one`, { file }, { hint: 'Give an .npz with one array for each input.' });
  if (typeof source.labelsKey === 'string') throw new RequantError('DATA_KEY_MISSING', `a .npy has no array ${source.labelsKey}`, { file }, { hint: 'Give the labels as a .csv or .npy file.' });
  return { inputs: new Map([[port, parseNpyValues(await readWhole(file, limit), { file })]]) };
}

async function openRawSamples(file: string, source: DatasetSource, ports: readonly InputShape[], preprocessing: Preprocessing): Promise<Dataset> {
  const port = ports[0];
  if (ports.length !== 1 || !port) throw new RequantError('DATA_KEY_MISSING', `the model has ${ports.length} inputs; a raw file feeds one`, { file }, { hint: 'Give an .npz with one array for each input.' });
  if (typeof source.labelsKey === 'string') throw new RequantError('DATA_KEY_MISSING', `a raw file has no array ${source.labelsKey}`, { file }, { hint: 'Give the labels as a .csv or .npy file.' });
  const where: ErrorPlace = { file, tensor: port.name };
  if (port.dtype === 'string') throw new RequantError('DTYPE_MISMATCH', 'the model takes strings, which no raw file holds', where, { hint: 'Give them as a .npy or .npz.' });
  const { type = port.dtype ?? 'float32', shape = shapeIn(port, preprocessing.layout) } = source.raw ?? {};
  checkImageSettings(preprocessing, null, where);
  checkPreprocessing(preprocessing, port.shape, channelAxisOf(port), where);
  if (!arrangeable(shape, port, preprocessing)) throw new RequantError('SHAPE_MISMATCH', `samples of shape ${showShape(shape)} do not fit the input ${showShape(port.shape)}`, where);
  const raw = await openRaw(file, { type, shape }, where);
  const labels = source.labels === undefined ? undefined : alignLabels(await readLabels(source.labels), raw.samples, undefined, { file: source.labels });
  return dataset(basename(file), raw.samples, labels, async (index) => ({ [port.name]: feed(await raw.at(index), port, preprocessing, { ...where, sample: index }) }));
}

async function openArrays(arrays: Arrays, source: DatasetSource, ports: readonly InputShape[], preprocessing: Preprocessing, file: string): Promise<Dataset> {
  checkImageSettings(preprocessing, null, { file });
  const stacks = [...arrays.inputs].map(([port, array]) => (port.dtype === 'string' ? textsOf(array, port, { file, tensor: port.name }) : stackOf(numeric(array, { file, tensor: port.name }), port, preprocessing, { file, tensor: port.name })));
  const samples = stacks[0]?.samples ?? 0;
  const odd = stacks.find((stack) => stack.samples !== samples);
  if (odd) throw new RequantError('SHAPE_MISMATCH', `${odd.samples} samples stand beside ${samples} for ${ports[0]?.name ?? ''}`, { file, tensor: odd.port.name });
  const labels = source.labels === undefined ? arrays.labels : alignLabels(await readLabels(source.labels), samples, undefined, { file: source.labels });
  if (labels && labels.length !== samples) throw new RequantError('DATA_LABELS', `${labels.length} labels do not fit ${samples} samples`, { file });
  return dataset(basename(file), samples, labels, (index) => {
    const entries = stacks.map(({ port, at }) => [port.name, at(index)] as const);
    return Promise.resolve(Object.fromEntries(entries));
  });
}

interface Stack {
  readonly port: InputShape;
  readonly samples: number;
  readonly at: (index: number) => Tensor | StringTensor;
}

/** Strings as samples of one input, as they are. */
function textsOf(array: Tensor | StringTensor, port: InputShape, where: ErrorPlace): Stack {
  if (array.dtype !== 'string') throw new RequantError('DTYPE_MISMATCH', `the model takes strings, not ${array.dtype}`, where);
  const { shape } = port;
  const stacked = array.shape.length > 0 && sameRun(array.shape.slice(1), shape);
  if (!stacked && !sameRun(array.shape, shape)) throw new RequantError('SHAPE_MISMATCH', `the array ${showShape(array.shape)} does not fit the input ${showShape(shape)}`, where);
  const length = sizeOf(shape);
  return { port, samples: stacked ? (array.shape[0] ?? 0) : 1, at: (index) => ({ dtype: 'string', shape, data: array.data.slice(index * length, (index + 1) * length) }) };
}

/** An array as samples of one input: along its first dimension, or as a single sample where only the whole fits. */
function stackOf(array: Tensor, port: InputShape, preprocessing: Preprocessing, where: ErrorPlace): Stack {
  const channelAxis = channelAxisOf(port);
  checkPreprocessing(preprocessing, port.shape, channelAxis, where);
  if (sizeOf(array.shape) === 0) throw new RequantError('DATA_EMPTY', `the array ${showShape(array.shape)} is empty`, where);
  const fits = (shape: readonly number[]): boolean => arrangeable(shape, port, preprocessing);
  const stacked = array.shape.length > 0 && fits(array.shape.slice(1));
  if (!stacked && !fits(array.shape)) {
    throw new RequantError('SHAPE_MISMATCH', `samples of shape ${showShape(array.shape.slice(1))} (array ${showShape(array.shape)}) do not fit the input ${showShape(port.shape)}`, where);
  }
  const shape = stacked ? array.shape.slice(1) : array.shape;
  const length = sizeOf(shape);
  const at = (index: number): Tensor => {
    const data = array.data.subarray(index * length, (index + 1) * length);
    return feed({ dtype: array.dtype, shape, data }, port, preprocessing, { ...where, sample: index });
  };
  return { port, samples: stacked ? (array.shape[0] ?? 0) : 1, at };
}

/** Would a sample of this shape fit? Asked with an empty view, so that nothing is copied. */
function arrangeable(shape: readonly number[], port: InputShape, preprocessing: Preprocessing): boolean {
  return arrange({ dtype: 'uint8', shape, data: new Uint8Array(0) }, port, preprocessing.layout) !== undefined;
}

function feed(sample: Tensor, port: InputShape, preprocessing: Preprocessing, where: ErrorPlace): Tensor<'float32'> {
  const arranged = arrange(sample, port, preprocessing.layout);
  if (!arranged) throw new RequantError('SHAPE_MISMATCH', `a sample of shape ${showShape(sample.shape)} does not fit the input ${showShape(port.shape)}`, where);
  return preprocess(arranged, preprocessing, channelAxisOf(port), where);
}

async function openImages(name: string, images: readonly FoundImage[], source: DatasetSource, ports: readonly InputShape[], preprocessing: Preprocessing): Promise<Dataset> {
  const port = ports[0];
  if (ports.length !== 1 || !port) throw new RequantError('SHAPE_MISMATCH', `images feed a model with one input; this one has ${ports.length}`, { file: name });
  const size = imageSizeOf(port);
  if (!size) throw new RequantError('SHAPE_MISMATCH', `an image does not fit the input ${showShape(port.shape)}`, { file: name, tensor: port.name });
  checkPreprocessing(preprocessing, port.shape, channelAxisOf(port), { file: name });
  checkImageSettings(preprocessing, size.channels, { file: name });
  const files = images.map(({ path }) => path);
  const odd = files.find((file) => !isImageName(file));
  if (odd !== undefined) throw new RequantError('FORMAT_UNKNOWN', 'this is no image that Requant reads', { file: odd });
  const byFolder = source.labels === undefined && source.labelsKey !== false ? labelsOfFolders(images.map((image) => image.name)) : undefined;
  const labels = source.labels === undefined ? byFolder?.labels : alignLabels(await readLabels(source.labels), files.length, files, { file: source.labels });
  const opened = dataset(name, files.length, labels, async (index) => {
    const file = files[index] ?? '';
    // Decoded pixels are channels-last whatever the settings say of other data.
    return { [port.name]: feed(await decodeImage(file, size, preprocessing), port, { ...preprocessing, layout: 'nhwc' }, { file, tensor: port.name, sample: index }) };
  });
  return { ...opened, channelOrder: preprocessing.channelOrder ?? 'rgb', ...(byFolder && { classes: byFolder.classes }) };
}

function dataset(name: string, samples: number, labels: Int32Array | undefined, read: (index: number) => Promise<NamedValues>): Dataset {
  if (samples === 0) throw new RequantError('DATA_EMPTY', 'there is no sample', { file: name });
  return {
    name,
    samples,
    ...(labels && { labels }),
    sample: async (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= samples) throw new RequantError('DATA_INVALID', `there are ${samples} samples`, { file: name, sample: index });
      return read(index);
    },
  };
}
