// Topic model: open a network and see it.
import * as v from 'valibot';
import { method } from './method.ts';

/** A file the user chose; the engine knows what the id stands for, the page never sees more of the disk. */
export const FileRef = v.object({ id: v.string(), name: v.string(), size: v.optional(v.number()) });
export type FileRef = v.InferOutput<typeof FileRef>;

export const PortView = v.object({ name: v.string(), value: v.string(), shape: v.array(v.number()), dtype: v.string() });
export const NodeView = v.object({
  name: v.string(),
  op: v.string(),
  className: v.string(),
  /** 'MLA' | 'APU' | 'CVU' */
  unit: v.picklist(['MLA', 'APU', 'CVU']),
  partition: v.number(),
  /** Names of the activations read (constants left out) and of the value produced, the first where there are several. */
  inputs: v.array(v.string()),
  output: v.string(),
  /** -1: the data decide this dimension. */
  shape: v.array(v.number()),
  /** Element type of the value, where it is not float32. */
  dtype: v.optional(v.string()),
  /** Values behind the first, of a node that produces several. */
  further: v.optional(v.array(v.object({ value: v.string(), shape: v.array(v.number()) }))),
  precisions: v.array(v.picklist(['int8', 'int16'])),
  /** Why the node stays in float; absent on the MLA. */
  reason: v.optional(v.string()),
  canOutputInt32: v.boolean(),
  identity: v.string(),
  sources: v.array(v.object({ name: v.string(), type: v.string() })),
  attributes: v.array(v.object({ name: v.string(), value: v.string() })),
  constants: v.array(v.object({ role: v.string(), shape: v.array(v.number()), bytes: v.number() })),
  macs: v.number(),
  /** How the file stores the output, where the model arrives quantized and does. */
  stored: v.optional(v.object({ dtype: v.string(), scale: v.number(), zeroPoint: v.number() })),
});
export type NodeView = v.InferOutput<typeof NodeView>;

export const ModelView = v.object({
  name: v.string(),
  format: v.picklist(['onnx', 'tflite', 'tensorflow']),
  inputs: v.array(PortView),
  outputs: v.array(PortView),
  /** The file is quantized already, and its scales are kept. */
  arrived: v.optional(v.boolean()),
  /** In execution order. Edges follow from `inputs`, `output` and `further`. */
  nodes: v.array(NodeView),
});
export type ModelView = v.InferOutput<typeof ModelView>;

/** An operator as the source file has it, before anything was folded or fused. Values in the engine's dimension order. */
export const OriginalNodeView = v.object({
  id: v.string(),
  name: v.string(),
  /** The file's own type of operator. */
  type: v.string(),
  inputs: v.array(v.string()),
  outputs: v.array(v.object({ value: v.string(), shape: v.array(v.number()) })),
  attributes: v.array(v.object({ name: v.string(), value: v.string() })),
  /** Names of the nodes of the partitioned graph that it became part of; none where it was folded away. */
  becomes: v.array(v.string()),
});
export type OriginalNodeView = v.InferOutput<typeof OriginalNodeView>;
export const OriginalView = v.object({ inputs: v.array(PortView), outputs: v.array(PortView), nodes: v.array(OriginalNodeView) });
export type OriginalView = v.InferOutput<typeof OriginalView>;
/** The open model's graph as its file has it. */
export const modelOriginal = method('model.original', v.object({}), OriginalView);

/** Input name -> its whole shape in the file's dimension order; of a sequence, [its length]. */
export const InputShapes = v.record(v.pipe(v.string(), v.maxLength(10_000)), v.pipe(v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), v.minLength(1), v.maxLength(32)));
export type InputShapes = v.InferOutput<typeof InputShapes>;
export const DeclaredInput = v.object({
  name: v.string(),
  /** A size, the name of an open dimension, or '' for an open one without a name; null: not even their number is known. */
  dimensions: v.nullable(v.array(v.union([v.number(), v.string()]))),
  /** A list of tensors; its one dimension is how many there are. */
  sequence: v.boolean(),
});
export type DeclaredInput = v.InferOutput<typeof DeclaredInput>;

/** `inputShapes` settles what the file leaves open. Raises SHAPE_UNKNOWN where that is not enough: `model.inputs` then tells what is asked for. */
export const modelOpen = method('model.open', v.object({ file: FileRef, inputShapes: v.optional(InputShapes) }), ModelView);
/** The inputs as the file declares them; none where the format knows no open shapes. The open model stays. */
export const modelInputs = method('model.inputs', v.object({ file: FileRef, inputShapes: v.optional(InputShapes) }), v.object({ inputs: v.array(DeclaredInput) }));
/** Opens the built-in sample: the model, with its calibration and evaluation data loaded. */
export const modelOpenSample = method('model.openSample', v.object({}), v.object({ model: ModelView }));
