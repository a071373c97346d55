// Importer parameters as in the ModelSDK document: onnxSource(...) and its like say what a model is and what its file leaves open.
import { basename, extname } from 'node:path';
import { RequantError } from '../errors/index.ts';
import type { ImportOptions } from '../import/index.ts';
import type { Graph, ModelFormat } from '../ir/index.ts';
import { DTYPES, type DType } from '../tensor/tensor.ts';

/** Element types of tensors by their names: `ScalarType.float32` is 'float32'. */
export const ScalarType = Object.fromEntries(DTYPES.map((dtype) => [dtype, dtype])) as { readonly [D in DType]: D };
export type ScalarType = DType;

/** A model file and what its importer is told; made by {@link onnxSource}, {@link tfliteSource} and {@link tensorflowSource}. */
export interface ModelSource {
  readonly format: ModelFormat;
  /** A path, or the bytes of the file. */
  readonly model: string | Uint8Array;
  readonly options: ImportOptions;
  /** Input name -> element type; one that contradicts the file is an error. */
  readonly inputTypes: Readonly<Record<string, ScalarType>>;
}

type Shapes = Readonly<Record<string, readonly number[]>>;
type Types = Readonly<Record<string, ScalarType>>;

/**
 * An ONNX model. `shapeDict`: input name -> shape in the file's dimension order, for what the file leaves open. Of a sequence `x` the names are x[0],
 * x[1] ..., or `x` itself with its length, such as [2]; an optional input is there where it is named. `outputNames`: the outputs wanted, of a sequence
 * `y` also y[0], y[1] ... and y.length; all where absent, a sequence then as one tensor with its members stacked along a new first axis.
 */
export const onnxSource = (model: string | Uint8Array, shapeDict: Shapes = {}, dtypeDict: Types = {}, outputNames?: readonly string[]): ModelSource =>
  ({ format: 'onnx', model, options: { inputShapes: shapeDict, ...(outputNames ? { outputNames } : {}) }, inputTypes: dtypeDict });

/** A TFLite model. `shapeDict`: input name -> channels-last shape. */
export const tfliteSource = (model: string | Uint8Array, shapeDict: Shapes = {}, dtypeDict: Types = {}): ModelSource =>
  ({ format: 'tflite', model, options: { inputShapes: shapeDict }, inputTypes: dtypeDict });

/**
 * A frozen TensorFlow graph. `inputShapes`: tensor name -> shape; any tensor can be an input. `outputNames`: the tensors wanted; guessed where absent, as
 * inputs are.
 */
export const tensorflowSource = (model: string | Uint8Array, inputShapes: Shapes = {}, outputNames?: readonly string[]): ModelSource =>
  ({ format: 'tensorflow', model, options: { inputShapes, ...(outputNames ? { outputNames } : {}) }, inputTypes: {} });

const EXTENSIONS: Readonly<Record<ModelFormat, string>> = { onnx: '.onnx', tflite: '.tflite', tensorflow: '.pb' };

/** The name that tells the importer the format, whatever the file is called. */
export function fileNameOf({ format, model }: ModelSource): string {
  if (typeof model !== 'string') return `model${EXTENSIONS[format]}`;
  return extname(model).toLowerCase() === EXTENSIONS[format] ? basename(model) : `${basename(model)}${EXTENSIONS[format]}`;
}

/** Raises FORMAT_UNKNOWN, CONFIG_INVALID or DTYPE_MISMATCH where an imported graph is not what its source promised. */
export function checkSource(graph: Graph, { format, inputTypes }: ModelSource): void {
  if (graph.format !== format) throw new RequantError('FORMAT_UNKNOWN', `this is a ${graph.format} model, not ${format}`);
  for (const [name, dtype] of Object.entries(inputTypes)) {
    const port = graph.inputs.find((input) => input.name === name);
    if (!port) throw new RequantError('CONFIG_INVALID', `a type is given for ${name}, but the inputs are ${graph.inputs.map((input) => input.name).join(', ')}`, { tensor: name });
    if (port.dtype !== dtype) throw new RequantError('DTYPE_MISMATCH', `this input is ${port.dtype}, not ${dtype}`, { tensor: name }, { hint: 'Correct the type in the importer parameters.' });
  }
}
