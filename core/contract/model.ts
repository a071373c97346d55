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
  /** Names of the activations read (constants left out) and of the value produced. */
  inputs: v.array(v.string()),
  output: v.string(),
  shape: v.array(v.number()),
  precisions: v.array(v.picklist(['int8', 'int16'])),
  /** Why the node stays in float; absent on the MLA. */
  reason: v.optional(v.string()),
  canOutputInt32: v.boolean(),
  identity: v.string(),
  sources: v.array(v.object({ name: v.string(), type: v.string() })),
  attributes: v.array(v.object({ name: v.string(), value: v.string() })),
  constants: v.array(v.object({ role: v.string(), shape: v.array(v.number()), bytes: v.number() })),
  macs: v.number(),
});
export type NodeView = v.InferOutput<typeof NodeView>;

export const ModelView = v.object({
  name: v.string(),
  format: v.picklist(['onnx', 'tflite', 'tensorflow']),
  inputs: v.array(PortView),
  outputs: v.array(PortView),
  /** In execution order. Edges follow from `inputs` and `output`. */
  nodes: v.array(NodeView),
});
export type ModelView = v.InferOutput<typeof ModelView>;

export const modelOpen = method('model.open', v.object({ file: FileRef }), ModelView);
/** Opens the built-in sample: the model, with its calibration and evaluation data loaded. */
export const modelOpenSample = method('model.openSample', v.object({}), v.object({ model: ModelView }));
