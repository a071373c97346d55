// File bytes -> Graph. One row a format.
import { extname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { Graph } from '../ir/index.ts';
import { readWhole } from '../tensor/files.ts';
import { finishGraph } from './finish.ts';
import { importOnnx, onnxInputs } from './onnx/index.ts';
import type { DeclaredInput, ImportOptions } from './shapes.ts';
import { importTensorflow, tensorflowInputs } from './tensorflow/index.ts';
import { importTflite, TFLITE_IDENTIFIER } from './tflite/index.ts';

interface Format {
  readonly extension: string;
  /** Does the content say that it is this format? undefined: the content does not tell. */
  readonly recognises: (bytes: Uint8Array) => boolean | undefined;
  /** What a caller may say about a file of this format. */
  readonly takes: readonly (keyof ImportOptions)[];
  readonly read: (bytes: Uint8Array, name: string, options: ImportOptions, folder?: string) => Graph;
  /** The inputs as the file declares them, where what they leave open can be given. */
  readonly inputs: (bytes: Uint8Array, name: string, options: ImportOptions) => readonly DeclaredInput[];
}

const FORMATS: readonly Format[] = [
  { extension: '.tflite', recognises: (bytes) => new TextDecoder('latin1').decode(bytes.subarray(4, 8)) === TFLITE_IDENTIFIER, takes: ['inputShapes', 'dimensions', 'dequantize'], read: importTflite, inputs: () => [] },
  { extension: '.onnx', recognises: () => undefined, takes: ['inputShapes', 'dimensions', 'outputNames'], read: importOnnx, inputs: onnxInputs },
  { extension: '.pb', recognises: () => undefined, takes: ['inputShapes', 'outputNames'], read: importTensorflow, inputs: tensorflowInputs },
];

/** Largest model file read: 2 GiB, which is also what an ONNX file may be. */
const MODEL_LIMIT = 2 ** 31;

export type { DeclaredInput, ImportOptions } from './shapes.ts';

/** `folder`: where the file lies, for weights that it keeps in files beside it. Raises FORMAT_UNKNOWN for a file of another kind, CONFIG_INVALID for an option that its format does not take, else what the format's importer raises. */
export function importModel(bytes: Uint8Array, fileName: string, options: ImportOptions = {}, folder?: string): Graph {
  const format = formatOf(bytes, fileName);
  const stranger = (Object.keys(options) as (keyof ImportOptions)[]).find((name) => !format.takes.includes(name));
  if (stranger !== undefined) throw new RequantError('CONFIG_INVALID', `${stranger} cannot be given for a ${format.extension} file`, { file: fileName });
  if (bytes.length === 0) throw new RequantError('FORMAT_CORRUPT', 'the file is empty', { file: fileName });
  try {
    return finishGraph(format.read(bytes, fileName, options, folder), fileName);
  } catch (thrown) {
    throw RequantError.from(thrown).within({ file: fileName });
  }
}

/** The inputs of a model as its file declares them; `inputShapes` may say how many members its sequences have. None where shapes cannot be given. Raises as {@link importModel}. */
export function declaredInputs(bytes: Uint8Array, fileName: string, options: Pick<ImportOptions, 'inputShapes'> = {}): readonly DeclaredInput[] {
  try {
    return formatOf(bytes, fileName).inputs(bytes, fileName, options);
  } catch (thrown) {
    throw RequantError.from(thrown).within({ file: fileName });
  }
}

function formatOf(bytes: Uint8Array, fileName: string): Format {
  const format = FORMATS.find(({ recognises }) => recognises(bytes)) ?? FORMATS.find(({ extension }) => extension === extname(fileName).toLowerCase());
  if (!format) throw new RequantError('FORMAT_UNKNOWN', 'this is no model file that Requant knows', { file: fileName });
  return format;
}

/** The bytes of a model file. Raises FILE_NOT_FOUND, FILE_UNREADABLE or FORMAT_TOO_LARGE. */
export const readModelFile = (path: string): Promise<Uint8Array> => readWhole(path, MODEL_LIMIT);
