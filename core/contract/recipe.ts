// Recipe: everything a person chooses before a run. Plain data; saved in projects, sent to the engine, shown as code.
import * as v from 'valibot';

export const CALIBRATION_METHODS = ['mse', 'min_max', 'moving_average', 'entropy', 'percentile'] as const;
export type CalibrationMethodName = (typeof CALIBRATION_METHODS)[number];

/** What one node does differently from the preset. */
export const NodeChoice = v.object({
  precision: v.optional(v.picklist(['int8', 'int16'])),
  unquantized: v.optional(v.boolean()),
  outputInt32: v.optional(v.boolean()),
});
export type NodeChoice = v.InferOutput<typeof NodeChoice>;

export const Recipe = v.object({
  preset: v.picklist(['int8', 'int16']),
  calibration: v.object({
    method: v.picklist(CALIBRATION_METHODS),
    /** Bins of the histogram methods; the method's own default where absent. */
    bins: v.optional(v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(16384))),
    /** Share of values kept by `percentile`, in percent. */
    percentile: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(100))),
  }),
  weights: v.picklist(['per-channel', 'per-tensor']),
  activations: v.picklist(['asymmetric', 'symmetric']),
  /** Of a model that arrives quantized: its flavour. */
  requantization: v.picklist(['sima', 'tflite']),
  /** Of a model that arrives quantized: what errors are measured against, the real numbers of its weights and scales (where absent) or TensorFlow Lite's own integers. */
  against: v.optional(v.picklist(['float', 'tflite'])),
  biasCorrection: v.boolean(),
  channelEqualization: v.boolean(),
  weightRounding: v.picklist(['squant', 'nearest']),
  /** Quantize nothing: the whole model stays in float on the APU. Absent: no. */
  armOnly: v.optional(v.boolean()),
  /** Node name -> choice. */
  nodes: v.record(v.string(), NodeChoice),
});
export type Recipe = v.InferOutput<typeof Recipe>;

export const DEFAULT_RECIPE: Recipe = {
  preset: 'int8',
  calibration: { method: 'mse' },
  weights: 'per-channel',
  activations: 'asymmetric',
  requantization: 'sima',
  biasCorrection: false,
  channelEqualization: false,
  weightRounding: 'squant',
  nodes: {},
};

/** What each preset stands for before anything is changed by hand. */
export const PRESET_RECIPES: Readonly<Record<Recipe['preset'], Recipe>> = {
  int8: DEFAULT_RECIPE,
  int16: { ...DEFAULT_RECIPE, preset: 'int16', biasCorrection: true },
};
