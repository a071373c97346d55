// Topic run: calibrate, quantize, execute and analyse with a recipe; look into a node; take the result away.
import * as v from 'valibot';
import { method } from './method.ts';
import { FileRef } from './model.ts';
import { CALIBRATION_METHODS, Recipe } from './recipe.ts';

export const QuantizationView = v.object({
  dtype: v.picklist(['int8', 'int16', 'int32']),
  /** One number; for int32 accumulators the smallest of the channels' scales. */
  scale: v.number(),
  zeroPoint: v.number(),
});
export const ErrorView = v.object({ name: v.string(), mae: v.number(), mse: v.number(), psnr: v.number() });
export type ErrorView = v.InferOutput<typeof ErrorView>;

export const RunNodeView = v.object({
  name: v.string(),
  /** How it ran: 'int8', 'int16', or 'float'. */
  precision: v.picklist(['int8', 'int16', 'float']),
  outputInt32: v.boolean(),
  input: v.nullable(QuantizationView),
  output: v.nullable(QuantizationView),
});
export const AccuracyView = v.object({ samples: v.number(), top1: v.number(), top5: v.number() });

/** Activations of evaluation samples that the engine keeps, so that a change is measured without running everything again. */
export const MemoryView = v.object({ kept: v.number(), samples: v.number(), bytes: v.number(), budget: v.number() });
export type MemoryView = v.InferOutput<typeof MemoryView>;
/** 512 MiB. */
export const DEFAULT_MEMORY_BUDGET = 512 * 2 ** 20;

export const RunView = v.object({
  id: v.string(),
  number: v.number(),
  recipe: Recipe,
  /** Samples used to calibrate and to measure the errors. */
  calibrationSamples: v.number(),
  analysisSamples: v.number(),
  nodes: v.array(RunNodeView),
  /** Errors of MLA nodes: local feed (the node alone) and cumulative. */
  local: v.array(ErrorView),
  cumulative: v.array(ErrorView),
  accuracy: v.nullable(v.object({ float: AccuracyView, quantized: AccuracyView })),
  /** Requantizations, quantizes and dequantizes inserted on edges. */
  boundaries: v.number(),
  weightBytes: v.number(),
  notices: v.array(v.string()),
  seconds: v.number(),
  /** true: what the recipe as it stands would give, measured at once after a change; replaced by the next one. */
  draft: v.boolean(),
  /** Nodes that had to be run to know the local and the cumulative errors; null where those are not known yet. */
  ran: v.object({ local: v.number(), cumulative: v.nullable(v.number()) }),
  memory: MemoryView,
});
export type RunView = v.InferOutput<typeof RunView>;

/** What every call takes that measures a recipe. */
const measured = {
  recipe: Recipe,
  /** At most this many samples; all where absent. */
  calibrationSamples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  analysisSamples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Bytes for activations to be kept. */
  memoryBudget: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
};
export const runParams = { ...measured, accuracySamples: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))) };
export const runStart = method('run.start', v.object(runParams), RunView);

/**
 * What a changed recipe gives, from what an earlier run left: no calibration pass, and only nodes that changed are run again. `feed` local
 * answers with the local errors and no cumulative ones; cumulative with both. Raises CALIBRATION_MISSING where no run left statistics.
 */
export const runDraft = method('run.draft', v.object({ ...measured, feed: v.picklist(['local', 'cumulative']) }), RunView);
/** Lets go of a run's model. Unknown ids are no error: the engine may have been restarted. */
export const runDelete = method('run.delete', v.object({ run: v.string() }), v.object({}));

/** Writes NAME.sima and NAME.sima.json. Without `target` they come back as blobs to fetch and download. */
export const runSave = method('run.save', v.object({ run: v.string(), name: v.string(), target: v.optional(FileRef) }), v.object({
  files: v.array(v.object({ name: v.string(), bytes: v.number(), blob: v.optional(v.string()) })),
}));

export const HistogramView = v.object({ min: v.number(), max: v.number(), counts: v.array(v.number()) });
export const NodeDetail = v.object({
  name: v.string(),
  /** The node's output over the calibration data; null before calibration. */
  activation: v.nullable(v.object({
    histogram: HistogramView,
    ranges: v.array(v.object({ method: v.picklist(CALIBRATION_METHODS), min: v.number(), max: v.number() })),
    /** Ranges are those of this precision: a method may clip 8 bits more than 16. */
    precision: v.picklist(['int8', 'int16']),
  })),
  weights: v.nullable(v.object({
    histogram: HistogramView,
    /** One entry an output channel. `scale` is null before a run. */
    channels: v.array(v.object({ min: v.number(), max: v.number(), scale: v.nullable(v.number()) })),
  })),
});
export type NodeDetail = v.InferOutput<typeof NodeDetail>;
export const nodeInspect = method('node.inspect', v.object({ node: v.string(), run: v.optional(v.string()) }), NodeDetail);
