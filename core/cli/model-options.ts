// MODEL on the command line: what may be said about a model beyond its file.
import type { Command } from 'commander';
import type { ImportOptions } from '../engine/pipeline.ts';
import { names, shape, size } from './option-values.ts';

/** What stands behind MODEL in the help. */
export const MODEL_FILE = 'a .onnx, .tflite or frozen TensorFlow .pb file';

interface ModelOptions {
  readonly inputShape?: Readonly<Record<string, readonly number[]>>;
  readonly dimension?: Readonly<Record<string, number>>;
  readonly outputs?: readonly string[];
}

/** Adds the options of MODEL. */
export function declareModel(command: Command): Command {
  return command
    .option('--input-shape <NAME=N,N,...>', 'shape of an input that the file leaves open; of a sequence x its members x[0], x[1] ... or its length; in a .pb any tensor may be named, to be fed instead of computed (repeatable)', shape)
    .option('--dimension <NAME=N>', 'size of a dimension that an .onnx leaves open under this name (repeatable)', size)
    .option('--outputs <NAME,...>', 'the outputs wanted: of an .onnx some of its own, of a sequence y also y[0], y[1] ... and y.length; of a .pb any tensors (default: all outputs of an .onnx; what no node of a .pb reads)', names);
}

export function modelOptions(command: Command): ImportOptions {
  const { inputShape, dimension, outputs } = command.opts<ModelOptions>();
  return { ...(inputShape && { inputShapes: inputShape }), ...(dimension && { dimensions: dimension }), ...(outputs && { outputNames: outputs }) };
}
